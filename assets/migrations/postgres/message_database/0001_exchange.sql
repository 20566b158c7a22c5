-- The message database: the public contract with the stores' agents.
-- Nothing here is newer than PostgreSQL 13, and nothing needs an extension. It refuses nothing but nulls, wrong types
-- and a repeated guid: a store's report is never lost at the door; what is nonsense is found by the transfer.

create table status_message (
    message_id            bigint generated always as identity, -- agents never supply it
    message_guid          text collate "C" not null unique,           -- the producer's idempotency key, canonical lower-case UUID
    direction             bigint not null,                  -- 0 download, 1 upload
    session_number        bigint not null,
    channel_database      text collate "C" not null,                  -- '' is the package itself
    job_name              text collate "C" not null,
    channel_data_group    text collate "C",
    distribution_schedule text collate "C",
    status                bigint not null,                  -- the direction's own numbers
    occurred_at           bigint not null,                  -- ms UTC, the reporter's clock
    posted_at             bigint not null default (cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)),
    posted_by             text collate "C",
    round                 bigint not null default 0,        -- which offering of the session
    rerun_for             bigint,                           -- upload: the session number that this one repeats
    try_count             bigint not null default 0,
    rows_affected         bigint,
    file_size             bigint,
    row_version           bigint,
    data_path             text collate "C",
    message               text collate "C",                              -- error text
    extra                 text collate "C",                              -- JSON object, keys beginning with x_
    -- The transaction that wrote it. Numbers become visible out of order, in columns and sequences alike, so the transfer reads by
    -- (origin_tx, message_id) and only what no open transaction can still precede. A bigint, because an xid8 column cannot be
    -- restored into another cluster's numbering, nor made at all by servers that only speak the protocol.
    origin_tx             bigint not null default (cast(cast(pg_current_xact_id() as text) as bigint)),
    primary key (origin_tx, message_id)
);
-- Grows at its right end and is purged from its left; finds what has expired without reading the table.
create index status_message_posted on status_message (posted_at);

-- What agents are asked to do; they poll for rows neither taken nor withdrawn.
create table session_request (
    request_id       bigint generated always as identity primary key,
    direction        bigint not null,
    session_number   bigint not null,
    channel_database text collate "C" not null,
    round            bigint not null,
    action           text collate "C" not null check (action in ('cancel', 'rerun')),
    reason           text collate "C" not null,
    requested_by     text collate "C" not null,
    requested_at     bigint not null,
    withdrawn_at     bigint,
    taken_by         text collate "C",
    taken_at         bigint
);
create index session_request_waiting on session_request (request_id) where taken_at is null and withdrawn_at is null;

-- Signs of life.
create table agent (
    name             text collate "C"    primary key,
    channel_database text collate "C",
    version          text collate "C",
    last_seen_at     bigint not null
);

create table exchange (
    only_row           bigint primary key check (only_row = 1),
    database_id        text collate "C" not null,           -- a new one for every new message database
    schema_version     bigint not null,
    min_writer_version bigint not null default 1, -- a program below it must not write
    head_office_id     text collate "C",                       -- who may purge
    purged_through_tx  bigint not null default 0, -- the greatest position ever purged
    purged_through_id  bigint not null default 0,
    system_identifier  text collate "C"                        -- of the cluster that gave the origin_tx
);
insert into exchange (only_row, database_id, schema_version)
values (1, gen_random_uuid()::text, 1);

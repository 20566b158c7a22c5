-- The message database: the public contract with the stores' agents.
-- Nothing here is newer than SQLite 3.37, so that agents with older engines can write. It refuses nothing but nulls, wrong types
-- and a repeated guid: a store's report is never lost at the door; what is nonsense is found by the transfer.

create table status_message (
    message_id            integer primary key autoincrement, -- order of arrival; agents never supply it
    message_guid          text    not null unique,           -- the producer's idempotency key, canonical lower-case UUID
    direction             integer not null,                  -- 0 download, 1 upload
    session_number        integer not null,
    channel_database      text    not null,                  -- '' is the package itself
    job_name              text    not null,
    channel_data_group    text,
    distribution_schedule text,
    status                integer not null,                  -- the direction's own numbers
    occurred_at           integer not null,                  -- ms UTC, the reporter's clock
    -- unixepoch('subsec') is NULL in engines before 3.42
    posted_at             integer not null default (cast((julianday('now') - 2440587.5) * 86400000 as integer)),
    posted_by             text,
    round                 integer not null default 0,        -- which offering of the session
    rerun_for             integer,                           -- upload: the session number that this one repeats
    try_count             integer not null default 0,
    rows_affected         integer,
    file_size             integer,
    row_version           integer,
    data_path             text,
    message               text,                              -- error text
    extra                 text,                              -- JSON object, keys beginning with x_
    origin_tx             integer not null default 0         -- in SQLite arrival order is commit order
) strict;
-- Grows at its right end and is purged from its left; finds what has expired without reading the table.
create index status_message_posted on status_message (posted_at);

-- What agents are asked to do; they poll for rows neither taken nor withdrawn.
create table session_request (
    request_id       integer primary key autoincrement,
    direction        integer not null,
    session_number   integer not null,
    channel_database text    not null,
    round            integer not null,
    action           text    not null check (action in ('cancel', 'rerun')),
    reason           text    not null,
    requested_by     text    not null,
    requested_at     integer not null,
    withdrawn_at     integer,
    taken_by         text,
    taken_at         integer
) strict;
create index session_request_waiting on session_request (request_id) where taken_at is null and withdrawn_at is null;

-- Signs of life.
create table agent (
    name             text    primary key,
    channel_database text,
    version          text,
    last_seen_at     integer not null
) strict;

create table exchange (
    only_row           integer primary key check (only_row = 1),
    database_id        text    not null,           -- a new one for every new message database
    schema_version     integer not null,
    min_writer_version integer not null default 1, -- a program below it must not write
    head_office_id     text,                       -- who may purge
    purged_through_tx  integer not null default 0, -- the greatest position ever purged
    purged_through_id  integer not null default 0,
    system_identifier  text                        -- PostgreSQL only
) strict;
insert into exchange (only_row, database_id, schema_version)
values (1, lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-8'
           || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))), 1);

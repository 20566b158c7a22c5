-- Head office: the database that operators read.

create table head_office (
    only_row       integer primary key check (only_row = 1),
    head_office_id text    not null,
    schema_version integer not null,
    created_at     integer not null
) strict;
insert into head_office (only_row, head_office_id, schema_version, created_at)
values (1, lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-8'
           || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))), 1,
        cast((julianday('now') - 2440587.5) * 86400000 as integer));

-- How far each message database has been read. The anchor is the guid at the position: a restored database does not have it.
create table transfer_cursor (
    source_id       integer primary key,
    database_id     text    not null unique,
    position_tx     integer not null,
    position_id     integer not null,
    anchor_guid     text,
    reread_until_tx integer, -- up to here a message for a purged session is a repetition, not news
    reread_until_id integer,
    as_of           integer, -- when the last transfer that reached the end began its last read
    last_used_at    integer not null
) strict;

create table status_message (
    message_key           integer primary key, -- order of arrival at head office
    message_guid          text    not null unique,
    direction             integer not null,
    session_number        integer not null,
    channel_database      text    not null,
    job_name              text    not null,
    channel_data_group    text,
    distribution_schedule text,
    status                integer not null,
    occurred_at           integer not null,
    posted_at             integer not null,
    posted_by             text,
    round                 integer not null,
    rerun_for             integer,
    try_count             integer not null,
    rows_affected         integer,
    file_size             integer,
    row_version           integer,
    data_path             text,
    message               text,
    extra                 text,
    source_id             integer not null,    -- transfer_cursor: which message database it came from
    message_id            integer not null,    -- its number there
    run_id                integer not null,
    transferred_at        integer not null,
    cause                 integer              -- of failures: cause.digest
) strict;
create index status_message_session on status_message (session_number, channel_database, direction);
create index status_message_occurred on status_message (occurred_at);
create index status_message_failed on status_message (occurred_at, cause) where cause is not null;

-- The fold of a session's messages. winner_* and the dates and numbers speak of the highest round alone.
create table session (
    session_id            integer primary key,
    direction             integer not null check (direction in (0, 1)),
    session_number        integer not null check (session_number >= 0),
    channel_database      text    not null,
    round                 integer not null,
    status                integer not null,
    try_count             integer not null,
    winner_at             integer not null,
    winner_guid           text    not null,
    message               text,
    requested_at          integer,
    downloaded_at         integer,
    uploaded_at           integer,
    applied_at            integer,
    rows_affected         integer,
    file_size             integer,
    row_version           integer,
    created_at            integer not null,
    modified_at           integer not null,
    last_posted_at        integer not null,
    job_name              text    not null,
    channel_data_group    text,
    distribution_schedule text,
    data_path             text,
    rerun_for             integer,
    last_error_round      integer,
    last_error_status     integer,
    last_error_try_count  integer,
    last_error_at         integer,
    last_error_guid       text,
    last_error_message    text,
    run_id                integer not null, -- the run that changed it last
    unique (direction, session_number, channel_database),
    check ((last_error_round is null) = (last_error_guid is null))
) strict;
create index session_modified on session (direction, modified_at);
create index session_status on session (direction, status, modified_at);
create index session_last_posted on session (last_posted_at, session_id);
create index session_rerun_for on session (rerun_for, channel_database) where rerun_for is not null;

-- What remains of a purged session for one more retention period.
create table session_tombstone (
    direction        integer not null,
    session_number   integer not null,
    channel_database text    not null,
    status           integer not null,
    purged_at        integer not null,
    primary key (direction, session_number, channel_database)
) strict, without rowid;
create index session_tombstone_purged on session_tombstone (purged_at);

-- Messages that make no sense, whole, until somebody retries or dismisses them.
create table rejected_message (
    rejected_id  integer primary key autoincrement,
    source_id    integer not null,
    database_id  text    not null,
    message_id   integer not null,
    raw          text    not null, -- JSON of the row; text that is not UTF-8 as {"hex": …}
    raw_digest   text    not null, -- after a restore another message may bear the same number
    reason       text    not null,
    run_id       integer not null,
    rejected_at  integer not null,
    dismissed_at integer,
    dismissed_by text,
    unique (database_id, message_id, raw_digest)
) strict;

create table cause (
    digest        integer primary key, -- of the masked text
    masked        text    not null,
    first_seen_at integer not null,
    last_seen_at  integer not null,
    note          text,
    muted_until   integer
) strict;

create table retail_scheduler_parameters (
    name       text    primary key,
    value      integer not null,
    changed_at integer not null,
    changed_by text    not null
) strict;

-- Every execution of Process status messages, from its first moment.
create table run (
    run_id           integer primary key autoincrement,
    fencing          integer not null,
    trigger          text    not null,
    requested_by     text    not null,
    host             text    not null,
    process_id       integer not null,
    program_version  text    not null,
    database_id      text,
    step             text    not null,
    outcome          text, -- null while it lives
    read             integer not null default 0,
    inserted         integer not null default 0,
    repeated         integer not null default 0,
    rejected         integer not null default 0,
    sessions_changed integer not null default 0,
    purged           text    not null default '[]', -- JSON: [[database, table, rows], …]
    purged_rows      integer not null default 0,
    retention_days   integer, -- what the purge went by; null if it never began
    purge_finished   integer not null default 0,
    kept_unresolved  integer not null default 0,
    started_at       integer not null,
    ended_at         integer,
    notices          text    not null default '[]', -- JSON: [sentence, …]
    error            text,
    check (read = inserted + repeated + rejected),
    check ((outcome is null) = (ended_at is null))
) strict;
create index run_ended on run (ended_at);

-- A dated claim. Every chunk checks the fencing number, which only grows.
create table lease (
    name          text    primary key,
    fencing       integer not null,
    holder        text,    -- null: free
    holds_os_lock integer not null default 0,
    process_id    integer,
    run_id        integer,
    acquired_at   integer,
    expires_at    integer
) strict;
insert into lease (name, fencing) values ('process status messages', 0);

create table operator_journal (
    entry_id integer primary key autoincrement,
    at       integer not null,
    operator text    not null,
    action   text    not null,
    object   text    not null,
    detail   text
) strict;

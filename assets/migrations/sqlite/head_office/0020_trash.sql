-- Purged sessions with their messages and marks for rerun, until they are restored or deleted for
-- good. Keys ascend in the order of the purge; the oldest dates are deleted first. The columns are
-- those of session, status_message and session_rerun.
create table trash_session (
    trash_id              integer primary key, -- in the order of the purge
    purge_run_id          integer not null,
    purged_at             integer not null,
    messages              integer not null, -- rows of trash_status_message
    session_id            integer not null,
    direction             integer not null,
    session_number        integer not null,
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
    run_id                integer not null
) strict;
create index trash_session_key on trash_session (session_number, channel_database, direction, purge_run_id);
create index trash_session_purged on trash_session (purged_at, trash_id);
create index trash_session_run on trash_session (purge_run_id, trash_id);

create table trash_status_message (
    trash_id              integer not null, -- trash_session: its session
    message_key           integer not null,
    message_guid          text    not null,
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
    source_id             integer not null,
    message_id            integer not null,
    run_id                integer not null,
    transferred_at        integer not null,
    cause                 integer,
    reported_at           integer,
    primary key (trash_id, message_key)
) strict, without rowid;

create table trash_session_rerun (
    trash_id         integer primary key,
    direction        integer not null,
    session_number   integer not null,
    channel_database text    not null,
    database_id      text    not null,
    request_id       integer not null,
    marked_at        integer not null,
    repeated_by      integer
) strict;

-- When it was restored from the trash: its retention begins again.
alter table session add column restored_at integer;

-- What a purge was expected to delete when it was previewed; a run quotes the number.
create table purge_preview (
    preview_id        integer primary key autoincrement,
    at                integer not null,
    tables            text    not null, -- JSON: [[database, table, rows], ...]
    row_count         integer not null,
    oldest            integer,
    newest            integer,
    bytes             integer not null,
    expected_ms       integer           -- by the rate of earlier purges; null without one
) strict;
alter table run add column preview_id integer;
alter table run add column preview_rows integer;
alter table run add column purge_started_at integer;
alter table batch_job add column preview_id integer;

-- The sessions of a job, however many others there are.
create index session_job on session (direction, job_name, modified_at);

-- The operator whose console runs the job; null while a batch server does. Before this version, a
-- prefix of both texts said that.
alter table batch_job add column claim_login text;
update batch_job set claim_login = substr(claim_server, 12), claim_incarnation = substr(claim_incarnation, 9)
where claim_server like 'console of %' and claim_incarnation like 'console %';

-- The conditions that a notice is about.
create table notification_condition (
    condition_id    integer not null,
    notification_id integer not null,
    primary key (condition_id, notification_id)
) strict, without rowid;
create index notification_condition_notice on notification_condition (notification_id, condition_id);
-- Why a condition ended without being resolved.
alter table alert_condition add column ended text;

-- The login at the database server; the operator is stated by the environment. The digest of a
-- journal row covers it.
alter table operator_journal add column login text;
alter table approval add column requested_login text;
alter table approval add column approved_login text;
-- When the request was withdrawn or refused, and by which operator.
alter table approval add column closed_at integer;
alter table approval add column closed_by text;

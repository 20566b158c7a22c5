-- Batch jobs, batch groups, batch servers, their history, alerts; and runs that others can watch.

create table batch_group (
    batch_group text    primary key, -- '' is the default group
    description text    not null
) strict;
insert into batch_group (batch_group, description) values ('', 'Empty batch group (default)');

create table batch_job (
    job_id           integer primary key autoincrement,
    description      text    not null,
    batch_group      text    not null,
    private          integer not null,
    transfer         integer not null,
    purge            integer not null,
    recurrence       text,             -- JSON of the rule; null is once
    first_start      integer not null, -- as submitted
    max_retries      integer not null,
    retry_pause_ms   integer not null,
    after_error      text    not null,
    missed           text    not null,
    save_history     text    not null,
    created_by       text    not null,
    created_at       integer not null,
    status           integer not null check (status between 0 and 8),
    changed_at       integer not null,
    changed_by       text    not null,
    changed_reason   text,
    withheld_at      integer,          -- since when it is withheld, or was before it was released
    next_start       integer,
    retry_at         integer,
    due_at           integer,          -- retry_at, else next_start: what servers look for
    tries            integer not null default 0,
    fencing          integer not null default 0, -- grows with every claim
    claim_server     text,
    claim_incarnation text,
    claim_since      integer,
    claim_history_id integer,
    claim_run_id     integer,
    waits_for        text,
    last_outcome     text,
    last_took_ms     integer,
    last_ended_at    integer,
    interactive      integer not null default 0,
    for_server       text,
    confirm_purge    integer,
    late_told_for    integer,          -- the start whose lateness was told
    long_told_for    integer,          -- the row of the history whose length was told
    check ((claim_server is null) = (status not in (2, 7)))
) strict;
create index batch_job_due on batch_job (status, due_at);

-- One row for each start, also for starts that made no run.
create table batch_job_history (
    history_id   integer primary key autoincrement,
    job_id       integer not null, -- the job may be deleted
    description  text    not null,
    batch_group  text    not null,
    created_by   text    not null,
    scheduled_at integer not null,
    started_at   integer,
    ended_at     integer,
    outcome      text    not null,
    starts       integer not null default 1, -- of non-events: how many
    tries        integer not null default 0,
    server       text,
    run_id       integer, -- of the last try
    reason       text
) strict;
create index batch_job_history_scheduled on batch_job_history (scheduled_at, history_id);
create index batch_job_history_job on batch_job_history (job_id, scheduled_at, history_id);

create table batch_log (
    log_id     integer primary key autoincrement,
    history_id integer not null,
    at         integer not null,
    severity   integer not null, -- 0 information, 1 warning, 2 error
    text       text    not null
) strict;
create index batch_log_history on batch_log (history_id, log_id);

create table batch_server (
    name            text    primary key,
    is_batch_server integer not null default 1,
    zone            text    not null default 'UTC',
    host            text    not null,
    process_id      integer not null,
    version         text    not null,
    incarnation     text    not null,
    started_at      integer not null,
    heartbeat_at    integer not null,
    stopped_at      integer
) strict;
create table batch_server_window (
    server      text    not null,
    from_minute integer not null check (from_minute between 0 and 1439),
    to_minute   integer not null check (to_minute between 0 and 1440),
    max_threads integer not null check (max_threads >= 0),
    primary key (server, from_minute, to_minute)
) strict;
create table batch_server_group (
    server      text not null,
    batch_group text not null,
    primary key (server, batch_group)
) strict;

create table batch_alert (
    job_id              integer not null,
    operator            text    not null,
    on_ended            integer not null,
    on_error            integer not null,
    on_canceled         integer not null,
    not_started_minutes integer,
    runs_long_minutes   integer,
    popup               integer not null,
    email               text,
    command             integer not null,
    primary key (job_id, operator)
) strict;

-- What was told to whom; the list behind ! of an operator's consoles.
create table notification (
    notification_id integer primary key autoincrement,
    at              integer not null,
    operator        text    not null,
    event           text    not null,
    job_id          integer,
    history_id      integer,
    text            text    not null,
    popup           integer not null,
    read_at         integer
) strict;
create index notification_unread on notification (operator, notification_id) where read_at is null;

-- E-mails and commands on their way.
create table delivery (
    delivery_id     integer primary key autoincrement,
    notification_id integer not null,
    way             text    not null check (way in ('email', 'command')),
    target          text    not null,
    tries           integer not null default 0,
    next_try_at     integer, -- null: delivered, or given up
    delivered_at    integer,
    error           text
) strict;
create index delivery_waiting on delivery (next_try_at) where next_try_at is not null;
create index delivery_last on delivery (way, delivered_at);

-- What other consoles and a batch server's console see of a run that lives.
alter table run add column progress_done integer;
alter table run add column progress_total integer;
alter table run add column progress_rate integer; -- rows a second
alter table run add column purge_held integer not null default 0;
alter table run add column job_id integer;

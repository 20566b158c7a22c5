-- The guids of the messages become a table of their own, without dashes and in their order: a chunk of a transfer adds its guids sorted,
-- page by page. In the index of a unique column each guid, being random, costs a page of its own.
drop table if exists message_guid;
create table message_guid (
    guid blob primary key
) without rowid, strict;
insert into message_guid (guid) select unhex(message_guid, '-') from status_message order by 1;

create table status_message_new (
    message_key           integer primary key, -- order of arrival at head office
    message_guid          text    not null,    -- unique: see message_guid
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
    cause                 integer,             -- of failures: cause.digest
    reported_at           integer              -- what the message stated, if that is not occurred_at
) strict;
insert into status_message_new (message_key, message_guid, direction, session_number, channel_database, job_name, channel_data_group,
        distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, rows_affected, file_size,
        row_version, data_path, message, extra, source_id, message_id, run_id, transferred_at, cause, reported_at)
    select message_key, message_guid, direction, session_number, channel_database, job_name, channel_data_group,
        distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, rows_affected, file_size,
        row_version, data_path, message, extra, source_id, message_id, run_id, transferred_at, cause, reported_at
    from status_message order by message_key;
drop table status_message;
alter table status_message_new rename to status_message;
create index status_message_session on status_message (session_number, channel_database, direction);
create index status_message_occurred on status_message (occurred_at);
create index status_message_failed on status_message (occurred_at, cause) where cause is not null;
create index status_message_text on status_message (occurred_at) where message is not null;

-- However a message is deleted, its guid goes with it: a guid without a message would pass for one that is here.
create trigger status_message_deleted after delete on status_message begin
    delete from message_guid where guid = unhex(old.message_guid, '-');
end;

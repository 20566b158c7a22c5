-- Channel databases and distribution schedules as the messages name them, reruns of uploads, and what an operator can undo.

create table channel_database (
    name          text collate "C"    primary key,
    zone          text collate "C",    -- of its store, such as Europe/Amsterdam, where somebody has said so
    note          text collate "C",
    first_seen_at bigint not null, -- by the message database's clock: a store's own may be wrong
    last_seen_at  bigint not null,
    usual_gap     bigint  -- between two reports, in ms; null until there were two
);
insert into channel_database (name, first_seen_at, last_seen_at, usual_gap)
select channel_database, min(last_posted_at), max(last_posted_at),
       case when count(*) > 1 and max(last_posted_at) > min(last_posted_at)
            then (max(last_posted_at) - min(last_posted_at)) / (count(*) - 1) end
from session where channel_database > '' group by channel_database;

create table distribution_schedule (
    name          text collate "C"    primary key,
    first_seen_at bigint not null, -- as above
    last_seen_at  bigint not null
);
insert into distribution_schedule (name, first_seen_at, last_seen_at)
select distribution_schedule, min(last_posted_at), max(last_posted_at)
from session where distribution_schedule is not null group by distribution_schedule;
create index session_schedule on session (distribution_schedule, modified_at) where distribution_schedule is not null;

-- Upload sessions that agents are asked to repeat by a new one; what they are asked stands in the message database.
create table session_rerun (
    direction        bigint not null,
    session_number   bigint not null,
    channel_database text collate "C"    not null,
    database_id      text collate "C"    not null, -- whose request
    request_id       bigint not null,
    marked_at        bigint not null,
    repeated_by      bigint,          -- the session that did, once that is purged; while it is there, it says so itself
    primary key (direction, session_number, channel_database)
);

alter table cause add column muted_by text collate "C";

-- What undoing an entry needs: the value before, or nothing where journal_session tells.
alter table operator_journal add column undo text collate "C"; -- JSON; null cannot be undone
alter table operator_journal add column undone_at bigint;
alter table operator_journal add column undone_by text collate "C";
create index operator_journal_undo on operator_journal (entry_id) where undo is not null and undone_at is null;

-- The sessions that an entry acted on, and the round that it left them in.
create table journal_session (
    entry_id         bigint not null,
    direction        bigint not null,
    session_number   bigint not null,
    channel_database text collate "C"    not null,
    round            bigint not null,
    primary key (entry_id, direction, session_number, channel_database)
);

-- A store's clock that runs ahead: a message dated more than five minutes after its arrival counts
-- from its arrival; this keeps the date that it stated.
alter table status_message add column reported_at integer;
-- The newest such message of a channel database: by how many ms the clock was ahead, and when the
-- message arrived; and when a message with the right time has arrived since.
alter table channel_database add column clock_ahead_ms integer;
alter table channel_database add column clock_ahead_at integer;
alter table channel_database add column clock_right_at integer;
create index channel_database_clock on channel_database (name) where clock_ahead_at is not null;
-- Sessions to be folded again from their messages, by the next run.
create table stale_session (
    direction        integer not null,
    session_number   integer not null,
    channel_database text not null,
    primary key (direction, session_number, channel_database)
) strict;

update status_message set reported_at = occurred_at, occurred_at = posted_at where occurred_at > posted_at + 300000;
insert into stale_session (direction, session_number, channel_database)
select distinct direction, session_number, channel_database from status_message where reported_at is not null;
update channel_database set clock_ahead_at = seen.at, clock_ahead_ms = seen.ahead
from (select channel_database, posted_at as at, max(reported_at - posted_at) as ahead,
        row_number() over (partition by channel_database order by posted_at desc) as place
      from status_message where reported_at is not null group by channel_database, posted_at) as seen
where seen.place = 1 and seen.channel_database = channel_database.name;
update cause set first_seen_at = seen.first, last_seen_at = seen.last
from (select cause as digest, min(occurred_at) as first, max(occurred_at) as last, max(reported_at) as reported
      from status_message where cause is not null group by cause) as seen
where seen.digest = cause.digest and seen.reported is not null;

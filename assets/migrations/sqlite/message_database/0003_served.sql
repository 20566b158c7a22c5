-- Which agent serves which channel database: the one that reported for it first, or that an operator named. It alone gets the requests
-- of that channel database. Kept apart from the messages, which are purged.
create table served_database (
    channel_database text    primary key,
    agent            text    not null,
    since            integer not null
) strict;
-- Operators report, too, when they cancel; they are no agents.
insert into served_database (channel_database, agent, since)
select channel_database, posted_by, max(posted_at) from status_message
where channel_database <> '' and posted_by is not null and length(cast(posted_by as blob)) <= 1000
    and length(cast(channel_database as blob)) <= 1000
    and posted_by not in (select requested_by from session_request)
group by channel_database;

-- A request about the package itself names no channel database: it is for the agent that reported for the session.
alter table session_request add column agent text;
update session_request set agent = (select m.posted_by from status_message as m
    where m.direction = session_request.direction and m.session_number = session_request.session_number
        and m.channel_database = '' and m.posted_by is not null
        and m.posted_by not in (select requested_by from session_request) limit 1)
where channel_database = '' and taken_at is null and withdrawn_at is null;

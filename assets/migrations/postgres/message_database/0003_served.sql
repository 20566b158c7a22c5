-- Which agent serves which channel database: the one that reported for it first, or that an operator named. It alone gets the requests
-- of that channel database. Kept apart from the messages, which are purged.
create table served_database (
    channel_database text collate "C" primary key,
    agent            text collate "C" not null,
    since            bigint not null
);
-- Operators report, too, when they cancel; they are no agents.
insert into served_database (channel_database, agent, since)
select distinct on (channel_database) channel_database, posted_by, posted_at from status_message
where channel_database <> '' and posted_by is not null and octet_length(posted_by) <= 1000
    and octet_length(channel_database) <= 1000
    and posted_by not in (select requested_by from session_request)
order by channel_database, origin_tx desc, message_id desc;

-- A request about the package itself names no channel database: it is for the agent that reported for the session.
alter table session_request add column agent text collate "C";
update session_request set agent = (select m.posted_by from status_message as m
    where m.direction = session_request.direction and m.session_number = session_request.session_number
        and m.channel_database = '' and m.posted_by is not null
        and m.posted_by not in (select requested_by from session_request) limit 1)
where channel_database = '' and taken_at is null and withdrawn_at is null;

-- Agents may add what they serve and never take it from another. Roles that exist get their rights here, so that no report is refused
-- before roles.sql has been run again.
do $$
begin
    if exists (select from pg_roles where rolname = 'cdx_agent') then
        grant select, insert on served_database to cdx_agent;
    end if;
    if exists (select from pg_roles where rolname = 'cdx_operator') then
        grant select, insert, update, delete on served_database to cdx_operator;
    end if;
    if exists (select from pg_roles where rolname = 'cdx_viewer') then
        grant select on served_database to cdx_viewer;
    end if;
    if exists (select from pg_roles where rolname = 'cdx_batch_server') then
        grant select on served_database to cdx_batch_server;
    end if;
end $$;

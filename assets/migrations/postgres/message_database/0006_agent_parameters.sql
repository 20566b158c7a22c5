-- The parameters that agents follow, as head office has them. Programs change them; agents read them.
create table agent_parameter (
    name       text collate "C" primary key, -- try-count
    value      bigint not null,              -- attempts of a failed stage; 0 is without limit
    changed_at bigint not null
);
-- Roles that exist get their rights here, so that runs and agents work before roles.sql has been run again.
do $$
begin
    if exists (select from pg_roles where rolname = 'cdx_agent') then
        grant select on agent_parameter to cdx_agent;
    end if;
    if exists (select from pg_roles where rolname = 'cdx_operator') then
        grant select, insert, update on agent_parameter to cdx_operator;
    end if;
    if exists (select from pg_roles where rolname = 'cdx_viewer') then
        grant select on agent_parameter to cdx_viewer;
    end if;
    if exists (select from pg_roles where rolname = 'cdx_batch_server') then
        grant select, insert, update on agent_parameter to cdx_batch_server;
    end if;
end $$;

-- Least privileges for each role. Run it with psql in both databases, as a superuser, after cdx has
-- created the tables, and again after each update of cdx:
--
--     psql -d message -f roles.sql
--     psql -d head_office -f roles.sql
--
-- Then create logins for people and machines, with a password if pg_hba.conf requires one:
-- create role store0042 login password '…' in role cdx_agent;
--
--   cdx_agent         posts messages, reads and takes requests; nothing at head office
--   cdx_viewer        reads both databases
--   cdx_operator      runs Process status messages, cancels and reruns sessions, sets parameters,
--                     manages batch jobs
--   cdx_batch_server  runs batch jobs; submits none, makes no requests, sets no parameters
--
-- All objects are in the schema cdx, where only the owner creates objects. Agents that insert rows
-- themselves name cdx.status_message, or rely on the search path that is set here for the database.
--
-- The database enforces that an agent only posts messages and reads and takes requests: it cannot
-- change or delete messages, claim a channel database of another agent, or make requests. It does not
-- separate agents: each one can read the messages and requests of all stores, post in another store's
-- name, take another store's requests and change another agent's row. If agents do not trust one
-- another, give each owner a message database, or let a service run cdx post and cdx requests for them.
--
-- Only the owner can migrate: its first command of a newer cdx that does not use --read-only does
-- so.

set search_path = pg_catalog, cdx, pg_temp;

-- Journal rows and approvals name the login of this session. Not checked for the owner of the table,
-- who copies the rows of other logins.
create or replace function cdx.refuse_another_login() returns trigger language plpgsql
    set search_path = pg_catalog, pg_temp as $$
declare
    known constant jsonb := to_jsonb(new);
    former constant jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
    stated text;
begin
    if pg_has_role(session_user, (select relowner from pg_class where oid = tg_relid), 'member') then
        return new;
    end if;
    if tg_op = 'INSERT' then
        stated := case when tg_table_name = 'approval' then known ->> 'requested_login' else known ->> 'login' end;
        if stated is distinct from session_user::text
            or (known ->> 'approved_at') is not null or (known ->> 'approved_login') is not null then
            raise insufficient_privilege using message = format('a row of %I names another login', tg_table_name);
        end if;
    elsif (known ->> 'approved_at', known ->> 'approved_by', known ->> 'approved_login')
            is distinct from (former ->> 'approved_at', former ->> 'approved_by', former ->> 'approved_login')
        and ((known ->> 'approved_login') is distinct from session_user::text
            or (known ->> 'requested_login') = session_user::text) then
        raise insufficient_privilege using message = 'only another login approves a change, in its own name';
    elsif (former ->> 'used_at') is not null and (known ->> 'used_at') is distinct from (former ->> 'used_at')
        or (former ->> 'closed_at') is not null and (known ->> 'closed_at') is distinct from (former ->> 'closed_at') then
        raise insufficient_privilege using message = 'an approval that was used or closed stays so';
    end if;
    return new;
end $$;

do $$
declare
    name text;
begin
    foreach name in array array['cdx_agent', 'cdx_viewer', 'cdx_operator', 'cdx_batch_server'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
    end loop;
    -- A statement of cdx must not resolve to an object that another login created.
    revoke create on schema public from public;
    revoke create on schema cdx from public, cdx_agent, cdx_viewer, cdx_operator, cdx_batch_server;
    grant usage on schema cdx to cdx_agent, cdx_viewer, cdx_operator, cdx_batch_server;
    -- Lets other programs use bare table names, unless the database has a search path of its own.
    if not exists (select from pg_db_role_setting, unnest(setconfig) as setting
            where setrole = 0 and setting like 'search_path=%'
            and setdatabase = (select oid from pg_database where datname = current_database())) then
        execute format('alter database %I set search_path = "$user", cdx, public', current_database());
    end if;
    -- A chunk with repeated messages uses a temporary table.
    execute format('grant temporary on database %I to cdx_operator, cdx_batch_server', current_database());

    if to_regclass('cdx.exchange') is not null then
        grant select on all tables in schema cdx to cdx_viewer, cdx_operator, cdx_batch_server;
        -- Not message_id: a row that sets it could get a number below the position, which no run reads.
        revoke insert on status_message from cdx_agent;
        grant select, insert (message_guid, direction, session_number, channel_database, job_name, channel_data_group,
            distribution_schedule, status, occurred_at, posted_by, round, rerun_for, try_count, rows_affected, file_size,
            row_version, data_path, message, extra) on status_message to cdx_agent;
        grant select on exchange, agent_parameter to cdx_agent;
        grant select, update (taken_by, taken_at) on session_request to cdx_agent;
        grant select, insert, update on agent to cdx_agent;
        -- An agent may add channel databases that it serves, but not take one from another agent.
        grant select, insert on served_database to cdx_agent;
        -- A cancel or rerun posts for the store; a purge deletes; a copied database gets new numbers.
        grant insert, delete, update (origin_tx) on status_message to cdx_operator;
        grant insert, update, delete on session_request to cdx_operator;
        grant insert, update on agent to cdx_operator;
        grant insert, update, delete on served_database to cdx_operator;
        -- Agents read the parameters; operators and runs write them.
        grant insert, update on agent_parameter to cdx_operator, cdx_batch_server;
        grant delete, update (origin_tx) on status_message to cdx_batch_server;
        grant delete on session_request to cdx_batch_server;
        grant update on exchange to cdx_operator, cdx_batch_server;
    end if;

    if to_regclass('cdx.head_office') is not null then
        grant select on all tables in schema cdx to cdx_viewer, cdx_operator, cdx_batch_server;
        grant insert, update, delete on all tables in schema cdx to cdx_operator;
        -- The identity cannot be changed; of a journal row only its object and the marks of an undo
        -- can. Writers lock the row of head_office in turn.
        revoke insert, update, delete on head_office from cdx_operator;
        revoke update, delete on operator_journal, journal_session from cdx_operator;
        grant update (object, undone_at, undone_by, undo_outcome) on operator_journal to cdx_operator;
        -- An approval is for the change that was requested.
        revoke update on approval from cdx_operator;
        grant update (approved_at, approved_by, approved_login, used_at, closed_at, closed_by) on approval
            to cdx_operator;
        drop trigger if exists own_login on operator_journal;
        create trigger own_login before insert on operator_journal
            for each row execute function cdx.refuse_another_login();
        drop trigger if exists own_login on approval;
        create trigger own_login before insert or update on approval
            for each row execute function cdx.refuse_another_login();
        grant update (created_at) on head_office to cdx_operator, cdx_batch_server;
        grant insert, update, delete on transfer_cursor, status_message, session, session_tombstone, session_rerun,
            trash_session, trash_status_message, trash_session_rerun,
            rejected_message, cause, channel_database, distribution_schedule, known_job, known_group, run, lease,
            alert_condition, notification_condition, batch_job_history, batch_log, batch_server, batch_server_window, batch_server_group, notification, delivery
            to cdx_batch_server;
        grant select, delete on stale_session to cdx_batch_server;
        -- A run completes the journal of an action that was killed half-way.
        grant insert, update (object) on operator_journal to cdx_batch_server;
        revoke update, delete on journal_session from cdx_batch_server;
        grant insert on journal_session to cdx_batch_server;
        grant update, delete on batch_job, batch_alert to cdx_batch_server;
        grant update on alert_check to cdx_batch_server;
        -- A batch server counts what a silence holds back; its purges delete old silences.
        grant delete, update (held_back) on silence to cdx_batch_server;
        grant delete on approval, purge_preview to cdx_batch_server;
    end if;
end $$;

reset search_path;

-- Who may do what, the least for each. Run it with psql in both databases, as a superuser, once cdx has made the tables, and again
-- after each update of cdx:
--
--     psql -d message -f roles.sql
--     psql -d head_office -f roles.sql
--
-- Logins are then made for people and machines, with a password where pg_hba.conf asks for one, such as:
-- create role store0042 login password '…' in role cdx_agent;
--
--   cdx_agent         reports, and reads and takes what it is asked to do; nothing at head office
--   cdx_viewer        reads both databases
--   cdx_operator      runs Process status messages, cancels and reruns sessions, sets parameters, works with batch jobs
--   cdx_batch_server  runs batch jobs; submits none, asks nothing of agents, sets no parameters
--
-- Everything is in the schema cdx, where only the owner makes objects. Agents that insert rows themselves name cdx.status_message, or
-- rely on the search path that is set here for the database.
--
-- What the database enforces: an agent reports, and reads and takes requests; it changes and deletes no report, claims no database and
-- makes no request. What it does not: an agent sees the reports and requests of all stores, and can report in another's name, take
-- another's request or change another's row of agent. Where agents do not trust one another, give each message database agents of one
-- owner, or let a service that knows them run cdx post and cdx requests for them.
--
-- New tables and columns are made by the owner alone, with the first writing command of a newer cdx.

set search_path = pg_catalog, cdx, pg_temp;

do $$
declare
    name text;
begin
    foreach name in array array['cdx_agent', 'cdx_viewer', 'cdx_operator', 'cdx_batch_server'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
    end loop;
    -- An object that any login makes in a schema on a search path may be meant by the statements of another.
    revoke create on schema public from public;
    revoke create on schema cdx from public, cdx_agent, cdx_viewer, cdx_operator, cdx_batch_server;
    grant usage on schema cdx to cdx_agent, cdx_viewer, cdx_operator, cdx_batch_server;
    -- Programs other than cdx find the tables by their bare names, unless the database has a search path of its own.
    if not exists (select from pg_db_role_setting, unnest(setconfig) as setting
            where setrole = 0 and setting like 'search_path=%'
            and setdatabase = (select oid from pg_database where datname = current_database())) then
        execute format('alter database %I set search_path = "$user", cdx, public', current_database());
    end if;
    -- A chunk that repeats messages goes through a temporary table.
    execute format('grant temporary on database %I to cdx_operator, cdx_batch_server', current_database());

    if to_regclass('cdx.exchange') is not null then
        grant select on all tables in schema cdx to cdx_viewer, cdx_operator, cdx_batch_server;
        -- Not where a report stands among the others: one that says so itself may say a place that has been passed, where nobody
        -- ever reads it.
        revoke insert on status_message from cdx_agent;
        grant select, insert (message_guid, direction, session_number, channel_database, job_name, channel_data_group,
            distribution_schedule, status, occurred_at, posted_by, round, rerun_for, try_count, rows_affected, file_size,
            row_version, data_path, message, extra) on status_message to cdx_agent;
        grant select on exchange, agent_parameter to cdx_agent;
        grant select, update (taken_by, taken_at) on session_request to cdx_agent;
        grant select, insert, update on agent to cdx_agent;
        -- An agent may add the channel databases it serves and never take one from another agent.
        grant select, insert on served_database to cdx_agent;
        -- Canceling and rerunning report in the store's stead; a purge deletes; a moved database is numbered anew.
        grant insert, delete, update (origin_tx) on status_message to cdx_operator;
        grant insert, update, delete on session_request to cdx_operator;
        grant insert, update on agent to cdx_operator;
        grant insert, update, delete on served_database to cdx_operator;
        -- Agents read the parameters; who sets them, and each run, writes them.
        grant insert, update on agent_parameter to cdx_operator, cdx_batch_server;
        grant delete, update (origin_tx) on status_message to cdx_batch_server;
        grant delete on session_request to cdx_batch_server;
        grant update on exchange to cdx_operator, cdx_batch_server;
    end if;

    if to_regclass('cdx.head_office') is not null then
        grant select on all tables in schema cdx to cdx_viewer, cdx_operator, cdx_batch_server;
        grant insert, update, delete on all tables in schema cdx to cdx_operator;
        -- Which database it is stays as it is, and so does what was done; writers take their turn at the row of head_office.
        revoke insert, update, delete on head_office from cdx_operator;
        revoke update, delete on operator_journal from cdx_operator;
        grant update (object, undone_at, undone_by, undo_outcome) on operator_journal to cdx_operator;
        grant update (created_at) on head_office to cdx_operator, cdx_batch_server;
        grant insert, update, delete on transfer_cursor, status_message, session, session_tombstone, session_rerun,
            rejected_message, cause, channel_database, distribution_schedule, run, lease, journal_session,
            batch_job_history, batch_log, batch_server, batch_server_window, batch_server_group, notification, delivery
            to cdx_batch_server;
        grant select, delete on stale_session to cdx_batch_server;
        -- A run completes the journal of an act that was killed half-way.
        grant insert, update (object) on operator_journal to cdx_batch_server;
        grant update, delete on batch_job, batch_alert to cdx_batch_server;
    end if;
end $$;

reset search_path;

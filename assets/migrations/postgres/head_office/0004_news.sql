-- PostgreSQL only: changes that concern batch servers notify them; heartbeats and progress do not.

create function tell_of_change() returns trigger language plpgsql as $$
begin
    perform pg_notify('cdx_head_office', tg_table_name);
    return null;
end $$;

create trigger batch_job_told after insert or update or delete on batch_job
    for each statement execute function tell_of_change();
create trigger batch_alert_told after insert or update or delete on batch_alert
    for each statement execute function tell_of_change();
create trigger batch_server_told after insert or delete or update of is_batch_server, zone, stopped_at on batch_server
    for each statement execute function tell_of_change();
create trigger batch_server_group_told after insert or update or delete on batch_server_group
    for each statement execute function tell_of_change();
create trigger batch_server_window_told after insert or update or delete on batch_server_window
    for each statement execute function tell_of_change();
create trigger delivery_told after insert on delivery
    for each statement execute function tell_of_change();
-- A run that ends gives the lease back, which due jobs may wait for.
create trigger run_told after update of outcome on run
    for each statement execute function tell_of_change();

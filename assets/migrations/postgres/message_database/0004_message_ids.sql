-- Messages are read in the order (origin_tx, message_id). Within its own transaction any message_id is read; an origin_tx of another
-- transaction may name a place that has been passed. Logins of agents may supply neither; this refuses it to every other login, too,
-- unless a copy brings the positions of its source.
create function refuse_supplied_origin_tx() returns trigger language plpgsql set search_path = pg_catalog, cdx, pg_temp as $$
begin
    if to_regclass(format('%I.unfinished_copy', tg_table_schema)) is null then
        raise exception 'origin_tx is given by the message database: leave the column out';
    end if;
    return new;
end $$;
create trigger status_message_origin_is_given before insert on status_message
    for each row when (new.origin_tx <> cast(cast(pg_current_xact_id() as text) as bigint))
    execute function refuse_supplied_origin_tx();
alter table status_message add constraint status_message_id_is_positive check (message_id > 0) not valid;

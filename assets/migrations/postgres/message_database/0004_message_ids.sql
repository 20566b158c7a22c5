-- Messages are read in the order (origin_tx, message_id). A row with the origin_tx of another
-- transaction could be at a position that the transfer has already passed, and would not be read. The
-- logins of agents have no right to supply the column; this trigger refuses all others, except in a
-- copy, which keeps the positions of its source.
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

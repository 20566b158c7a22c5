-- By now every table is in the schema cdx. Whatever login's change calls this function, its names mean PostgreSQL's own objects.
alter function tell_of_change() set search_path = pg_catalog, pg_temp;

-- By now every table is in the schema cdx. The defaults are parsed anew: where PUBLIC could create objects in the former schema, an
-- operator of another role's may have been meant by them.
alter table status_message alter column posted_at set default
    (cast(floor(cast(extract(epoch from clock_timestamp()) as numeric) * cast(1000 as numeric)) as bigint));
alter table status_message alter column origin_tx set default (cast(cast(pg_current_xact_id() as text) as bigint));

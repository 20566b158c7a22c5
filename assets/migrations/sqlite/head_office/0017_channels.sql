-- Alerts by webhook and by the system log.
alter table batch_alert add column webhook integer not null default 0;
alter table batch_alert add column syslog integer not null default 0;
create table delivery_new (
    delivery_id     integer primary key autoincrement,
    notification_id integer not null,
    way             text    not null check (way in ('email', 'command', 'webhook', 'syslog')),
    target          text    not null,
    tries           integer not null default 0,
    next_try_at     integer, -- null: delivered, or given up
    delivered_at    integer,
    error           text
) strict;
insert into delivery_new (delivery_id, notification_id, way, target, tries, next_try_at, delivered_at, error)
    select delivery_id, notification_id, way, target, tries, next_try_at, delivered_at, error from delivery;
drop table delivery;
alter table delivery_new rename to delivery;
create index delivery_waiting on delivery (next_try_at) where next_try_at is not null;
create index delivery_last on delivery (way, delivered_at);

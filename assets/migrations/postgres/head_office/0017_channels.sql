-- Alerts by webhook and by the system log.
alter table batch_alert add column webhook bigint not null default 0;
alter table batch_alert add column syslog bigint not null default 0;
alter table delivery drop constraint delivery_way_check;
alter table delivery add constraint delivery_way_check check (way in ('email', 'command', 'webhook', 'syslog'));

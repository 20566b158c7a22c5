-- The operator who works on a cause, until when, and a remark.
alter table cause add column taken_by text;
alter table cause add column taken_until integer;
alter table cause add column taken_remark text;
create index cause_taken on cause (taken_until) where taken_until is not null;

-- Silences: alerts that match the filter are listed, but not sent, until a time.
create table silence (
    silence_id integer primary key autoincrement,
    filter     text    not null,
    until      integer not null,
    reason     text    not null,
    created_at integer not null,
    created_by text    not null,
    ended_at   integer,            -- by an operator; null: it ends by its time
    ended_by   text,
    held_back  integer not null default 0
) strict;
create index silence_open on silence (until) where ended_at is null;

-- The silence that held it back; null if it was sent.
alter table notification add column silence_id integer;

-- Jobs and channel data groups that messages name. Older messages may have names that are too long
-- for an index; they are left out.
create table known_job (
    name          text    not null,
    direction     integer not null,
    first_seen_at integer not null, -- by the message database's clock
    last_seen_at  integer not null,
    usual_gap     integer,          -- between two reports, in ms; null until there were two
    primary key (name, direction)
) strict, without rowid;
insert into known_job (name, direction, first_seen_at, last_seen_at)
select job_name, direction, min(last_posted_at), max(last_posted_at)
from session where job_name > '' and octet_length(job_name) <= 1100 group by job_name, direction;

create table known_group (
    name          text    primary key,
    first_seen_at integer not null, -- as above
    last_seen_at  integer not null
) strict, without rowid;
insert into known_group (name, first_seen_at, last_seen_at)
select channel_data_group, min(last_posted_at), max(last_posted_at)
from session where channel_data_group > '' and octet_length(channel_data_group) <= 1100 group by channel_data_group;

-- Conditions that a rule found: firing until they are resolved. A firing condition was not
-- necessarily notified: a silence may hold the notice back.
create table alert_condition (
    condition_id integer primary key autoincrement,
    rule         text    not null,
    subject      text    not null,           -- what it is on; one firing condition for each rule and subject
    store        text,                       -- the channel database
    job_id       integer,                    -- the batch job
    cause        integer,                    -- cause.digest
    text         text    not null,
    since        integer not null,
    level        integer not null default 0, -- when it rises, operators are notified again
    silence_id   integer,                    -- the silence that holds the notice back
    notified_at  integer,
    resolved_at  integer
) strict;
create unique index alert_condition_firing on alert_condition (rule, subject) where resolved_at is null;
create index alert_condition_resolved on alert_condition (resolved_at) where resolved_at is not null;

-- When the rules were last checked, and the ways of delivery last tested.
create table alert_check (
    only_row   integer primary key check (only_row = 1),
    checked_at integer,
    tested_at  integer
) strict;
insert into alert_check (only_row) values (1);

-- "Job 1020 applied in all stores of Berlin by 06:00."
create table deadline (
    deadline_id integer primary key autoincrement,
    job_name    text    not null,
    stores      text    not null, -- a filter of channel databases; '' is all
    recurrence  text    not null, -- JSON of the rule
    created_at  integer not null,
    created_by  text    not null
) strict;

-- The rules that a login is notified of: words, separated by commas, in its row for job 0, which is the exchange.
alter table batch_alert add column rules text not null default '';
-- The rule that a notification is about.
alter table notification add column rule text;

-- Changes that a guardrail lets a second login approve: each approval counts once.
create table approval (
    approval_id  integer primary key autoincrement,
    requested_at integer not null,
    requested_by text    not null,
    action       text    not null,
    object       text    not null,
    detail       text    not null,
    reason       text,
    row_count    integer not null,
    instant      integer,          -- that the change sets, such as its end
    change       text    not null, -- digest of what is to be changed, without the instant
    approved_at  integer,
    approved_by  text,
    used_at      integer
) strict;
create index approval_unused on approval (change) where used_at is null;

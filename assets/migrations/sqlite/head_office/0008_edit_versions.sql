-- The journal row of the last edit of each object. An edit that is based on another one is outdated.
alter table batch_job add column edit_version integer not null default 0;
alter table batch_group add column edit_version integer not null default 0;
alter table batch_server add column edit_version integer not null default 0;
alter table retail_scheduler_parameters add column edit_version integer not null default 0;
alter table cause add column edit_version integer not null default 0;
alter table channel_database add column edit_version integer not null default 0;

-- When waits_for was set; it does not explain starts before that.
alter table batch_job add column waits_since integer;
update batch_job set waits_since = due_at where waits_for is not null;

-- 'nothing': undoing was tried and nothing could be undone any more.
alter table operator_journal add column undo_outcome text;

-- Since when each run of the job ends with its purge held. The begin and the end of that time are
-- notified once.
alter table batch_job add column purge_held_since integer;

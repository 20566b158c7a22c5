-- What an operator edits carries the journal row of its last edit, so that a later edit can tell whether it was based on the present state.
alter table batch_job add column edit_version bigint not null default 0;
alter table batch_group add column edit_version bigint not null default 0;
alter table batch_server add column edit_version bigint not null default 0;
alter table retail_scheduler_parameters add column edit_version bigint not null default 0;
alter table cause add column edit_version bigint not null default 0;
alter table channel_database add column edit_version bigint not null default 0;

-- Since when waits_for holds a text: starts before that were not held up by it.
alter table batch_job add column waits_since bigint;
update batch_job set waits_since = due_at where waits_for is not null;

-- 'nothing': undoing was tried and nothing could be undone any more.
alter table operator_journal add column undo_outcome text collate "C";

-- Since when each run of the job ends with its purge held: that is told once, and its end.
alter table batch_job add column purge_held_since bigint;

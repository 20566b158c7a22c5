-- The overdue start and the long run (a row of the history) of which each operator was notified.
alter table batch_alert add column late_told_for integer;
alter table batch_alert add column long_told_for integer;
-- Finds the changes of a batch job, the newest first.
create index operator_journal_object on operator_journal (object, entry_id);

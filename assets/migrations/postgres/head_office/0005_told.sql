-- What of the clock each operator was told: the start that did not come, the row of the history whose run takes long.
alter table batch_alert add column late_told_for bigint;
alter table batch_alert add column long_told_for bigint;
-- Who changed a batch job, newest first.
create index operator_journal_object on operator_journal (object, entry_id);

-- The act of an operator that an entry records: found again by a transfer or a retry that completes it.
alter table operator_journal add column operation_id text;
create unique index operator_journal_operation on operator_journal (operation_id) where operation_id is not null;

-- The operation that a journal row records, so that a transfer or a retry finds the row and completes
-- it.
alter table operator_journal add column operation_id text;
create unique index operator_journal_operation on operator_journal (operation_id) where operation_id is not null;

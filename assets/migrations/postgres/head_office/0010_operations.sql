-- The operation that a journal row records, so that a transfer or a retry finds the row and completes
-- it.
alter table operator_journal add column operation_id text collate "C";
create unique index operator_journal_operation on operator_journal (operation_id) where operation_id is not null;

do $$
begin
    if exists (select from pg_roles where rolname = 'cdx_batch_server') then
        grant insert, update (object) on operator_journal to cdx_batch_server;
    end if;
end $$;

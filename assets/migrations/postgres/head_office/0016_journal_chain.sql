-- The journal as a chain: each row holds a digest of itself and the digest of the row before it. The
-- program chains the rows that are there already (store/head_office/journal/chain.rs).
alter table operator_journal add column client text collate "C"; -- address of the SSH client
alter table operator_journal add column host text collate "C";
alter table operator_journal add column value_before text collate "C";
alter table operator_journal add column value_after text collate "C";
alter table operator_journal add column reason text collate "C";
alter table operator_journal add column result text collate "C";
-- The first row of an action that was carried out in several transactions.
alter table operator_journal add column part_of bigint;
alter table operator_journal add column previous_digest text collate "C";
alter table operator_journal add column digest text collate "C";
-- Two rows cannot follow the same one.
create unique index operator_journal_previous on operator_journal (previous_digest) where previous_digest is not null;
create index operator_journal_at on operator_journal (at, entry_id);

-- The row that recorded the session: its entry, or a later part of it.
alter table journal_session add column part_id bigint not null default 0;
update journal_session set part_id = entry_id;
create index journal_session_part on journal_session (part_id, direction, session_number, channel_database);
create index journal_session_key on journal_session (session_number, channel_database, direction);

-- A program that was started before the update would break the chain. Rows that are there already
-- are chained after this.
alter table operator_journal add constraint this_cdx_is_older_than_head_office_start_it_again check (digest is not null) not valid;

do $$
begin
    if exists (select from pg_roles where rolname = 'cdx_operator') then
        revoke update, delete on journal_session from cdx_operator;
    end if;
end $$;

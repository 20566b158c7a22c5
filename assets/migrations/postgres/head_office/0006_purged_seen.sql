-- The position up to which the message database was purged when it was last read. If it is lower
-- later, the database was restored. The anchor does not always show that: the backup may have the
-- same anchor and, before it, messages that a restored head office has not read.
alter table transfer_cursor add column purged_seen_tx bigint not null default 0;
alter table transfer_cursor add column purged_seen_id bigint not null default 0;

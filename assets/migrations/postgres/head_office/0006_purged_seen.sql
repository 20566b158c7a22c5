-- How far the message database was seen to be purged. It never goes back but by a restore, which the anchor alone does not always tell: a
-- backup may hold the same anchor and, before it, messages that were purged before a head office that was restored, too, had read them.
alter table transfer_cursor add column purged_seen_tx bigint not null default 0;
alter table transfer_cursor add column purged_seen_id bigint not null default 0;

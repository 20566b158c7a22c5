-- Partial indexes for text search: few rows have a text.
create index status_message_text on status_message (occurred_at) where message is not null;
create index session_text on session (direction, modified_at) where message is not null;

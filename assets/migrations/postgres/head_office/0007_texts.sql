-- Few messages and sessions bear a text; who looks for one passes over the others.
create index status_message_text on status_message (occurred_at) where message is not null;
create index session_text on session (direction, modified_at) where message is not null;

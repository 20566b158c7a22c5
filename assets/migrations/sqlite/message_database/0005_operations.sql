-- Which act of an operator a request belongs to, so that head office's journal is completed when the program was killed before it
-- wrote there. All requests of one act have the same operation_id.
alter table session_request add column operation_id text;
alter table session_request add column act text; -- cancel, rerun or undo
alter table session_request add column message_guid text; -- the message that reports it, if one does
-- The same of an undo that asks nothing instead.
alter table session_request add column withdrawal_id text;
alter table session_request add column withdrawn_by text;
alter table session_request add column withdrawal_reason text;

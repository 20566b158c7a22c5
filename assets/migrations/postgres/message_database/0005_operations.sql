-- The operation that made a request, from which a transfer completes head office's journal if the
-- program was killed before it wrote there. All requests of one operation have its operation_id.
alter table session_request add column operation_id text collate "C";
alter table session_request add column act text collate "C"; -- cancel, rerun or undo
alter table session_request add column message_guid text collate "C"; -- the message that reports it, if one does
-- The same of an undo that withdraws the request.
alter table session_request add column withdrawal_id text collate "C";
alter table session_request add column withdrawn_by text collate "C";
alter table session_request add column withdrawal_reason text collate "C";

-- The failures that a run transferred, newest last, and the row of the history that a run belongs to.
create index status_message_run_failed on status_message (run_id) where cause is not null;
create index batch_job_history_run on batch_job_history (run_id) where run_id is not null;

//! The keys of the rows of exported lists, which head a file without rows.

/// Returns the keys of the rows of a list, separated by blanks; empty for an unknown list.
pub fn export_columns(list: &str) -> &'static str {
    match list {
        "sessions" | "download sessions" | "upload sessions" | "recent sessions" => {
            "direction session_number channel_database job_name channel_data_group distribution_schedule \
             status message try_count round rows_affected file_size row_version data_path created_at \
             modified_at requested_at downloaded_at uploaded_at applied_at last_posted_at last_error \
             rerun rerun_for"
        }
        "status messages" => {
            "message_guid direction session_number channel_database job_name channel_data_group \
             distribution_schedule status occurred_at reported_at posted_at posted_by round rerun_for \
             try_count rows_affected file_size row_version data_path message extra message_id run_id \
             transferred_at"
        }
        "journal" => {
            "entry_id at operator client host action object detail before after reason result undone_at \
             undone_by login digest"
        }
        "batch job history" => {
            "history_id job_id description batch_group created_by scheduled_at started_at ended_at \
             outcome starts tries server run_id reason read inserted repeated rejected sessions_changed \
             purged_rows"
        }
        "batch jobs" => {
            "job_id description batch_group status private transfer purge next_start retry_at tries \
             recurrence recurrence_words first_start max_retries retry_pause_ms after_error missed \
             save_history created_by created_at changed_at changed_by changed_reason waits_for server \
             run_id last_outcome last_took_ms last_ended_at interactive version"
        }
        "batch groups" => "batch_group description version batch_servers jobs waiting_jobs",
        "batch servers" => {
            "name alive is_batch_server zone windows groups settings_version executing host process_id \
             version started_at heartbeat_at stopped_at"
        }
        "runs" => {
            "run_id trigger job_id outcome read inserted repeated rejected sessions_changed purged \
             kept_unresolved started_at ended_at notices error purge_held preview"
        }
        "rejected messages" => "rejected_id rejected_at reason database_id message_id run_id dismissed_at raw",
        "recent errors" => {
            "digest cause errors open channel_databases first_at last_at first_seen_at note version \
             muted_until muted_by taken last_message last_channel_database last_job_name"
        }
        "trash" => {
            "trash_id direction session_number channel_database status job_name channel_data_group \
             distribution_schedule message modified_at rows purged_by_run purged_at gone_after"
        }
        "distribution schedules" => "distribution_schedule first_seen_at last_seen_at open",
        "connections" => {
            "channel_database quiet first_seen_at last_seen_at usual_gap_ms clock_ahead_ms zone note \
             agent agent_version agent_last_seen_at version"
        }
        "deadlines" => "deadline_id job_name stores recurrence created_at created_by",
        "silences" => "silence_id filter until reason created_at created_by ended_at ended_by held_back",
        "approvals" => {
            "approval_id requested_at requested_by action object detail reason rows instant approved_at \
             approved_by used_at requested_login approved_login closed_at closed_by"
        }
        "alerts" => {
            "condition_id rule subject store channel_database job_id cause text since level silence_id \
             notified_at resolved_at ended"
        }
        "notifications" => "notification_id at event job_id history_id text read_at silence_id fault",
        "views" => "view list filter order all_records hidden_columns column_order column_widths zone is_shipped",
        _ => "",
    }
}

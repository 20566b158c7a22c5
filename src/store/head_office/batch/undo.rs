//! Undoes an operator's change of a batch job by restoring its row, until the job has run or was
//! changed again.

use crate::batch::{AlertSettings, BatchStatus};
use crate::domain::to_json;
use crate::guard::{PROCESS, UNDO};
use crate::store::StoreError;
use crate::store::head_office::batch::change::Refusal;
use crate::store::head_office::edits::{Edit, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, JournalEntry};
use crate::store::value::{Value, values};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// Restored with a deleted job only: otherwise it is current, and another run's purge may have
/// cleared it since the change.
const PURGE_HELD_SINCE: &str = "purge_held_since";
/// The other columns that are restored: all except the version and those of an active claim.
const TEXTS: [&str; 12] = [
    "description",
    "batch_group",
    "recurrence",
    "after_error",
    "missed",
    "save_history",
    "created_by",
    "changed_by",
    "changed_reason",
    "waits_for",
    "last_outcome",
    "for_server",
];
const NUMBERS: [&str; 24] = [
    "private",
    "transfer",
    "purge",
    "first_start",
    "max_retries",
    "retry_pause_ms",
    "created_at",
    "status",
    "changed_at",
    "withheld_at",
    "next_start",
    "retry_at",
    "due_at",
    "tries",
    "fencing",
    "claim_history_id",
    "waits_since",
    "last_took_ms",
    "last_ended_at",
    "interactive",
    "confirm_purge",
    "preview_id",
    "late_told_for",
    "long_told_for",
];

impl HeadOffice {
    /// A job that is not executing, as it is before a change, for the journal; `None` if there is
    /// none or it is executing.
    pub(super) fn job_before(&self, job_id: i64) -> Result<Option<Json>, StoreError> {
        let sql = format!(
            "select {}, {}, {PURGE_HELD_SINCE} from batch_job where job_id = $1",
            TEXTS.join(", "),
            NUMBERS.join(", ")
        );
        let columns = self.connection.first(&sql, values![job_id], |row| {
            let mut columns = Map::new();
            for name in TEXTS {
                columns.insert(name.to_owned(), row.opt_text(name)?.into());
            }
            for name in NUMBERS.into_iter().chain([PURGE_HELD_SINCE]) {
                columns.insert(name.to_owned(), row.opt_int(name)?.into());
            }
            Ok(columns)
        })?;
        let status = |columns: &Map<String, Json>| columns["status"].as_i64().and_then(BatchStatus::from_number);
        let Some(columns) = columns.filter(|columns| !status(columns).is_some_and(BatchStatus::is_executing)) else {
            return Ok(None);
        };
        let alerts: Vec<_> = self.alerts(job_id)?.iter().map(to_json).collect();
        Ok(Some(json!({"job_id": job_id, "columns": columns, "alerts": alerts})))
    }

    /// Restores a job as it was before the change of a journal row; durable when it returns.
    /// Refused once the job has run or was changed again.
    pub fn undo_job_change(&self, entry: &JournalEntry, before: &Json, operator: &str) -> Result<(), Refusal> {
        let transaction = self.connection.begin()?;
        let job_id = before["job_id"].as_i64().unwrap_or_default();
        let columns = &before["columns"];
        let sql = "select fencing from batch_job where job_id = $1";
        let fencing = self.connection.scalar::<i64>(sql, values![job_id])?;
        let is_deletion = entry.action == "delete batch job";
        match fencing {
            None if !is_deletion => return Err(Refusal::Unknown(job_id)),
            Some(_) if is_deletion => return Err(Refusal::NotUndone(job_id, "it is there")),
            Some(fencing) if Some(fencing) != columns["fencing"].as_i64() => {
                return Err(Refusal::NotUndone(job_id, "it has run since then"));
            }
            _ => {}
        }
        let [description, group] =
            ["description", "batch_group"].map(|name| columns[name].as_str().unwrap_or_default());
        self.check_group(group)?;
        let runs_once = self.would_run_once(job_id, columns)?;
        if is_deletion {
            // Before the decision: the scope of a guardrail is about the row.
            let sql = "insert into batch_job (job_id, description, batch_group, private, transfer, purge, first_start, max_retries,
                    retry_pause_ms, after_error, missed, save_history, created_by, created_at, status, changed_at, changed_by, purge_held_since)
                values ($1, $2, $3, 0, 0, 0, 0, 0, 0, '', '', '', '', 0, 0, 0, '', $4)";
            let held_since = columns[PURGE_HELD_SINCE].as_i64();
            self.connection.execute(sql, values![job_id, description, group, held_since])?;
        }
        let edited = EditedObject::Job(job_id);
        let object = edited.object();
        let (detail, identity) = (
            format!("{}: {}", entry.action, entry.detail),
            format!("{object} as before journal row {}", entry.entry_id),
        );
        let also = [Some(entry.action.as_str()), runs_once.then_some(PROCESS)];
        let also: Vec<_> = also.into_iter().flatten().collect();
        let change = Change::new(operator, UNDO, &object).job(job_id).detail(&detail).identity(&identity);
        let entry_id = self.append(&change.also(&also))?;
        if is_deletion {
            self.new_version(edited, Edit::from(operator), entry_id)?;
            let alerts = before["alerts"].as_array().into_iter().flatten();
            for alerts in alerts.filter_map(|alerts| AlertSettings::deserialize(alerts).ok()) {
                self.insert_alerts(job_id, &alerts)?;
            }
        } else {
            self.new_version(edited, Edit::of_version(operator, Some(entry.entry_id)), entry_id)?;
        }
        let assignments: Vec<_> =
            TEXTS.iter().chain(&NUMBERS).enumerate().map(|(at, name)| format!("{name} = ${}", at + 1)).collect();
        let texts = TEXTS.iter().map(|name| columns[*name].as_str().map_or(Value::Null, Value::Text));
        let numbers = NUMBERS.iter().map(|name| columns[*name].as_i64().map_or(Value::Null, Value::Int));
        let mut values: Vec<_> = texts.chain(numbers).collect();
        values.push(job_id.into());
        let sql = format!("update batch_job set {} where job_id = ${}", assignments.join(", "), values.len());
        self.connection.execute(&sql, &values)?;
        self.note_undone(entry.entry_id, operator)?;
        transaction.commit()?;
        Ok(())
    }

    /// Whether restoring these columns makes a job without recurrence due at a time at which it is
    /// not due now.
    fn would_run_once(&self, job_id: i64, columns: &Json) -> Result<bool, StoreError> {
        let is_waiting = columns["status"].as_i64() == Some(BatchStatus::Waiting.number());
        if !is_waiting || !columns["recurrence"].is_null() {
            return Ok(false);
        }
        let sql = "select status, due_at, recurrence from batch_job where job_id = $1";
        let is_same = self.connection.first(sql, values![job_id], |row| {
            let (status, due_at) = (row.int("status")?, row.opt_int("due_at")?);
            let is_waiting = status == BatchStatus::Waiting.number() && row.opt_text("recurrence")?.is_none();
            Ok(is_waiting && due_at == columns["due_at"].as_i64())
        })?;
        Ok(is_same != Some(true))
    }
}

//! A session row as lists show it.

use crate::domain::{Direction, Fold, SessionKey, Status, Timestamp};

/// Whether an upload session is marked for rerun or was repeated by a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rerun {
    /// Not repeated; 0 in JSON.
    None,
    /// Marked for rerun; 1 in JSON.
    Marked,
    /// A newer session carries the data; 2 in JSON.
    Executed,
}

impl Rerun {
    /// The original's number.
    pub fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Marked => 1,
            Self::Executed => 2,
        }
    }
}

/// One session on one channel database: key, folded state, and whether it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its key.
    pub key: SessionKey,
    /// The state that its messages add up to.
    pub fold: Fold,
    /// Whether another session repeats it.
    pub rerun: Rerun,
}

impl Session {
    /// Its status.
    pub fn status(&self) -> Status {
        self.fold.winner.status
    }

    /// Its direction.
    pub fn direction(&self) -> Direction {
        self.key.direction
    }

    /// The row as one JSON object with the documented keys in the documented order.
    pub fn to_json(&self) -> serde_json::Value {
        let fold = &self.fold;
        let at = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
        let last_error = fold.last_error.as_ref().map(|last| {
            serde_json::json!({
                "status": last.failure.status.word(),
                "message": last.failure.message,
                "at": last.failure.occurred_at.to_rfc3339(),
            })
        });
        serde_json::json!({
            "direction": self.key.direction.word(),
            "session_number": self.key.session_number,
            "channel_database": self.key.channel_database,
            "job_name": fold.job_name,
            "channel_data_group": fold.channel_data_group,
            "distribution_schedule": fold.distribution_schedule,
            "status": fold.winner.status.word(),
            "message": fold.winner.message,
            "try_count": fold.winner.try_count,
            "round": fold.round,
            "rows_affected": fold.rows_affected,
            "file_size": fold.file_size,
            "row_version": fold.row_version,
            "data_path": fold.data_path,
            "created_at": fold.created_at.to_rfc3339(),
            "modified_at": fold.modified_at.to_rfc3339(),
            "requested_at": at(fold.requested_at),
            "downloaded_at": at(fold.downloaded_at),
            "uploaded_at": at(fold.uploaded_at),
            "applied_at": at(fold.applied_at),
            "last_posted_at": fold.last_posted_at.to_rfc3339(),
            "last_error": last_error,
            "rerun": self.rerun.number(),
            "rerun_for": fold.rerun_for,
        })
    }
}

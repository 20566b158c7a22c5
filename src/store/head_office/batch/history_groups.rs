//! Counts the rows of the batch job history by the value of a field.

use crate::batch::HistoryOutcome;
use crate::domain::Seek;
use crate::store::StoreError;
use crate::store::head_office::batch::history::KEYSET;
use crate::store::head_office::batch::history_filter::HistoryFilter;
use crate::store::head_office::keyset::{Grouping, Place};
use crate::store::head_office::{GroupPiece, HeadOffice};

impl HeadOffice {
    /// Counts rows by a field from `seek` on, the latest scheduled first; examines at most
    /// `stretch` rows.
    pub fn history_groups(
        &self,
        filter: &HistoryFilter,
        field: &str,
        seek: Seek<Place>,
        stretch: i64,
    ) -> Result<GroupPiece, StoreError> {
        let (value, label) = match field {
            "job" => ("h.job_id", "'job ' || max(h.job_id) || ' ' || max(h.description)"),
            "group" => ("h.batch_group", "null"),
            "by" => ("h.created_by", "null"),
            "server" => ("h.server", "null"),
            _ => ("h.outcome", "null"),
        };
        let failed = HistoryOutcome::ALL.iter().filter(|outcome| outcome.went_wrong());
        let failed: Vec<_> = failed.map(|outcome| format!("'{}'", outcome.word())).collect();
        let failed = format!("h.outcome in ({})", failed.join(", "));
        let edge = KEYSET.edge(&self.connection, filter.indexed(), seek, stretch)?;
        let from = format!("batch_job_history as h {}", filter.join());
        let grouping = Grouping { from: &from, value, label, failed: &failed };
        Ok((KEYSET.groups(&self.connection, grouping, filter.conditions(), (seek, edge))?, edge))
    }
}

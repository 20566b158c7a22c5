//! Counts the rows of a list by the value of a field, in bounded pieces along the list's index.

use crate::domain::{Direction, Seek, Status};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::causes::{cause_of_session, failed_statuses};
use crate::store::head_office::keyset::{GroupCount, Grouping, Place};
use crate::store::head_office::message_filter::MessageFilter;
use crate::store::head_office::session_filter::SessionFilter;
use crate::store::value::values;

/// The groups of a piece, and where the next one begins, if that was not the end.
pub type GroupPiece = (Vec<GroupCount>, Option<Place>);

impl HeadOffice {
    /// Counts sessions by a field from `seek` on, newest first; examines at most `stretch` rows of
    /// each status.
    pub fn session_groups(
        &self,
        filter: &SessionFilter,
        field: &str,
        seek: Seek<Place>,
        stretch: i64,
    ) -> Result<GroupPiece, StoreError> {
        let cause = cause_of_session();
        let column = match field {
            "store" => "channel_database",
            "job" => "job_name",
            "group" => "channel_data_group",
            "schedule" => "distribution_schedule",
            "cause" => &cause,
            _ => "status",
        };
        let edge = self.session_edge(filter, seek, stretch)?;
        let failed = failed_statuses("session");
        let grouping = Grouping { from: "session", value: column, label: "null", failed: &failed };
        let mut groups = Vec::new();
        for filter in filter.by_status() {
            groups.extend(filter.keyset().groups(&self.connection, grouping, filter.conditions(), (seek, edge))?);
        }
        if column == "status" {
            let word = |number: i64| Some(Status::from_number(filter.direction, number)?.word());
            name(&mut groups, word);
        }
        Ok((groups, edge))
    }

    /// Counts status messages by a field, like [`Self::session_groups`].
    pub fn message_groups(
        &self,
        filter: &MessageFilter,
        field: &str,
        seek: Seek<Place>,
        stretch: i64,
    ) -> Result<GroupPiece, StoreError> {
        let column = match field {
            "store" => "channel_database",
            "job" => "job_name",
            "group" => "channel_data_group",
            "schedule" => "distribution_schedule",
            "agent" => "posted_by",
            "cause" => "cause",
            "direction" => "direction",
            // A status has a different number in each direction.
            _ => "direction * 1000 + status",
        };
        let edge = filter.keyset().edge(&self.connection, filter.indexed(), seek, stretch)?;
        let grouping = Grouping { from: "status_message", value: column, label: "null", failed: "cause is not null" };
        let mut groups = filter.keyset().groups(&self.connection, grouping, filter.conditions(), (seek, edge))?;
        match field {
            "direction" => name(&mut groups, |number| Direction::from_number(number).map(Direction::word)),
            "status" => name(&mut groups, |number| {
                Some(Status::from_number(Direction::from_number(number / 1_000)?, number % 1_000)?.word())
            }),
            _ => {}
        }
        Ok((groups, edge))
    }

    /// The masked text of a cause.
    pub fn cause_text(&self, cause: i64) -> Result<Option<String>, StoreError> {
        self.connection.scalar("select masked from cause where digest = $1", values![cause])
    }
}

/// Replaces numbers by words.
fn name(groups: &mut [GroupCount], word: impl Fn(i64) -> Option<&'static str>) {
    for group in groups {
        if let Some(word) = group.value.parse().ok().and_then(&word) {
            word.clone_into(&mut group.value);
        }
    }
}

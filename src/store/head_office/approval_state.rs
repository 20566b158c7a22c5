//! The state of an approval, and the fields that a filter names.

use crate::domain::{HOUR_MS, Timestamp};
use crate::filter::FieldValue;
use crate::store::head_office::Approval;
use serde::Serialize;

/// How long a request can be approved, and an approval used, in milliseconds. An instant that the
/// change sets may differ by as much.
pub(super) const VALID_MS: i64 = HOUR_MS;

/// The state of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// It waits for a second login.
    Waiting,
    /// The change may be made.
    Approved,
    /// The change was made.
    Used,
    /// The operator who requested it withdrew it, or another one refused it.
    Closed,
    /// The hour has passed.
    Expired,
}

impl ApprovalState {
    /// Its word in lists and filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Used => "used",
            Self::Closed => "closed",
            Self::Expired => "expired",
        }
    }
}

/// A change that was requested, and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedApproval {
    /// The change.
    #[serde(flatten)]
    pub approval: Approval,
    /// Its state.
    pub state: ApprovalState,
    /// When its request or its approval expires.
    pub expires_at: Timestamp,
}

impl ListedApproval {
    /// A change with its state at an instant.
    pub fn new(approval: Approval, now: Timestamp) -> Self {
        Self { state: approval.state(now), expires_at: approval.expires_at(), approval }
    }
}

impl Approval {
    /// The change: its action and its object.
    pub fn change(&self) -> String {
        format!("{}: {}", self.action, self.object)
    }

    /// The change with what it does: `set parameter: retention-days: 30 -> 3`.
    pub fn in_full(&self) -> String {
        let detail = if self.detail.is_empty() { String::new() } else { format!(": {}", self.detail) };
        self.change() + &detail
    }

    /// Its state at an instant.
    pub fn state(&self, now: Timestamp) -> ApprovalState {
        match (self.used_at, self.approved_at) {
            (Some(_), _) => ApprovalState::Used,
            _ if self.closed_at.is_some() => ApprovalState::Closed,
            (None, Some(at)) if now.since(at) < VALID_MS => ApprovalState::Approved,
            (None, None) if now.since(self.requested_at) < VALID_MS => ApprovalState::Waiting,
            (None, _) => ApprovalState::Expired,
        }
    }

    /// When its request or its approval expires.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.approved_at.unwrap_or(self.requested_at).0.saturating_add(VALID_MS))
    }

    /// The value of a field of the list, in which it is listed with its state.
    pub fn field_value(&self, field: &str, state: ApprovalState) -> FieldValue<'_> {
        match field {
            "state" => FieldValue::Choice(state.word()),
            "approval" => FieldValue::Number(self.approval_id),
            "by" => FieldValue::text(Some(&self.requested_by)),
            "approved_by" => FieldValue::text(self.approved_by.as_deref()),
            "change" => FieldValue::Text(self.change().into()),
            "text" => FieldValue::text(self.reason.as_deref()),
            "rows" => FieldValue::Number(self.rows),
            "requested" => FieldValue::Number(self.requested_at.0),
            _ => FieldValue::Empty,
        }
    }
}

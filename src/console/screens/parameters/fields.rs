//! The tabs of the form, their numbers and buttons.

use crate::domain::Parameter;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Number(Parameter),
    /// The pane, which scrolls.
    Pane,
    Save,
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    General,
    Monitoring,
}

impl Tab {
    pub(super) fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::General => &[Parameter::TryCount],
            Self::Monitoring => &[
                Parameter::RetentionDays,
                Parameter::UnresolvedRetentionDays,
                Parameter::UploadRetentionDays,
                Parameter::MessageRetentionDays,
                Parameter::HistoryRetentionDays,
                Parameter::RejectedRetentionDays,
                Parameter::TrashHours,
            ],
        }
    }

    /// The tab with the number of a parameter.
    pub(super) fn of(parameter: Parameter) -> Self {
        if Self::General.parameters().contains(&parameter) { Self::General } else { Self::Monitoring }
    }

    pub(super) fn fields(self) -> Vec<Field> {
        let numbers = self.parameters().iter().copied().map(Field::Number);
        numbers.chain([Field::Pane, Field::Save, Field::Close]).collect()
    }

    pub(super) fn first(self) -> Field {
        self.parameters().first().copied().map_or(Field::Save, Field::Number)
    }
}

/// A number's label, indented if it is an exception from the one above.
pub(super) fn label(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::RetentionDays => "Days to keep session history",
        Parameter::UnresolvedRetentionDays => "  unresolved sessions",
        Parameter::UploadRetentionDays => "  upload sessions",
        Parameter::MessageRetentionDays => "  the message database",
        Parameter::HistoryRetentionDays => "  runs and batch history",
        Parameter::RejectedRetentionDays => "  dismissed messages",
        Parameter::TrashHours => "Hours in the trash",
        Parameter::TryCount => "Try count",
    }
}

/// What 0 means, as short as the form needs it.
pub(super) fn zero(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::RetentionDays | Parameter::UnresolvedRetentionDays => "0 = kept forever",
        Parameter::TrashHours => "0 = no trash",
        Parameter::TryCount => "0 = no limit",
        _ => "0 = same as session history",
    }
}

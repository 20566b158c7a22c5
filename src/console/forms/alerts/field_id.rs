//! The fields of the form of alerts.

use crate::batch::AlertRule;

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldId {
    Rule(AlertRule),
    Ended,
    Error,
    Canceled,
    Late,
    LateMinutes,
    Long,
    LongMinutes,
    Popup,
    Email,
    Address,
    Command,
    Webhook,
    Syslog,
    Test,
    Ok,
    Cancel,
}

/// What the form of a job begins with, in the order of the focus.
pub(super) const EVENTS: [FieldId; 7] = [
    FieldId::Ended,
    FieldId::Error,
    FieldId::Canceled,
    FieldId::Late,
    FieldId::LateMinutes,
    FieldId::Long,
    FieldId::LongMinutes,
];

/// What the form of the exchange begins with.
pub(super) const RULES: [FieldId; 8] = [
    FieldId::Rule(AlertRule::StoreSilent),
    FieldId::Rule(AlertRule::NothingHappened),
    FieldId::Rule(AlertRule::UnusualVolume),
    FieldId::Rule(AlertRule::UnusualDuration),
    FieldId::Rule(AlertRule::Deadline),
    FieldId::Rule(AlertRule::PurgeHeld),
    FieldId::Rule(AlertRule::ClocksApart),
    FieldId::Rule(AlertRule::DiskLow),
];

/// What follows in both: the channels and the buttons.
pub(super) const CHANNELS: [FieldId; 9] = [
    FieldId::Popup,
    FieldId::Email,
    FieldId::Address,
    FieldId::Command,
    FieldId::Webhook,
    FieldId::Syslog,
    FieldId::Test,
    FieldId::Ok,
    FieldId::Cancel,
];

impl FieldId {
    /// The sentence of the notice row.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::LateMinutes | Self::LongMinutes => "Minutes: digits type, + - step.",
            Self::Address => "Address; the batch server's SMTP server delivers the mail",
            Self::Test => "Sends a test by every ticked channel; the result appears above",
            Self::Ok => "Enter: use these alerts",
            Self::Cancel => "Enter: cancel, nothing changes",
            Self::Command => "The command gets the alert's facts as environment variables",
            Self::Webhook => "The batch server posts the alert as JSON to its webhook_url",
            Self::Syslog => "The batch server writes the alert to its machine's log (syslog_socket)",
            _ => "Space ticks. Enter goes to OK.",
        }
    }
}

//! Silences: alerts that a filter matches are listed, but not sent, until a time.

use crate::batch::{AlertEvent, AlertRule};
use crate::domain::Timestamp;
use crate::filter::{FieldValue, Filter, Subject, lists, parse};
use crate::text::time::Zone;

/// An alert as the filter of a silence sees it.
#[derive(Debug, Clone, Copy)]
pub struct AlertSubject<'a> {
    /// The event.
    pub event: AlertEvent,
    /// The alert rule; `None` for an event of a batch job.
    pub rule: Option<AlertRule>,
    /// The batch job.
    pub job_id: Option<i64>,
    /// The description of the job.
    pub description: &'a str,
    /// The batch group of the job.
    pub group: &'a str,
    /// The channel database.
    pub store: Option<&'a str>,
    /// The cause of errors.
    pub cause: Option<i64>,
    /// The text of the alert.
    pub text: &'a str,
    /// The login that gets it.
    pub operator: &'a str,
}

impl Subject for AlertSubject<'_> {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "event" => FieldValue::Choice(self.event.word()),
            "rule" => self.rule.map_or(FieldValue::Empty, |rule| FieldValue::Choice(rule.word())),
            "job" => FieldValue::number(self.job_id),
            "store" => FieldValue::text(self.store),
            "cause" => FieldValue::number(self.cause),
            "description" => FieldValue::text(Some(self.description)),
            "group" => FieldValue::text(Some(self.group)),
            "text" => FieldValue::text(Some(self.text)),
            "operator" => FieldValue::text(Some(self.operator)),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        [self.text, self.description, self.group].into_iter().chain(self.store).any(is_wanted)
    }
}

/// Reads the filter of a silence; the error says what is not understood, or that it is empty.
pub fn silence_filter(text: &str) -> Result<Filter, String> {
    // No field is about time, so neither zone nor instant matters.
    let filter = parse(text, lists::ALERTS, Zone::Utc, Timestamp(0)).map_err(|fault| fault.to_string())?;
    if filter.is_empty() {
        return Err("a silence needs terms such as job:3 or event:error; * silences every alert".to_owned());
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_matches_by_event_job_group_text_and_operator() {
        let alert = AlertSubject {
            event: AlertEvent::NotStarted,
            rule: None,
            store: None,
            cause: None,
            job_id: Some(3),
            description: "Status of Houston",
            group: "NIGHT",
            text: "Batch job 3 Status of Houston: did not start",
            operator: "r.vermeer",
        };
        let matches = |text: &str| silence_filter(text).map(|filter| filter.matches(&alert));
        for text in
            ["job:3", "3", "event:late", "event:not_started group:night", "houston", "text:\"did not\"", "*", "!job:4"]
        {
            assert_eq!(matches(text), Ok(true), "{text}");
        }
        for text in ["job:4", "event:error", "operator:m.jansen", "!houston", "group:NIGH"] {
            assert_eq!(matches(text), Ok(false), "{text}");
        }
        let of_rule = AlertSubject {
            event: AlertEvent::Firing,
            rule: Some(AlertRule::StoreSilent),
            store: Some("S0001"),
            cause: Some(7),
            ..alert
        };
        let matches = |text: &str| silence_filter(text).map(|filter| filter.matches(&of_rule));
        for (text, expected) in [
            ("rule:store_silent", true),
            ("store:S00*", true),
            ("cause:7", true),
            ("rule:deadline", false),
            ("cause:8", false),
        ] {
            assert_eq!(matches(text), Ok(expected), "{text}");
        }
        for text in ["", "  ", "job:x", "evnt:error", "event:soon"] {
            assert!(matches(text).is_err(), "{text}");
        }
    }
}

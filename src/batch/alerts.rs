//! Alerts: which operator is notified about which event of a batch job, and how.

use crate::batch::{AlertRule, HistoryOutcome, SaveHistory};

/// An event that an alert can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertEvent {
    /// A run succeeded.
    Ended,
    /// A run failed after its retries, or its purge is held.
    Error,
    /// A run was canceled.
    Canceled,
    /// A due start has not happened.
    NotStarted,
    /// A run takes long.
    RunsLong,
    /// A condition of an alert rule began.
    Firing,
    /// A condition of an alert rule was resolved.
    Resolved,
    /// A test of the channels.
    SelfTest,
}

/// The alerts of one operator, for one job or for the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools)] // these are the ticks of the form
pub struct AlertSettings {
    /// The login.
    pub operator: String,
    /// Alert rules to be notified of; they concern the whole exchange.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<AlertRule>,
    /// Notify when a run succeeds.
    pub on_ended: bool,
    /// Notify when a run fails.
    pub on_error: bool,
    /// Notify when a run is canceled.
    pub on_canceled: bool,
    /// Minutes after which a due start that has not happened is reported; `None` for never.
    pub not_started_minutes: Option<i64>,
    /// Minutes after which a run is reported as taking long; `None` for never.
    pub runs_long_minutes: Option<i64>,
    /// List it behind `!` in the operator's consoles.
    pub popup: bool,
    /// Send an e-mail to this address.
    pub email: Option<String>,
    /// Run the command of the batch server's configuration.
    pub command: bool,
    /// Post it to the address of the batch server's configuration.
    pub webhook: bool,
    /// Write it to the system log of the batch server's machine.
    pub syslog: bool,
}

impl AlertEvent {
    /// Every event.
    pub const ALL: [Self; 8] = [
        Self::Ended,
        Self::Error,
        Self::Canceled,
        Self::NotStarted,
        Self::RunsLong,
        Self::Firing,
        Self::Resolved,
        Self::SelfTest,
    ];

    /// The word in the database and in the environment of a command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Error => "error",
            Self::Canceled => "canceled",
            Self::NotStarted => "not_started",
            Self::RunsLong => "runs_long",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
            Self::SelfTest => "self_test",
        }
    }

    /// Returns the event of a word; `None` for an unknown word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }

    /// Returns the event to report for the final outcome of a start, after its retries; `None` if
    /// no alert covers it.
    pub fn of(outcome: HistoryOutcome) -> Option<Self> {
        match outcome {
            HistoryOutcome::Ended => Some(Self::Ended),
            // An interrupted run counts as failed here, because no retry remains.
            HistoryOutcome::PurgeHeld | HistoryOutcome::Error | HistoryOutcome::Interrupted => Some(Self::Error),
            HistoryOutcome::Canceled => Some(Self::Canceled),
            HistoryOutcome::Executing
            | HistoryOutcome::OverlapSkipped
            | HistoryOutcome::NoServer
            | HistoryOutcome::Blocked => None,
        }
    }
}

impl AlertSettings {
    /// Whether any event is reported.
    pub fn has_events(&self) -> bool {
        self.on_ended
            || self.on_error
            || self.on_canceled
            || self.not_started_minutes.is_some()
            || self.runs_long_minutes.is_some()
            || !self.rules.is_empty()
    }

    /// Whether at least one channel is chosen.
    pub fn has_channel(&self) -> bool {
        self.popup || self.needs_batch_server()
    }

    /// Whether a batch server sends it, besides the list in consoles.
    pub fn needs_batch_server(&self) -> bool {
        self.email.is_some() || self.command || self.webhook || self.syslog
    }

    /// The settings in words: `error, canceled, not started: pop-up, e-mail`.
    pub fn summary(&self) -> String {
        self.words(&|word, _| word.to_owned())
    }

    /// The settings in full: `error, not started after 10 min: pop-up, e-mail to ops@example.org`.
    pub fn in_full(&self) -> String {
        self.words(&|word, value| if value.is_empty() { word.to_owned() } else { format!("{word} {value}") })
    }

    /// The settings, with the words of each event and channel by its name and value.
    fn words(&self, with: &dyn Fn(&str, &str) -> String) -> String {
        if !self.has_events() {
            return "none".to_owned();
        }
        let minutes = |minutes: Option<i64>| minutes.map(|minutes| format!("after {minutes} min"));
        let plain = |is_chosen: bool| is_chosen.then(String::new);
        let events = [
            ("ended", plain(self.on_ended)),
            ("error", plain(self.on_error)),
            ("canceled", plain(self.on_canceled)),
            ("not started", minutes(self.not_started_minutes)),
            ("runs long", minutes(self.runs_long_minutes)),
        ];
        let channels = [
            ("pop-up", plain(self.popup)),
            ("e-mail", self.email.as_ref().map(|address| format!("to {address}"))),
            ("command", plain(self.command)),
            ("webhook", plain(self.webhook)),
            ("syslog", plain(self.syslog)),
        ];
        let chosen = |pairs: &[(&str, Option<String>)]| -> Vec<String> {
            pairs.iter().filter_map(|(word, value)| Some(with(word, value.as_ref()?))).collect()
        };
        let (mut events, channels) = (chosen(&events), chosen(&channels).join(", "));
        events.extend(self.rules.iter().map(|rule| rule.word().to_owned()));
        format!("{}: {}", events.join(", "), if channels.is_empty() { "no delivery" } else { &channels })
    }
}

/// Returns why some of these alerts will never be sent, because of the history setting or for lack
/// of a channel; `None` if all will.
pub fn why_never_sent(alerts: &AlertSettings, history: SaveHistory) -> Option<&'static str> {
    if alerts.has_events() && !alerts.has_channel() {
        return Some("no channel: choose pop-up, e-mail, command, webhook or syslog");
    }
    match history {
        SaveHistory::Never if alerts.on_ended || alerts.on_error || alerts.on_canceled => {
            Some("alerts about the end of a run need Save to history; with Never none are sent")
        }
        SaveHistory::ErrorsOnly if alerts.on_ended => Some("an alert of success needs Save to history = Always"),
        _ => None,
    }
}

/// Returns why no alert can be sent to an e-mail address, worded to follow the address; `None` if
/// one can.
pub fn address_fault(text: &str) -> Option<&'static str> {
    let (name, host) = text.rsplit_once('@').unwrap_or((text, ""));
    if !name.is_empty() && !host.is_empty() && !text.is_ascii() {
        let name_fault = "cannot be sent by SMTP: only ASCII before the @";
        return Some(if name.is_ascii() { "needs an ASCII domain like xn--bcher-kva.example" } else { name_fault });
    }
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>\"()[]\\:".contains(c));
    let is_address = is_plain && text.len() <= 254 && text.parse::<lettre::Address>().is_ok();
    (!is_address).then_some("is not an e-mail address such as ops@example.org")
}

/// Whether the settings and the history let an event be reported. As in the original product,
/// alerts are created from history rows: with *Errors only* no success is reported, and with
/// *Never* no success, failure or cancellation.
pub fn is_notified(settings: &AlertSettings, event: AlertEvent, history: SaveHistory) -> bool {
    match event {
        AlertEvent::Ended => settings.on_ended && history == SaveHistory::Always,
        AlertEvent::Error => settings.on_error && history != SaveHistory::Never,
        AlertEvent::Canceled => settings.on_canceled && history != SaveHistory::Never,
        AlertEvent::NotStarted => settings.not_started_minutes.is_some(),
        AlertEvent::RunsLong => settings.runs_long_minutes.is_some(),
        AlertEvent::Firing | AlertEvent::Resolved => !settings.rules.is_empty(),
        AlertEvent::SelfTest => settings.needs_batch_server(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_but_the_list_is_sent_by_a_batch_server() {
        let none = AlertSettings::default;
        assert!(!none().needs_batch_server() && !AlertSettings { popup: true, ..none() }.needs_batch_server());
        let email = Some("ops@hq.example".to_owned());
        for channels in [
            AlertSettings { email, ..none() },
            AlertSettings { command: true, ..none() },
            AlertSettings { webhook: true, ..none() },
            AlertSettings { syslog: true, ..none() },
        ] {
            assert!(channels.needs_batch_server() && channels.has_channel(), "{channels:?}");
        }
    }

    #[test]
    fn events_that_the_history_does_not_keep_raise_no_alert() {
        let all = AlertSettings { on_ended: true, on_error: true, on_canceled: true, ..AlertSettings::default() };
        for (history, expected) in [(SaveHistory::Always, 3), (SaveHistory::ErrorsOnly, 2), (SaveHistory::Never, 0)] {
            let events = [AlertEvent::Ended, AlertEvent::Error, AlertEvent::Canceled];
            assert_eq!(
                events.into_iter().filter(|event| is_notified(&all, *event, history)).count(),
                expected,
                "{history:?}"
            );
        }
        let late = AlertSettings { not_started_minutes: Some(5), ..AlertSettings::default() };
        assert!(
            is_notified(&late, AlertEvent::NotStarted, SaveHistory::Never),
            "a start that never was has no history"
        );
    }

    #[test]
    fn an_address_is_one_address() {
        assert!(["ops@hq.example", "o'neil+cdx@hq"].into_iter().all(|text| address_fault(text).is_none()));
        assert!(address_fault("bücher@hq.example").is_some_and(|fault| fault.contains("before the @")));
        assert!(address_fault("ops@bücher.example").is_some_and(|fault| fault.contains("xn--")));
        let wrong = [
            ".a@hq",
            "a..b@hq",
            "a@-hq.example",
            "a@hq..example",
            "",
            "ops",
            "@hq",
            "ops@",
            "a@b@c",
            "a@b, c@d",
            "a@b\r\nBcc: c@d",
            "<a@b>",
            "a b@c",
            "a@b\u{2028}",
        ];
        assert!(wrong.into_iter().all(|text| address_fault(text).is_some()));
    }

    #[test]
    fn words_say_events_and_channels() {
        let settings =
            AlertSettings { on_error: true, runs_long_minutes: Some(9), popup: true, ..AlertSettings::default() };
        assert_eq!(settings.summary(), "error, runs long: pop-up");
        let settings = AlertSettings { email: Some("ops@hq.example".to_owned()), ..settings };
        assert_eq!(settings.in_full(), "error, runs long after 9 min: pop-up, e-mail to ops@hq.example");
        assert_eq!(AlertSettings::default().summary(), "none");
    }
}

//! "Set up alerts": the events of a batch job, or the rules of the exchange, that an operator is
//! notified of, the channels, and whether these work.

mod field_id;
mod view;

use crate::batch::{AlertRule, AlertSettings, SaveHistory, address_fault};
use crate::console::forms::alerts::field_id::{CHANNELS, EVENTS, FieldId, RULES};
use crate::console::protocol::batch_query::{AlertFacts, LastDelivery};
use crate::console::protocol::effect::DISCARD_OR_STAY;
use crate::console::protocol::key::Key;
use crate::console::protocol::query::DeliveryChannel;
use crate::console::widgets::field::{Field, FocusRing, LocalNow};
use crate::console::widgets::number::NumberField;
use crate::console::widgets::text::TextField;
use crate::console::widgets::tick::Tick;
use crate::domain::clean_line;
use crate::text::cut;
use chrono::{NaiveDate, NaiveTime};

/// Minutes that the form proposes for late starts and long runs.
const DEFAULT_MINUTES: i64 = 15;

/// The tick of the first channel after the pop-up; they follow in the order of
/// [`DeliveryChannel::ALL`].
const FIRST_CHANNEL: usize = 6;

/// The result of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertsEnd {
    /// The form stays open.
    Stay,
    /// The form does not use the key.
    Pass,
    /// The form closes without a change.
    Cancel,
    /// A test is sent through these channels.
    Test(AlertSettings),
    /// The form closes with these settings.
    Ok(AlertSettings),
}

/// Which boxes and rules are ticked, and what the fields contain.
type FilledIn = ([bool; 10], Option<[bool; 8]>, [String; 3]);

/// Cells of an address in a refusal, so that the whole sentence is in sight.
const ADDRESS_CELLS: usize = 8;

/// The alerts of a job, or those of the exchange with its rules, as they are edited.
pub struct AlertsForm {
    title: String,
    history: SaveHistory,
    opened: AlertSettings,
    /// What the form opened with.
    opened_with: FilledIn,
    ticks: [Tick; 10],
    /// Of the exchange, in the order of [`AlertRule::ALL`]; `None` in the form of a job.
    rules: Option<[Tick; 8]>,
    late: NumberField,
    long: NumberField,
    address: TextField,
    ring: FocusRing<FieldId>,
    deliveries: Vec<(DeliveryChannel, LastDelivery)>,
    asks: bool,
    said: Option<String>,
}

/// The labels of the two fields for minutes.
const LATE: &str = "Not started";
const LONG: &str = "Runs longer than";
/// The greatest number of minutes.
const MAX_MINUTES: i64 = 100_000;

/// Nothing here depends on the time.
const NO_CLOCK: LocalNow = LocalNow { today: NaiveDate::MIN, time: NaiveTime::MIN };

impl AlertsForm {
    /// The form for a job with this title and history setting.
    pub fn new(title: &str, settings: &AlertSettings, history: SaveHistory) -> Self {
        let mut form = Self {
            title: title.to_owned(),
            history,
            opened: settings.clone(),
            opened_with: FilledIn::default(),
            ticks: [Tick::default(); 10],
            rules: None,
            late: NumberField::new(LATE, 1..=MAX_MINUTES, 4),
            long: NumberField::new(LONG, 1..=MAX_MINUTES, 4),
            address: TextField::new(40),
            ring: FocusRing::new(FieldId::Ended),
            deliveries: Vec::new(),
            asks: false,
            said: None,
        };
        form.fill(settings);
        form.opened_with = form.filled_in();
        form
    }

    /// The form of the alert rules of the exchange.
    pub fn of_exchange(settings: &AlertSettings) -> Self {
        let mut form = Self::new("the exchange", settings, SaveHistory::Always);
        form.rules = Some(AlertRule::ALL.map(|rule| Tick { on: settings.rules.contains(&rule) }));
        form.ring = FocusRing::new(RULES[0]);
        form.opened_with = form.filled_in();
        form
    }

    /// The order of the focus.
    fn order(&self) -> Vec<FieldId> {
        let first = if self.rules.is_some() { &RULES[..] } else { &EVENTS[..] };
        [first, &CHANNELS].concat()
    }

    fn fill(&mut self, settings: &AlertSettings) {
        let on = [
            settings.on_ended,
            settings.on_error,
            settings.on_canceled,
            settings.not_started_minutes.is_some(),
            settings.runs_long_minutes.is_some(),
            settings.popup,
            settings.email.is_some(),
            settings.command,
            settings.webhook,
            settings.syslog,
        ];
        self.ticks = on.map(|on| Tick { on });
        self.late.set(&settings.not_started_minutes.unwrap_or(DEFAULT_MINUTES).to_string());
        self.long.set(&settings.runs_long_minutes.unwrap_or(DEFAULT_MINUTES).to_string());
        self.address.set(settings.email.as_deref().unwrap_or(""));
    }

    fn filled_in(&self) -> FilledIn {
        let texts = [self.late.text(), self.long.text(), self.address.text()];
        (self.ticks.map(|tick| tick.on), self.rules.map(|rules| rules.map(|tick| tick.on)), texts)
    }

    /// Takes the last deliveries of each channel.
    pub fn take(&mut self, facts: &AlertFacts) {
        self.deliveries.clone_from(&facts.deliveries);
    }

    /// The settings filled in, or what is missing.
    fn settings(&self) -> Result<AlertSettings, (FieldId, String)> {
        let [ended, error, canceled, late, long, popup, email, command, webhook, syslog] =
            self.ticks.map(|tick| tick.on);
        let minutes = |field: &NumberField, id| field.value().map_err(|fault| (id, fault));
        let address = self.address.text().trim().to_owned();
        if email && let Some(fault) = address_fault(&address) {
            return Err((FieldId::Address, refused_address(&address, fault)));
        }
        Ok(AlertSettings {
            operator: self.opened.operator.clone(),
            rules: self.chosen_rules(),
            on_ended: ended,
            on_error: error,
            on_canceled: canceled,
            not_started_minutes: if late { Some(minutes(&self.late, FieldId::LateMinutes)?) } else { None },
            runs_long_minutes: if long { Some(minutes(&self.long, FieldId::LongMinutes)?) } else { None },
            popup,
            email: email.then_some(address),
            command,
            webhook,
            syslog,
        })
    }

    fn chosen_rules(&self) -> Vec<AlertRule> {
        let Some(ticks) = &self.rules else { return self.opened.rules.clone() };
        AlertRule::ALL.into_iter().zip(ticks).filter(|(_, tick)| tick.on).map(|(rule, _)| rule).collect()
    }

    /// Gives a field the focus, by its number in the order of Tab, unless a question is open.
    pub fn focus(&mut self, number: usize) -> bool {
        let id = self.order().get(number).copied().filter(|_| !self.asks);
        id.inspect(|id| self.ring.go(*id)).is_some()
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> AlertsEnd {
        self.said = None;
        if std::mem::take(&mut self.asks) {
            return if *key == Key::Char('y') { AlertsEnd::Cancel } else { AlertsEnd::Stay };
        }
        let focused = self.ring.focused();
        match (key, focused) {
            (Key::Esc, _) | (Key::Enter, FieldId::Cancel) => {
                self.asks = self.filled_in() != self.opened_with;
                return if self.asks { AlertsEnd::Stay } else { AlertsEnd::Cancel };
            }
            (Key::Tab | Key::Down, _) => self.ring.step(&self.order(), false),
            (Key::BackTab | Key::Up, _) => self.ring.step(&self.order(), true),
            (Key::Left, FieldId::Test | FieldId::Ok | FieldId::Cancel) => {
                self.ring.step(&[FieldId::Test, FieldId::Ok, FieldId::Cancel], true);
            }
            (Key::Right, FieldId::Test | FieldId::Ok | FieldId::Cancel) => {
                self.ring.step(&[FieldId::Test, FieldId::Ok, FieldId::Cancel], false);
            }
            (Key::Enter, FieldId::Ok | FieldId::Test) => match self.settings() {
                Err((id, fault)) => {
                    self.ring.go(id);
                    self.said = Some(format!("Not yet: {fault}."));
                }
                Ok(settings) if focused == FieldId::Ok => return AlertsEnd::Ok(settings),
                Ok(settings) if settings.has_channel() => return AlertsEnd::Test(settings),
                Ok(_) => self.said = Some("Nothing to test: tick a channel.".to_owned()),
            },
            (Key::Enter, _) => self.ring.go(FieldId::Ok),
            (Key::F(_) | Key::Ctrl('c' | 'l' | 'z'), _) => return AlertsEnd::Pass,
            (key, _) => {
                let before = self.value(focused);
                let taken = self.field(focused).is_some_and(|field| field.key(key, &NO_CLOCK));
                // Typing a value ticks its box; unticked, the value would be discarded silently.
                if let Some((tick, _)) = self.value(focused).filter(|_| self.value(focused) != before) {
                    self.ticks[tick].on = true;
                }
                if !taken && *key == Key::Char('?') {
                    return AlertsEnd::Pass;
                }
            }
        }
        let now = self.ring.focused();
        if let Some(field) = self.field(now).filter(|_| now != focused) {
            field.entered();
        }
        AlertsEnd::Stay
    }

    fn field(&mut self, id: FieldId) -> Option<&mut dyn Field> {
        let tick = match id {
            FieldId::Rule(rule) => {
                return self
                    .rules
                    .as_mut()
                    .and_then(|rules| rules.get_mut(rule as usize))
                    .map(|tick| tick as &mut dyn Field);
            }
            FieldId::Ended => 0,
            FieldId::Error => 1,
            FieldId::Canceled => 2,
            FieldId::Late => 3,
            FieldId::Long => 4,
            FieldId::Popup => 5,
            FieldId::Email => 6,
            FieldId::Command => 7,
            FieldId::Webhook => 8,
            FieldId::Syslog => 9,
            FieldId::LateMinutes => return Some(&mut self.late),
            FieldId::LongMinutes => return Some(&mut self.long),
            FieldId::Address => return Some(&mut self.address),
            FieldId::Test | FieldId::Ok | FieldId::Cancel => return None,
        };
        Some(&mut self.ticks[tick])
    }

    /// The input of a value field, with the tick that it belongs to.
    fn value(&self, id: FieldId) -> Option<(usize, String)> {
        Some(match id {
            FieldId::LateMinutes => (3, self.late.text()),
            FieldId::LongMinutes => (4, self.long.text()),
            FieldId::Address => (6, self.address.text()),
            _ => return None,
        })
    }

    /// Its fields, a sentence each.
    pub fn help(&self) -> Vec<String> {
        let fields = [FieldId::Ended, FieldId::LateMinutes, FieldId::Address, FieldId::Command, FieldId::Webhook];
        fields
            .into_iter()
            .chain([FieldId::Syslog, FieldId::Test, FieldId::Ok, FieldId::Cancel])
            .map(|id| id.help().to_owned())
            .collect()
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        if self.asks {
            return DISCARD_OR_STAY.to_owned();
        }
        let fault = match self.ring.focused() {
            FieldId::LateMinutes => self.late.fault(),
            FieldId::LongMinutes => self.long.fault(),
            _ => None,
        };
        self.said.clone().or(fault).unwrap_or_else(|| self.ring.focused().help().to_owned())
    }
}

/// Says which address is wrong and why.
fn refused_address(address: &str, fault: &str) -> String {
    if address.is_empty() {
        return "E-mail: fill in an address such as ops@example.org".to_owned();
    }
    format!("E-mail \"{}\" {fault}", cut(&clean_line(address), ADDRESS_CELLS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_wanted_and_is_not_thrown_away_without_a_word() {
        let mut form = AlertsForm::new("Status", &AlertSettings::default(), SaveHistory::Always);
        for id in [FieldId::Address, FieldId::LateMinutes] {
            form.ring.go(id);
            form.key(&Key::Left);
            assert!(form.settings().is_ok_and(|settings| !settings.has_events() && settings.email.is_none()));
        }
        form.ring.go(FieldId::LateMinutes);
        form.key(&Key::Char('4'));
        form.ring.go(FieldId::Address);
        form.key(&Key::Paste("ops@hq.example".to_owned()));
        let settings = form.settings().expect("all of it makes sense");
        assert!(settings.not_started_minutes.is_some() && settings.runs_long_minutes.is_none());
        assert_eq!(settings.email.as_deref(), Some("ops@hq.example"));
    }
}

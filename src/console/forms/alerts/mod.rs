//! "Set up alerts for batch jobs": what an operator wants to hear of a job, by which ways, and whether these work.

mod draw;

use crate::batch::{AlertSettings, SaveHistory, is_address};
use crate::console::protocol::batch_query::{AlertFacts, LastDelivery};
use crate::console::protocol::key::Key;
use crate::console::widgets::field::{Field, Present, Ring};
use crate::console::widgets::number::NumberField;
use crate::console::widgets::text::TextField;
use crate::console::widgets::tick::Tick;
use chrono::{NaiveDate, NaiveTime};

/// Minutes that the form begins with where something is told by the clock.
const MINUTES: i64 = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
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
    Test,
    Ok,
    Cancel,
}

const ORDER: [Slot; 14] = [
    Slot::Ended,
    Slot::Error,
    Slot::Canceled,
    Slot::Late,
    Slot::LateMinutes,
    Slot::Long,
    Slot::LongMinutes,
    Slot::Popup,
    Slot::Email,
    Slot::Address,
    Slot::Command,
    Slot::Test,
    Slot::Ok,
    Slot::Cancel,
];

/// What a key comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertsEnd {
    /// The form stays.
    Stay,
    /// The form has no use for the key.
    Pass,
    /// It goes, and nothing has changed.
    Cancel,
    /// A test is to be sent by these ways.
    Test(AlertSettings),
    /// It goes with these settings.
    Ok(AlertSettings),
}

/// The form.
pub struct AlertsForm {
    title: String,
    history: SaveHistory,
    opened: AlertSettings,
    ticks: [Tick; 8],
    late: NumberField,
    long: NumberField,
    address: TextField,
    ring: Ring<Slot>,
    ways: Option<(LastDelivery, LastDelivery)>,
    asks: bool,
    said: Option<String>,
}

/// Nothing here depends on the time.
const PRESENT: Present = Present { today: NaiveDate::MIN, time: NaiveTime::MIN };

impl AlertsForm {
    /// The form over a job of that name, which saves that much to its history.
    pub fn new(title: &str, settings: &AlertSettings, history: SaveHistory) -> Self {
        let mut form = Self {
            title: title.to_owned(),
            history,
            opened: settings.clone(),
            ticks: [Tick::default(); 8],
            late: NumberField::new(4),
            long: NumberField::new(4),
            address: TextField::new(40),
            ring: Ring::new(Slot::Ended),
            ways: None,
            asks: false,
            said: None,
        };
        form.fill(settings);
        form
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
        ];
        self.ticks = on.map(|on| Tick { on });
        self.late.set(&settings.not_started_minutes.unwrap_or(MINUTES).to_string());
        self.long.set(&settings.runs_long_minutes.unwrap_or(MINUTES).to_string());
        self.address.set(settings.email.as_deref().unwrap_or(""));
    }

    /// Takes how the ways have worked.
    pub fn take(&mut self, facts: &AlertFacts) {
        self.ways = Some((facts.email.clone(), facts.command.clone()));
    }

    /// The settings as they are filled in; a sentence says what is missing.
    fn settings(&self) -> Result<AlertSettings, (Slot, &'static str)> {
        let [ended, error, canceled, late, long, popup, email, command] = self.ticks.map(|tick| tick.on);
        let minutes = |field: &NumberField, slot| match field.text().parse::<i64>() {
            Ok(minutes) if minutes > 0 => Ok(minutes),
            _ => Err((slot, "after how many minutes? At least 1")),
        };
        let address = self.address.text().trim().to_owned();
        if email && !is_address(&address) {
            return Err((Slot::Address, "that is no e-mail address"));
        }
        Ok(AlertSettings {
            operator: self.opened.operator.clone(),
            on_ended: ended,
            on_error: error,
            on_canceled: canceled,
            not_started_minutes: if late { Some(minutes(&self.late, Slot::LateMinutes)?) } else { None },
            runs_long_minutes: if long { Some(minutes(&self.long, Slot::LongMinutes)?) } else { None },
            popup,
            email: email.then_some(address),
            command,
        })
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> AlertsEnd {
        self.said = None;
        if std::mem::take(&mut self.asks) {
            return if *key == Key::Char('y') { AlertsEnd::Cancel } else { AlertsEnd::Stay };
        }
        let slot = self.ring.at();
        match (key, slot) {
            (Key::Esc, _) if self.settings().as_ref() != Ok(&self.opened) => self.asks = true,
            (Key::Esc, _) | (Key::Enter, Slot::Cancel) => return AlertsEnd::Cancel,
            (Key::Tab | Key::Down, _) => self.ring.step(&ORDER, false),
            (Key::BackTab | Key::Up, _) => self.ring.step(&ORDER, true),
            (Key::Left, Slot::Test | Slot::Ok | Slot::Cancel) => {
                self.ring.step(&[Slot::Test, Slot::Ok, Slot::Cancel], true);
            }
            (Key::Right, Slot::Test | Slot::Ok | Slot::Cancel) => {
                self.ring.step(&[Slot::Test, Slot::Ok, Slot::Cancel], false);
            }
            (Key::Enter, Slot::Ok | Slot::Test) => match self.settings() {
                Err((slot, fault)) => {
                    self.ring.go(slot);
                    self.said = Some(format!("Not yet: {fault}."));
                }
                Ok(settings) if slot == Slot::Ok => return AlertsEnd::Ok(settings),
                Ok(settings) if settings.has_way() => return AlertsEnd::Test(settings),
                Ok(_) => self.said = Some("Nothing to test: tick pop-up, e-mail or command.".to_owned()),
            },
            (Key::Enter, _) => self.ring.go(Slot::Ok),
            (Key::F(_) | Key::Ctrl('c' | 'l' | 'z'), _) => return AlertsEnd::Pass,
            (key, slot) => {
                let before = self.value(slot);
                let taken = self.field(slot).is_some_and(|field| field.key(key, &PRESENT));
                // Who fills in a value wants it: unticked it would be thrown away without a word.
                if let Some((tick, _)) = self.value(slot).filter(|_| self.value(slot) != before) {
                    self.ticks[tick].on = true;
                }
                if !taken && *key == Key::Char('?') {
                    return AlertsEnd::Pass;
                }
            }
        }
        let now = self.ring.at();
        if let Some(field) = self.field(now).filter(|_| now != slot) {
            field.entered();
        }
        AlertsEnd::Stay
    }

    fn field(&mut self, slot: Slot) -> Option<&mut dyn Field> {
        let tick = match slot {
            Slot::Ended => 0,
            Slot::Error => 1,
            Slot::Canceled => 2,
            Slot::Late => 3,
            Slot::Long => 4,
            Slot::Popup => 5,
            Slot::Email => 6,
            Slot::Command => 7,
            Slot::LateMinutes => return Some(&mut self.late),
            Slot::LongMinutes => return Some(&mut self.long),
            Slot::Address => return Some(&mut self.address),
            Slot::Test | Slot::Ok | Slot::Cancel => return None,
        };
        Some(&mut self.ticks[tick])
    }

    /// What a field of a value holds, and the tick that it belongs to.
    fn value(&self, slot: Slot) -> Option<(usize, String)> {
        Some(match slot {
            Slot::LateMinutes => (3, self.late.text()),
            Slot::LongMinutes => (4, self.long.text()),
            Slot::Address => (6, self.address.text()),
            _ => return None,
        })
    }

    /// What of it will never be told, and why.
    fn warnings(&self) -> Vec<String> {
        let Ok(settings) = self.settings() else { return Vec::new() };
        let mut warnings = Vec::new();
        let of_ends = settings.on_ended || settings.on_error || settings.on_canceled;
        match self.history {
            SaveHistory::Never if of_ends => {
                warnings.push("Save to history is Never: no end is told; alerts are made of history rows".to_owned());
            }
            SaveHistory::ErrorsOnly if settings.on_ended => {
                warnings.push("Save to history is Errors only: success is not told".to_owned());
            }
            _ => {}
        }
        if settings.is_any() && !settings.has_way() {
            warnings.push("nobody hears of it: tick pop-up, e-mail or command".to_owned());
        }
        warnings
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        if self.asks {
            return "Throw the changes away? y does, any other key keeps them.".to_owned();
        }
        if let Some(said) = &self.said {
            return said.clone();
        }
        match self.ring.at() {
            Slot::LateMinutes | Slot::LongMinutes => "Minutes: digits type, + - step.",
            Slot::Address => "The address that mail goes to, through the SMTP server of the batch server.",
            Slot::Test => "Sends a test by every way that is ticked; how it went is said above.",
            Slot::Ok => "Takes these alerts over.",
            Slot::Cancel => "Leaves; nothing was changed.",
            Slot::Command => "The facts of the alert stand in the command's environment.",
            _ => "Space ticks. Enter goes to OK.",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_wanted_and_is_not_thrown_away_without_a_word() {
        let mut form = AlertsForm::new("Status", &AlertSettings::default(), SaveHistory::Always);
        for slot in [Slot::Address, Slot::LateMinutes] {
            form.ring.go(slot);
            form.key(&Key::Left);
            assert!(form.settings().is_ok_and(|settings| !settings.is_any() && settings.email.is_none()));
        }
        form.ring.go(Slot::LateMinutes);
        form.key(&Key::Char('4'));
        form.ring.go(Slot::Address);
        form.key(&Key::Paste("ops@hq.example".to_owned()));
        let settings = form.settings().expect("all of it makes sense");
        assert!(settings.not_started_minutes.is_some() && settings.runs_long_minutes.is_none());
        assert_eq!(settings.email.as_deref(), Some("ops@hq.example"));
    }
}

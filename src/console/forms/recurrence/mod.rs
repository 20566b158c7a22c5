//! The Recurrence form: time zone, range and pattern, filled in by hand or by a quick line. It
//! shows the next runs and the rule in words as it is filled in.

mod field_id;
mod fields;
mod lines;
mod next_runs;
mod view;
mod words;

use crate::batch::RecentRuns;
use crate::console::protocol::effect::DISCARD_OR_STAY;
use crate::console::protocol::key::Key;
use crate::console::protocol::time::LATEST_DAYS;
use crate::console::view::context::ViewContext;
use crate::console::widgets::field::{Field, FocusRing, LocalNow};
use crate::domain::Timestamp;
use crate::recurrence::{Draft, QuickError, Rule, zone_named};
use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use field_id::FieldId;
use fields::Fields;

/// Quick lines that Space offers, the most common first.
const COMMON: [&str; 6] = ["15m weekdays", "15m", "1h", "daily 02:00", "weekdays 06:00", "weekly sun 03:00"];

/// The result of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormEnd {
    /// The form stays open.
    Stay,
    /// The form does not use the key; the dialog may.
    Pass,
    /// The form closes without a change.
    Cancel,
    /// The form closes with this rule; `None` removes the recurrence.
    Ok(Option<Rule>),
}

/// A recurrence as it is edited, with a quick line, a calendar and the next runs.
pub struct RecurrenceForm {
    title: String,
    /// The operator's zone.
    home: Tz,
    recent: Option<RecentRuns>,
    /// Whether the job has a recurrence that can be removed.
    has_rule: bool,
    fields: Fields,
    ring: FocusRing<FieldId>,
    /// The draft that the form opened with, to detect changes.
    opened: Draft,
    /// What the fields held before the quick line filled them.
    before_quick: Draft,
    /// The draft that the quick line describes.
    by_quick: Option<Draft>,
    /// Which of [`COMMON`] the quick line shows, until it is edited.
    common: Option<usize>,
    asks: bool,
    said: Option<String>,
}

impl RecurrenceForm {
    /// The form over a job of that name, with its rule if it has one; `zone` is the operator's.
    pub fn new(title: &str, rule: Option<&Rule>, now: Timestamp, zone: Tz, recent: Option<RecentRuns>) -> Self {
        let mut draft = Draft::new(now, zone);
        if let Some(rule) = rule {
            draft.fill(rule);
        }
        Self {
            title: title.to_owned(),
            home: zone,
            recent,
            has_rule: rule.is_some(),
            fields: Fields::new(&draft),
            ring: FocusRing::new(FieldId::Quick),
            opened: draft.clone(),
            before_quick: draft,
            by_quick: None,
            common: None,
            asks: false,
            said: None,
        }
    }

    /// Gives a field the focus, by its number in the order of Tab, unless a question or a list is
    /// open.
    pub fn focus(&mut self, number: usize) -> bool {
        let id = self.order().get(number).copied();
        let id = id.filter(|_| !self.asks && !self.is_list_open());
        id.inspect(|id| self.go(*id)).is_some()
    }

    /// The fields in the order of Tab.
    fn order(&self) -> Vec<FieldId> {
        field_id::order(self.fields.unit(), self.has_rule)
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, view: &ViewContext) -> FormEnd {
        self.said = None;
        if std::mem::take(&mut self.asks) {
            return if *key == Key::Char('y') { FormEnd::Cancel } else { FormEnd::Stay };
        }
        let focused = self.ring.focused();
        let is_global = matches!(key, Key::F(_) | Key::Ctrl('c' | 'l' | 'z'));
        if self.is_list_open() && !is_global {
            self.fields.key(focused, key, &self.local_now(view));
            return FormEnd::Stay;
        }
        match key {
            Key::Esc => return self.leave(),
            Key::Tab | Key::Down => self.step(false),
            Key::BackTab | Key::Up => self.step(true),
            Key::Enter => return self.enter(focused, view),
            Key::Left | Key::Right if focused.line().is_none() => self.along_buttons(*key == Key::Left),
            _ if is_global => return FormEnd::Pass,
            key => return self.typed(focused, key, view),
        }
        FormEnd::Stay
    }

    /// Its fields, a sentence each.
    pub fn help(&self) -> Vec<String> {
        self.order().into_iter().map(|id| id.help().to_owned()).collect()
    }

    /// The sentence of the notice row.
    pub fn notice(&self, now: Timestamp) -> String {
        if self.asks {
            return DISCARD_OR_STAY.to_owned();
        }
        if let Some(said) = &self.said {
            return said.clone();
        }
        if self.is_list_open() {
            return "Letters find, ↑ ↓ move, Enter picks, Esc cancel".to_owned();
        }
        match (self.ring.focused(), &self.fields.quick.text()) {
            (FieldId::Quick, text) if !text.trim().is_empty() => match self.understood(text, now) {
                Err(error) => format!("{error}."),
                Ok(_) if self.common.is_some() => "Space offers the next; Enter goes to OK, again uses it.".to_owned(),
                Ok(_) => "Enter goes to OK; Enter again uses this recurrence".to_owned(),
            },
            (focused, _) => {
                let fault = self.fields.value(focused).and_then(Field::fault);
                fault.unwrap_or_else(|| focused.help().to_owned())
            }
        }
    }

    fn is_list_open(&self) -> bool {
        self.fields.drop_down(self.ring.focused()).is_some_and(crate::console::widgets::drop_down::DropDown::is_open)
    }

    fn typed(&mut self, id: FieldId, key: &Key, view: &ViewContext) -> FormEnd {
        let offers = id == FieldId::Quick && *key == Key::Char(' ');
        let taken = if offers && (self.common.is_some() || self.fields.quick.text().is_empty()) {
            let next = self.common.map_or(0, |at| (at + 1) % COMMON.len());
            self.common = Some(next);
            self.fields.quick.set(COMMON[next]);
            true
        } else {
            self.common = None;
            self.fields.key(id, key, &self.local_now(view))
        };
        if id == FieldId::Quick && taken {
            // Start from the fields as they were before the line, so that a half-typed word has no
            // effect.
            let mut draft = self.before_quick.clone();
            let rule = self.understood(&self.fields.quick.text(), view.now);
            if let Ok(rule) = &rule {
                draft.fill(rule);
            }
            self.fields.show(&draft);
            self.by_quick = rule.ok().map(|_| draft);
        }
        if !taken && *key == Key::Char('?') { FormEnd::Pass } else { FormEnd::Stay }
    }

    fn understood(&self, text: &str, now: Timestamp) -> Result<Rule, QuickError> {
        Rule::from_words(text, now, zone_named(&self.before_quick.zone).unwrap_or(self.home))
    }

    /// Why the quick line is not a rule; `None` if it is empty or valid.
    fn quick_fault(&self, now: Timestamp) -> Option<QuickError> {
        let text = self.fields.quick.text();
        let is_empty = text.trim().is_empty();
        self.understood(&text, now).err().filter(|_| !is_empty)
    }

    fn enter(&mut self, id: FieldId, view: &ViewContext) -> FormEnd {
        match id {
            FieldId::Remove => return FormEnd::Ok(None),
            FieldId::Cancel => return self.leave(),
            FieldId::Ok => return self.press_ok(view),
            FieldId::Quick if self.quick_fault(view.now).is_some() => {}
            _ => self.go(FieldId::Ok),
        }
        FormEnd::Stay
    }

    /// Leaves; asks first if something was changed.
    fn leave(&mut self) -> FormEnd {
        self.asks = self.fields.draft() != self.opened || !self.fields.quick.text().trim().is_empty();
        if self.asks { FormEnd::Stay } else { FormEnd::Cancel }
    }

    fn press_ok(&mut self, view: &ViewContext) -> FormEnd {
        if let Some(fault) = self.quick_fault(view.now) {
            self.go(FieldId::Quick);
            self.said = Some(format!("Quick entry: {fault}; correct it or clear it"));
            return FormEnd::Stay;
        }
        let refusal = |id: &FieldId| Some((*id, self.fields.value(*id)?.refusal()?));
        if let Some((id, refusal)) = self.order().iter().find_map(refusal) {
            self.go(id);
            self.said = Some(format!("Not yet: {refusal}."));
            return FormEnd::Stay;
        }
        match self.fields.rule() {
            Err(faults) => {
                if let Some(fault) = faults.into_iter().next() {
                    self.go(FieldId::of(fault.field));
                    self.said = Some(format!("Not yet: {}: {}.", fault.field.name(), fault.fault));
                }
                FormEnd::Stay
            }
            Ok(rule) if rule.next_after(view.now).is_none() => {
                self.said = Some("The rule has no occurrence from now on; change it or choose Cancel".to_owned());
                FormEnd::Stay
            }
            Ok(rule) if rule.next_after(view.now) > Some(view.now.minus_days(-LATEST_DAYS)) => {
                self.go(FieldId::StartDate);
                self.said = Some("The first occurrence is more than ten years from now".to_owned());
                FormEnd::Stay
            }
            Ok(rule) => FormEnd::Ok(Some(rule)),
        }
    }

    fn step(&mut self, back: bool) {
        let mut ring = self.ring;
        ring.step(&self.order(), back);
        self.go(ring.focused());
    }

    fn along_buttons(&mut self, back: bool) {
        let buttons: &[FieldId] = if self.has_rule {
            &[FieldId::Remove, FieldId::Ok, FieldId::Cancel]
        } else {
            &[FieldId::Ok, FieldId::Cancel]
        };
        self.ring.step(buttons, back);
    }

    fn go(&mut self, id: FieldId) {
        self.ring.go(id);
        if id == FieldId::Quick {
            self.before_quick = self.fields.draft();
        }
        if let Some(field) = self.fields.field(id) {
            field.entered();
        }
    }

    /// The wall clock of the chosen zone.
    fn local_now(&self, view: &ViewContext) -> LocalNow {
        let zone = zone_named(self.fields.zone.value()).unwrap_or(self.home);
        let now = DateTime::<Utc>::from_timestamp_millis(view.now.0).unwrap_or_default().with_timezone(&zone);
        let time = now.time();
        LocalNow { today: now.date_naive(), time: time.with_second(0).unwrap_or(time) }
    }
}

#[cfg(test)]
mod tests;

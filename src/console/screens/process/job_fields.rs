//! The fields of the Batch tab: what is filled in, which field has the focus, and the job that
//! comes of it. Draws nothing.

mod filled_in;

use crate::batch::{AfterError, AlertSettings, JobSettings, MAX_DESCRIPTION_CHARS, Missed, SaveHistory, Task};
use crate::console::protocol::key::Key;
use crate::console::protocol::time::LATEST_DAYS;
use crate::console::view::context::ViewContext;
use crate::console::widgets::choice::Choice;
use crate::console::widgets::date::DateField;
use crate::console::widgets::field::{Field, FocusRing, LocalNow};
use crate::console::widgets::number::NumberField;
use crate::console::widgets::radio::Radio;
use crate::console::widgets::text::TextField;
use crate::console::widgets::tick::Tick;
use crate::console::widgets::time_of_day::TimeField;
use crate::domain::{DAY_MS, Timestamp};
use crate::recurrence::Rule;
use filled_in::FilledIn;

/// A field, or a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they are
pub enum FieldId {
    Batch,
    Description,
    Group,
    Recurrence,
    Date,
    Time,
    Private,
    Alerts,
    Retries,
    AfterError,
    Missed,
    History,
    Ok,
    Cancel,
}

/// Every field, in Tab order.
pub(super) const ORDER: [FieldId; 14] = [
    FieldId::Batch,
    FieldId::Description,
    FieldId::Group,
    FieldId::Recurrence,
    FieldId::Date,
    FieldId::Time,
    FieldId::Private,
    FieldId::Alerts,
    FieldId::Retries,
    FieldId::AfterError,
    FieldId::Missed,
    FieldId::History,
    FieldId::Ok,
    FieldId::Cancel,
];
/// Of a job that is edited: it stays a batch job, and alerts have a form of their own.
const OF_EDIT: [FieldId; 12] = [
    FieldId::Description,
    FieldId::Group,
    FieldId::Recurrence,
    FieldId::Date,
    FieldId::Time,
    FieldId::Private,
    FieldId::Retries,
    FieldId::AfterError,
    FieldId::Missed,
    FieldId::History,
    FieldId::Ok,
    FieldId::Cancel,
];
const WITHOUT: [FieldId; 3] = [FieldId::Batch, FieldId::Ok, FieldId::Cancel];

/// The fields of the tab *Batch*, as they are edited.
pub struct JobFields {
    pub(super) batch: Tick,
    pub(super) description: TextField,
    pub(super) group: Choice,
    pub(super) private: Tick,
    pub(super) date: DateField,
    pub(super) time: TimeField,
    pub(super) recurrence: Option<Rule>,
    pub(super) alerts: AlertSettings,
    pub(super) retries: NumberField,
    pub(super) after_error: Radio,
    pub(super) missed: Radio,
    pub(super) history: Radio,
    pub(super) ring: FocusRing<FieldId>,
    /// The pause before the first retry, as it was; the form shows it.
    pub(super) retry_pause_ms: i64,
    /// What stood in date and time first, and the instant that meant.
    opened: (String, String, Timestamp),
    /// What the form opened with.
    opened_with: FilledIn,
    /// Whether a job is edited instead of created.
    edits: bool,
}

/// Date and time of an instant, as the fields have them.
fn wall_clock(view: &ViewContext, at: Timestamp) -> (String, String) {
    let long = view.zone.long(at);
    (long.get(..10).unwrap_or("").to_owned(), long.get(11..16).unwrap_or("").to_owned())
}

impl JobFields {
    /// The form as it opens, or filled with the settings of a job.
    pub fn new(like: Option<&JobSettings>, view: &ViewContext) -> Self {
        let fresh = JobSettings::new(view.now);
        let settings = like.unwrap_or(&fresh);
        let (day, time) = wall_clock(view, view.now);
        let mut fields = Self {
            batch: Tick { on: like.is_some() },
            description: TextField::new(45),
            group: Choice::new(settings.batch_group.clone(), 17, "(default group)"),
            private: Tick { on: settings.private },
            date: DateField::new("Scheduled start"),
            time: TimeField::new("Scheduled start"),
            recurrence: settings.recurrence.clone(),
            alerts: AlertSettings { operator: view.operator.to_owned(), popup: true, ..AlertSettings::default() },
            retries: NumberField::new("Maximum retries", 0..=100, 2),
            after_error: Radio::new(&["continue at next start", "stop the recurrence"], 2, 28),
            missed: Radio::new(&["one late run", "skip to the next start"], 2, 28),
            history: Radio::new(&["Always", "Errors only", "Never"], 3, 17),
            ring: FocusRing::new(FieldId::Batch),
            retry_pause_ms: settings.retry_pause_ms,
            opened: (day.clone(), time.clone(), view.now),
            opened_with: FilledIn::default(),
            edits: false,
        };
        fields.description.set(&settings.description);
        fields.date.set(&day);
        fields.time.set(&time);
        fields.retries.set(&settings.max_retries.to_string());
        let place = |at: Option<usize>| at.unwrap_or(0);
        fields.after_error.choose(place(AfterError::ALL.iter().position(|known| *known == settings.after_error)));
        fields.missed.choose(place(Missed::ALL.iter().position(|known| *known == settings.missed)));
        fields.history.choose(place(SaveHistory::ALL.iter().position(|known| *known == settings.save_history)));
        fields.opened_with = fields.filled_in();
        fields
    }

    /// The form of a job that exists, with its own scheduled start.
    pub fn edit(settings: &JobSettings, view: &ViewContext) -> Self {
        let (day, time) = wall_clock(view, settings.first_start);
        let mut fields =
            Self { edits: true, ring: FocusRing::new(FieldId::Description), ..Self::new(Some(settings), view) };
        fields.date.set(&day);
        fields.time.set(&time);
        fields.opened = (day, time, settings.first_start);
        fields.opened_with = fields.filled_in();
        fields
    }

    /// The fields in the order of Tab.
    pub fn order(&self) -> &'static [FieldId] {
        match (self.edits, self.batch.on) {
            (true, _) => &OF_EDIT,
            (false, true) => &ORDER,
            (false, false) => &WITHOUT,
        }
    }

    /// Which field has the focus.
    pub fn focused(&self) -> FieldId {
        self.ring.focused()
    }

    /// Puts the focus there.
    pub fn go(&mut self, id: FieldId) {
        self.ring.go(id);
        if let Some(field) = self.field(id) {
            field.entered();
        }
    }

    /// Gives a field the focus, by its number in the order of Tab.
    pub fn focus(&mut self, number: usize) -> bool {
        let id = self.order().get(number).copied();
        id.inspect(|id| self.go(*id)).is_some()
    }

    /// Moves the focus to the next or the previous field that can be filled in.
    pub fn step(&mut self, back: bool) {
        let order = self.order();
        self.ring.step(order, back);
        self.go(self.ring.focused());
    }

    /// Gives a key to the field that has the focus; whether that had a use for it.
    pub fn key(&mut self, key: &Key, now: &LocalNow) -> bool {
        let focused = self.focused();
        self.field(focused).is_some_and(|field| field.key(key, now))
    }

    fn field(&mut self, id: FieldId) -> Option<&mut dyn Field> {
        Some(match id {
            FieldId::Batch => &mut self.batch,
            FieldId::Description => &mut self.description,
            FieldId::Group => &mut self.group,
            FieldId::Private => &mut self.private,
            FieldId::Date => &mut self.date,
            FieldId::Time => &mut self.time,
            FieldId::Retries => &mut self.retries,
            FieldId::AfterError => &mut self.after_error,
            FieldId::Missed => &mut self.missed,
            FieldId::History => &mut self.history,
            FieldId::Recurrence | FieldId::Alerts | FieldId::Ok | FieldId::Cancel => return None,
        })
    }

    /// Takes a rule from the Recurrence form; the scheduled start becomes its first occurrence.
    pub fn set_recurrence(&mut self, rule: Option<Rule>, view: &ViewContext) {
        if let Some(first) = rule.as_ref().and_then(|rule| rule.first_from(view.now)) {
            let (day, time) = wall_clock(view, first);
            self.date.set(&day);
            self.time.set(&time);
        }
        self.recurrence = rule;
    }

    /// Takes what the alerts form came to.
    pub fn set_alerts(&mut self, alerts: AlertSettings) {
        self.alerts = alerts;
    }

    /// What the history keeps, as chosen.
    pub fn save_history(&self) -> SaveHistory {
        SaveHistory::ALL.get(self.history.chosen()).copied().unwrap_or_default()
    }

    /// The scheduled start; the present instant if the fields were not edited. An error is the
    /// field that is wrong and why.
    fn first_start(&self, view: &ViewContext) -> Result<Timestamp, (FieldId, String)> {
        let (day, time, at) = &self.opened;
        self.date.value().map_err(|fault| (FieldId::Date, fault))?;
        self.time.value().map_err(|fault| (FieldId::Time, fault))?;
        if (self.date.text(), self.time.text()) == (day.clone(), time.clone()) {
            return Ok(if self.edits { *at } else { view.now.max(*at) });
        }
        let at = view.zone.parse(&format!("{} {}", self.date.text(), self.time.text()), view.now);
        let skipped = "Scheduled start: the clocks skip this time on that day; choose another";
        let at = at.ok_or_else(|| (FieldId::Time, skipped.to_owned()))?;
        let is_near = view.now.since(at).abs() <= LATEST_DAYS * DAY_MS;
        is_near.then_some(at).ok_or_else(|| (FieldId::Date, "Scheduled start: at most ten years from now".to_owned()))
    }

    /// What is wrong with the focused field.
    pub fn fault(&self) -> Option<String> {
        match self.focused() {
            FieldId::Date => self.date.fault(),
            FieldId::Time => self.time.fault(),
            FieldId::Retries => self.retries.fault(),
            _ => None,
        }
    }

    /// The job, or the field that is wrong and why.
    pub fn settings(&self, task: Task, view: &ViewContext) -> Result<JobSettings, (FieldId, String)> {
        let wrong = |id, why: &str| Err((id, why.to_owned()));
        let description = self.description.text().trim().to_owned();
        if description.is_empty() {
            return wrong(FieldId::Description, "Task description: fill it in");
        }
        if description.chars().count() > MAX_DESCRIPTION_CHARS {
            return wrong(FieldId::Description, "Task description: too long, 200 characters at most");
        }
        if !task.transfer && !task.purge {
            return wrong(FieldId::Ok, "nothing to do: tick the transfer or the purge on the General tab");
        }
        let first_start = self.first_start(view)?;
        let max_retries = self.retries.value().map_err(|fault| (FieldId::Retries, fault))?;
        let settings = JobSettings {
            description,
            batch_group: self.group.value().to_owned(),
            private: self.private.on,
            task,
            recurrence: self.recurrence.clone(),
            first_start,
            max_retries,
            retry_pause_ms: self.retry_pause_ms,
            after_error: AfterError::ALL.get(self.after_error.chosen()).copied().unwrap_or_default(),
            missed: Missed::ALL.get(self.missed.chosen()).copied().unwrap_or_default(),
            save_history: self.save_history(),
        };
        if settings.start().is_none() {
            return wrong(
                FieldId::Recurrence,
                "Recurrence: never occurs from the scheduled start on; change one of them",
            );
        }
        Ok(settings)
    }

    /// The alerts to be set with the job.
    pub fn wanted_alerts(&self) -> Option<AlertSettings> {
        self.alerts.has_events().then(|| self.alerts.clone())
    }
}

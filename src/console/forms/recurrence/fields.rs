//! The fields of the Recurrence form: filled from a draft, and read back into one.

use crate::console::forms::recurrence::field_id::FieldId;
use crate::console::protocol::key::Key;
use crate::console::widgets::date::DateField;
use crate::console::widgets::drop_down::DropDown;
use crate::console::widgets::field::{Field, LocalNow};
use crate::console::widgets::number::NumberField;
use crate::console::widgets::radio::Radio;
use crate::console::widgets::text::TextField;
use crate::console::widgets::time_of_day::TimeField;
use crate::console::widgets::weekday_row::WeekdayRow;
use crate::recurrence::{Draft, DraftFault, DraftField, EndKind, MAX_NUMBER, MONTHS, Rule, Unit, zones_like};

const UNITS: [Unit; 6] = [Unit::Minutes, Unit::Hours, Unit::Days, Unit::Weeks, Unit::Months, Unit::Years];
const UNIT_LABELS: [&str; 6] = ["Minutes", "Hours", "Days", "Weeks", "Months", "Years"];

/// The fields of the Recurrence form.
pub(super) struct Fields {
    pub quick: TextField,
    pub zone: DropDown,
    pub start_date: DateField,
    pub start_time: TimeField,
    /// Additional times of day from a quick line or a rule; shown, but without a field of their
    /// own.
    pub at: String,
    pub end: EndKind,
    pub end_after: NumberField,
    pub end_by: DateField,
    pub unit: Radio,
    pub every: NumberField,
    pub from: TimeField,
    pub to: TimeField,
    pub days: WeekdayRow,
    pub month: DropDown,
    pub by_ordinal: bool,
    pub day: NumberField,
    pub ordinal: DropDown,
    pub kind: DropDown,
}

fn containing(all: &[&str], typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut found: Vec<_> = all.iter().filter(|word| word.to_lowercase().contains(&typed)).collect();
    found.sort_by_key(|word| !word.to_lowercase().starts_with(&typed));
    found.into_iter().map(|word| (*word).to_owned()).collect()
}

impl Fields {
    /// Creates fields that show `draft`, with an empty quick line.
    pub(super) fn new(draft: &Draft) -> Self {
        let mut fields = Self {
            quick: TextField::new(48),
            zone: DropDown::new("", 24, |typed| {
                zones_like(typed).into_iter().map(|zone| zone.name().to_owned()).collect()
            }),
            start_date: DateField::new(DraftField::StartDate.name()),
            start_time: TimeField::new(DraftField::StartTime.name()),
            at: String::new(),
            end: EndKind::Never,
            end_after: NumberField::new(DraftField::EndAfter.name(), 1..=MAX_NUMBER.into(), 6),
            end_by: DateField::new(DraftField::EndBy.name()),
            unit: Radio::new(&UNIT_LABELS, 3, 14),
            every: NumberField::new(DraftField::Every.name(), 1..=MAX_NUMBER.into(), 5),
            from: TimeField::new(DraftField::From.name()),
            to: TimeField::new(DraftField::To.name()),
            days: WeekdayRow::default(),
            month: DropDown::new("", 10, |typed| containing(&MONTHS, typed)),
            by_ordinal: false,
            day: NumberField::new(DraftField::Day.name(), 1..=31, 2),
            ordinal: DropDown::new("", 7, |typed| containing(&Draft::ORDINALS, typed)),
            kind: DropDown::new("", 12, |typed| containing(&Draft::KINDS, typed)),
        };
        fields.show(draft);
        fields
    }

    /// Fills the fields from a draft.
    pub(super) fn show(&mut self, draft: &Draft) {
        self.zone.set(&draft.zone);
        self.start_date.set(&draft.start_date);
        self.start_time.set(&draft.start_time);
        draft.at.clone_into(&mut self.at);
        self.end = draft.end;
        self.end_after.set(&draft.end_after);
        self.end_by.set(&draft.end_by);
        self.unit.choose(UNITS.iter().position(|unit| *unit == draft.unit).unwrap_or(0));
        self.every.set(&draft.every);
        self.from.set(&draft.from);
        self.to.set(&draft.to);
        self.days.days = draft.on;
        self.month.set(MONTHS.get(draft.month as usize - 1).copied().unwrap_or_default());
        self.by_ordinal = draft.by_ordinal;
        self.day.set(&draft.day);
        self.ordinal.set(Draft::ORDINALS.get(draft.ordinal).copied().unwrap_or_default());
        self.kind.set(Draft::KINDS.get(draft.kind).copied().unwrap_or_default());
    }

    /// Returns the draft that the fields show.
    pub(super) fn draft(&self) -> Draft {
        let place = |all: &[&str], word: &str| all.iter().position(|known| *known == word).unwrap_or(0);
        Draft {
            zone: self.zone.value().to_owned(),
            start_date: self.start_date.text(),
            start_time: self.start_time.text(),
            at: self.at.clone(),
            end: self.end,
            end_after: self.end_after.text(),
            end_by: self.end_by.text(),
            unit: self.unit(),
            every: self.every.text(),
            on: self.days.days,
            from: self.from.text(),
            to: self.to.text(),
            month: u32::try_from(place(&MONTHS, self.month.value())).unwrap_or(0) + 1,
            by_ordinal: self.by_ordinal,
            day: self.day.text(),
            ordinal: place(&Draft::ORDINALS, self.ordinal.value()),
            kind: place(&Draft::KINDS, self.kind.value()),
        }
    }

    /// Returns the rule that the fields make, or their faults; a field that refused a key counts as
    /// empty.
    pub(super) fn rule(&self) -> Result<Rule, Vec<DraftFault>> {
        let accepted = |field: &dyn Field, text: String| if field.refusal().is_some() { String::new() } else { text };
        let draft = self.draft();
        let draft = Draft {
            start_date: accepted(&self.start_date, draft.start_date),
            start_time: accepted(&self.start_time, draft.start_time),
            end_after: accepted(&self.end_after, draft.end_after),
            end_by: accepted(&self.end_by, draft.end_by),
            every: accepted(&self.every, draft.every),
            from: accepted(&self.from, draft.from),
            to: accepted(&self.to, draft.to),
            day: accepted(&self.day, draft.day),
            ..draft
        };
        draft.rule()
    }

    /// Returns the chosen unit.
    pub(super) fn unit(&self) -> Unit {
        UNITS.get(self.unit.chosen()).copied().unwrap_or(Unit::Minutes)
    }

    /// Returns the input of a field; `None` for buttons, and for a radio button without an input.
    pub(super) fn field(&mut self, id: FieldId) -> Option<&mut dyn Field> {
        Some(match id {
            FieldId::Quick => &mut self.quick,
            FieldId::Zone => &mut self.zone,
            FieldId::StartDate => &mut self.start_date,
            FieldId::StartTime => &mut self.start_time,
            FieldId::After => &mut self.end_after,
            FieldId::By => &mut self.end_by,
            FieldId::Unit => &mut self.unit,
            FieldId::Every => &mut self.every,
            FieldId::From => &mut self.from,
            FieldId::To => &mut self.to,
            FieldId::Days => &mut self.days,
            FieldId::Month => &mut self.month,
            FieldId::Day => &mut self.day,
            FieldId::Ordinal => &mut self.ordinal,
            FieldId::Kind => &mut self.kind,
            FieldId::Never | FieldId::Remove | FieldId::Ok | FieldId::Cancel => return None,
        })
    }

    /// Returns the number, date or time of a id; `None` if it has none.
    pub(super) fn value(&self, id: FieldId) -> Option<&dyn Field> {
        Some(match id {
            FieldId::StartDate => &self.start_date,
            FieldId::StartTime => &self.start_time,
            FieldId::After => &self.end_after,
            FieldId::By => &self.end_by,
            FieldId::Every => &self.every,
            FieldId::From => &self.from,
            FieldId::To => &self.to,
            FieldId::Day => &self.day,
            _ => return None,
        })
    }

    /// Returns the drop-down of a field; `None` if it has none.
    pub(super) fn drop_down(&self, id: FieldId) -> Option<&DropDown> {
        match id {
            FieldId::Zone => Some(&self.zone),
            FieldId::Month => Some(&self.month),
            FieldId::Ordinal => Some(&self.ordinal),
            FieldId::Kind => Some(&self.kind),
            _ => None,
        }
    }

    /// Handles a key; returns whether the field used it. Input to a field that belongs to a radio
    /// button selects that button.
    pub(super) fn key(&mut self, id: FieldId, key: &Key, now: &LocalNow) -> bool {
        let is_space = *key == Key::Char(' ');
        let chooses = matches!(id, FieldId::Never | FieldId::After | FieldId::By | FieldId::Day);
        let before = self.draft();
        let taken = (chooses && is_space) || self.field(id).is_some_and(|field| field.key(key, now));
        if taken && (is_space || self.draft() != before) {
            match id {
                // A typed time of day replaces those from a quick line.
                FieldId::StartTime => self.at.clear(),
                FieldId::Never => self.end = EndKind::Never,
                FieldId::After => self.end = EndKind::After,
                FieldId::By => self.end = EndKind::By,
                FieldId::Day => self.by_ordinal = false,
                FieldId::Ordinal | FieldId::Kind => self.by_ordinal = true,
                _ => {}
            }
        }
        taken
    }
}

//! The fields of the Recurrence form, the lines they are on, and the help of each.

use crate::recurrence::{DraftField, Unit};

/// A field or button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldId {
    Quick,
    Zone,
    StartDate,
    StartTime,
    Never,
    After,
    By,
    Unit,
    Every,
    From,
    To,
    Days,
    Month,
    Day,
    Ordinal,
    Kind,
    Remove,
    Ok,
    Cancel,
}

/// One line of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldLine {
    Quick,
    ZoneHead,
    Zone,
    There,
    RangeHead,
    Starts,
    Never,
    After,
    By,
    PatternHead,
    Units(usize),
    Interval,
    DayNames,
    Days,
    OnDay,
    OnThe,
    Blank,
}

/// The fields in order; the unit changes only those below it.
pub(super) fn order(unit: Unit, can_remove: bool) -> Vec<FieldId> {
    let mut order = vec![
        FieldId::Quick,
        FieldId::Zone,
        FieldId::StartDate,
        FieldId::StartTime,
        FieldId::Never,
        FieldId::After,
        FieldId::By,
        FieldId::Unit,
        FieldId::Every,
    ];
    order.extend_from_slice(match unit {
        Unit::Minutes | Unit::Hours => &[FieldId::From, FieldId::To, FieldId::Days],
        Unit::Days => &[],
        Unit::Weeks => &[FieldId::Days],
        Unit::Months => &[FieldId::Day, FieldId::Ordinal, FieldId::Kind],
        Unit::Years => &[FieldId::Month, FieldId::Day, FieldId::Ordinal, FieldId::Kind],
    });
    if can_remove {
        order.push(FieldId::Remove);
    }
    order.extend([FieldId::Ok, FieldId::Cancel]);
    order
}

/// The lines of the three groups in order, fourteen with their headings whatever the unit.
pub(super) fn lines(unit: Unit) -> [FieldLine; 14] {
    let [upper, lower] = match unit {
        Unit::Minutes | Unit::Hours | Unit::Weeks => [FieldLine::DayNames, FieldLine::Days],
        Unit::Days => [FieldLine::Blank, FieldLine::Blank],
        Unit::Months | Unit::Years => [FieldLine::OnDay, FieldLine::OnThe],
    };
    [
        FieldLine::ZoneHead,
        FieldLine::Zone,
        FieldLine::There,
        FieldLine::RangeHead,
        FieldLine::Starts,
        FieldLine::Never,
        FieldLine::After,
        FieldLine::By,
        FieldLine::PatternHead,
        FieldLine::Units(0),
        FieldLine::Units(1),
        FieldLine::Interval,
        upper,
        lower,
    ]
}

impl FieldId {
    /// The line it is on; `None` for buttons.
    pub(super) fn line(self) -> Option<FieldLine> {
        Some(match self {
            Self::Quick => FieldLine::Quick,
            Self::Zone => FieldLine::Zone,
            Self::StartDate | Self::StartTime => FieldLine::Starts,
            Self::Never => FieldLine::Never,
            Self::After => FieldLine::After,
            Self::By => FieldLine::By,
            Self::Unit => FieldLine::Units(1),
            Self::Every | Self::From | Self::To | Self::Month => FieldLine::Interval,
            Self::Days => FieldLine::Days,
            Self::Day => FieldLine::OnDay,
            Self::Ordinal | Self::Kind => FieldLine::OnThe,
            Self::Remove | Self::Ok | Self::Cancel => return None,
        })
    }

    /// The field that a fault is about.
    pub(super) fn of(field: DraftField) -> Self {
        match field {
            DraftField::Zone => Self::Zone,
            DraftField::StartDate => Self::StartDate,
            DraftField::StartTime => Self::StartTime,
            DraftField::EndAfter => Self::After,
            DraftField::EndBy => Self::By,
            DraftField::Every => Self::Every,
            DraftField::On => Self::Days,
            DraftField::From => Self::From,
            DraftField::To => Self::To,
            DraftField::Day => Self::Day,
        }
    }

    /// The sentence of the notice row.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Quick => "Space offers common ones. Or type: 15m weekdays, daily 6:00, a cron line.",
            Self::Zone => "Time zone of all times here: type a city, or Space opens the list.",
            Self::StartDate => "Earliest start date: digits type, + - step, t is today",
            Self::StartTime => "Time of the start: digits type, + - step, t is now.",
            Self::Never => "Space chooses: no end date",
            Self::After => "Digits or Space choose: number of runs, counted from the start",
            Self::By => "Digits or Space choose: last day on which it runs",
            Self::Unit => "Unit of the interval: ← → move, Space chooses.",
            Self::Every => "Interval: digits type, + - step.",
            Self::From => "Earliest time of day; empty means the whole day",
            Self::To => "Runs before this time of day; earlier than From crosses midnight",
            Self::Days => "Weekdays: ← → move, Space ticks, 1-7 tick Mon-Sun, w ticks Monday to Friday.",
            Self::Month => "Month of the year: + - step, letters find, Space opens the list.",
            Self::Day => "Digits or Space choose: day of the month; months without it are skipped",
            Self::Ordinal => "First to last of its kind: + - step, Space opens the list",
            Self::Kind => "Kind of day: + - step, letters find, Space opens the list.",
            Self::Remove => "Enter: remove the recurrence; the job runs once",
            Self::Ok => "Enter: use this recurrence",
            Self::Cancel => "Enter: cancel, nothing changes",
        }
    }
}

//! The lines of fields, and the positions of faults and drop-down lists on them.

use crate::console::forms::recurrence::RecurrenceForm;
use crate::console::forms::recurrence::field_id::{FieldId, FieldLine};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::field::Field;
use crate::console::widgets::radio;
use crate::console::widgets::weekday_row::WeekdayRow;
use crate::recurrence::{EndKind, Unit, zone_named};
use chrono::{DateTime, Offset, TimeZone, Utc};

impl RecurrenceForm {
    /// Draws one line of fields.
    pub(super) fn line(&mut self, painter: &mut Painter, y: u16, line: FieldLine, view: &ViewContext) {
        let (focused, order) = (self.ring.focused(), self.order());
        let fields = &mut self.fields;
        let width = painter.width();
        let draw = |painter: &mut Painter, field: &dyn Field, x: u16, id: FieldId| {
            let used = field.draw(painter, x, y, focused == id);
            painter.hit_field((x, y), used, &id, &order);
            used
        };
        let label = |painter: &mut Painter, x: u16, text: &str| painter.text(x, y, width, text, Role::Text);
        match line {
            FieldLine::Blank => {}
            FieldLine::ZoneHead => painter.part(0, y, width, 1).rule(0, "Time zone information", "", false),
            FieldLine::RangeHead => painter.part(0, y, width, 1).rule(0, "Range of recurrence", "", false),
            FieldLine::PatternHead => painter.part(0, y, width, 1).rule(0, "Recurring pattern", "", false),
            FieldLine::Quick => {
                fields.quick.resize(width.saturating_sub(36).clamp(20, 48));
                label(painter, 3, "Quick entry");
                let used = 14 + draw(painter, &fields.quick, 14, FieldId::Quick);
                let fault = self.quick_fault(view.now);
                if let Some((at, length)) = fault.as_ref().and_then(|fault| fault.place(&self.fields.quick.text())) {
                    self.fields.quick.shade(painter, 14, y, self.ring.focused() == FieldId::Quick, (at, length));
                }
                let (state, role) = match fault {
                    // The notice row shows the whole sentence.
                    Some(fault) => (format!("! {fault}"), Role::Bad),
                    None if self.fields.quick.text().trim().is_empty() => return,
                    // The fields were edited since, so the line no longer applies.
                    None if self.by_quick.as_ref() != Some(&self.fields.draft()) => {
                        ("changed below".to_owned(), Role::Dim)
                    }
                    None => ("√ understood".to_owned(), Role::Good),
                };
                painter.text(used, y, width, &state, role);
            }
            FieldLine::Zone => {
                label(painter, 3, "Time zone");
                draw(painter, &fields.zone, 14, FieldId::Zone);
            }
            FieldLine::There => drop(label(painter, 15, &self.time_there(view))),
            FieldLine::Starts => {
                label(painter, 3, "Starts");
                let used = draw(painter, &fields.start_date, 14, FieldId::StartDate);
                let used = used + draw(painter, &fields.start_time, 13 + used, FieldId::StartTime);
                let times = fields.at.split_whitespace().count();
                if times > 0 && !matches!(fields.unit(), Unit::Minutes | Unit::Hours) {
                    painter.text(13 + used, y, width, &format!("{times} a day"), Role::Dim);
                }
            }
            FieldLine::Never => {
                label(painter, 3, "Ends");
                let used = radio::button(
                    painter,
                    14,
                    y,
                    focused == FieldId::Never,
                    fields.end == EndKind::Never,
                    "No end date",
                );
                painter.hit_field((14, y), used, &FieldId::Never, &order);
            }
            FieldLine::After => {
                let used = radio::button(painter, 14, y, false, fields.end == EndKind::After, "End after");
                painter.hit_field((14, y), used, &FieldId::After, &order);
                let used = draw(painter, &fields.end_after, 28, FieldId::After);
                label(painter, 28 + used, "runs");
            }
            FieldLine::By => {
                let used = radio::button(painter, 14, y, false, fields.end == EndKind::By, "End by");
                painter.hit_field((14, y), used, &FieldId::By, &order);
                draw(painter, &fields.end_by, 28, FieldId::By);
            }
            FieldLine::Units(row) => {
                let used = fields.unit.draw_row(painter, 2, y, row, focused == FieldId::Unit);
                painter.hit_field((2, y), used, &FieldId::Unit, &order);
            }
            FieldLine::Interval => self.interval(painter, y),
            FieldLine::DayNames => WeekdayRow::draw_names(painter, 12, y),
            FieldLine::Days => {
                label(painter, 3, "Runs on");
                draw(painter, &fields.days, 11, FieldId::Days);
            }
            FieldLine::OnDay => {
                let used = radio::button(painter, 2, y, false, !fields.by_ordinal, "On day");
                painter.hit_field((2, y), used, &FieldId::Day, &order);
                draw(painter, &fields.day, 14, FieldId::Day);
            }
            FieldLine::OnThe => {
                let used = radio::button(painter, 2, y, false, fields.by_ordinal, "On the");
                painter.hit_field((2, y), used, &FieldId::Ordinal, &order);
                let used = draw(painter, &fields.ordinal, 14, FieldId::Ordinal);
                draw(painter, &fields.kind, 14 + used, FieldId::Kind);
            }
        }
    }

    fn interval(&mut self, painter: &mut Painter, y: u16) {
        let (focused, unit, width, order) = (self.ring.focused(), self.fields.unit(), painter.width(), self.order());
        let fields = &mut self.fields;
        let draw = |painter: &mut Painter, field: &dyn Field, x: u16, id: FieldId| {
            let used = field.draw(painter, x, y, focused == id);
            painter.hit_field((x, y), used, &id, &order);
            used
        };
        let mut x = 3;
        let text = |painter: &mut Painter, x: u16, text: &str| painter.text(x, y, width, text, Role::Text);
        x += text(painter, x, if unit == Unit::Weeks { "Fixed weekly interval" } else { "Every" });
        x += draw(painter, &fields.every, x, FieldId::Every);
        match unit {
            Unit::Minutes | Unit::Hours => {
                x += text(painter, x, "from");
                x += draw(painter, &fields.from, x, FieldId::From);
                x += text(painter, x, "to");
                draw(painter, &fields.to, x, FieldId::To);
            }
            Unit::Days => drop(text(painter, x, "days")),
            Unit::Weeks => drop(text(painter, x, "weeks")),
            Unit::Months => drop(text(painter, x, "months")),
            Unit::Years => {
                x += text(painter, x, "years in");
                draw(painter, &fields.month, x, FieldId::Month);
            }
        }
    }

    /// `Mon 19:20 there, 7 h behind`.
    fn time_there(&self, view: &ViewContext) -> String {
        let Some(zone) = zone_named(self.fields.zone.value()) else { return String::new() };
        let now = DateTime::<Utc>::from_timestamp_millis(view.now.0).unwrap_or_default();
        let offset = |zone: chrono_tz::Tz| zone.offset_from_utc_datetime(&now.naive_utc()).fix().local_minus_utc() / 60;
        let minutes = offset(zone) - offset(self.home);
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let sign = if minutes < 0 { '-' } else { '+' };
        let clock = now.with_timezone(&zone).format("%a %H:%M");
        match minutes {
            0 => format!("{clock} there, same as yours"),
            _ if rest != 0 => format!("{clock} there, {sign}{hours}:{rest:02} h"),
            ..0 => format!("{clock} there, {hours} h behind"),
            _ => format!("{clock} there, {hours} h ahead"),
        }
    }

    /// The column after the last field of a line, where its fault is shown.
    pub(super) fn end_of(&self, line: FieldLine) -> u16 {
        match line {
            FieldLine::Starts => 36,
            FieldLine::After => 44,
            FieldLine::By => 43,
            FieldLine::Days => 41,
            FieldLine::OnDay => 21,
            FieldLine::Interval => match self.fields.unit() {
                Unit::Minutes | Unit::Hours => 43,
                Unit::Weeks | Unit::Years => 41,
                Unit::Days | Unit::Months => 26,
            },
            _ => 43,
        }
    }

    pub(super) fn list_column(&self) -> u16 {
        match self.ring.focused() {
            FieldId::Month => 26,
            FieldId::Kind => 26,
            _ => 14,
        }
    }
}

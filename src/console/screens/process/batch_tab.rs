//! Draws the Batch tab.

use crate::batch::retry_pause;
use crate::console::protocol::time::age;
use crate::console::screens::process::job_fields::{FieldId, JobFields};
use crate::console::screens::process::submit_preview::PreviewLine;
use crate::console::view::painter::{Painter, cells, cut, wrap};
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::field::{Field, between};
use crate::recurrence::Rule;

/// The column in which fields begin, that of their left arrow.
const FIELDS_AT: u16 = 21;
/// Rows of the fields, without the blank one between settings and retries.
const FIELD_ROWS: u16 = 11;
/// Rows that the fields keep while one of them has the focus.
const MIN_FIELD_ROWS: u16 = 6;

/// Draws the fields and what OK will do. On a low screen the fields scroll with the focus, and give
/// their rows to the preview while OK has it.
pub fn draw(painter: &mut Painter, fields: &JobFields, servers: &str, outlook: &[PreviewLine]) {
    let (width, height) = (painter.width(), painter.height());
    let outlook = wrapped(outlook, width);
    let below = u16::try_from(outlook.len()).unwrap_or(4) + 1;
    let room = height.saturating_sub(1);
    let all = if room >= FIELD_ROWS + 1 + below { FIELD_ROWS + 1 } else { FIELD_ROWS };
    let row = |id| row(id, all > FIELD_ROWS);
    let is_on_button = matches!(fields.focused(), FieldId::Ok | FieldId::Cancel);
    let least = if is_on_button { 1 } else { MIN_FIELD_ROWS };
    let shown = all.min(room.saturating_sub(below).max(least)).min(room.saturating_sub(2)).max(1);
    let top = if is_on_button { 0 } else { (row(fields.focused()) + 1).saturating_sub(shown) };
    let mut part = painter.part(0, 0, width, shown);
    for (id, label) in LABELS {
        let is_shown = id == fields.focused() || fields.order().contains(&id) || !fields.batch.on;
        if let Some(y) = row(id).checked_sub(top).filter(|_| is_shown) {
            let off = !fields.batch.on && id != FieldId::Batch;
            part.text(3, y, FIELDS_AT, label, if off { Role::Dim } else { Role::Text });
            part.hit_field((FIELDS_AT, y), width.saturating_sub(FIELDS_AT), &id, fields.order());
            field(&mut part, fields, id, y, servers);
            if off {
                part.shade(FIELDS_AT, y, width, Role::Dim);
            }
        }
    }
    pane::mark_form(&mut part, top, shown, all);
    let buttons = [(FieldId::Ok, Button::new("  OK  ")), (FieldId::Cancel, Button::new("Cancel").by_click())];
    let bottom = button::draw_row(painter, shown + below, buttons, Some(&fields.focused()), fields.order());
    let mut part = painter.part(0, shown, width, bottom.saturating_sub(shown));
    pane::draw(&mut part, ("What OK will do", ""), (&outlook, &mut 0), (is_on_button, None));
}

const LABELS: [(FieldId, &str); 11] = [
    (FieldId::Batch, "Batch processing"),
    (FieldId::Description, "Task description"),
    (FieldId::Group, "Batch group"),
    (FieldId::Recurrence, "Recurrence"),
    (FieldId::Date, "Scheduled start"),
    (FieldId::Private, "Private"),
    (FieldId::Alerts, "Alerts"),
    (FieldId::Retries, "Maximum retries"),
    (FieldId::AfterError, "After an error"),
    (FieldId::Missed, "Missed starts"),
    (FieldId::History, "Save to history"),
];

/// The row of a field, with or without a blank row before the retries.
fn row(id: FieldId, has_blank: bool) -> u16 {
    let lower = 7 + u16::from(has_blank);
    match id {
        FieldId::Batch => 0,
        FieldId::Description => 1,
        FieldId::Group => 2,
        FieldId::Recurrence => 3,
        FieldId::Date | FieldId::Time => 4,
        FieldId::Private => 5,
        FieldId::Alerts => 6,
        FieldId::Retries => lower,
        FieldId::AfterError => lower + 1,
        FieldId::Missed => lower + 2,
        FieldId::History | FieldId::Ok | FieldId::Cancel => lower + 3,
    }
}

fn field(painter: &mut Painter, fields: &JobFields, id: FieldId, y: u16, servers: &str) {
    let focused = |id| fields.focused() == id;
    let width = painter.width();
    match id {
        FieldId::Batch => {
            fields.batch.draw(painter, FIELDS_AT, y, focused(id));
        }
        FieldId::Description => {
            fields.description.draw(painter, FIELDS_AT, y, focused(id));
        }
        FieldId::Group => {
            let used = fields.group.draw(painter, FIELDS_AT, y, focused(id));
            painter.text(FIELDS_AT + used + 1, y, width, servers, Role::Dim);
        }
        FieldId::Private => {
            let used = fields.private.draw(painter, FIELDS_AT, y, focused(id));
            painter.text(
                FIELDS_AT + used + 1,
                y,
                width,
                if width < 64 { "while my console is open" } else { "runs only while my console is open" },
                Role::Dim,
            );
        }
        FieldId::Date => {
            let used = fields.date.draw(painter, FIELDS_AT, y, focused(FieldId::Date));
            let time = fields.time.draw(painter, FIELDS_AT + used, y, focused(FieldId::Time));
            painter.hit_field((FIELDS_AT + used, y), time, &FieldId::Time, fields.order());
        }
        FieldId::Recurrence => {
            let words = fields.recurrence.as_ref().map_or_else(|| "none: once".to_owned(), Rule::words);
            between(painter, FIELDS_AT, y, focused(id), &opens(&words, width));
        }
        FieldId::Alerts => {
            between(painter, FIELDS_AT, y, focused(id), &opens(&fields.alerts.summary(), width));
        }
        FieldId::Retries => {
            let used = fields.retries.draw(painter, FIELDS_AT, y, focused(id));
            let (first, then) = (fields.retry_pause_ms, retry_pause(fields.retry_pause_ms, 2));
            let pauses = match fields.retries.text().parse::<i64>() {
                Ok(0) | Err(_) => String::new(),
                Ok(1) => format!("after {}", age(first)),
                Ok(_) => format!("after {}, then {}", age(first), age(then)),
            };
            painter.text(FIELDS_AT + used + 1, y, width, &pauses, Role::Dim);
        }
        FieldId::AfterError => {
            fields.after_error.draw(painter, FIELDS_AT, y, focused(id));
        }
        FieldId::Missed => {
            fields.missed.draw(painter, FIELDS_AT, y, focused(id));
        }
        FieldId::History => {
            fields.history.draw(painter, FIELDS_AT, y, focused(id));
        }
        FieldId::Time | FieldId::Ok | FieldId::Cancel => {}
    }
}

/// A button that opens a form, with what that form holds now; as wide as the words where the screen
/// has the room.
fn opens(words: &str, width: u16) -> String {
    let room = usize::from(width.saturating_sub(FIELDS_AT)).saturating_sub(13).max(20);
    let words = cut(words, room);
    let gap = " ".repeat(46_usize.min(room).saturating_sub(cells(&words)));
    format!("[ {words}{gap} ... ]")
}

/// The lines, wrapped to the pane; further rows of a line are indented. Warnings follow the first
/// two lines, so that they are in sight.
fn wrapped(outlook: &[PreviewLine], width: u16) -> Vec<PreviewLine> {
    let room = usize::from(width.saturating_sub(2));
    let (first, rest) = outlook.split_at(outlook.len().min(2));
    let is_warning = |(_, role): &&PreviewLine| *role != Role::Text;
    let (warnings, plain): (Vec<_>, Vec<_>) = rest.iter().partition(is_warning);
    let rows = |(text, role): &PreviewLine| {
        let rows = wrap(text, room.saturating_sub(2)).into_iter().enumerate();
        rows.map(|(at, row)| (if at == 0 { row } else { format!("  {row}") }, *role)).collect::<Vec<_>>()
    };
    first.iter().chain(warnings).chain(plain).flat_map(rows).collect()
}

/// The sentence of the OK button of a job that is edited.
pub const SAVE_HELP: &str = "OK saves the job.";

/// The sentence of the notice row.
pub fn help(id: FieldId) -> &'static str {
    match id {
        FieldId::Batch => "Batch processing: a batch server runs it. Space ticks, goes to Batch group.",
        FieldId::Description => "Task description: what the job is called in every list.",
        FieldId::Group => "Batch group: which batch servers take it. Space chooses.",
        FieldId::Private => "Private: no batch server takes it; it runs from My batch jobs in a console.",
        FieldId::Date => "Scheduled start: the day. Digits type, + - step, t is today.",
        FieldId::Time => "Scheduled start: the time. Digits type, + - step, t is now.",
        FieldId::Recurrence => "Recurrence: how often the job runs. Enter opens the form.",
        FieldId::Alerts => "Alerts: who hears what of it. Enter opens the form.",
        FieldId::Retries => "Maximum retries: how often a failed run is tried again before it counts.",
        FieldId::AfterError => "After an error: whether the next start is made. Space picks, arrows move.",
        FieldId::Missed => "Missed starts: what follows when no server was up. Space picks, arrows move.",
        FieldId::History => "Save to history: alerts are made of its rows. Space picks, arrows move.",
        FieldId::Ok => "OK submits the job, or without Batch processing starts a run now.",
        FieldId::Cancel => "Enter: cancel, nothing changes.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::screens::process::job_fields::ORDER;

    #[test]
    fn every_sentence_fits_the_notice_row() {
        for id in ORDER {
            assert!(help(id).chars().count() <= 78, "{}", help(id));
        }
    }
}

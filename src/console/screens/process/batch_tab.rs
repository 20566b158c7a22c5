//! How the Batch tab looks.

use crate::batch::retry_pause;
use crate::console::protocol::time::age;
use crate::console::screens::process::job_fields::{JobFields, Slot};
use crate::console::screens::process::submit_preview::Line;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::button;
use crate::console::widgets::field::{Field, between};
use crate::recurrence::Rule;

/// The column in which fields begin, that of their left arrow.
const FIELDS: u16 = 21;
/// Rows of the fields.
const ROWS: u16 = 13;

/// Draws the fields and what OK will do; on a low screen what has the focus is always in sight.
pub fn draw(painter: &mut Painter, fields: &JobFields, servers: &str, outlook: &[Line]) {
    let (width, height) = (painter.width(), painter.height());
    let below = u16::try_from(outlook.len()).unwrap_or(4) + 1;
    let room = height.saturating_sub(1);
    let shown = ROWS.min(room.saturating_sub(below.min(4))).max(1);
    let top = (row(fields.slot()) + 1).saturating_sub(shown);
    let mut part = painter.part(0, 0, width, shown);
    for (slot, label) in LABELS {
        if let Some(y) = row(slot).checked_sub(top) {
            let off = !fields.batch.on && slot != Slot::Batch;
            part.text(3, y, FIELDS, label, if off { Role::Dim } else { Role::Text });
            field(&mut part, fields, slot, y, servers);
        }
    }
    let mut pane = painter.part(0, shown, width, room.saturating_sub(shown));
    pane.rule(0, "What OK will do", "", false);
    let rows = usize::from(pane.height().saturating_sub(1));
    // What warns must not be what falls off.
    let mut shown: Vec<_> = outlook.iter().collect();
    while shown.len() > rows {
        let Some(plain) = shown.iter().position(|(_, role)| *role == Role::Text) else { break };
        shown.remove(plain);
    }
    for (y, (text, role)) in (1..).zip(shown) {
        let x = u16::from(!text.starts_with('!'));
        pane.text(x, y, width, text, *role);
    }
    let x = width.saturating_sub(29);
    let bottom = height.saturating_sub(1);
    let used = button::draw(painter, x, bottom, fields.slot() == Slot::Ok, "  OK  ");
    button::draw(painter, x + used + 2, bottom, fields.slot() == Slot::Cancel, "Cancel");
}

const LABELS: [(Slot, &str); 11] = [
    (Slot::Batch, "Batch processing"),
    (Slot::Description, "Task description"),
    (Slot::Group, "Batch group"),
    (Slot::Private, "Private"),
    (Slot::Date, "Scheduled start"),
    (Slot::Recurrence, "Recurrence"),
    (Slot::Alerts, "Alerts"),
    (Slot::Retries, "Maximum retries"),
    (Slot::AfterError, "After an error"),
    (Slot::Missed, "Missed starts"),
    (Slot::History, "Save to history"),
];

/// The row of a field.
fn row(slot: Slot) -> u16 {
    match slot {
        Slot::Batch => 0,
        Slot::Description => 1,
        Slot::Group => 2,
        Slot::Private => 3,
        Slot::Date | Slot::Time => 4,
        Slot::Recurrence => 5,
        Slot::Alerts => 6,
        Slot::Retries => 8,
        Slot::AfterError => 9,
        Slot::Missed => 10,
        Slot::History => 11,
        Slot::Ok | Slot::Cancel => 12,
    }
}

fn field(painter: &mut Painter, fields: &JobFields, slot: Slot, y: u16, servers: &str) {
    let focused = |slot| fields.slot() == slot;
    let width = painter.width();
    match slot {
        Slot::Batch => {
            fields.batch.draw(painter, FIELDS, y, focused(slot));
        }
        Slot::Description => {
            fields.description.draw(painter, FIELDS, y, focused(slot));
        }
        Slot::Group => {
            let used = fields.group.draw(painter, FIELDS, y, focused(slot));
            painter.text(FIELDS + used + 1, y, width, servers, Role::Dim);
        }
        Slot::Private => {
            let used = fields.private.draw(painter, FIELDS, y, focused(slot));
            painter.text(FIELDS + used + 1, y, width, "runs only in a console of yours", Role::Dim);
        }
        Slot::Date => {
            let used = fields.date.draw(painter, FIELDS, y, focused(Slot::Date));
            fields.time.draw(painter, FIELDS + used, y, focused(Slot::Time));
        }
        Slot::Recurrence => {
            let words = fields.recurrence.as_ref().map_or_else(|| "none: once".to_owned(), Rule::words);
            between(painter, FIELDS, y, focused(slot), &opens(&words));
        }
        Slot::Alerts => {
            between(painter, FIELDS, y, focused(slot), &opens(&fields.alerts.words()));
        }
        Slot::Retries => {
            let used = fields.retries.draw(painter, FIELDS, y, focused(slot));
            let (first, then) = (fields.retry_pause_ms, retry_pause(fields.retry_pause_ms, 2));
            let pauses = match fields.retries.text().parse::<i64>() {
                Ok(0) | Err(_) => String::new(),
                Ok(1) => format!("after {}", age(first)),
                Ok(_) => format!("after {}, then {}", age(first), age(then)),
            };
            painter.text(FIELDS + used + 1, y, width, &pauses, Role::Dim);
        }
        Slot::AfterError => {
            fields.after_error.draw(painter, FIELDS, y, focused(slot));
        }
        Slot::Missed => {
            fields.missed.draw(painter, FIELDS, y, focused(slot));
        }
        Slot::History => {
            fields.history.draw(painter, FIELDS, y, focused(slot));
        }
        Slot::Time | Slot::Ok | Slot::Cancel => {}
    }
}

/// A button that opens a form, with what that form holds now.
fn opens(words: &str) -> String {
    let words = crate::console::view::painter::cut(words, 46);
    format!("[ {words:<46} ... ]")
}

/// The sentence of the notice row.
pub fn help(slot: Slot) -> &'static str {
    match slot {
        Slot::Batch => "Batch processing: a batch server runs it. Space ticks, goes to Recurrence.",
        Slot::Description => "Task description: what the job is called in every list.",
        Slot::Group => "Batch group: which batch servers take it. Space chooses.",
        Slot::Private => "Private: no batch server takes it; it runs from My batch jobs in a console.",
        Slot::Date => "Scheduled start: the day. Digits type, + - step, t is today.",
        Slot::Time => "Scheduled start: the time. Digits type, + - step, t is now.",
        Slot::Recurrence => "Recurrence: how often the job runs. Enter opens the form.",
        Slot::Alerts => "Alerts: who hears what of it. Enter opens the form.",
        Slot::Retries => "Maximum retries: how often a failed run is tried again before it counts.",
        Slot::AfterError => "After an error: whether the next start is made. Space picks, arrows move.",
        Slot::Missed => "Missed starts: what follows when no server was up. Space picks, arrows move.",
        Slot::History => "Save to history: alerts are made of its rows. Space picks, arrows move.",
        Slot::Ok => "OK submits the job, or without Batch processing starts a run now.",
        Slot::Cancel => "Leaves; nothing was changed.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::screens::process::job_fields::ORDER;

    #[test]
    fn every_sentence_fits_the_notice_row() {
        for slot in ORDER {
            assert!(help(slot).chars().count() <= 78, "{}", help(slot));
        }
    }
}

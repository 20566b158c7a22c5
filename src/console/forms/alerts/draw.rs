//! How the form of alerts looks.

use crate::console::forms::alerts::{AlertsForm, Slot};
use crate::console::protocol::batch_query::LastDelivery;
use crate::console::view::context::View;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::button;
use crate::console::widgets::field::Field;

impl AlertsForm {
    /// Draws it.
    pub fn draw(&self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        painter.rule(0, &format!("Set up alerts for batch jobs · {}", self.title), &self.opened.operator, true);
        // On a low screen what has the focus is in sight.
        let row = Self::row(self.ring.at());
        let room = height.saturating_sub(2);
        let top = (row + 1).saturating_sub(room.max(1)).min(12);
        let mut part = painter.part(0, 1, width, room);
        self.draw_fields(&mut part, top, view);
        let bottom = height.saturating_sub(1);
        button::draw(painter, 2, bottom, self.ring.at() == Slot::Test, "Send a test");
        let x = width.saturating_sub(29);
        let used = button::draw(painter, x, bottom, self.ring.at() == Slot::Ok, "  OK  ");
        button::draw(painter, x + used + 2, bottom, self.ring.at() == Slot::Cancel, "Cancel");
    }

    /// The row of a field, counted below the heading.
    fn row(slot: Slot) -> u16 {
        match slot {
            Slot::Ended => 1,
            Slot::Error => 2,
            Slot::Canceled => 3,
            Slot::Late | Slot::LateMinutes => 4,
            Slot::Long | Slot::LongMinutes => 5,
            Slot::Popup => 7,
            Slot::Email | Slot::Address => 8,
            Slot::Command => 9,
            Slot::Test | Slot::Ok | Slot::Cancel => 1,
        }
    }

    fn draw_fields(&self, painter: &mut Painter, top: u16, view: &View) {
        let width = painter.width();
        let at = |slot| Self::row(slot).checked_sub(top);
        let focused = |slot| self.ring.at() == slot;
        let labels = [
            (Slot::Ended, 0, "Tell me", "Ended: a run succeeded"),
            (Slot::Error, 1, "", "Error: it failed after its retries, or its purge is held"),
            (Slot::Canceled, 2, "", "Canceled"),
            (Slot::Late, 3, "", "Not started"),
            (Slot::Long, 4, "", "Runs longer than"),
            (Slot::Popup, 5, "By", "Pop-up: in the list behind ! of your consoles"),
            (Slot::Email, 6, "", "E-mail to"),
            (Slot::Command, 7, "", "Command that the batch server is configured with"),
        ];
        for (slot, index, heading, label) in labels {
            let Some(y) = at(slot) else { continue };
            painter.text(3, y, 9, heading, Role::Text);
            let used = self.ticks[index].draw(painter, 12, y, focused(slot));
            let x = 12 + used + 1;
            let x = x + painter.text(x, y, width, label, Role::Text) + 1;
            match slot {
                Slot::Late => {
                    let used = self.late.draw(painter, x, y, focused(Slot::LateMinutes));
                    painter.text(x + used, y, width, "minutes after it is due", Role::Text);
                }
                Slot::Long => {
                    let used = self.long.draw(painter, x, y, focused(Slot::LongMinutes));
                    painter.text(x + used, y, width, "minutes", Role::Text);
                }
                Slot::Email => {
                    self.address.draw(painter, x, y, focused(Slot::Address));
                }
                _ => {}
            }
        }
        let Some(y) = 11_u16.checked_sub(top) else { return };
        painter.part(0, y, width, 1).rule(0, "Whether it works", "", false);
        let mut lines: Vec<(String, Role)> =
            self.warnings().into_iter().map(|text| (format!("! {text}"), Role::Warn)).collect();
        if let Some((email, command)) = &self.ways {
            lines.push(worked("E-mail ", email, view));
            lines.push(worked("Command", command, view));
        }
        lines.push((
            "Each operator sets what he himself is told; one test goes by every way ticked.".to_owned(),
            Role::Dim,
        ));
        for (y, (text, role)) in (y + 1..).zip(lines) {
            painter.text(u16::from(!text.starts_with('!')), y, width, &text, role);
        }
    }
}

fn worked(way: &str, last: &LastDelivery, view: &View) -> (String, Role) {
    let arrived = match last.arrived_at {
        Some(at) => format!("last arrived {}", view.zone.short(at, view.now)),
        None => "nothing ever arrived".to_owned(),
    };
    match &last.fault {
        Some(fault) => (format!("{way}  {arrived}; the last try failed: {fault}"), Role::Bad),
        None => (format!("{way}  {arrived}"), Role::Text),
    }
}

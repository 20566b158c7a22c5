//! Draws the form of alerts.

use crate::batch::{AlertRule, SaveHistory};
use crate::console::forms::alerts::field_id::FieldId;
use crate::console::forms::alerts::{AlertsForm, FIRST_CHANNEL, LATE, LONG};
use crate::console::protocol::batch_query::LastDelivery;
use crate::console::protocol::query::{DeliveryChannel, DeliveryFault, delivery_fault};
use crate::console::view::context::ViewContext;
use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::Painter;
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::field::Field;

impl AlertsForm {
    /// Alerts that will never be sent, with the reasons.
    fn warnings(&self) -> Vec<String> {
        let Ok(settings) = self.settings() else { return Vec::new() };
        let mut warnings = Vec::new();
        let of_ends = settings.on_ended || settings.on_error || settings.on_canceled;
        match self.history {
            SaveHistory::Never if of_ends => {
                warnings.push(
                    "Save to history is Never: no alert on an end, because alerts come from history rows".to_owned(),
                );
            }
            SaveHistory::ErrorsOnly if settings.on_ended => {
                warnings.push("Save to history is Errors only: no alert on success".to_owned());
            }
            _ => {}
        }
        if settings.has_events() && !settings.has_channel() {
            warnings.push("no channel is ticked".to_owned());
        }
        warnings
    }

    /// Draws the form.
    pub fn draw(&self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        painter.rule(0, &self.heading(), &self.opened.operator, true);
        // On a low terminal, scroll the focused field into view.
        let row = self.row(self.ring.focused());
        let room = height.saturating_sub(2);
        let report = self.report(view);
        let all = self.channels_row() + 7 + u16::try_from(report.len()).unwrap_or(0);
        let last = if row > self.channels_row() + 6 { all } else { row + 1 };
        let top = last.saturating_sub(room.max(1));
        let mut part = painter.part(0, 1, width, room);
        self.draw_fields(&mut part, top, view);
        self.draw_report(&mut part, top, &report);
        pane::mark_form(&mut part, top, room, all);
        let (focused, order) = (self.ring.focused(), self.order());
        let buttons = [(FieldId::Ok, Button::new("  OK  ")), (FieldId::Cancel, Button::new("Cancel").by_click())];
        let bottom = button::draw_row(painter, all + 1, buttons, Some(&focused), &order);
        let used = Button::new("Send a test").draw(painter, 2, bottom, focused == FieldId::Test);
        painter.hit_field((2, bottom), used, &FieldId::Test, &order);
    }

    fn heading(&self) -> String {
        match self.rules {
            Some(_) => "Set up alerts about the exchange".to_owned(),
            None => format!("Set up alerts for batch jobs · {}", self.title),
        }
    }

    /// The row of the first channel, below the events or rules.
    fn channels_row(&self) -> u16 {
        if self.rules.is_some() { 10 } else { 7 }
    }

    /// The row of a field, counted below the heading.
    fn row(&self, id: FieldId) -> u16 {
        let channels = self.channels_row();
        match id {
            FieldId::Rule(rule) => 1 + rule as u16,
            FieldId::Ended => 1,
            FieldId::Error => 2,
            FieldId::Canceled => 3,
            FieldId::Late | FieldId::LateMinutes => 4,
            FieldId::Long | FieldId::LongMinutes => 5,
            FieldId::Popup => channels,
            FieldId::Email | FieldId::Address => channels + 1,
            FieldId::Command => channels + 2,
            FieldId::Webhook => channels + 3,
            FieldId::Syslog => channels + 4,
            // The buttons are below all rows; with them, the last rows are in sight.
            FieldId::Test | FieldId::Ok | FieldId::Cancel => channels + 7,
        }
    }

    fn draw_fields(&self, painter: &mut Painter, top: u16, view: &ViewContext) {
        let width = painter.width();
        let at = |id| self.row(id).checked_sub(top);
        let focused = |id| self.ring.focused() == id;
        let popup = view.keys("Pop-up: in the notifications of your consoles ({notifications})");
        let labels = [
            (FieldId::Ended, 0, "Notify", "Ended: a run succeeded"),
            (FieldId::Error, 1, "", "Error: it failed after its retries, or its purge is held"),
            (FieldId::Canceled, 2, "", "Canceled"),
            (FieldId::Late, 3, "", LATE),
            (FieldId::Long, 4, "", LONG),
            (FieldId::Popup, 5, "By", &popup),
            (FieldId::Email, 6, "", "E-mail to"),
            (FieldId::Command, 7, "", "Command of the batch server's configuration"),
            (FieldId::Webhook, 8, "", "Webhook of the batch server's configuration"),
            (FieldId::Syslog, 9, "", "System log of the batch server's machine"),
        ];
        self.draw_rules(painter, top);
        let is_shown = |id: FieldId| self.order().contains(&id);
        for (id, index, heading, label) in labels.into_iter().filter(|(id, ..)| is_shown(*id)) {
            let Some(y) = at(id) else { continue };
            painter.text(3, y, 9, heading, Role::Text);
            let used = self.ticks[index].draw(painter, 12, y, focused(id));
            let x = 12 + used + 1;
            let x = x + painter.text(x, y, width, label, Role::Text) + 1;
            painter.hit_field((12, y), x - 12, &id, &self.order());
            painter.hit((12, y), (x - 12, 1), Hit::Press(Press::Space));
            match id {
                FieldId::Late => {
                    let used = self.late.draw(painter, x, y, focused(FieldId::LateMinutes));
                    painter.hit_field((x, y), used, &FieldId::LateMinutes, &self.order());
                    painter.text(x + used, y, width, "minutes after it is due", Role::Text);
                }
                FieldId::Long => {
                    let used = self.long.draw(painter, x, y, focused(FieldId::LongMinutes));
                    painter.hit_field((x, y), used, &FieldId::LongMinutes, &self.order());
                    painter.text(x + used, y, width, "minutes", Role::Text);
                }
                FieldId::Email => {
                    let used = self.address.draw(painter, x, y, focused(FieldId::Address));
                    painter.hit_field((x, y), used, &FieldId::Address, &self.order());
                }
                _ => {}
            }
        }
    }

    /// Whether the channels work, and what warns.
    fn report(&self, view: &ViewContext) -> Vec<(String, Role)> {
        let mut lines: Vec<(String, Role)> =
            self.warnings().into_iter().map(|text| (format!("! {text}"), Role::Warn)).collect();
        // Channels that are neither ticked nor ever used are left out, so that the rest fits 80x24.
        let ticks = self.ticks[FIRST_CHANNEL..].iter();
        let channels =
            self.deliveries.iter().zip(ticks).filter(|((_, last), tick)| tick.on || *last != LastDelivery::default());
        lines.extend(channels.map(|((channel, last), _)| worked(*channel, last, view)));
        lines.push(("These alerts are yours only. \"Send a test\" uses every ticked channel.".to_owned(), Role::Dim));
        lines
    }

    fn draw_report(&self, painter: &mut Painter, top: u16, lines: &[(String, Role)]) {
        let (width, heading) = (painter.width(), self.channels_row() + 6);
        if let Some(y) = heading.checked_sub(top) {
            painter.part(0, y, width, 1).rule(0, "Whether it works", "", false);
        }
        for (row, (text, role)) in (heading + 1..).zip(lines) {
            if let Some(y) = row.checked_sub(top) {
                painter.text(u16::from(!text.starts_with('!')), y, width, text, *role);
            }
        }
    }

    fn draw_rules(&self, painter: &mut Painter, top: u16) {
        let width = painter.width();
        for (rule, tick) in AlertRule::ALL.into_iter().zip(self.rules.iter().flatten()) {
            let id = FieldId::Rule(rule);
            let Some(y) = self.row(id).checked_sub(top) else { continue };
            painter.text(3, y, 9, if rule == AlertRule::ALL[0] { "Notify" } else { "" }, Role::Text);
            let x = 12 + tick.draw(painter, 12, y, self.ring.focused() == id) + 1;
            let used = painter.text(x, y, width, &format!("{}: {}", rule.label(), rule.help()), Role::Text);
            painter.hit_field((12, y), x + used - 12, &id, &self.order());
            painter.hit((12, y), (x + used - 12, 1), Hit::Press(Press::Space));
        }
    }
}

fn worked(channel: DeliveryChannel, last: &LastDelivery, view: &ViewContext) -> (String, Role) {
    let arrived = match last.arrived_at {
        Some(at) => format!("last delivered {}", view.zone.short(at, view.now)),
        None => "nothing delivered yet".to_owned(),
    };
    let name = format!("{:<7}", channel.label());
    let Some(fault) = &last.fault else { return (format!("{name}  {arrived}"), Role::Text) };
    let begins = if matches!(fault, DeliveryFault::Failed(_)) { "the last try failed: " } else { "" };
    let fault = delivery_fault(channel, fault, |at| view.zone.short(at, view.now));
    (format!("{name}  {arrived}; {begins}{fault}"), Role::Bad)
}

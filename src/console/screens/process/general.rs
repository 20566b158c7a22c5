//! The General tab: the steps of a run, where it runs, and a preview.

use crate::batch::{PurgeConsent, Task};
use crate::console::protocol::effect::{Confirm, Effect, RunRequest, ScreenChange};
use crate::console::protocol::query::Preview;
use crate::console::screens::run_preview;
use crate::console::view::context::ViewContext;
use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::Painter;
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::field::Field;
use crate::console::widgets::radio;
use crate::console::widgets::tick::Tick;
use crate::domain::counted;
use crate::guard::{Consent, Refusal};

/// A field, or a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they are
pub enum FieldId {
    Transfer,
    Purge,
    Where,
    Ok,
    Cancel,
}

/// Every field, in Tab order.
pub const ORDER: [FieldId; 5] = [FieldId::Transfer, FieldId::Purge, FieldId::Where, FieldId::Ok, FieldId::Cancel];

/// The tab *General*, as it is filled in.
pub struct General {
    /// Transfer messages to head office.
    pub transfer: bool,
    /// Purge expired rows.
    pub purge: bool,
    /// Run on the running batch server instead of in this console.
    pub on_server: bool,
    /// The field with the focus.
    pub focused: FieldId,
    /// The preview of a run.
    pub preview: Option<Result<Box<Preview>, String>>,
    /// Which of transfer, purge and the server were ticked when it opened.
    opened_with: [bool; 3],
}

impl General {
    /// The initial state: the steps of a task, on a server if one is running, the focus on OK.
    pub fn new(Task { transfer, purge }: Task) -> Self {
        let opened_with = [transfer, purge, true];
        Self { transfer, purge, on_server: true, focused: FieldId::Ok, preview: None, opened_with }
    }

    /// Whether anything was changed since it was opened.
    pub fn is_changed(&self) -> bool {
        [self.transfer, self.purge, self.on_server] != self.opened_with
    }

    /// Moves the focus to the next or the previous field. `servers`: whether a batch server is
    /// running.
    pub fn step(&mut self, back: bool, servers: bool) {
        let without = [FieldId::Transfer, FieldId::Purge, FieldId::Ok, FieldId::Cancel];
        let order: &[FieldId] = if servers { &ORDER } else { &without };
        let at = order.iter().position(|id| *id == self.focused).unwrap_or(0);
        self.focused = order[(at + if back { order.len() - 1 } else { 1 }) % order.len()];
    }

    /// Focuses the field at this position in Tab order; returns whether there is one.
    pub fn focus(&mut self, number: usize) -> bool {
        let field = ORDER.get(number).copied();
        self.focused = field.unwrap_or(self.focused);
        field.is_some()
    }

    /// Returns the request for a run in this console; `confirmed_rows`: the number that
    /// the operator typed.
    pub fn run_request(&self, confirmed_rows: Option<i64>) -> RunRequest {
        let purge_consent = self.consent(confirmed_rows);
        RunRequest { transfer: self.transfer, purge: self.purge, purge_consent, job: None, consent: Consent::default() }
    }

    /// Returns the number of the preview that was shown, and the number of rows confirmed.
    pub fn consent(&self, rows: Option<i64>) -> PurgeConsent {
        let preview = self.preview.as_ref().and_then(|preview| preview.as_ref().ok());
        PurgeConsent { rows, preview: preview.filter(|_| self.purge).and_then(|preview| preview.number()) }
    }

    /// The guardrail that refuses the run; `None` if it may start.
    pub fn refusal(&self) -> Option<&Refusal> {
        let Some(Ok(preview)) = &self.preview else { return None };
        preview.refusal.as_ref()
    }

    /// The question before a run that may be a mistake; `None` if there is none to ask.
    pub fn question(&self, view: &ViewContext) -> Option<Effect> {
        let Some(Ok(preview)) = &self.preview else { return None };
        self.confirm_transfer(preview).or_else(|| self.confirm_purge(preview, view))
    }

    /// The question before the first transfer from a message database of another head office.
    fn confirm_transfer(&self, preview: &Preview) -> Option<Effect> {
        let foreign = preview.foreign.as_ref().filter(|_| self.transfer)?;
        let databases = &preview.databases;
        Some(Effect::Confirm(Confirm {
            title: format!("Transfer {} of another head office?", counted(preview.waiting, "message")),
            lines: vec![
                format!("The message database belongs to head office {}:", foreign.owner),
                databases.message_database.to_string(),
                format!("{}:", foreign.reader_words()),
                databases.head_office.to_string(),
                "What is transferred stays here. If one of the two is the wrong one, press Esc.".to_owned(),
            ],
            word: "transfer".to_owned(),
            then: vec![Effect::Screen(ScreenChange::StartRun { confirm_purge: None })],
        }))
    }

    /// The question before a purge over the limit or with a guardrail; `None` without either, or if
    /// no confirmation helps.
    fn confirm_purge(&self, preview: &Preview, view: &ViewContext) -> Option<Effect> {
        let why = preview.asks().filter(|_| self.purge)?;
        let rows = preview.expired.rows();
        Some(Effect::Confirm(Confirm {
            title: format!("Purge {}?", counted(rows, "row")),
            lines: vec![
                format!("{why}."),
                "Resolved sessions and messages past their retention are deleted from both databases.".to_owned(),
                preview.trash_until().map_or_else(
                    || "This cannot be undone. Untick the purge to transfer only.".to_owned(),
                    |until| {
                        let until = view.zone.long(until);
                        format!("Sessions stay in the trash until {until}. Untick the purge to transfer only.")
                    },
                ),
            ],
            word: rows.to_string(),
            then: vec![Effect::Screen(ScreenChange::StartRun { confirm_purge: Some(rows) })],
        }))
    }

    /// Draws the tab; `server` is the batch server that would run it.
    pub fn draw(&self, painter: &mut Painter, server: Option<&str>, view: &ViewContext) {
        painter.text(3, 1, 8, "Do", Role::Text);
        for (y, id, on, label) in [
            (1, FieldId::Transfer, self.transfer, "Transfer status messages to head office"),
            (2, FieldId::Purge, self.purge, "Purge expired rows from both databases"),
        ] {
            let used = Tick { on }.draw(painter, 11, y, self.focused == id);
            let used = used + painter.text(11 + used, y, 66, label, Role::Text);
            painter.hit_field((11, y), used, &id, &ORDER);
            painter.hit((11, y), (used, 1), Hit::Press(Press::Space));
        }
        painter.text(3, 4, 8, "Where", Role::Text);
        let here = "In this console: stops safely if you disconnect";
        if let Some(server) = server {
            let there = format!("On {server}: continues if you disconnect");
            for (y, on, words) in [(4, self.on_server, there.as_str()), (5, !self.on_server, here)] {
                let used = radio::button(painter, 11, y, on && self.focused == FieldId::Where, on, words);
                painter.hit_field((11, y), used, &FieldId::Where, &ORDER);
            }
        } else {
            painter.text(12, 4, 66, here, Role::Text);
            painter.text(12, 5, 66, "No batch server is running; cdx batch-server starts one.", Role::Dim);
        }
        let width = painter.width();
        let pane = if painter.height() < 14 { 6 } else { 7 };
        let room = usize::from(width.saturating_sub(2));
        let lines = run_preview::lines(self.preview.as_ref(), (self.transfer, self.purge), view, room);
        let content = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(pane + 1);
        let buttons = [(FieldId::Ok, Button::new("  OK  ")), (FieldId::Cancel, Button::new("Cancel").by_click())];
        let bottom = button::draw_row(painter, content, buttons, Some(&self.focused), &ORDER);
        let mut part = painter.part(0, pane, width, bottom.saturating_sub(pane));
        pane::draw(&mut part, ("What OK will do", ""), (&lines, &mut 0), (false, None));
    }
}

/// The sentence of the notice row.
pub fn help(id: FieldId) -> &'static str {
    match id {
        FieldId::Ok => "OK starts a run and shows it live.",
        FieldId::Cancel => "Enter: cancel, nothing changes.",
        FieldId::Where => "Where it runs. Space or the arrows change it.",
        FieldId::Transfer => "Transfers the agents' messages to head office. Space ticks.",
        FieldId::Purge => "Deletes resolved sessions and messages past their retention. Space ticks.",
    }
}

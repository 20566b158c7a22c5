//! Process status messages: what to do, what OK will do, and the run as it lives.

use super::super::input::Key;
use super::super::keys::Command;
use super::super::painter::Painter;
use super::super::query::{Answer, Preview, Query};
use super::super::screen::{Action, Choice, Question, Screen, Target, View, Wish};
use super::super::theme::Role;
use super::consequence;
use super::progress::{self, Pane, Stand};
use crate::domain::grouped;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Transfer,
    Purge,
    Ok,
    Cancel,
}

const FIELDS: [Field; 4] = [Field::Transfer, Field::Purge, Field::Ok, Field::Cancel];

/// The dialog, and what follows OK.
pub struct Process {
    transfer: bool,
    purge: bool,
    focus: Field,
    preview: Option<Result<Box<Preview>, String>>,
    shows_run: bool,
    stand: Stand,
}

impl Process {
    /// The dialog; while a run lives, that run.
    pub fn new(view: &View) -> Self {
        Self {
            transfer: true,
            purge: true,
            focus: Field::Ok,
            preview: None,
            shows_run: view.run.is_some_and(super::super::live::LiveRun::lives),
            stand: Stand { pane: Pane::Errors, error: 0, top: 0 },
        }
    }

    fn choice(&self, confirm_purge: Option<i64>) -> Choice {
        Choice { transfer: self.transfer, purge: self.purge, confirm_purge }
    }

    fn press(&mut self, view: &View) -> Vec<Wish> {
        if view.read_only {
            return vec![Wish::Say("nothing can be run: this console is read-only".to_owned())];
        }
        if !self.transfer && !self.purge {
            return vec![Wish::Say("nothing to do: tick the transfer or the purge".to_owned())];
        }
        if let Some(Ok(preview)) = &self.preview
            && let (true, Some(brake)) = (self.purge, &preview.brake)
        {
            return vec![Wish::Question(Question {
                title: format!("Purge {} rows?", grouped(preview.rows())),
                lines: vec![
                    format!("{brake}."),
                    "Resolved sessions and messages past their retention go from both databases.".to_owned(),
                    "There is no way back. Untick the purge to transfer only.".to_owned(),
                ],
                word: preview.rows().to_string(),
            })];
        }
        self.shows_run = true;
        vec![Wish::Start(self.choice(None))]
    }

    fn draw_dialog(&self, painter: &mut Painter, view: &View) {
        painter.rule(0, "Process status messages", "", true);
        let tick = |on: bool| if on { 'x' } else { ' ' };
        let rows = [
            (2, Field::Transfer, self.transfer, "Transfer status messages to head office"),
            (3, Field::Purge, self.purge, "Purge what has expired, from both databases"),
        ];
        painter.text(3, 2, 8, "Do", Role::Text);
        for (y, field, on, label) in rows {
            let [left, right] = if self.focus == field { ['►', '◄'] } else { [' ', ' '] };
            painter.text(11, y, 70, &format!("{left}[{}]{right} {label}", tick(on)), Role::Text);
        }
        painter.text(3, 5, 8, "Where", Role::Text);
        painter.text(12, 5, 66, "In this console: ends with it, at a whole chunk, nothing lost", Role::Text);
        let width = painter.width();
        let bottom = painter.height().saturating_sub(1);
        let mut pane = painter.part(0, 7, width, bottom.saturating_sub(7));
        pane.rule(0, "What OK will do", "", false);
        for (y, (text, role)) in (1..).zip(consequence::lines(self.preview.as_ref(), (self.transfer, self.purge), view))
        {
            pane.text(1, y, width, &text, role);
        }
        let button = |field: Field, label: &str| {
            if self.focus == field { format!("►[ {label} ]◄") } else { format!(" [ {label} ] ") }
        };
        let buttons = format!("{}  {}", button(Field::Ok, "  OK  "), button(Field::Cancel, "Cancel"));
        painter.right(0, bottom, width.saturating_sub(1), &buttons, Role::Title);
    }
}

impl Screen for Process {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Periodic", "Data distribution", "Process status messages"]
    }

    fn target(&self) -> Target {
        Target::Process
    }

    fn is_dialog(&self) -> bool {
        !self.shows_run
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        if self.shows_run { Vec::new() } else { vec![Wish::Ask(Query::Preview)] }
    }

    fn offers(&self, command: Command) -> bool {
        self.shows_run
            && matches!(
                command,
                Command::Actions
                    | Command::Open
                    | Command::NextPane
                    | Command::NextError
                    | Command::Up
                    | Command::Down
                    | Command::Help
                    | Command::Palette
                    | Command::Menu
                    | Command::Quit
            )
    }

    fn key(&mut self, key: &Key, view: &View) -> Option<Vec<Wish>> {
        let at = FIELDS.iter().position(|field| *field == self.focus).unwrap_or(0);
        match key {
            Key::Tab | Key::Down => self.focus = FIELDS[(at + 1) % FIELDS.len()],
            Key::BackTab | Key::Up => self.focus = FIELDS[(at + FIELDS.len() - 1) % FIELDS.len()],
            Key::Left | Key::Right if matches!(self.focus, Field::Ok | Field::Cancel) => {
                self.focus = if self.focus == Field::Ok { Field::Cancel } else { Field::Ok };
            }
            Key::Char(' ') => match self.focus {
                Field::Transfer => self.transfer = !self.transfer,
                Field::Purge => self.purge = !self.purge,
                Field::Ok | Field::Cancel => {}
            },
            Key::Enter => match self.focus {
                Field::Ok => return Some(self.press(view)),
                Field::Cancel => return Some(vec![Wish::Back]),
                Field::Transfer | Field::Purge => self.focus = Field::Ok,
            },
            Key::Esc => return Some(vec![Wish::Back]),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        match command {
            Command::Actions => {
                let refused = match view.run {
                    Some(run) if run.lives() && !run.canceling => None,
                    Some(run) if run.lives() => Some("it ends already".to_owned()),
                    _ => Some("it has ended".to_owned()),
                };
                let cancel = Action { letter: 'c', label: "Cancel the run", remark: String::new(), refused };
                Some(vec![Wish::Actions("Actions on this run".to_owned(), vec![cancel])])
            }
            Command::Up => {
                match self.stand.pane {
                    Pane::Errors => self.stand.error = self.stand.error.saturating_sub(1),
                    Pane::Log => self.stand.top += 1,
                }
                Some(Vec::new())
            }
            Command::Down => {
                match self.stand.pane {
                    Pane::Errors => self.stand.error += 1,
                    Pane::Log => self.stand.top = self.stand.top.saturating_sub(1),
                }
                Some(Vec::new())
            }
            Command::NextPane | Command::PreviousPane => {
                self.stand.pane = if self.stand.pane == Pane::Errors { Pane::Log } else { Pane::Errors };
                Some(Vec::new())
            }
            Command::Open if self.stand.pane == Pane::Errors => {
                let failed = view.run.and_then(|run| run.newest_failures.get(self.stand.error));
                Some(failed.map(|failed| Wish::Go(Target::Session(failed.key.clone()))).into_iter().collect())
            }
            Command::NextError => Some(vec![Wish::Go(Target::Errors)]),
            _ => None,
        }
    }

    fn acted(&mut self, _: char, _: &View) -> Vec<Wish> {
        vec![Wish::Question(Question {
            title: "Cancel this run?".to_owned(),
            lines: vec!["It ends at this chunk; what was transferred stays, the next run goes on there.".to_owned()],
            word: "y".to_owned(),
        })]
    }

    fn confirmed(&mut self, _: &View) -> Vec<Wish> {
        if self.shows_run {
            return vec![Wish::CancelRun];
        }
        let rows = match &self.preview {
            Some(Ok(preview)) => Some(preview.rows()),
            _ => None,
        };
        self.shows_run = true;
        vec![Wish::Start(self.choice(rows))]
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Preview(preview)) => self.preview = Some(Ok(preview)),
            Ok(_) => {}
            Err(sentence) => self.preview = Some(Err(sentence)),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        match view.run.filter(|_| self.shows_run) {
            Some(run) => progress::draw(painter, run, &mut self.stand, view),
            None => self.draw_dialog(painter, view),
        }
    }

    fn notice(&self, view: &View) -> String {
        if !self.shows_run {
            return match self.focus {
                Field::Ok => "OK starts a run and shows it live.",
                Field::Cancel => "Leaves; nothing was changed.",
                Field::Transfer => "Brings what agents posted to head office. Space ticks.",
                Field::Purge => "Deletes what is resolved and past its retention. Space ticks.",
            }
            .to_owned();
        }
        if view.run.is_some_and(super::super::live::LiveRun::lives) {
            "Esc leaves this screen, the run goes on. ^C asks before it stops anything.".to_owned()
        } else {
            "Esc leaves; the result also stands in the list of runs.".to_owned()
        }
    }
}

//! The question what becomes of the run in this console when the console ends.

use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::key::Key;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::time::age;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::Role;
use crate::domain::Timestamp;

/// The question, with a cursor.
#[derive(Debug)]
pub struct QuitBox {
    cursor: usize,
    /// The batch server that can continue the run.
    successor: Option<String>,
}

impl QuitBox {
    /// The question with the cursor on its first answer.
    pub fn new(successor: Option<String>) -> Self {
        Self { cursor: 0, successor }
    }

    /// The answers: letter, words, and what each does.
    fn answers(&self, run: Option<(&LiveRun, Timestamp)>) -> Vec<(char, String, OverlayOutcome)> {
        let left = run.and_then(|(run, now)| run.measured(now)?.left).map(age);
        let left = left.map(|left| format!(", about {left}")).unwrap_or_default();
        let wait = format!("Wait here until it has ended{left}");
        let mut answers = vec![('w', wait, OverlayOutcome::QuitAfterRun)];
        if let Some(server) = &self.successor {
            let words = format!("Hand it to batch server {server}; it continues after the last chunk");
            answers.push(('b', words, OverlayOutcome::HandOver(server.clone())));
        }
        let cancel = "Cancel it after this chunk; transferred messages are kept".to_owned();
        answers.push(('c', cancel, OverlayOutcome::Perform(vec![Effect::CancelRun])));
        let quit = "Quit now: it stops after this chunk, the next run continues there".to_owned();
        answers.push(('n', quit, OverlayOutcome::QuitNow));
        answers
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        let mut answers = self.answers(None);
        let at = match key {
            Key::Esc => return OverlayOutcome::Close,
            Key::Enter => Some(self.cursor),
            Key::Up | Key::Char('k') => {
                self.cursor = self.cursor.saturating_sub(1);
                None
            }
            Key::Down | Key::Char('j') => {
                self.cursor = (self.cursor + 1).min(answers.len() - 1);
                None
            }
            Key::Char(letter) => answers.iter().position(|(known, ..)| known == letter),
            _ => None,
        };
        at.map_or(OverlayOutcome::Stay, |at| answers.swap_remove(at).2)
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> &'static str {
        if self.successor.is_some() {
            " w wait  b hand over  c cancel the run  n quit now  Esc stay"
        } else {
            " w wait  c cancel the run  n quit now  Esc stay"
        }
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter, run: Option<(&LiveRun, Timestamp)>) {
        let (width, height) = (painter.width(), painter.height());
        let answers = self.answers(run);
        let name =
            run.and_then(|(run, _)| run.run_id).map_or_else(|| "A run".to_owned(), |run_id| format!("Run {run_id}"));
        let percent = run.and_then(|(run, now)| run.measured(now)).map(|measured| measured.percent());
        let percent = percent.map(|percent| format!(": {percent} %")).unwrap_or_default();
        let title = format!("{name} is running in this console{percent}");
        let widest = answers.iter().map(|(_, words, _)| cells(words) + 5).max().unwrap_or(0);
        let columns = sizing::columns(&title, widest, 48, width.saturating_sub(6));
        let rows = u16::try_from(answers.len()).unwrap_or(4) + 2;
        let mut part = painter.part(3, 7.min(height.saturating_sub(rows)), columns, rows.min(height));
        let mut inside = part.boxed(&title);
        for (y, (letter, words, _)) in (0..).zip(&answers) {
            let mark = if usize::from(y) == self.cursor { '►' } else { ' ' };
            inside.text(1, y, columns, &format!("{mark} {letter}  {words}"), Role::Text);
        }
    }
}

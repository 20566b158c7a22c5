//! How overlays look.

use crate::console::overlay::Overlay;
use crate::console::overlay::menu::WIDTH;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::keys::Command;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::Role;

impl Overlay {
    /// Draws it over the screen's area (without breadcrumb, freshness, notice and hints).
    pub fn draw(
        &mut self,
        painter: &mut Painter,
        keymap: &Keymap,
        offers: impl Fn(Command) -> bool,
        run: Option<&LiveRun>,
    ) {
        let (width, height) = (painter.width(), painter.height());
        match self {
            Self::Menu(menu) => menu.draw(&mut painter.part(0, 0, WIDTH.min(width), height), true),
            Self::Help(help) => help.draw(painter, keymap, &offers),
            Self::Palette(palette) => palette.draw(&mut painter.part(0, 0, width.min(96), height.min(12))),
            Self::Prompt(..) | Self::History(..) | Self::About(..) => {}
            Self::SessionActionForm(order) => order.draw(painter),
            Self::Undo(list) => list.draw(painter),
            Self::Pick(pick, cursor) => {
                let rows = u16::try_from(pick.lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(height);
                let mut part = painter.part(6, 1.min(height - rows), width.saturating_sub(8).min(48), rows);
                let mut inside = part.boxed(&pick.title);
                let room = usize::from(inside.height());
                let top = (*cursor + 1).saturating_sub(room.max(1));
                for (y, (at, (line, ticked))) in (0..inside.height()).zip(pick.lines.iter().enumerate().skip(top)) {
                    let mark = if at == *cursor { '►' } else { ' ' };
                    let tick = match (pick.many, ticked) {
                        (true, true) => "[x]",
                        (true, false) => "[ ]",
                        (false, true) => "(•)",
                        (false, false) => "( )",
                    };
                    inside.text(0, y, 46, &format!("{mark}{tick} {line}"), Role::Text);
                    if at == *cursor {
                        inside.shade(0, y, 46, Role::Cursor);
                    }
                }
            }
            Self::Tell(title, lines, top) => {
                let room = usize::from(width.saturating_sub(10).min(90));
                let lines: Vec<_> = lines.iter().flat_map(|line| wrap(line, room)).collect();
                let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(height.saturating_sub(1)).max(3);
                let mut part = painter.part(3, 1, width.saturating_sub(6).min(94), rows);
                let mut inside = part.boxed(title);
                *top = (*top).min(lines.len().saturating_sub(usize::from(inside.height())));
                for (y, line) in (0..inside.height()).zip(lines.iter().skip(*top)) {
                    inside.text(1, y, 90, line, Role::Text);
                }
            }
            Self::Question(question, input, _) => {
                let rows = u16::try_from(question.lines.len()).unwrap_or(8) + 5;
                let mut part = painter.part(3, 1, width.saturating_sub(6).min(76), rows.min(height));
                let mut inside = part.boxed(&question.title);
                for (y, line) in (1..).zip(&question.lines) {
                    inside.text(1, y, 72, line, Role::Text);
                }
                let ask = if question.word == "y" {
                    "y does it, any other key keeps it.".to_owned()
                } else {
                    format!("Type {} and Enter: ►[{:<10}]◄", question.word, input.text())
                };
                inside.text(1, rows - 3, 72, &ask, Role::Title);
            }
            Self::Actions(title, actions, cursor) => {
                let rows = u16::try_from(actions.len()).unwrap_or(8) + 2;
                let mut part = painter.part(6, 2, width.saturating_sub(8).min(64), rows.min(height));
                let mut inside = part.boxed(title);
                let cells = inside.width().saturating_sub(2);
                for (y, action) in (0..).zip(actions.iter()) {
                    let mark = if usize::from(y) == *cursor { '►' } else { ' ' };
                    let role = if action.refused.is_some() { Role::Dim } else { Role::Text };
                    let used =
                        1 + inside.text(1, y, cells, &format!("{mark}{}  {}", action.letter, action.label), role);
                    let remark = action.refused.as_ref().unwrap_or(&action.remark);
                    inside.right(used + 2, y, cells.saturating_sub(used + 2), remark, Role::Dim);
                }
            }
            Self::Quit(cursor, successor) => draw_quit(painter, *cursor, successor.as_deref(), run),
        }
    }
}

fn draw_quit(painter: &mut Painter, cursor: usize, successor: Option<&str>, run: Option<&LiveRun>) {
    let (width, height) = (painter.width(), painter.height());
    let rows = if successor.is_some() { 6 } else { 5 };
    let top = 7.min(height.saturating_sub(rows));
    let mut part = painter.part(3, top, width.saturating_sub(6).min(72), rows.min(height));
    let title = match run {
        Some(run) => {
            let name = run.run_id.map_or_else(|| "A run".to_owned(), |run_id| format!("Run {run_id}"));
            let percent = run
                .progress()
                .map(|progress| format!(": {} %", crate::console::protocol::run_progress::percent(progress)));
            format!("{name} is running in this console{}", percent.unwrap_or_default())
        }
        None => "A run lives in this console".to_owned(),
    };
    let left = run
        .and_then(LiveRun::progress)
        .map(|progress| crate::console::protocol::time::age(crate::console::protocol::run_progress::left(progress)));
    let wait =
        format!("w  Wait here until it has ended{}", left.map(|left| format!(", about {left}")).unwrap_or_default());
    let mut inside = part.boxed(&title);
    let mut lines = vec![wait];
    lines
        .extend(successor.map(|server| format!("b  Hand it to batch server {server}; it goes on from the last chunk")));
    lines.push("c  Cancel it: at this chunk; what was transferred stays".to_owned());
    lines.push("n  Quit now: it stops at a whole chunk; the next run goes on there".to_owned());
    for (y, line) in (0..).zip(&lines) {
        let mark = if usize::from(y) == cursor { '►' } else { ' ' };
        inside.text(1, y, 68, &format!("{mark} {line}"), Role::Text);
    }
}

//! How overlays look.

use super::super::keys::{self, Command};
use super::super::painter::Painter;
use super::super::places::{self, TREE};
use super::super::theme::Role;
use super::super::widgets::input::TextInput;
use super::Overlay;

impl Overlay {
    /// Draws it over the screen's area (without breadcrumb, freshness, notice and hints).
    pub fn draw(&mut self, painter: &mut Painter, offers: impl Fn(Command) -> bool) {
        let (width, height) = (painter.width(), painter.height());
        match self {
            Self::Menu(cursor) => draw_menu(&mut painter.part(0, 0, 36.min(width), height), *cursor),
            Self::Help(top) => draw_help(painter, top, offers),
            Self::Palette(input, cursor) => {
                let mut part = painter.part(0, 0, width.min(96), height.min(12));
                draw_palette(&mut part.boxed("Go to"), input, *cursor);
            }
            Self::Prompt(..) => {}
            Self::Question(question, input) => {
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
                for (y, action) in (0..).zip(actions.iter()) {
                    let mark = if usize::from(y) == *cursor { '►' } else { ' ' };
                    let role = if action.refused.is_some() { Role::Dim } else { Role::Text };
                    inside.text(1, y, 60, &format!("{mark}{}  {}", action.letter, action.label), role);
                    if let Some(why) = &action.refused {
                        inside.right(24, y, 36, why, Role::Dim);
                    }
                }
            }
            Self::Quit(server) => {
                let mut lines = vec!["w  Wait here until it has ended, then quit".to_owned()];
                lines.extend(
                    server
                        .iter()
                        .map(|server| format!("b  Hand it to batch server {server}; it goes on from the last chunk")),
                );
                lines.push("c  Cancel it: it ends at this chunk; what was transferred stays".to_owned());
                lines.push("n  Quit now: it ends at this chunk; the next run goes on there".to_owned());
                let rows = u16::try_from(lines.len()).unwrap_or(4) + 3;
                let mut part = painter.part(3, 2, width.saturating_sub(6).min(72), rows.min(height));
                let mut inside = part.boxed("A run lives in this console");
                for (y, line) in (0..).zip(&lines) {
                    inside.text(2, y, 66, line, Role::Text);
                }
            }
        }
    }
}

fn draw_menu(painter: &mut Painter, cursor: usize) {
    painter.clear();
    painter.rule(0, "Menu", "", true);
    let (width, height) = (painter.width(), painter.height());
    for y in 1..height {
        painter.text(width - 1, y, 1, "║", Role::Text);
    }
    for (y, (index, place)) in (1..height).zip(TREE.iter().enumerate()) {
        let indent = place.depth * 2 + 1;
        let mark = match ((place.target)().is_some(), place.digit) {
            (false, _) => "▼ ".to_owned(),
            (true, Some(digit)) => format!("{digit} "),
            (true, None) => "  ".to_owned(),
        };
        painter.text(indent, y, width - 3, &format!("{mark}{}", place.name), Role::Text);
        if index == cursor {
            painter.text(0, y, 1, "►", Role::Text);
            painter.shade(0, y, width - 1, Role::Cursor);
        }
    }
}

fn draw_help(painter: &mut Painter, top: &mut u16, offers: impl Fn(Command) -> bool) {
    painter.clear();
    painter.rule(0, "Help: keys", "dimmed: nothing to do on this screen", true);
    let lines: Vec<_> = keys::TABLE
        .iter()
        .map(|binding| {
            let role = if offers(binding.command) { Role::Text } else { Role::Dim };
            (format!(" {:<10} {}", binding.shown, binding.label), role)
        })
        .chain([(String::new(), Role::Text)])
        .chain(crate::console::screens::FILTER_LINES.iter().map(|line| (format!(" {line}"), Role::Text)))
        .collect();
    let (width, height) = (painter.width(), painter.height());
    let columns = if width >= 110 { 2 } else { 1 };
    let rows = u16::try_from(lines.len().div_ceil(usize::from(columns))).unwrap_or(u16::MAX);
    *top = (*top).min((rows + 1).saturating_sub(height));
    for (index, (line, role)) in (0..).zip(&lines) {
        let (column, row) = (index / rows, index % rows);
        if row >= *top {
            painter.text(column * (width / columns), row - *top + 1, width / columns, line, *role);
        }
    }
}

fn draw_palette(painter: &mut Painter, input: &TextInput, cursor: usize) {
    let width = painter.width();
    let (before, after) = input.halves();
    painter.text(1, 0, width, &format!(": {before}█{after}"), Role::Title);
    for (y, (index, (name, short, _))) in (2..painter.height()).zip(places::find(&input.text()).iter().enumerate()) {
        let mark = if index == cursor { '►' } else { ' ' };
        painter.text(0, y, width, &format!("{mark} {name}"), Role::Text);
        painter.right(0, y, width.saturating_sub(2), short, Role::Dim);
    }
}

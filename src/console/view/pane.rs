//! Panes and forms that have room for a part of their lines only, and marks that say so.

use crate::console::view::context::ViewContext;
use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::{Painter, cells, wrap_labeled};
use crate::console::view::theme::Role;

/// Cells of a rule beside its title and its mark.
const RULE_CELLS: usize = 10;

/// The key that gives a pane the focus, unless it has it.
pub fn key_to(view: &ViewContext, focused: bool) -> Option<String> {
    (!focused).then(|| view.keys("{next_pane}"))
}

/// The lines of a pane that are drawn: from `top` on as many as fit under its rule.
#[derive(Debug, Clone, Copy)]
pub struct PaneWindow {
    /// All lines.
    pub lines: usize,
    /// The first one that is drawn.
    pub top: usize,
    /// Rows under the rule.
    pub rows: usize,
}

impl PaneWindow {
    /// The window of a pane with this many lines; `top` is kept within it.
    pub fn new(painter: &Painter, lines: usize, top: &mut usize) -> Self {
        let rows = usize::from(painter.height().saturating_sub(1));
        *top = (*top).min(lines.saturating_sub(rows));
        Self { lines, top: *top, rows }
    }

    /// The lines above it and below it, such as `▲ 2 ▼ 5`; empty if all lines are drawn. Where the
    /// title leaves the room, the key that reaches them follows.
    pub fn mark(self, title: &str, width: u16, key: Option<&str>) -> String {
        let below = self.lines.saturating_sub(self.top + self.rows);
        let short = match (self.top, below) {
            (0, 0) => return String::new(),
            (0, below) => format!("▼ {below}"),
            (top, 0) => format!("▲ {top}"),
            (top, below) => format!("▲ {top} ▼ {below}"),
        };
        let long = key.map_or_else(|| format!("{short} more"), |key| format!("{short} more ({key})"));
        if cells(title) + cells(&long) + RULE_CELLS <= usize::from(width) { long } else { short }
    }
}

/// Lines wrapped to the width of a pane. Each frame passes the texts; the same ones are wrapped
/// once, because a message may have a megabyte.
#[derive(Debug, Default)]
pub struct WrappedLines {
    texts: (Vec<(String, Role)>, usize),
    lines: Vec<(String, Role)>,
}

impl WrappedLines {
    /// Returns the lines of texts in `width` cells; an empty text is an empty line.
    pub fn wrap(&mut self, texts: Vec<(String, Role)>, width: usize) -> &[(String, Role)] {
        if self.texts.1 != width || self.texts.0 != texts {
            let wrapped = |(text, role): &(String, Role)| {
                let (lines, role) = (wrap_labeled(text, width), *role);
                let lines = if lines.is_empty() { vec![String::new()] } else { lines };
                lines.into_iter().map(move |line| (line, role))
            };
            self.lines = texts.iter().flat_map(wrapped).collect();
            self.texts = (texts, width);
        }
        &self.lines
    }

    /// The lines that were wrapped last.
    pub fn lines(&self) -> &[(String, Role)] {
        &self.lines
    }
}

/// Draws a pane: its rule, with a mark if lines are hidden, and the lines from `top` on.
pub fn draw(
    painter: &mut Painter,
    (title, remark): (&str, &str),
    (lines, top): (&[(String, Role)], &mut usize),
    (focused, key): (bool, Option<&str>),
) {
    let width = painter.width();
    let window = PaneWindow::new(painter, lines.len(), top);
    let mark = window.mark(title, width, key);
    let remark = [remark, &mark].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ");
    painter.list_rule(0, title, "", &remark, focused);
    for (y, (text, role)) in (1..painter.height()).zip(lines.iter().skip(window.top)) {
        painter.text(1, y, width, text, *role);
    }
}

/// Marks a form of `all` rows that shows `shown` of them from `top` on, in the area's first column.
pub fn mark_form(painter: &mut Painter, top: u16, shown: u16, all: u16) {
    if top > 0 {
        painter.text(0, 0, 1, "▲", Role::Key);
    }
    if shown > 0 && top.saturating_add(shown) < all {
        painter.text(0, shown - 1, 1, "▼", Role::Key);
    }
}

/// Draws the tabs of a form at the right end of its rule; a click opens one.
pub fn tabs(painter: &mut Painter, titles: [&str; 2], chosen: usize) {
    let name =
        |(at, title): (usize, &&str)| if at == chosen { format!("╡ {title} ╞") } else { format!("  {title}  ") };
    let names: Vec<_> = titles.iter().enumerate().map(name).collect();
    let all = names.join("══");
    let mut x = painter.width().saturating_sub(u16::try_from(cells(&all)).unwrap_or(0) + 3);
    painter.text(x, 0, painter.width(), &all, Role::Title);
    for (at, name) in names.iter().enumerate() {
        let width = u16::try_from(cells(name)).unwrap_or(0);
        painter.hit((x, 0), (width, 1), Hit::Press(Press::Tab(at)));
        x += width + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_the_hidden_lines_and_names_the_key_that_reaches_them() {
        let mark = |lines, top, width, key| PaneWindow { lines, top, rows: 5 }.mark("a title of twenty ce", width, key);
        assert_eq!(mark(5, 0, 80, Some("Tab")), "");
        assert_eq!(mark(8, 0, 80, Some("Tab")), "▼ 3 more (Tab)");
        assert_eq!(mark(8, 1, 80, None), "▲ 1 ▼ 2 more");
        assert_eq!(mark(8, 3, 40, Some("Tab")), "▲ 3");
    }
}

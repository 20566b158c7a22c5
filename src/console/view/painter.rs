//! Draws text: control characters replaced, width measured in cells, clipped at the edge.

use crate::console::view::hits::{Hit, Hits};
use crate::console::view::theme::{Role, Surface, Theme};
pub use crate::text::{cells, cut, wrap, wrap_labeled};
use crate::text::{clusters, fit_number, shown};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::cell::RefCell;
use std::ops::Range;

/// Cells of a list's title that the remark beside it leaves at least.
const MIN_TITLE_CELLS: usize = 24;

/// Draws into one area of the screen. Coordinates are relative to the area's top left corner.
pub struct Painter<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    /// Where it notes what a click can land on.
    hits: Option<&'b RefCell<Hits>>,
    /// Whether something beside the area has the focus, so that nothing in it has.
    is_aside: bool,
    /// Colors and glyphs.
    pub theme: Theme,
}

impl<'b> Painter<'b> {
    /// Creates a painter for the whole `area`.
    pub fn new(buffer: &'b mut Buffer, area: Rect, theme: Theme) -> Self {
        Self { buffer, area, hits: None, is_aside: false, theme }
    }

    /// Returns the painter with a place for what a click can land on.
    #[must_use]
    pub fn with_hits(self, hits: &'b RefCell<Hits>) -> Self {
        Self { hits: Some(hits), ..self }
    }

    /// Returns the painter of an area without the focus, which something beside it may have.
    #[must_use]
    pub fn aside(self, is_aside: bool) -> Self {
        Self { is_aside, ..self }
    }

    /// Notes that a click on a part of the area lands on something.
    pub fn hit(&self, (x, y): (u16, u16), (width, height): (u16, u16), hit: Hit) {
        if let Some(hits) = self.hits {
            let area = Rect::new(self.area.x + x, self.area.y + y, width, height).intersection(self.area);
            hits.borrow_mut().add(area, hit);
        }
    }

    /// Notes that a click on a part of a row gives the focus to one of the fields of `order`.
    pub fn hit_field<S: PartialEq>(&self, place: (u16, u16), width: u16, field: &S, order: &[S]) {
        if let Some(number) = order.iter().position(|known| known == field) {
            self.hit(place, (width, 1), Hit::Focus(number));
        }
    }

    /// Notes that the whole area is a pane of the screen.
    pub fn hit_pane(&self, pane: u8) {
        self.hit((0, 0), (self.area.width, self.area.height), Hit::Pane(pane));
    }

    /// Returns a painter for a part of the area; anything outside the area is clipped.
    pub fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Painter<'_> {
        let area = Rect::new(self.area.x + x, self.area.y + y, width, height).intersection(self.area);
        Painter { buffer: self.buffer, area, hits: self.hits, is_aside: self.is_aside, theme: self.theme }
    }

    /// Returns the number of columns.
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// Returns the number of rows.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Writes text with control characters replaced, cut with `…` at `width` cells, and returns the
    /// cells used. Text from outside is safe here.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let style = self.theme.style(role);
        let width = width.min(self.area.width.saturating_sub(x));
        if y >= self.area.height || width == 0 {
            return 0;
        }
        let cut = cut(&shown(text), usize::from(width));
        let mut at = x;
        for cluster in clusters(&cut) {
            let glyph = cluster.chars().next().map_or(' ', |base| self.theme.glyph(base));
            // In ASCII mode combining marks are dropped together with their replaced base.
            let marks = cluster.chars().skip(1).filter(|_| !self.theme.ascii);
            let symbol: String = std::iter::once(glyph).chain(marks).collect();
            let wide = cells(&symbol) == 2;
            self.put_symbol(at, y, &symbol, style);
            // A wide character also covers the next cell.
            if wide && let Some(cell) = self.buffer.cell_mut((self.area.x + at + 1, self.area.y + y)) {
                cell.reset();
            }
            at += if wide { 2 } else { 1 };
        }
        at - x
    }

    /// Writes text right-aligned: it ends at column `x + width`. A number that is too long is
    /// shortened to thousands.
    pub fn text_right(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) {
        let text = &fit_number(text, usize::from(width));
        let cells = u16::try_from(cells(&shown(text))).unwrap_or(u16::MAX);
        let skip = width.saturating_sub(cells);
        self.text(x + skip, y, width - skip, text, role);
    }

    /// Fills a row with one character.
    pub fn fill(&mut self, y: u16, c: char, role: Role) {
        let (c, style) = (self.theme.glyph(c), self.theme.style(role));
        if y < self.area.height {
            for x in 0..self.area.width {
                self.put(x, y, c, style);
            }
        }
    }

    /// Draws a titled rule, double-lined if it has the focus. The remark at the right is left out
    /// if it does not fit beside the title.
    pub fn rule(&mut self, y: u16, title: &str, remark: &str, focused: bool) {
        let (line, role) = if focused && !self.is_aside { ('═', Role::Focus) } else { ('─', Role::Dim) };
        self.fill(y, line, role);
        let width = self.area.width;
        let mut used = 0;
        if !title.is_empty() {
            used = 4 + self.text(3, y, width.saturating_sub(6), title, Role::Title);
            self.text(2, y, 1, " ", Role::Text);
            self.text(used - 1, y, 1, " ", Role::Text);
        }
        let cells = u16::try_from(cells(remark)).unwrap_or(u16::MAX);
        if !remark.is_empty() && cells.saturating_add(used + 5) < width {
            self.text(width - cells - 4, y, cells + 2, &format!(" {remark} "), Role::Text);
        }
    }

    /// Draws the titled rule of a list with its filter, cut so that the remark keeps its place.
    pub fn list_rule(&mut self, y: u16, title: &str, filter: &str, remark: &str, focused: bool) {
        let beside = if remark.is_empty() { 6 } else { cells(remark) + 10 };
        let room = usize::from(self.area.width).saturating_sub(beside);
        if filter.is_empty() || room < MIN_TITLE_CELLS {
            let title = if room < MIN_TITLE_CELLS { title.to_owned() } else { cut(title, room) };
            return self.rule(y, &title, remark, focused);
        }
        // A long title leaves room for the filter.
        let title = cut(title, room.saturating_sub(cells(filter) + 3).max(room / 2));
        self.rule(y, &cut(&format!("{title} · {filter}"), room), remark, focused);
    }

    /// Restyles a part of a row by a role.
    pub fn shade(&mut self, x: u16, y: u16, width: u16, role: Role) {
        self.restyle(x, y, width, self.theme.style(role));
    }

    /// Marks parts of a text that is drawn at a place, given as ranges of bytes of it.
    pub fn matches(&mut self, x: u16, y: u16, drawn: &str, spans: &[Range<usize>]) {
        for span in spans {
            let width = |part: Option<&str>| part.map_or(0, |part| u16::try_from(cells(part)).unwrap_or(u16::MAX));
            let (before, part) = (width(drawn.get(..span.start)), width(drawn.get(span.clone())));
            self.shade(x.saturating_add(before), y, part, Role::Match);
        }
    }

    /// Marks a word of a typed line that is not understood.
    pub fn fault(&mut self, x: u16, y: u16, width: u16) {
        self.restyle(x, y, width, self.theme.fault());
    }

    /// Marks a cell as the caret of a field.
    pub fn caret(&mut self, x: u16, y: u16) {
        self.restyle(x, y, 1, self.theme.caret());
    }

    fn restyle(&mut self, x: u16, y: u16, width: u16, style: Style) {
        let row = Rect::new(self.area.x + x, self.area.y + y, width, 1).intersection(self.area);
        self.buffer.set_style(row, style);
    }

    /// Paints a surface under a part of a row that is already drawn, such as the cursor.
    pub fn cover(&mut self, x: u16, y: u16, width: u16, surface: Surface) {
        let row = Rect::new(self.area.x + x, self.area.y + y, width, 1).intersection(self.area);
        for position in row.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                self.theme.cover(surface, cell);
            }
        }
    }

    /// Marks the row of a list's cursor from `x` on: an arrow, and under it the cursor's surface if
    /// the list has the focus. The row must be drawn already.
    pub fn cursor_row(&mut self, x: u16, y: u16, width: u16, focused: bool) {
        let focused = focused && !self.is_aside;
        self.text(x, y, 1, if focused { "►" } else { "›" }, Role::Text);
        if focused {
            self.cover(x, y, width, Surface::Cursor);
        }
    }

    /// Empties the area, for overlays.
    pub fn clear(&mut self) {
        for y in 0..self.area.height {
            for x in 0..self.area.width {
                if let Some(cell) = self.buffer.cell_mut((self.area.x + x, self.area.y + y)) {
                    cell.reset();
                }
            }
        }
    }

    /// Clears the area, draws a titled, double-lined box around it and returns a painter for its
    /// inside.
    pub fn boxed(&mut self, title: &str) -> Painter<'_> {
        self.clear();
        let (width, height) = (self.area.width, self.area.height);
        if width < 4 || height < 3 {
            return self.part(0, 0, width, height);
        }
        let style = self.theme.style(Role::Text);
        let glyph = |c| self.theme.glyph(c);
        let [across, down] = [glyph('═'), glyph('║')];
        let corners = [glyph('╔'), glyph('╗'), glyph('╚'), glyph('╝')];
        for x in 1..width - 1 {
            self.put(x, 0, across, style);
            self.put(x, height - 1, across, style);
        }
        for y in 1..height - 1 {
            self.put(0, y, down, style);
            self.put(width - 1, y, down, style);
        }
        for (corner, (x, y)) in
            corners.into_iter().zip([(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)])
        {
            self.put(x, y, corner, style);
        }
        self.text(2, 0, width - 4, &format!(" {title} "), Role::Title);
        self.part(1, 1, width - 2, height - 2)
    }

    fn put(&mut self, x: u16, y: u16, c: char, style: Style) {
        self.put_symbol(x, y, c.encode_utf8(&mut [0; 4]), style);
    }

    fn put_symbol(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if x < self.area.width
            && let Some(cell) = self.buffer.cell_mut((self.area.x + x, self.area.y + y))
        {
            cell.reset();
            cell.set_symbol(symbol).set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::view::theme::ColorDepth;

    #[test]
    fn text_is_clipped_at_the_edge_and_control_characters_are_replaced() {
        let theme = Theme { depth: ColorDepth::Mono, ascii: true };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 2));
        let mut painter = Painter::new(&mut buffer, Rect::new(0, 0, 10, 2), theme);
        painter.text(0, 0, 99, "a\u{1b}[31mb\u{202e}c", Role::Text);
        painter.text(0, 7, 99, "nowhere", Role::Text);
        painter.rule(1, "title", "a remark", true);
        let shown: String = buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(shown, "a<1B>[31m~== tit~ ==");
    }
}

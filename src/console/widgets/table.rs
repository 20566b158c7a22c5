//! Tables: draws a list in the columns that fit. Columns are dropped by priority, and the last one
//! takes the remaining width.

use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::list::{Keyed, List};
use crate::text::cut_middle;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A column of a table.
pub struct Column<R: 'static> {
    /// The heading.
    pub heading: &'static str,
    /// Minimum width in cells; the last column takes the remaining width.
    pub width: u16,
    /// Maximum width to which it grows for the longest value in the window.
    pub most: u16,
    /// Whether it is right-aligned, as for numbers.
    pub right: bool,
    /// Columns with the greatest number are dropped first in a narrow terminal, those with 0 never.
    pub drop: u8,
    /// Whether a value that is too long is cut in its middle instead of at its end.
    pub keeps_end: bool,
    /// Returns the text and style for a row.
    pub cell: fn(&R, &ViewContext) -> (String, Role),
}

/// Creates a column of fixed width.
pub const fn column<R>(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&R, &ViewContext) -> (String, Role),
) -> Column<R> {
    growing(heading, [width, width], right, drop, cell)
}

/// Creates a column that grows from `width` to `most` cells.
pub const fn growing<R>(
    heading: &'static str,
    [width, most]: [u16; 2],
    right: bool,
    drop: u8,
    cell: fn(&R, &ViewContext) -> (String, Role),
) -> Column<R> {
    Column { heading, width, most, right, drop, keeps_end: false, cell }
}

/// Creates a column of fixed width for values that differ at their ends, such as paths.
pub const fn keeping_end<R>(
    heading: &'static str,
    width: u16,
    drop: u8,
    cell: fn(&R, &ViewContext) -> (String, Role),
) -> Column<R> {
    Column { heading, width, most: width, right: false, drop, keeps_end: true, cell }
}

/// Returns a cell in the default style.
pub fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

/// Returns the columns that fit into a width, each with its width in cells.
fn fitting<R: Keyed>(
    columns: &'static [Column<R>],
    list: &List<R>,
    width: u16,
    layout: &Layout,
    view: &ViewContext,
) -> Vec<(&'static Column<R>, u16)> {
    let grown = |column: &Column<R>| {
        let longest = || list.window().map(|row| cells(&(column.cell)(row, view).0)).max().unwrap_or(0);
        let longest = if column.most > column.width { u16::try_from(longest()).unwrap_or(u16::MAX) } else { 0 };
        longest.clamp(column.width, column.most.max(column.width))
    };
    let shown = |column: &&Column<R>| !layout.hidden.iter().any(|hidden| hidden == column.heading);
    let mut fitting: Vec<_> = columns.iter().filter(shown).map(|column| (column, grown(column))).collect();
    loop {
        let needed: u16 = 2 + fitting.iter().map(|(_, cells)| cells + 1).sum::<u16>();
        let droppable = fitting.iter().map(|(column, _)| column.drop).max().unwrap_or(0);
        let mut lacking = needed.saturating_sub(width + 1);
        let spare: u16 = fitting.iter().map(|(column, cells)| cells.saturating_sub(column.width)).sum();
        if lacking <= spare || droppable == 0 {
            // Before a column is dropped, grown columns shrink again, from the right.
            for (column, cells) in fitting.iter_mut().rev() {
                let given = lacking.min(cells.saturating_sub(column.width));
                *cells -= given;
                lacking -= given;
            }
            return fitting;
        }
        fitting.retain(|(column, _)| column.drop != droppable);
    }
}

/// Draws heading and visible rows, and sets the height of the list.
pub fn draw<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
) {
    draw_signed(painter, list, columns, focused, view, |_| ' ');
}

/// Like [`draw`], with a sign before each row.
pub fn draw_signed<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
    sign: impl Fn(&R) -> char,
) {
    draw_with(painter, list, columns, focused, view, (Layout::default(), sign));
}

/// The operator's choice of columns and order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout<'a> {
    /// Headings of hidden columns.
    pub hidden: &'a [String],
    /// The heading of the column that the list is sorted by, and whether ascending.
    pub sorted: Option<(&'static str, bool)>,
}

/// Like [`draw`], with a star before marked rows.
pub fn draw_marked<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
    marked: impl Fn(&R) -> bool,
) {
    draw_signed(painter, list, columns, focused, view, |row| if marked(row) { '*' } else { ' ' });
}

/// Like [`draw`], with the operator's layout and a sign before each row.
pub fn draw_with<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
    (layout, sign): (Layout, impl Fn(&R) -> char),
) {
    let (width, height) = (painter.width(), painter.height());
    list.set_height(usize::from(height.saturating_sub(1)));
    let fitting = fitting(columns, list, width, &layout, view);
    let mut x = 2;
    let mut places = Vec::new();
    for (index, (column, taken)) in fitting.iter().enumerate() {
        let room = width.saturating_sub(x);
        let cells = if index + 1 == fitting.len() && !column.right { room } else { (*taken).min(room) };
        places.push((x, cells));
        let heading = match layout.sorted {
            Some((heading, ascending)) if heading == column.heading => {
                let blank = if usize::from(cells) > heading.len() + 1 { " " } else { "" };
                format!("{heading}{blank}{}", if ascending { '▲' } else { '▼' })
            }
            _ => column.heading.to_owned(),
        };
        put(painter, (x, 0), cells, column.right, &heading, Role::Dim);
        x += cells + 1;
    }
    painter.cover(0, 0, width, Surface::Band);
    for (y, (row, current)) in (1..).zip(list.visible()) {
        for ((column, _), (x, cells)) in fitting.iter().zip(&places) {
            let (text, role) = (column.cell)(row, view);
            let text = if column.keeps_end { cut_middle(&text, usize::from(*cells)) } else { text };
            put(painter, (*x, y), *cells, column.right, &text, role);
        }
        let sign = sign(row);
        if sign != ' ' {
            painter.text(1, y, 1, &sign.to_string(), Role::Text);
        }
        if current {
            painter.cursor_row(0, y, width, focused);
        }
    }
}

fn put(painter: &mut Painter, (x, y): (u16, u16), cells: u16, right: bool, text: &str, role: Role) {
    if right {
        painter.right(x, y, cells, text, role);
    } else {
        painter.text(x, y, cells, text, role);
    }
}

/// Returns the key of a row that is identified by a name.
pub fn name_key(name: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

//! Tables: draws a list in the columns that fit.

mod fitting;

pub use fitting::{needed, whole};

use crate::console::protocol::column_layout::ColumnLayout;
use crate::console::view::context::ViewContext;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells, cut};
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::list::{Keyed, List};
use crate::filter::Highlights;
use crate::text::{cut_middle, shown};
use fitting::Fitted;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A column of a table.
pub struct Column<R: 'static> {
    /// The heading.
    pub heading: &'static str,
    /// Minimum width in cells; the last column takes the remaining width.
    pub width: u16,
    /// Width that it needs at most, for its longest value; a text in the last column has it before
    /// less important columns are shown.
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

impl<R> Column<R> {
    /// The column of a list that drops it in a narrow terminal, after those with greater numbers.
    #[must_use]
    pub const fn drop(self, drop: u8) -> Self {
        Self { drop, ..self }
    }
}

/// How a column is drawn; [`cell`](ColumnShape::cell) makes it a column of a list.
#[derive(Clone, Copy)]
pub struct ColumnShape {
    heading: &'static str,
    width: u16,
    most: u16,
    right: bool,
    drop: u8,
    keeps_end: bool,
}

/// Starts a left-aligned column of fixed width that is never dropped.
pub const fn column(heading: &'static str, width: u16) -> ColumnShape {
    ColumnShape { heading, width, most: width, right: false, drop: 0, keeps_end: false }
}

impl ColumnShape {
    /// Lets it grow to this width before less important columns are shown.
    #[must_use]
    pub const fn up_to(self, most: u16) -> Self {
        Self { most, ..self }
    }

    /// Aligns it at the right, as numbers are.
    #[must_use]
    pub const fn align_right(self) -> Self {
        Self { right: true, ..self }
    }

    /// Lets a narrow terminal drop it, after the columns with greater numbers.
    #[must_use]
    pub const fn drop(self, drop: u8) -> Self {
        Self { drop, ..self }
    }

    /// Cuts long values in their middle, because they differ at their ends, as names and paths do.
    #[must_use]
    pub const fn cut_in_middle(self) -> Self {
        Self { keeps_end: true, ..self }
    }

    /// Returns the column, with the text and style that it has for a row.
    pub const fn cell<R>(self, cell: fn(&R, &ViewContext) -> (String, Role)) -> Column<R> {
        let Self { heading, width, most, right, drop, keeps_end } = self;
        Column { heading, width, most, right, drop, keeps_end, cell }
    }
}

/// Returns a cell in the default style.
pub fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
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
    /// The choice of columns; `None` is the list's own.
    pub columns: Option<&'a ColumnLayout>,
    /// The heading of the column that the list is sorted by, and whether ascending.
    pub sorted: Option<(&'static str, bool)>,
    /// What the filter matches.
    pub highlights: Option<&'a Highlights>,
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
    let fitting = fitting::fitting(columns, list, width, &layout, view);
    let mut x = 2;
    let mut places = Vec::new();
    for (index, Fitted { column, width: taken, is_set }) in fitting.iter().enumerate() {
        let room = width.saturating_sub(x);
        let takes_rest = index + 1 == fitting.len() && !column.right && !is_set;
        let cells = if takes_rest { room } else { (*taken).min(room) };
        places.push((x, cells));
        let heading = match layout.sorted {
            Some((heading, ascending)) if heading == column.heading => {
                let sign = if ascending { '▲' } else { '▼' };
                match usize::from(cells).checked_sub(heading.len() + 1) {
                    Some(0) => format!("{heading}{sign}"),
                    Some(_) => format!("{heading} {sign}"),
                    // The sign is shown in any case.
                    None => {
                        let part: String = heading.chars().take(usize::from(cells).saturating_sub(1)).collect();
                        format!("{part}{sign}")
                    }
                }
            }
            _ => column.heading.to_owned(),
        };
        draw_cell(painter, (x, 0), cells, column.right, &heading, Role::Dim);
        if layout.sorted.is_some() {
            painter.hit((x, 0), (cells, 1), Hit::Heading(column.heading));
        }
        x += cells + 1;
    }
    list.set_drawn(fitting.iter().zip(&places).map(|(fitted, (_, cells))| (fitted.column.heading, *cells)).collect());
    painter.cover(0, 0, width, Surface::Band);
    let cursor = list.visible().position(|(_, current)| current).and_then(|at| i16::try_from(at).ok());
    for (y, (row, current)) in (1..).zip(list.visible()) {
        if let (Some(cursor), Ok(at)) = (cursor, i16::try_from(y)) {
            painter.hit((0, y), (width, 1), Hit::Row { below: at - 1 - cursor, focused });
        }
        let texts: Vec<_> = fitting.iter().map(|fitted| (fitted.column.cell)(row, view)).collect();
        for (at, (Fitted { column, .. }, (x, cells))) in fitting.iter().zip(&places).enumerate() {
            let (whole, role) = &texts[at];
            // A text that is too long continues over blank cells.
            let blank = texts[at + 1..].iter().take_while(|(text, _)| text.is_empty()).count();
            let last = places.get(at + blank).filter(|_| !column.right);
            let cells = last.map_or(*cells, |(end, cells)| end + cells - x);
            let room = usize::from(cells);
            let text = if column.keeps_end { &cut_middle(&shown(whole), room) } else { whole };
            draw_cell(painter, (*x, y), cells, column.right, text, *role);
            if let Some(highlights) = layout.highlights {
                let drawn = cut(&shown(text), room);
                let skipped = if column.right { room.saturating_sub(self::cells(&drawn)) } else { 0 };
                let left = x.saturating_add(u16::try_from(skipped).unwrap_or(u16::MAX));
                painter.matches(left, y, &drawn, &highlights.in_cell(column.heading, whole, &drawn));
            }
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

fn draw_cell(painter: &mut Painter, (x, y): (u16, u16), cells: u16, right: bool, text: &str, role: Role) {
    if right {
        painter.text_right(x, y, cells, text, role);
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

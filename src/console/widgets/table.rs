//! Tables: draws a list in the columns that fit. Columns are dropped by priority. Spare width goes
//! to columns whose cells are cut, then to the last one.

use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells, cut};
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::column_widths::{self, Needs};
use crate::console::widgets::list::{Keyed, List};
use crate::filter::Highlights;
use crate::text::{cut_middle, shown};
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

/// Returns a column whose values are cut in their middle, as names that differ at their ends.
#[allow(clippy::needless_pass_by_value)] // tables of columns are constants without names for each
pub const fn named<R>(column: Column<R>) -> Column<R> {
    Column { keeps_end: true, ..column }
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

/// Characters of a cell that are measured.
const MEASURED: usize = 200;

/// Returns the longest cell of each column.
fn longest<'l, R: Keyed>(columns: &'static [Column<R>], list: &'l mut List<R>, view: &ViewContext) -> &'l [u16] {
    list.measured(columns.len(), |row, at| {
        let (mut text, _) = (columns[at].cell)(row, view);
        if let Some((end, _)) = text.char_indices().nth(MEASURED) {
            text.truncate(end);
        }
        u16::try_from(cells(&shown(&text))).unwrap_or(u16::MAX)
    })
}

fn is_shown<R>(column: &Column<R>, hidden: &[String]) -> bool {
    !hidden.iter().any(|hidden| hidden == column.heading)
}

/// Returns the width that the list needs to show all its columns, each as wide as is usual.
pub fn needed<R: Keyed>(
    columns: &'static [Column<R>],
    list: &mut List<R>,
    hidden: &[String],
    view: &ViewContext,
) -> u16 {
    // Before its first rows, a list counts as wide, so that its pane does not move aside for them.
    let is_loaded = list.is_loaded();
    let longest = longest(columns, list, view);
    let width = |(column, longest): (&Column<R>, &u16)| {
        if is_loaded { (*longest).clamp(column.width, column.most.max(column.width)) } else { column.most }
    };
    let shown: Vec<_> = columns.iter().zip(longest).filter(|(column, _)| is_shown(column, hidden)).collect();
    // The last column is worth its usual width even while no text is known.
    let last = shown.last().map_or(0, |last| last.0.most.saturating_sub(width(*last)));
    shown.into_iter().map(width).fold(last.saturating_add(1), |sum: u16, width| sum.saturating_add(width + 1))
}

/// Returns the columns that fit into a width, each with its width in cells.
fn fitting<R: Keyed>(
    columns: &'static [Column<R>],
    list: &mut List<R>,
    width: u16,
    layout: &Layout,
    view: &ViewContext,
) -> Vec<(&'static Column<R>, u16)> {
    let is_filled = list.length() > 0;
    let longest = longest(columns, list, view);
    let mut fitting: Vec<_> =
        columns.iter().zip(longest).filter(|(column, _)| is_shown(column, layout.hidden)).collect();
    let needed =
        |fitting: &[(&Column<R>, &u16)]| fitting.iter().fold(1, |sum: u16, (column, _)| sum + column.width + 1);
    // A text in the last column is worth more than the columns that are dropped before it.
    let last = |fitting: &[(&Column<R>, &u16)]| {
        fitting.last().map_or((u8::MAX, 0), |(last, _)| (last.drop, last.most.saturating_sub(last.width)))
    };
    while let Some(most) = fitting.iter().map(|(column, _)| column.drop).max()
        && most > last(&fitting).0
        && needed(&fitting).saturating_add(last(&fitting).1) > width
    {
        fitting.retain(|(column, _)| column.drop != most);
    }
    while let Some(most) = fitting.iter().map(|(column, _)| column.drop).max().filter(|most| *most > 0)
        && needed(&fitting) > width
    {
        fitting.retain(|(column, _)| column.drop != most);
    }
    let room = width.saturating_sub(1 + u16::try_from(fitting.len()).unwrap_or(0));
    let needs = |(column, longest): &(&Column<R>, &u16)| {
        let sign = if layout.sorted.is_some_and(|(heading, _)| heading == column.heading) { 2 } else { 0 };
        let heading = u16::try_from(cells(column.heading) + sign).unwrap_or(u16::MAX);
        Needs { usual: column.width, heading, longest: is_filled.then_some(**longest), right: column.right }
    };
    let widths = column_widths::widths(&fitting.iter().map(needs).collect::<Vec<_>>(), room);
    fitting.into_iter().zip(widths).map(|((column, _), width)| (column, width)).collect()
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
        let texts: Vec<_> = fitting.iter().map(|(column, _)| (column.cell)(row, view)).collect();
        for (at, ((column, _), (x, cells))) in fitting.iter().zip(&places).enumerate() {
            let (whole, role) = &texts[at];
            // A text that is too long continues over blank cells.
            let blank = texts[at + 1..].iter().take_while(|(text, _)| text.is_empty()).count();
            let last = places.get(at + blank).filter(|_| !column.right);
            let cells = last.map_or(*cells, |(end, cells)| end + cells - x);
            let room = usize::from(cells);
            let text = if column.keeps_end { &cut_middle(&shown(whole), room) } else { whole };
            put(painter, (*x, y), cells, column.right, text, *role);
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

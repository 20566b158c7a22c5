//! Columns of a list: as many as fit, the others dropped in their order, whatever is left for the last.

use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::Role;
use crate::console::widgets::list::{Keyed, List};
use std::hash::{DefaultHasher, Hash, Hasher};

/// One column.
pub struct Column<R: 'static> {
    /// Its heading.
    pub heading: &'static str,
    /// Cells it takes at the least; the last column takes what is left.
    pub width: u16,
    /// Cells to which it grows for the longest value in the window.
    pub most: u16,
    /// Whether numbers stand at its right edge.
    pub right: bool,
    /// Who is dropped first when it is narrow: the greatest; 0 never.
    pub drop: u8,
    /// What it shows of a row.
    pub cell: fn(&R, &ViewContext) -> (String, Role),
}

/// A column of that many cells.
pub const fn column<R>(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&R, &ViewContext) -> (String, Role),
) -> Column<R> {
    growing(heading, [width, width], right, drop, cell)
}

/// A column that grows from so many cells to so many.
pub const fn growing<R>(
    heading: &'static str,
    [width, most]: [u16; 2],
    right: bool,
    drop: u8,
    cell: fn(&R, &ViewContext) -> (String, Role),
) -> Column<R> {
    Column { heading, width, most, right, drop, cell }
}

/// A cell in the colour of text.
pub fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

/// The columns that fit into a width, each with the cells it takes.
fn fitting<R: Keyed>(
    columns: &'static [Column<R>],
    list: &List<R>,
    width: u16,
    looks: &Looks,
    view: &ViewContext,
) -> Vec<(&'static Column<R>, u16)> {
    let grown = |column: &Column<R>| {
        let longest = || list.window().map(|row| cells(&(column.cell)(row, view).0)).max().unwrap_or(0);
        let longest = if column.most > column.width { u16::try_from(longest()).unwrap_or(u16::MAX) } else { 0 };
        longest.clamp(column.width, column.most.max(column.width))
    };
    let shown = |column: &&Column<R>| !looks.hidden.iter().any(|hidden| hidden == column.heading);
    let mut fitting: Vec<_> = columns.iter().filter(shown).map(|column| (column, grown(column))).collect();
    loop {
        let needed: u16 = 2 + fitting.iter().map(|(_, cells)| cells + 1).sum::<u16>();
        let droppable = fitting.iter().map(|(column, _)| column.drop).max().unwrap_or(0);
        let mut lacking = needed.saturating_sub(width + 1);
        let spare: u16 = fitting.iter().map(|(column, cells)| cells.saturating_sub(column.width)).sum();
        if lacking <= spare || droppable == 0 {
            // Before a column goes, the others give back what they have grown, the rightmost first.
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

/// Draws heading and visible rows; tells the list its height.
pub fn draw<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
) {
    draw_signed(painter, list, columns, focused, view, |_| ' ');
}

/// The same, with a sign before each row.
pub fn draw_signed<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
    sign: impl Fn(&R) -> char,
) {
    draw_wanted(painter, list, columns, focused, view, (Looks::default(), sign));
}

/// How a table is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looks<'a> {
    /// Headings of columns that are not shown.
    pub hidden: &'a [String],
    /// The heading that the list is ordered by, and whether the least comes first.
    pub sorted: Option<(&'static str, bool)>,
}

/// The same, with a star before the rows that are marked.
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

/// The same, with a sign before each row, and with the columns that are wanted.
pub fn draw_wanted<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &ViewContext,
    (looks, sign): (Looks, impl Fn(&R) -> char),
) {
    let (width, height) = (painter.width(), painter.height());
    list.set_height(usize::from(height.saturating_sub(1)));
    let fitting = fitting(columns, list, width, &looks, view);
    let mut x = 2;
    let mut places = Vec::new();
    for (index, (column, taken)) in fitting.iter().enumerate() {
        let room = width.saturating_sub(x);
        let cells = if index + 1 == fitting.len() && !column.right { room } else { (*taken).min(room) };
        places.push((x, cells));
        let heading = match looks.sorted {
            Some((heading, ascending)) if heading == column.heading => {
                let blank = if usize::from(cells) > heading.len() + 1 { " " } else { "" };
                format!("{heading}{blank}{}", if ascending { '▲' } else { '▼' })
            }
            _ => column.heading.to_owned(),
        };
        put(painter, (x, 0), cells, column.right, &heading, Role::Dim);
        x += cells + 1;
    }
    for (y, (row, current)) in (1..).zip(list.visible()) {
        for ((column, _), (x, cells)) in fitting.iter().zip(&places) {
            let (text, role) = (column.cell)(row, view);
            put(painter, (*x, y), *cells, column.right, &text, role);
        }
        let sign = sign(row);
        if sign != ' ' {
            painter.text(1, y, 1, &sign.to_string(), Role::Text);
        }
        if current {
            painter.text(0, y, 1, if focused { "►" } else { "›" }, Role::Text);
            if focused {
                // Not the whole row: that would be two rows of bytes for every step.
                painter.shade(0, y, places.first().map_or(0, |(x, cells)| x + cells), Role::Cursor);
            }
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

/// The key of a row that a name tells from the others.
pub fn name_key(name: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

//! Columns of a list: as many as fit, the others dropped in their order, whatever is left for the last.

use super::super::painter::Painter;
use super::super::screen::View;
use super::super::theme::Role;
use super::list::{Keyed, List};

/// One column.
pub struct Column<R: 'static> {
    /// Its heading.
    pub heading: &'static str,
    /// Cells it takes; the last column takes what is left, and at least this.
    pub width: u16,
    /// Whether numbers stand at its right edge.
    pub right: bool,
    /// Who is dropped first when it is narrow: the greatest; 0 never.
    pub drop: u8,
    /// What it shows of a row.
    pub cell: fn(&R, &View) -> (String, Role),
}

/// Which columns fit into a width.
fn fitting<R>(columns: &'static [Column<R>], width: u16) -> Vec<&'static Column<R>> {
    let mut fitting: Vec<_> = columns.iter().collect();
    loop {
        let needed: u16 = 2 + fitting.iter().map(|column| column.width + 1).sum::<u16>();
        let droppable = fitting.iter().map(|column| column.drop).max().unwrap_or(0);
        if needed <= width + 1 || droppable == 0 {
            return fitting;
        }
        fitting.retain(|column| column.drop != droppable);
    }
}

/// Draws heading and visible rows; tells the list its height.
pub fn draw<R: Keyed>(
    painter: &mut Painter,
    list: &mut List<R>,
    columns: &'static [Column<R>],
    focused: bool,
    view: &View,
) {
    let (width, height) = (painter.width(), painter.height());
    list.set_height(usize::from(height.saturating_sub(1)));
    let fitting = fitting(columns, width);
    let mut x = 2;
    let mut places = Vec::new();
    for (index, column) in fitting.iter().enumerate() {
        let room = width.saturating_sub(x);
        let cells = if index + 1 == fitting.len() { room } else { column.width.min(room) };
        places.push((x, cells));
        put(painter, (x, 0), cells, column.right && index + 1 < fitting.len(), column.heading, Role::Dim);
        x += cells + 1;
    }
    for (y, (row, current)) in (1..).zip(list.visible()) {
        for ((column, (x, cells)), index) in fitting.iter().zip(&places).zip(1..) {
            let (text, role) = (column.cell)(row, view);
            put(painter, (*x, y), *cells, column.right && index < fitting.len(), &text, role);
        }
        if current {
            painter.text(0, y, 1, if focused { "►" } else { "›" }, Role::Text);
            if focused {
                painter.shade(0, y, width, Role::Cursor);
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

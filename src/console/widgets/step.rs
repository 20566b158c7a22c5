//! Cursor movements in lists.

use crate::console::protocol::key_table::Command;

/// A cursor movement. Negative numbers move up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// A number of rows.
    Rows(isize),
    /// A number of pages.
    Pages(isize),
    /// A number of half pages.
    HalfPages(isize),
    /// By rows, but a list moves below its cursor while that stays visible.
    Scroll(isize),
}

impl Move {
    /// Returns the movement of a command; `None` if it is no movement. First and Last move further
    /// than any list is long.
    pub fn of(command: Command) -> Option<Self> {
        Some(match command {
            Command::Rows(rows) => Self::Rows(rows.into()),
            Command::Scroll(rows) => Self::Scroll(rows.into()),
            Command::Up => Self::Rows(-1),
            Command::Down => Self::Rows(1),
            Command::PageUp => Self::Pages(-1),
            Command::PageDown => Self::Pages(1),
            Command::HalfUp => Self::HalfPages(-1),
            Command::HalfDown => Self::HalfPages(1),
            Command::First => Self::Rows(isize::MIN / 2),
            Command::Last => Self::Rows(isize::MAX / 2),
            _ => return None,
        })
    }

    /// Converts the movement to rows for a page of `page` rows.
    pub fn rows(self, page: isize) -> isize {
        match self {
            Self::Rows(rows) | Self::Scroll(rows) => rows,
            Self::Pages(pages) => pages * page,
            Self::HalfPages(halves) => halves * (page / 2).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_page_is_at_least_one_row() {
        let rows = |command, page| Move::of(command).map(|step| step.rows(page));
        assert_eq!((rows(Command::PageDown, 9), rows(Command::HalfUp, 9)), (Some(9), Some(-4)));
        assert_eq!((rows(Command::HalfDown, 1), rows(Command::Up, 9)), (Some(1), Some(-1)));
        assert_eq!(rows(Command::Open, 9), None);
    }
}

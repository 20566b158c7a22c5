//! Ways to move from row to row, and the commands that ask for them.

use crate::console::protocol::keys::Command;

/// A way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// So many rows, negative is up.
    Rows(isize),
    /// So many pages.
    Pages(isize),
    /// So many half pages.
    HalfPages(isize),
}

impl Move {
    /// What a command asks for; `None` if it does not move from row to row. First and last are further away than any list is long.
    pub fn of(command: Command) -> Option<Self> {
        Some(match command {
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

    /// How many rows that is where a page has so many.
    pub fn rows(self, page: isize) -> isize {
        match self {
            Self::Rows(rows) => rows,
            Self::Pages(pages) => pages * page,
            Self::HalfPages(halves) => halves * (page / 2).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_long_as_what_shows_it_and_half_of_one_is_at_least_a_row() {
        let rows = |command, page| Move::of(command).map(|step| step.rows(page));
        assert_eq!((rows(Command::PageDown, 9), rows(Command::HalfUp, 9)), (Some(9), Some(-4)));
        assert_eq!((rows(Command::HalfDown, 1), rows(Command::Up, 9)), (Some(1), Some(-1)));
        assert_eq!(rows(Command::Open, 9), None);
    }
}

//! The cells of the matrix, as they are found from the newest session on.

use crate::console::protocol::query::{MAX_MATRIX_STORES, MatrixPiece};
use crate::console::screens::row_filter::RowFilter;
use crate::domain::{Direction, Status, Timestamp};
use crate::filter::FieldValue;
use std::collections::{BTreeMap, HashSet};

/// Jobs that are shown, each with a symbol of its own.
const SYMBOLS: &[u8] = b"123456789abcdefghijklmnopqrstuvwxyz";

/// A job of a direction.
pub(super) type Job = (Direction, String);

/// The last state of a job at a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub status: Status,
    pub modified_at: Timestamp,
    pub session_number: i64,
    /// The number of the reading that found it.
    reading: u32,
}

/// The cells, the stores and jobs that are shown, and those that are not.
#[derive(Debug, Default)]
pub(super) struct Grid {
    jobs: Vec<Job>,
    /// The cells of each store, with the numbers of their jobs.
    cells: BTreeMap<String, Vec<(u16, Cell)>>,
    reading: u32,
    shown_stores: Vec<String>,
    /// The numbers of the jobs that are shown, in order.
    shown_jobs: Vec<u16>,
    /// The stores that head office knows, as far as they are listed, and how many there are.
    names: HashSet<String>,
    known_stores: i64,
    /// Matching cells with a failed session.
    failed: usize,
}

impl Grid {
    /// Begins a new reading: cells that it does not find are kept as old until it ends.
    pub fn begin(&mut self) {
        self.reading += 1;
    }

    /// Takes a part of the reading.
    pub fn take(&mut self, piece: MatrixPiece) {
        if let Some((names, known)) = piece.stores {
            self.known_stores = known;
            for name in &names {
                self.cells.entry(name.clone()).or_default();
            }
            self.names = names.into_iter().collect();
        }
        for state in piece.states.into_iter().filter(|state| !state.channel_database.is_empty()) {
            let modified_at = state.modified_at();
            let job = self.job(piece.direction, state.job_name);
            let cell =
                Cell { status: state.status, modified_at, session_number: state.session_number, reading: self.reading };
            let row = self.cells.entry(state.channel_database).or_default();
            match row.iter_mut().find(|(known, _)| *known == job) {
                // An earlier part of the same reading found a newer session.
                Some((_, known)) if known.reading == self.reading => {}
                Some((_, known)) => *known = cell,
                None => row.push((job, cell)),
            }
        }
    }

    /// Drops the cells and stores that the reading, which has ended, did not find.
    pub fn end(&mut self) {
        for row in self.cells.values_mut() {
            row.retain(|(_, cell)| cell.reading == self.reading);
        }
        self.cells.retain(|store, row| !row.is_empty() || self.names.contains(store));
    }

    fn job(&mut self, direction: Direction, name: String) -> u16 {
        let job = (direction, name);
        let at = self.jobs.iter().position(|known| *known == job).unwrap_or_else(|| {
            self.jobs.push(job);
            self.jobs.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// Whether the cell of a store, or the store without a cell, matches a filter.
    fn matches(&self, filter: &RowFilter, store: &str, cell: Option<(u16, &Cell)>) -> bool {
        let job = cell.and_then(|(job, cell)| Some((self.jobs.get(usize::from(job))?, cell)));
        let value = |field: &str| match (field, job) {
            ("store", _) => FieldValue::Text(store.into()),
            ("job", Some(((_, name), _))) => FieldValue::Text(name.as_str().into()),
            ("direction", Some(((direction, _), _))) => FieldValue::Choice(direction.word()),
            ("status", Some((_, cell))) => FieldValue::Choice(cell.status.word()),
            ("session", Some((_, cell))) => FieldValue::Number(cell.session_number),
            ("modified", Some((_, cell))) => FieldValue::Number(cell.modified_at.0),
            _ => FieldValue::Empty,
        };
        let any_text = |is_wanted: &dyn Fn(&str) -> bool| {
            is_wanted(store)
                || job.is_some_and(|((_, name), cell)| is_wanted(name) || is_wanted(&cell.status.to_string()))
        };
        filter.matches(&value, &any_text)
    }

    /// The matching cells of a store with the numbers of their jobs; `None` if the store is not
    /// shown.
    fn matching(&self, filter: &RowFilter, store: &str) -> Option<Vec<(u16, Cell)>> {
        let row = self.cells.get(store)?;
        let is_match = |(job, cell): &&(u16, Cell)| self.matches(filter, store, Some((*job, cell)));
        let found: Vec<_> = row.iter().filter(is_match).copied().collect();
        let is_shown = !found.is_empty() || (row.is_empty() && self.matches(filter, store, None));
        is_shown.then_some(found)
    }

    /// The number of stores that a filter shows.
    pub fn count(&self, filter: &RowFilter) -> usize {
        self.cells.keys().filter(|store| self.matching(filter, store).is_some()).count()
    }

    /// The number of stores that are known.
    pub fn length(&self) -> usize {
        self.cells.len()
    }

    /// Chooses what is shown: the stores and jobs with a cell that matches the filter, of these the
    /// jobs of most stores by name, and if there are too many stores, those with a failure first.
    pub fn arrange(&mut self, filter: &RowFilter) {
        let mut stores_of = vec![0_usize; self.jobs.len()];
        let mut stores: Vec<(&String, bool)> = Vec::new();
        self.failed = 0;
        for store in self.cells.keys() {
            let Some(cells) = self.matching(filter, store) else { continue };
            for (job, _) in &cells {
                if let Some(stores) = stores_of.get_mut(usize::from(*job)) {
                    *stores += 1;
                }
            }
            let failed = cells.iter().filter(|(_, cell)| cell.status.is_failed()).count();
            self.failed += failed;
            stores.push((store, failed > 0));
        }
        let mut jobs: Vec<(u16, usize)> = (0..).zip(stores_of).filter(|(_, stores)| *stores > 0).collect();
        jobs.sort_by_key(|(job, stores)| (std::cmp::Reverse(*stores), *job));
        let mut jobs: Vec<u16> = jobs.into_iter().take(SYMBOLS.len()).map(|(job, _)| job).collect();
        jobs.sort_by_key(|job| self.jobs.get(usize::from(*job)).map(|(direction, name)| (direction.number(), name)));
        self.shown_jobs = jobs;
        if stores.len() > MAX_MATRIX_STORES {
            stores.sort_by_key(|(store, has_failed)| (!has_failed, *store));
            stores.truncate(MAX_MATRIX_STORES);
            stores.sort_unstable();
        }
        self.shown_stores = stores.into_iter().map(|(store, _)| store.clone()).collect();
    }

    /// The number of matching cells with a failed session, including those beyond the limits.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// The stores that are shown, by name.
    pub fn stores(&self) -> &[String] {
        &self.shown_stores
    }

    /// The number of jobs that are shown.
    pub fn jobs(&self) -> usize {
        self.shown_jobs.len()
    }

    /// A job that is shown, with its symbol.
    pub fn job_at(&self, at: usize) -> Option<(char, &Job)> {
        let job = self.jobs.get(usize::from(*self.shown_jobs.get(at)?))?;
        Some((SYMBOLS.get(at).map_or('?', |symbol| char::from(*symbol)), job))
    }

    /// The cell of a store and a job that are shown.
    pub fn cell(&self, store: usize, job: usize) -> Option<Cell> {
        let row = self.cells.get(self.shown_stores.get(store)?)?;
        let job = *self.shown_jobs.get(job)?;
        row.iter().find(|(known, _)| *known == job).map(|(_, cell)| *cell)
    }

    /// Whether the running reading has found the cell.
    pub fn is_fresh(&self, cell: Cell) -> bool {
        cell.reading == self.reading
    }

    /// Stores that are not shown, and jobs.
    pub fn hidden(&self) -> (i64, usize) {
        let shown = i64::try_from(self.shown_stores.len()).unwrap_or(i64::MAX);
        let cells = i64::try_from(self.cells.len()).unwrap_or(i64::MAX);
        (self.known_stores.max(cells) - shown, self.jobs.len().saturating_sub(self.shown_jobs.len()))
    }

    /// Stores of which no session was found.
    pub fn without_session(&self) -> usize {
        self.cells.values().filter(|row| row.is_empty()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::head_office::SessionState;

    fn take(grid: &mut Grid, piece: MatrixPiece) {
        grid.take(piece);
        grid.arrange(&RowFilter::default());
    }

    fn state(store: &str, job: &str, number: i64, status: Status) -> SessionState {
        let (channel_database, job_name) = (store.to_owned(), job.to_owned());
        SessionState { place: (number, number), channel_database, job_name, session_number: number, status }
    }

    fn piece(states: Vec<SessionState>, stores: Option<(Vec<String>, i64)>) -> MatrixPiece {
        MatrixPiece { direction: Direction::Download, states, reached: None, examined: 0, stores }
    }

    #[test]
    fn a_cell_has_the_newest_session_and_an_old_one_stays_until_the_reading_ends() {
        let mut grid = Grid::default();
        let names = vec!["S1".to_owned(), "S2".to_owned()];
        grid.begin();
        take(&mut grid, piece(vec![state("S1", "1040", 9, Status::Applied)], Some((names, 2))));
        take(&mut grid, piece(vec![state("S1", "1040", 3, Status::ApplyFailed)], None));
        assert_eq!(grid.cell(0, 0).map(|cell| cell.session_number), Some(9));
        assert_eq!((grid.cell(1, 0), grid.without_session()), (None, 1));
        grid.begin();
        let old = grid.cell(0, 0).expect("kept");
        assert!(!grid.is_fresh(old));
        take(&mut grid, piece(vec![state("S2", "1040", 10, Status::Applied)], None));
        assert_eq!(grid.cell(0, 0), Some(old));
        grid.end();
        grid.arrange(&RowFilter::default());
        assert_eq!(grid.cell(0, 0), None, "its session is gone");
        assert!(grid.cell(1, 0).is_some_and(|cell| grid.is_fresh(cell)));
    }

    #[test]
    fn of_too_many_stores_those_with_a_failure_stay_and_the_rest_is_counted() {
        let mut grid = Grid::default();
        grid.begin();
        let mut states: Vec<_> =
            (0..MAX_MATRIX_STORES).map(|at| state(&format!("S{at:05}"), "1040", 1, Status::Applied)).collect();
        states.push(state("Z", "1040", 1, Status::ApplyFailed));
        take(&mut grid, piece(states, Some((Vec::new(), 20_000))));
        assert_eq!(grid.stores().last().map(String::as_str), Some("Z"));
        assert_eq!((grid.stores().len(), grid.hidden()), (MAX_MATRIX_STORES, (10_000, 0)));
    }

    #[test]
    fn jobs_are_sorted_by_direction_and_name_and_the_rarest_are_not_shown() {
        let mut grid = Grid::default();
        grid.begin();
        let mut states: Vec<_> =
            (0..40).map(|job| state("S1", &format!("{}", 1_000 + job), 1, Status::Applied)).collect();
        states.push(state("S2", "1039", 1, Status::Applied));
        take(&mut grid, piece(states, None));
        assert_eq!((grid.jobs(), grid.hidden().1), (SYMBOLS.len(), 5));
        let job = |at| grid.job_at(at).map(|(symbol, (_, name))| (symbol, name.clone()));
        assert_eq!((job(0), job(34)), (Some(('1', "1000".to_owned())), Some(('z', "1039".to_owned()))));
    }
}

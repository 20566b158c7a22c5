//! What another retention would purge, table by table.

use crate::console::protocol::query::Preview;
use crate::console::screens::parameters::Parameters;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Cutoffs, grouped};

/// Where rows are that are deleted from the trash for good.
const TRASH: &str = "trash, for good";

impl Parameters {
    /// The lines, their table in so many cells.
    pub(super) fn lines(&self, room: usize, view: &ViewContext) -> Vec<(String, Role)> {
        let Some(now) = &self.now else {
            let text = self.fault.as_ref().map_or_else(|| "counting …".to_owned(), |fault| format!("! {fault}"));
            return vec![(text, Role::Text)];
        };
        match self.typed() {
            Err(fault) => return vec![(format!("! {fault}"), Role::Bad)],
            Ok(typed) if Cutoffs::new(&typed, view.now).keep_everything() => {
                return vec![(
                    "Nothing is ever purged. Both databases grow with every message.".to_owned(),
                    Role::Warn,
                )];
            }
            Ok(_) => {}
        }
        let cutoff =
            |preview: &Preview| preview.cutoffs.resolved.map_or_else(|| "never".to_owned(), |at| view.zone.long(at));
        let then = self.then.as_deref();
        let mut lines = vec![
            (
                format!(
                    "Would purge rows before {}; now before {}",
                    then.map_or_else(|| "…".to_owned(), cutoff),
                    cutoff(now)
                ),
                Role::Text,
            ),
            (String::new(), Role::Text),
        ];
        lines.extend(table(now, then, room));
        let kept = then.unwrap_or(now).expired.head_office.kept_unresolved;
        lines.push((format!("Kept      {} unresolved sessions past retention", grouped(kept)), Role::Text));
        lines
    }
}

/// The tables with their rows by both retentions, and how many more that is. Where there is no room
/// for all columns, the rows that go are worth most.
fn table(now: &Preview, then: Option<&Preview>, room: usize) -> Vec<(String, Role)> {
    let tables = tables(now, then);
    if tables.is_empty() {
        return vec![("Nothing to purge".to_owned(), Role::Text)];
    }
    let number = |before: i64, after: Option<i64>| {
        let after_words = after.map_or_else(|| "…".to_owned(), grouped);
        [grouped(before), after_words, after.map_or_else(String::new, |after| grouped(after - before))]
    };
    let row = |(database, table): &(&'static str, &'static str)| {
        let after = then.map(|then| rows_of(then, database, table));
        (*database, *table, number(rows_of(now, database, table), after))
    };
    let rows: Vec<_> = tables.iter().map(row).collect();
    let longest = |text: fn(&(&'static str, &'static str, [String; 3])) -> usize| rows.iter().map(text).max();
    let names = [longest(|row| row.0.len()), longest(|row| row.1.len())].map(|width| width.unwrap_or(0) + 2);
    let numbers = longest(|row| row.2.iter().map(String::len).max().unwrap_or(0)).unwrap_or(0).max(4) + 2;
    let roomy = 2 + 17 + 20 + 3 * 13;
    let is_roomy = roomy <= room && numbers <= 13 && names[0] <= 17 && names[1] <= 20;
    let ([database, table], number) = if is_roomy { ([17, 20], 13) } else { (names, numbers) };
    let fitting = room.saturating_sub(2 + database + table) / number;
    let shown: &[usize] = match fitting {
        0 | 1 => &[1],
        2 => &[1, 2],
        _ => &[0, 1, 2],
    };
    let line = |of: &str, name: &str, numbers: [&str; 3]| {
        let numbers: Vec<_> = shown.iter().map(|at| format!("{:>number$}", numbers[*at])).collect();
        format!("  {of:<database$}{name:<table$}{}", numbers.concat())
    };
    let heading = line("Database", "Table", ["now", "then", "more"]);
    let rows = rows.iter().map(|(of, name, [now, then, more])| (line(of, name, [now, then, more]), Role::Text));
    std::iter::once((heading, Role::Dim)).chain(rows).collect()
}

/// The tables that a purge takes rows from, those of the trash last.
fn of(preview: &Preview) -> impl Iterator<Item = (&'static str, &'static str, i64)> {
    let trash = preview.expired.head_office.trash.iter().map(|(table, expired)| (TRASH, *table, expired.rows));
    preview.expired.tables().map(|(database, table, expired)| (database, table, expired.rows)).chain(trash)
}

/// Every table that one of them would take rows from.
fn tables(now: &Preview, then: Option<&Preview>) -> Vec<(&'static str, &'static str)> {
    let mut tables = Vec::new();
    for (database, table, _) in std::iter::once(now).chain(then).flat_map(of) {
        if !tables.contains(&(database, table)) {
            tables.push((database, table));
        }
    }
    // Tables of one database are adjacent.
    tables.sort_by_key(|(database, _)| (*database == TRASH, *database != "message database"));
    tables
}

fn rows_of(preview: &Preview, database: &str, table: &str) -> i64 {
    of(preview).find(|(of, name, _)| (*of, *name) == (database, table)).map_or(0, |(_, _, rows)| rows)
}

//! What another retention would purge, table by table.

use crate::console::protocol::query::Preview;
use crate::console::screens::parameters::Parameters;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Cutoffs, grouped};

/// Where rows are that are deleted from the trash for good.
const TRASH: &str = "trash, for good";

impl Parameters {
    pub(super) fn lines(&self, view: &ViewContext) -> Vec<(String, Role)> {
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
        let tables = tables(now, then);
        lines.push(if tables.is_empty() {
            ("Nothing to purge".to_owned(), Role::Text)
        } else {
            (format!("  {:<17}{:<20}{:>13}{:>13}{:>13}", "Database", "Table", "now", "then", "more"), Role::Dim)
        });
        for (database, table) in tables {
            let before = rows_of(now, database, table);
            let (after, more) = match then {
                Some(then) => {
                    let after = rows_of(then, database, table);
                    (grouped(after), grouped(after - before))
                }
                None => ("…".to_owned(), String::new()),
            };
            lines
                .push((format!("  {database:<17}{table:<20}{:>13}{after:>13}{more:>13}", grouped(before)), Role::Text));
        }
        let kept = then.unwrap_or(now).expired.head_office.kept_unresolved;
        lines.push((format!("Kept      {} unresolved sessions past retention", grouped(kept)), Role::Text));
        lines
    }
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

//! What another retention would purge, table by table.

use crate::console::protocol::query::{Preview, TableComparison, compare_purges};
use crate::console::screens::parameters::Parameters;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Cutoffs, grouped};

/// The widths of the columns Database and Table where there is room.
const WIDE_NAMES: [usize; 2] = [17, 20];
/// The width of a column of numbers where there is room.
const WIDE_NUMBER: usize = 13;

impl Parameters {
    /// Returns the lines; `room` is the width of the table in cells.
    pub(super) fn lines(&self, room: usize, view: &ViewContext) -> Vec<(String, Role)> {
        let Some(now) = &self.now else {
            let text = self.fault.as_ref().map_or_else(|| "counting …".to_owned(), |fault| format!("! {fault}"));
            return vec![(text, Role::Text)];
        };
        match self.typed() {
            Err((_, fault)) => return vec![(format!("! {fault}"), Role::Bad)],
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
        lines.extend(table(&compare_purges(now, then), room));
        let kept = then.unwrap_or(now).expired.head_office.kept_unresolved;
        lines.push((format!("Kept      {} unresolved sessions past retention", grouped(kept)), Role::Text));
        lines
    }
}

/// One line per table: rows that go now, rows that go with the typed retention, and the difference.
/// On a narrow screen the typed retention's column stays.
fn table(tables: &[TableComparison], room: usize) -> Vec<(String, Role)> {
    if tables.is_empty() {
        return vec![("Nothing to purge".to_owned(), Role::Text)];
    }
    let row = |of: &TableComparison| {
        let then = of.then.map_or_else(|| "…".to_owned(), grouped);
        let more = of.then.map_or_else(String::new, |then| grouped(then - of.now));
        (of.place_words(), of.table, [grouped(of.now), then, more])
    };
    let rows: Vec<_> = tables.iter().map(row).collect();
    let longest = |text: fn(&(&'static str, &'static str, [String; 3])) -> usize| rows.iter().map(text).max();
    let names = [longest(|row| row.0.len()), longest(|row| row.1.len())].map(|width| width.unwrap_or(0) + 2);
    let numbers = longest(|row| row.2.iter().map(String::len).max().unwrap_or(0)).unwrap_or(0).max(4) + 2;
    let is_roomy = 2 + WIDE_NAMES[0] + WIDE_NAMES[1] + 3 * WIDE_NUMBER <= room
        && numbers <= WIDE_NUMBER
        && names[0] <= WIDE_NAMES[0]
        && names[1] <= WIDE_NAMES[1];
    let ([database, table], number) = if is_roomy { (WIDE_NAMES, WIDE_NUMBER) } else { (names, numbers) };
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

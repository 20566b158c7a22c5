//! Help texts shared by all screens: filter terms, glyphs, statuses.

use crate::console::protocol::filter;
use crate::console::view::explain;
use crate::domain::{Direction, Status};

/// Help about filters.
pub const FILTER_LINES: [&str; 7] = [
    "/ takes terms; rows must match all of them. Put a value with blanks in double quotes:",
    filter::HELP,
    "A bare number is a session, a bare word a channel database. Examples:",
    "  status:failed age<24h            what failed since yesterday",
    "  store:S0042 job:1040             one store, one job",
    "  status:failed repeated:no packages:no   sessions of stores that no other session repeats",
    "  text:\"duplicate key\" from:2026-11-20   error texts since a day; searched piece by piece, Esc stops",
];

/// Help about glyphs.
pub const GLYPHS: [&str; 2] = [
    "· Started  ○ Available  → Requested  ● Downloaded, Uploaded  √ Applied  × failed  – Canceled  □ No data",
    "◊ Interrupted   ► cursor   * marked   ▼ ▲ sorted by",
];

/// Returns the statuses of both directions with the original product's sentences.
pub fn status_lines() -> [(&'static str, Vec<String>); 2] {
    let lines = |direction: Direction| {
        let line = |status: Status| format!("{:<16} {}", status.label(), explain::status_help(direction, status));
        Status::all(direction).map(line).collect()
    };
    [("Statuses of downloads", lines(Direction::Download)), ("Statuses of uploads", lines(Direction::Upload))]
}

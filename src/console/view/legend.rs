//! Help texts shared by all screens: filter terms, glyphs, statuses.

use crate::console::view::explain;
use crate::domain::{Direction, Status};

/// Help about filters.
pub const FILTER_LINES: [&str; 12] = [
    "/ takes terms; rows must match all of them, without the case of letters:",
    "  timeout                          a word in any text column; * stands for any text",
    "  status:failed,canceled           one of several values; store:LON* by a wildcard",
    "  rows>10k  try>=2  size<1.5M      numbers; k, M and G are thousands",
    "  age<24h  from:yesterday  to:2026-11-20  modified>2026-11-20  applied<14:30",
    "  -store:LON*  !text:timeout  status!=applied   rows that do not match",
    "  text:\"duplicate key\"             quotes for blanks, and for - ! : , * as plain signs",
    "A bare number is a session (in Batch job history a job); \"1040\" in quotes is a word.",
    "A field that a list does not have is refused, and the fields that it has are listed. Examples:",
    "  status:failed age<24h            what failed since yesterday",
    "  status:failed repeated:no packages:no   sessions of stores that no other session repeats",
    "  text:deadlock from:2026-11-20    error texts since a day; searched piece by piece, Esc stops",
];

/// Help about glyphs.
pub const GLYPHS: [&str; 3] = [
    "· Started  ○ Available  → Requested  ● Downloaded, Uploaded  √ Applied  × failed  – Canceled  □ No data",
    "◊ Interrupted   ► cursor   * marked   ▼ ▲ sorted by; lines below, above",
    "In charts: · the usual range  ▲ higher than drawn, or not counted further  ! rejected messages  ░ not read yet",
];

/// Returns the statuses of both directions with the original product's sentences.
pub fn status_lines() -> [(&'static str, Vec<String>); 2] {
    let lines = |direction: Direction| {
        let line = |status: Status| format!("{:<16} {}", status.label(), explain::status_help(direction, status));
        Status::all(direction).map(line).collect()
    };
    [("Statuses of downloads", lines(Direction::Download)), ("Statuses of uploads", lines(Direction::Upload))]
}

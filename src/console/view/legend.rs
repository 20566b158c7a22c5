//! The legend in the help of each screen: marks, colors, statuses.

use crate::console::view::explain;
use crate::console::view::theme::{Role, Theme};
use crate::domain::{Direction, Status};

/// What shapes and marks mean. Sessions, then runs and batch jobs, lists, forms, charts.
pub const MARKS: [&str; 19] = [
    "  · ○ →     Started, Available, Requested",
    "  ●         Downloaded, Uploaded; of a run or a server: it is running",
    "  √ ×       Applied, or a run that ended; failed",
    "  – □ ◊     Canceled, No data, an interrupted run",
    "  ► ›       the cursor of the pane that has the focus, of another pane",
    "  ═══ ───   the rule above the pane that has the focus, above another pane",
    "  *         a marked row",
    "  …         shortened text; the details show all of it",
    "  !         a warning",
    "  ▲ ▼       the list is sorted by this column; lines above, lines below",
    "  (•) [x]   chosen, ticked",
    "  ►[ ]◄     the field with the focus",
    "  [    ▼]   Space shows the choices",
    "  █         the text cursor",
    "  ▄ █       a bar of a chart: half a row, a row",
    "  ·         in a chart: the usual range",
    "  ▲         in a chart: higher than drawn, or not counted further",
    "  !         in a chart: rejected messages",
    "  ░         in a chart: not read yet",
];

/// What the colors of a theme mean, each line in its own color.
pub fn color_lines(theme: Theme) -> Vec<(String, Role)> {
    let meanings = [
        (Role::Bad, "failed, refused, no answer"),
        (Role::Warn, "a warning: stale, late, interrupted"),
        (Role::Good, "applied, ended, in time"),
        (Role::Busy, "in progress: requested, executing"),
        (Role::Wait, "waits, or was canceled"),
        (Role::Title, "a title"),
        (Role::Key, "a key, before what it does"),
        (Role::Dim, "secondary, or not available now"),
        (Role::Match, "what the filter matches"),
    ];
    let line = |(role, meaning): (Role, &str)| (format!("  {meaning:<38}{}", theme.in_words(role)), role);
    let cursor = format!("  {:<38}{}", "the row of the cursor", theme.depth.cursor_name());
    meanings.map(line).into_iter().chain([(cursor, Role::Text)]).collect()
}

/// Returns the statuses of both directions with the original product's sentences.
pub fn status_lines() -> [(&'static str, Vec<String>); 2] {
    let lines = |direction: Direction| {
        let line = |status: Status| format!("{:<16} {}", status.label(), explain::status_help(direction, status));
        Status::all(direction).map(line).collect()
    };
    [("Statuses of downloads", lines(Direction::Download)), ("Statuses of uploads", lines(Direction::Upload))]
}

//! The places of the menu, with number keys and short names.

use crate::console::protocol::route::{JobScope, Route};
use crate::domain::Direction;

/// One line of the menu tree.
pub struct MenuLine {
    /// Its depth in the tree.
    pub depth: u16,
    /// Its name.
    pub name: &'static str,
    /// Its number key, if it has one.
    pub digit: Option<char>,
    /// Its abbreviation in the palette; empty if it has none.
    pub short: &'static str,
    /// The screen that it opens; `None` for a branch.
    pub route: fn() -> Option<Route>,
}

const fn branch(depth: u16, name: &'static str) -> MenuLine {
    MenuLine { depth, name, digit: None, short: "", route: || None }
}

/// The whole tree, top to bottom, in the order of the original.
pub static MENU: [MenuLine; 38] = [
    branch(0, "Retail"),
    branch(1, "Periodic"),
    branch(2, "Data distribution"),
    MenuLine { depth: 3, name: "Distribution schedule", digit: None, short: "dsc", route: || Some(Route::Schedules) },
    MenuLine {
        depth: 3,
        name: "Process status messages",
        digit: Some('3'),
        short: "psm",
        route: || Some(Route::Process),
    },
    branch(1, "Inquiries"),
    branch(2, "Commerce Data Exchange"),
    MenuLine {
        depth: 3,
        name: "Download sessions",
        digit: Some('4'),
        short: "ds",
        route: || Some(Route::Sessions(Direction::Download, String::new())),
    },
    MenuLine {
        depth: 3,
        name: "Upload sessions",
        digit: Some('5'),
        short: "us",
        route: || Some(Route::Sessions(Direction::Upload, String::new())),
    },
    MenuLine {
        depth: 3,
        name: "Status messages",
        digit: Some('6'),
        short: "sm",
        route: || Some(Route::Messages(String::new())),
    },
    MenuLine { depth: 3, name: "Recent errors", digit: Some('2'), short: "er", route: || Some(Route::Errors) },
    MenuLine { depth: 3, name: "Runs", digit: None, short: "ru", route: || Some(Route::Runs) },
    MenuLine { depth: 3, name: "Rejected messages", digit: None, short: "rm", route: || Some(Route::Rejected) },
    MenuLine { depth: 3, name: "Trash", digit: None, short: "tr", route: || Some(Route::Trash(None)) },
    MenuLine { depth: 3, name: "Journal", digit: None, short: "jo", route: || Some(Route::Journal(String::new())) },
    MenuLine {
        depth: 3,
        name: "Async Server connection status",
        digit: Some('9'),
        short: "cs",
        route: || Some(Route::Connections),
    },
    MenuLine { depth: 3, name: "Status by store and job", digit: None, short: "sj", route: || Some(Route::Matrix) },
    branch(1, "Setup"),
    branch(2, "Parameters"),
    MenuLine {
        depth: 3,
        name: "Retail scheduler parameters",
        digit: None,
        short: "rsp",
        route: || Some(Route::Parameters),
    },
    branch(0, "System administration"),
    branch(1, "Inquiries"),
    branch(2, "Batch jobs"),
    MenuLine {
        depth: 3,
        name: "Batch jobs",
        digit: Some('7'),
        short: "bj",
        route: || Some(Route::BatchJobs(JobScope::All)),
    },
    MenuLine {
        depth: 3,
        name: "Batch job history",
        digit: Some('8'),
        short: "bh",
        route: || Some(Route::BatchHistory(String::new())),
    },
    branch(1, "Setup"),
    MenuLine { depth: 2, name: "Batch group", digit: None, short: "bg", route: || Some(Route::BatchGroups(None)) },
    branch(2, "System"),
    MenuLine { depth: 3, name: "Server configuration", digit: None, short: "sc", route: || Some(Route::Servers(None)) },
    branch(0, "Home"),
    MenuLine { depth: 1, name: "Overview", digit: Some('1'), short: "ov", route: || Some(Route::Overview) },
    MenuLine {
        depth: 1,
        name: "My batch jobs",
        digit: None,
        short: "mbj",
        route: || Some(Route::BatchJobs(JobScope::Own)),
    },
    MenuLine { depth: 1, name: "Notifications", digit: None, short: "no", route: || Some(Route::Notifications) },
    MenuLine { depth: 1, name: "Alerts", digit: None, short: "al", route: || Some(Route::Alerts) },
    MenuLine { depth: 1, name: "Silences", digit: None, short: "si", route: || Some(Route::Silences) },
    MenuLine { depth: 1, name: "Approvals", digit: None, short: "ap", route: || Some(Route::Approvals) },
    MenuLine { depth: 1, name: "Deadlines", digit: None, short: "de", route: || Some(Route::Deadlines) },
    MenuLine { depth: 1, name: "Views", digit: None, short: "vi", route: || Some(Route::Views(None)) },
];

/// The place of a number key.
pub fn numbered(digit: char) -> Option<Route> {
    MENU.iter().find(|place| place.digit == Some(digit)).and_then(|place| (place.route)())
}

/// The path of a line of the tree.
pub fn path(index: usize) -> Vec<&'static str> {
    let mut path = Vec::new();
    let mut depth = MENU.get(index).map_or(0, |place| place.depth + 1);
    for place in MENU[..=index.min(MENU.len() - 1)].iter().rev() {
        if place.depth < depth {
            depth = place.depth;
            path.push(place.name);
        }
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_the_paths_of_the_original() {
        let process = MENU.iter().position(|place| place.short == "psm").expect("it is there");
        assert_eq!(path(process), ["Retail", "Periodic", "Data distribution", "Process status messages"]);
        assert_eq!(numbered('4'), Some(Route::Sessions(Direction::Download, String::new())));
    }
}

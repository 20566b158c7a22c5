//! The places of the menu, with number keys and short names.

use crate::console::protocol::route::{JobScope, Route};
use crate::domain::Direction;

/// One line of the menu tree.
pub struct Place {
    /// Its depth in the tree.
    pub depth: u16,
    /// Its name.
    pub name: &'static str,
    /// Its number key, if it has one.
    pub digit: Option<char>,
    /// Its short name in the palette.
    pub short: &'static str,
    /// The screen that it opens; `None` for a branch.
    pub target: fn() -> Option<Route>,
}

const fn branch(depth: u16, name: &'static str) -> Place {
    Place { depth, name, digit: None, short: "", target: || None }
}

/// The whole tree, top to bottom, in the order of the original.
pub static TREE: [Place; 38] = [
    branch(0, "Retail"),
    branch(1, "Periodic"),
    branch(2, "Data distribution"),
    Place { depth: 3, name: "Distribution schedule", digit: None, short: "dsc", target: || Some(Route::Schedules) },
    Place {
        depth: 3,
        name: "Process status messages",
        digit: Some('3'),
        short: "psm",
        target: || Some(Route::Process),
    },
    branch(1, "Inquiries"),
    branch(2, "Commerce Data Exchange"),
    Place {
        depth: 3,
        name: "Download sessions",
        digit: Some('4'),
        short: "ds",
        target: || Some(Route::Sessions(Direction::Download, String::new())),
    },
    Place {
        depth: 3,
        name: "Upload sessions",
        digit: Some('5'),
        short: "us",
        target: || Some(Route::Sessions(Direction::Upload, String::new())),
    },
    Place {
        depth: 3,
        name: "Status messages",
        digit: Some('6'),
        short: "sm",
        target: || Some(Route::Messages(String::new())),
    },
    Place { depth: 3, name: "Recent errors", digit: Some('2'), short: "er", target: || Some(Route::Errors) },
    Place { depth: 3, name: "Runs", digit: None, short: "ru", target: || Some(Route::Runs) },
    Place { depth: 3, name: "Rejected messages", digit: None, short: "rm", target: || Some(Route::Rejected) },
    Place { depth: 3, name: "Trash", digit: None, short: "tr", target: || Some(Route::Trash(None)) },
    Place { depth: 3, name: "Journal", digit: None, short: "jo", target: || Some(Route::Journal(String::new())) },
    Place {
        depth: 3,
        name: "Async Server connection status",
        digit: Some('9'),
        short: "cs",
        target: || Some(Route::Connections),
    },
    Place { depth: 3, name: "Status by store and job", digit: None, short: "sj", target: || Some(Route::Matrix) },
    branch(1, "Setup"),
    branch(2, "Parameters"),
    Place {
        depth: 3,
        name: "Retail scheduler parameters",
        digit: None,
        short: "rsp",
        target: || Some(Route::Parameters),
    },
    branch(0, "System administration"),
    branch(1, "Inquiries"),
    branch(2, "Batch jobs"),
    Place {
        depth: 3,
        name: "Batch jobs",
        digit: Some('7'),
        short: "bj",
        target: || Some(Route::BatchJobs(JobScope::All)),
    },
    Place {
        depth: 3,
        name: "Batch job history",
        digit: Some('8'),
        short: "bh",
        target: || Some(Route::BatchHistory(String::new())),
    },
    branch(1, "Setup"),
    Place { depth: 2, name: "Batch group", digit: None, short: "bg", target: || Some(Route::BatchGroups(None)) },
    branch(2, "System"),
    Place { depth: 3, name: "Server configuration", digit: None, short: "sc", target: || Some(Route::Servers(None)) },
    branch(0, "Home"),
    Place { depth: 1, name: "Overview", digit: Some('1'), short: "ov", target: || Some(Route::Overview) },
    Place {
        depth: 1,
        name: "My batch jobs",
        digit: None,
        short: "mbj",
        target: || Some(Route::BatchJobs(JobScope::Own)),
    },
    Place { depth: 1, name: "Notifications", digit: None, short: "no", target: || Some(Route::Notifications) },
    Place { depth: 1, name: "Alerts", digit: None, short: "al", target: || Some(Route::Alerts) },
    Place { depth: 1, name: "Silences", digit: None, short: "si", target: || Some(Route::Silences) },
    Place { depth: 1, name: "Approvals", digit: None, short: "ap", target: || Some(Route::Approvals) },
    Place { depth: 1, name: "Deadlines", digit: None, short: "de", target: || Some(Route::Deadlines) },
    Place { depth: 1, name: "Views", digit: None, short: "vi", target: || Some(Route::Views(None)) },
];

/// The place of a number key.
pub fn numbered(digit: char) -> Option<Route> {
    TREE.iter().find(|place| place.digit == Some(digit)).and_then(|place| (place.target)())
}

/// The path of a line of the tree.
pub fn path(index: usize) -> Vec<&'static str> {
    let mut path = Vec::new();
    let mut depth = TREE.get(index).map_or(0, |place| place.depth + 1);
    for place in TREE[..=index.min(TREE.len() - 1)].iter().rev() {
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
        let process = TREE.iter().position(|place| place.short == "psm").expect("it is there");
        assert_eq!(path(process), ["Retail", "Periodic", "Data distribution", "Process status messages"]);
        assert_eq!(numbered('4'), Some(Route::Sessions(Direction::Download, String::new())));
    }
}

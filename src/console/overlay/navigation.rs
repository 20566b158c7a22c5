//! The places of the menu, with number keys and short names; finds them for the palette.

use crate::console::protocol::key_table::Command;
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
pub static TREE: [Place; 30] = [
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
    Place {
        depth: 3,
        name: "Async Server connection status",
        digit: Some('9'),
        short: "cs",
        target: || Some(Route::Connections),
    },
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

/// One line of the palette.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its path in the menu; empty for a command.
    pub place: String,
    /// Its short name and number, or its key.
    pub key: String,
    /// What choosing it does.
    pub leads: PaletteAction,
}

/// What choosing a line does.
#[derive(Debug, Clone, PartialEq)]
pub enum PaletteAction {
    /// Opens a screen.
    To(Route),
    /// Obeys a command, as if its key had been pressed.
    Does(Command),
}

/// Finds what matches a text: places by letters of their words, commands of this screen, a number as a session or a
/// run, anything else as a store. Without a text, the places visited last come first.
pub fn find(text: &str, commands: &[(&'static str, String, Command)], recent: &[String]) -> Vec<Found> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let matches = |name: &str| lower.split(' ').all(|word| name.to_lowercase().contains(word));
    let place = |(index, place): (usize, &Place)| {
        let digit = place.digit.map(|digit| format!("  {digit}")).unwrap_or_default();
        let (name, key) = (place.name.to_owned(), format!("{}{digit}", place.short));
        Some(Found { name, place: path(index).join(" › "), key, leads: PaletteAction::To((place.target)()?) })
    };
    let mut found: Vec<_> = TREE
        .iter()
        .enumerate()
        .filter(|(_, place)| place.short == lower || matches(place.name))
        .filter_map(place)
        .collect();
    let rank = |found: &Found| recent.iter().position(|name| *name == found.name).unwrap_or(usize::MAX);
    let is_short = |found: &Found| found.key.split(' ').next() == Some(lower.as_str());
    found.sort_by_key(|found| (!is_short(found), rank(found)));
    let does = commands.iter().filter(|(name, ..)| !text.is_empty() && matches(name)).map(|(name, key, command)| {
        Found { name: (*name).to_owned(), place: String::new(), key: key.clone(), leads: PaletteAction::Does(*command) }
    });
    found.extend(does);
    let goes = |name: String, target: Route| Found {
        name,
        place: String::new(),
        key: String::new(),
        leads: PaletteAction::To(target),
    };
    if let Some(number) = lower.strip_prefix("run ").and_then(|number| number.trim().parse::<i64>().ok()) {
        found.insert(0, goes(format!("Run {number}"), Route::Run(number)));
    } else if !text.is_empty() {
        for direction in Direction::ALL {
            let form = crate::console::protocol::route::form_title(direction);
            if text.parse::<i64>().is_ok() {
                found.push(goes(format!("{form} {text}"), Route::Sessions(direction, format!("session:{text}"))));
            } else if !text.contains('"') {
                let target = Route::Sessions(direction, format!("store:\"{text}\""));
                found.push(goes(format!("{form} of the channel database {text}"), target));
            }
        }
        if let Ok(number) = text.parse::<i64>() {
            found.push(goes(format!("Run {number}"), Route::Run(number)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_the_original_s_path_and_places_are_found_by_short_name_word_number_and_store() {
        let process = TREE.iter().position(|place| place.short == "psm").expect("it is there");
        assert_eq!(path(process), ["Retail", "Periodic", "Data distribution", "Process status messages"]);
        assert_eq!(numbered('4'), Some(Route::Sessions(Direction::Download, String::new())));
        let leads = |text: &str, at: usize| find(text, &[], &[])[at].leads.clone();
        assert_eq!(leads("ds", 0), PaletteAction::To(Route::Sessions(Direction::Download, String::new())));
        assert_eq!(leads("sta pro", 0), PaletteAction::To(Route::Process));
        assert_eq!(
            leads("1084971", 0),
            PaletteAction::To(Route::Sessions(Direction::Download, "session:1084971".to_owned()))
        );
        assert_eq!(
            leads("S0042", 1),
            PaletteAction::To(Route::Sessions(Direction::Upload, "store:\"S0042\"".to_owned()))
        );
        assert_eq!(leads("run 812", 0), PaletteAction::To(Route::Run(812)));
        // Commands follow places; the places visited last come first.
        let commands = [("date range", "d".to_owned(), Command::Dates)];
        assert_eq!(find("ate", &commands, &[])[0].leads, PaletteAction::Does(Command::Dates));
        assert_eq!(find("", &commands, &["Runs".to_owned()])[0].leads, PaletteAction::To(Route::Runs));
    }
}

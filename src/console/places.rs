//! The menu as the original has it, and the short names of places.

use super::screen::{Mine, Target};
use crate::domain::Direction;

/// One line of the menu tree.
pub struct Place {
    /// How deep it lies.
    pub depth: u16,
    /// Its name.
    pub name: &'static str,
    /// Its number key, if it has one.
    pub digit: Option<char>,
    /// Its short name in the palette.
    pub short: &'static str,
    /// Where it leads; `None` is a branch.
    pub target: fn() -> Option<Target>,
}

const fn branch(depth: u16, name: &'static str) -> Place {
    Place { depth, name, digit: None, short: "", target: || None }
}

/// The whole tree, top to bottom. It holds only what exists.
pub static TREE: [Place; 28] = [
    branch(0, "Retail"),
    branch(1, "Periodic"),
    branch(2, "Data distribution"),
    Place {
        depth: 3,
        name: "Process status messages",
        digit: Some('3'),
        short: "psm",
        target: || Some(Target::Process),
    },
    branch(1, "Inquiries"),
    branch(2, "Commerce Data Exchange"),
    Place {
        depth: 3,
        name: "Download sessions",
        digit: Some('4'),
        short: "ds",
        target: || Some(Target::Sessions(Direction::Download, String::new())),
    },
    Place {
        depth: 3,
        name: "Upload sessions",
        digit: Some('5'),
        short: "us",
        target: || Some(Target::Sessions(Direction::Upload, String::new())),
    },
    Place {
        depth: 3,
        name: "Status messages",
        digit: Some('6'),
        short: "sm",
        target: || Some(Target::Messages(String::new())),
    },
    Place { depth: 3, name: "Recent errors", digit: Some('2'), short: "er", target: || Some(Target::Errors) },
    Place { depth: 3, name: "Runs", digit: None, short: "ru", target: || Some(Target::Runs) },
    Place { depth: 3, name: "Rejected messages", digit: None, short: "rm", target: || Some(Target::Rejected) },
    branch(1, "Setup"),
    branch(2, "Parameters"),
    Place {
        depth: 3,
        name: "Retail scheduler parameters",
        digit: None,
        short: "rsp",
        target: || Some(Target::Parameters),
    },
    branch(0, "System administration"),
    branch(1, "Inquiries"),
    branch(2, "Batch jobs"),
    Place {
        depth: 3,
        name: "Batch jobs",
        digit: Some('7'),
        short: "bj",
        target: || Some(Target::BatchJobs(Mine::All)),
    },
    Place {
        depth: 3,
        name: "Batch job history",
        digit: Some('8'),
        short: "bh",
        target: || Some(Target::BatchHistory(String::new())),
    },
    branch(1, "Setup"),
    Place { depth: 2, name: "Batch group", digit: None, short: "bg", target: || Some(Target::BatchGroups(None)) },
    branch(2, "System"),
    Place { depth: 3, name: "Server configuration", digit: None, short: "sc", target: || Some(Target::Servers(None)) },
    branch(0, "Home"),
    Place { depth: 1, name: "Overview", digit: Some('1'), short: "ov", target: || Some(Target::Overview) },
    Place { depth: 1, name: "My batch jobs", digit: None, short: "mbj", target: || Some(Target::BatchJobs(Mine::Own)) },
    Place { depth: 1, name: "Notifications", digit: None, short: "no", target: || Some(Target::Notifications) },
];

/// The place of a number key.
pub fn numbered(digit: char) -> Option<Target> {
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

/// What the palette finds for a text: places by any letters of their words, a number as a session, anything else as a store.
pub fn find(text: &str) -> Vec<(String, &'static str, Target)> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let mut found: Vec<_> = TREE
        .iter()
        .filter_map(|place| Some((place, (place.target)()?)))
        .filter(|(place, _)| {
            place.short == lower || lower.split(' ').all(|word| place.name.to_lowercase().contains(word))
        })
        .map(|(place, target)| (place.name.to_owned(), place.short, target))
        .collect();
    found.sort_by_key(|(_, short, _)| *short != lower);
    if !text.is_empty() {
        for direction in Direction::ALL {
            let form = super::screens::form(direction);
            if text.parse::<i64>().is_ok() {
                found.push((format!("{form} {text}"), "", Target::Sessions(direction, format!("session:{text}"))));
            } else if !text.contains('"') {
                let target = Target::Sessions(direction, format!("store:\"{text}\""));
                found.push((format!("{form} of the channel database {text}"), "", target));
            }
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
        assert_eq!(numbered('4'), Some(Target::Sessions(Direction::Download, String::new())));
        assert_eq!(find("ds")[0].2, Target::Sessions(Direction::Download, String::new()));
        assert_eq!(find("sta pro")[0].2, Target::Process);
        assert_eq!(find("1084971")[0].2, Target::Sessions(Direction::Download, "session:1084971".to_owned()));
        assert_eq!(find("S0042")[1].2, Target::Sessions(Direction::Upload, "store:\"S0042\"".to_owned()));
    }
}

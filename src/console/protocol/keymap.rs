//! The key table with the operator's own keys from the configuration.

use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::{Binding, Command, Scope, TABLE};
use crate::domain::redact;

/// Letters that Ctrl combinations must not use: prefixes of screen and tmux, and keys that
/// terminals take.
const NEVER: &str = "absqvyto";
/// Characters that an arrow key torn by the network leaves behind.
const TORN: &str = "OABCDHFPQRS~";

/// The commands that a narrow hint bar keeps, most important first: help and the way out.
const NEEDED: [Command; 13] = [
    Command::Help,
    Command::Quit,
    Command::Open,
    Command::Filter,
    Command::NextError,
    Command::Actions,
    Command::Menu,
    Command::Process,
    Command::Explain,
    Command::Palette,
    Command::NextPane,
    Command::Related,
    Command::ShowAll,
];

/// One line of the table with the keys that it has here.
#[derive(Debug, Clone)]
pub struct KeyLine {
    keys: Vec<Key>,
    shown: String,
    /// The line of the table.
    pub binding: &'static Binding,
}

/// The table.
#[derive(Debug, Clone)]
pub struct Keymap {
    lines: Vec<KeyLine>,
}

impl Default for Keymap {
    fn default() -> Self {
        let line = |binding: &'static Binding| KeyLine {
            keys: binding.keys.to_vec(),
            shown: binding.shown.to_owned(),
            binding,
        };
        Self { lines: TABLE.iter().map(line).collect() }
    }
}

impl Keymap {
    /// The table with other keys for some commands: a command's name, its keys separated by blanks,
    /// the configuration's line. A fault comes with its line.
    pub fn new(given: &[(String, String, usize)]) -> Result<Self, (usize, String)> {
        let mut keymap = Self::default();
        for (name, shown, line) in given {
            let fault = |text: String| (*line, text);
            let names = || TABLE.iter().map(|binding| binding.command.name());
            let Some(at) = names().position(|known| known == *name) else {
                let near =
                    names().max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
                let near = near.unwrap_or_default();
                return Err(fault(format!("no command is called {:?}; the nearest is {near:?}", redact(name))));
            };
            let keys = shown.split_whitespace().map(read).collect::<Result<Vec<_>, _>>().map_err(fault)?;
            if keys.is_empty() {
                return Err(fault(format!("{name} has no key")));
            }
            keymap.lines[at].keys = keys;
            keymap.lines[at].shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        let line_of = |binding: &Binding| {
            let name = binding.command.name();
            given.iter().find(|(given, ..)| *given == name).map(|(_, _, line)| *line)
        };
        for (at, line) in keymap.lines.iter().enumerate() {
            for other in &keymap.lines[..at] {
                if let Some(key) = line.keys.iter().find(|key| other.keys.contains(key)) {
                    let where_ = line_of(line.binding).or_else(|| line_of(other.binding)).unwrap_or(0);
                    let (one, two) = (other.binding.command.name(), line.binding.command.name());
                    return Err((where_, format!("{} is bound to two commands: {one} and {two}", written(key))));
                }
            }
        }
        Ok(keymap)
    }

    /// The command of a key.
    pub fn command(&self, key: &Key) -> Option<Command> {
        self.lines.iter().find(|line| line.keys.contains(key)).map(|line| line.binding.command)
    }

    /// The lines, in the order of help.
    pub fn lines(&self) -> &[KeyLine] {
        &self.lines
    }

    /// The first key of a command, as help shows it.
    pub fn key(&self, command: Command) -> &str {
        let line = self.lines.iter().find(|line| line.binding.command == command);
        line.and_then(|line| line.shown.split(' ').next()).unwrap_or("")
    }

    /// The text with the key of each command that it names in braces, such as `{next_error}`.
    pub fn named(&self, text: &str) -> String {
        let mut parts = text.split('{');
        let mut named = parts.next().unwrap_or("").to_owned();
        for part in parts {
            let (command, rest) = part.split_once('}').unwrap_or((part, ""));
            let line = self.lines.iter().find(|line| line.binding.command.name() == command);
            debug_assert!(line.is_some(), "no command is called {command}");
            named.push_str(line.map_or(command, KeyLine::first));
            named.push_str(rest);
        }
        named
    }

    /// The hint bar for the commands offered: the most important ones that fit, in the table's
    /// order.
    pub fn hints(&self, offered: impl Fn(Command) -> bool, width: usize) -> String {
        let rank = |command| NEEDED.iter().position(|needed| *needed == command).unwrap_or(NEEDED.len());
        let hinted = |line: &&KeyLine| !line.binding.hint.is_empty() && offered(line.binding.command);
        let mut fitting: Vec<_> = self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| hinted(line))
            .map(|(at, line)| (rank(line.binding.command), at, format!("{} {}", line.first(), line.binding.hint)))
            .collect();
        fitting.sort_unstable();
        let mut used = 0;
        fitting.retain(|(_, _, hint)| {
            // A blank before the first, two between.
            let needed = used + hint.chars().count() + if used == 0 { 1 } else { 2 };
            let fits = needed <= width;
            used = if fits { needed } else { used };
            fits
        });
        fitting.sort_unstable_by_key(|(_, at, _)| *at);
        let hints: Vec<_> = fitting.into_iter().map(|(_, _, hint)| hint).collect();
        format!(" {}", hints.join("  "))
    }

    /// Help's lines of one scope: keys, words, and the commands behind them.
    pub fn help(&self, scope: Scope) -> Vec<(String, &'static str, Vec<Command>)> {
        let mut groups: Vec<Vec<&KeyLine>> = Vec::new();
        for line in self.lines.iter().filter(|line| line.binding.scope == scope) {
            match groups.last_mut() {
                Some(group) if group[0].binding.brief == line.binding.brief => group.push(line),
                _ => groups.push(vec![line]),
            }
        }
        let merged = |group: Vec<&KeyLine>| {
            // The first key of each command, then the others.
            let keys = |at: usize| group.iter().filter_map(move |line| line.shown.split(' ').nth(at));
            let most = group.iter().map(|line| line.shown.split(' ').count()).max().unwrap_or(0);
            let keys = (0..most).flat_map(keys).collect::<Vec<_>>().join(" ");
            (keys, group[0].binding.brief, group.iter().map(|line| line.binding.command).collect())
        };
        groups.into_iter().map(merged).collect()
    }
}

impl KeyLine {
    fn first(&self) -> &str {
        self.shown.split(' ').next().unwrap_or("")
    }
}

/// Reads a key as the table writes it.
fn read(text: &str) -> Result<Key, String> {
    let mut chars = text.chars();
    let key = match (chars.next(), chars.next(), text) {
        (Some('^'), Some(letter @ ('a'..='z' | 'A'..='Z')), _) if text.len() == 2 => {
            let letter = letter.to_ascii_lowercase();
            if NEVER.contains(letter) || "ijmhzlc".contains(letter) {
                return Err(format!("{text} cannot be bound: terminals, screen, tmux or cdx itself need it"));
            }
            Key::Ctrl(letter)
        }
        (Some('F'), Some(_), _) => match text[1..].parse() {
            Ok(number @ 1..=12) => Key::F(number),
            _ => return Err(format!("{} is no key; there are F1 to F12", redact(text))),
        },
        (Some(c), None, _) if TORN.contains(c) => {
            return Err(format!("{text} cannot be bound: an arrow key torn by the network leaves it behind"));
        }
        (Some(c), None, _) if !c.is_control() && c != ' ' => Key::Char(c),
        (_, _, name) => {
            NAMED_KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| key.clone()).ok_or_else(|| {
                let names: Vec<_> = NAMED_KEYS.iter().map(|(name, _)| *name).collect();
                let (name, names) = (redact(name), names.join(", "));
                format!("{name} is no key; write one character, ^X, F1 to F12, or one of {names}")
            })?
        }
    };
    Ok(key)
}

const NAMED_KEYS: [(&str, Key); 14] = [
    ("Space", Key::Char(' ')),
    ("Enter", Key::Enter),
    ("Esc", Key::Esc),
    ("Tab", Key::Tab),
    ("S-Tab", Key::BackTab),
    ("Backspace", Key::Backspace),
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("PgUp", Key::PageUp),
    ("PgDn", Key::PageDown),
    ("Home", Key::Home),
    ("End", Key::End),
];

/// Whether a word of a hint is a key, as the table writes it.
pub fn is_key(word: &str) -> bool {
    let is_function = word.strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok());
    word.chars().count() == 1
        || is_function
        || word.starts_with('^')
        || NAMED_KEYS.iter().any(|(name, _)| *name == word)
}

fn written(key: &Key) -> String {
    if let Some((name, _)) = NAMED_KEYS.iter().find(|(_, known)| known == key) {
        return (*name).to_owned();
    }
    match key {
        Key::Char(c) => c.to_string(),
        Key::Ctrl(c) => format!("^{}", c.to_uppercase()),
        Key::F(number) => format!("F{number}"),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_and_none_is_bound_that_terminals_take() {
        let keymap = Keymap::new(&[]).expect("no clash");
        for letter in NEVER.chars() {
            assert_eq!(keymap.command(&Key::Ctrl(letter)), None);
        }
        // What torn keys leave behind means nothing.
        for c in TORN.chars() {
            assert_eq!(keymap.command(&Key::Char(c)), None, "{c}");
        }
        let names: std::collections::BTreeSet<_> = TABLE.iter().map(|binding| binding.command.name()).collect();
        assert_eq!(names.len(), TABLE.len(), "every command has one line and a name of its own");
        assert!(names.contains("next_error") && names.contains("place_4"));
    }

    #[test]
    fn every_key_of_the_table_can_be_read_as_it_is_written() {
        for binding in TABLE {
            for (shown, key) in binding.shown.split(' ').zip(binding.keys) {
                match (read(shown), key) {
                    (Ok(read), key) => assert_eq!(read, *key),
                    // Not to be given to anything else.
                    (Err(_), Key::Ctrl('l' | 'z' | 'c')) => {}
                    (Err(fault), _) => panic!("{fault}"),
                }
            }
        }
    }

    #[test]
    fn keys_are_given_to_other_commands_and_faults_name_their_line() {
        let given = |name: &str, keys: &str| (name.to_owned(), keys.to_owned(), 7);
        let keymap = Keymap::new(&[given("next_error", "; F8")]).expect("sound");
        assert_eq!(keymap.command(&Key::Char(';')), Some(Command::NextError));
        assert_eq!((keymap.command(&Key::F(8)), keymap.command(&Key::Char('e'))), (Some(Command::NextError), None));
        assert!(keymap.hints(|_| true, 120).contains("; error") && keymap.key(Command::NextError) == ";");
        for (name, keys, fault) in [
            ("next_eror", "x", "the nearest is \"next_error\""),
            ("next_error", "q", "q is bound to two commands: next_error and quit"),
            ("next_error", "^a", "^a cannot be bound"),
            ("next_error", "A", "torn by the network"),
            ("next_error", "Alt-x", "Alt-x is no key"),
            ("next_error", "F13", "F13 is no key"),
            ("next_error", " ", "has no key"),
        ] {
            let (line, text) = Keymap::new(&[given(name, keys)]).expect_err(fault);
            assert!(line == 7 && text.contains(fault), "{line} {text}");
        }
        let misplaced = "postgres://op:s3cret@hq/cdx";
        for (name, keys) in [(misplaced, "x"), ("next_error", misplaced), ("next_error", "F8 F1/op:s3cret@hq")] {
            let (_, text) = Keymap::new(&[given(name, keys)]).expect_err(name);
            assert!(!text.contains("s3cret") && text.contains("***"), "{text}");
        }
    }

    #[test]
    fn hints_fit_and_help_and_quit_are_always_there() {
        for width in [60, 80, 120] {
            let line = Keymap::default().hints(|_| true, width);
            assert!(line.len() <= width && line.contains("? help") && line.contains("q quit"), "{line}");
        }
    }
}

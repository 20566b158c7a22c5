//! Documents and code are written in plain technical English: no banned word, no overlong line of
//! prose.

use std::path::{Path, PathBuf};

/// Words and phrases that make prose hard to read, and what to write instead. They are compared in
/// lower case, as whole words.
pub const BANNED: &[(&str, &str)] = &[
    ("all the same", "anyway, still"),
    ("anew", "again"),
    ("another one's", "name the owner"),
    ("anybody", "name the actor"),
    ("as far as they fit", "shown while they fit"),
    ("as good as", "say what it equals"),
    ("brake", "purge limit"),
    ("comes to nothing", "say what fails"),
    ("died", "exited, crashed, was killed"),
    ("dies", "exits, crashes, is killed"),
    ("everybody", "name the actor"),
    ("fencing number", "fencing token"),
    ("go on with", "continue"),
    ("goes on with", "continues"),
    ("gone on with", "continued"),
    ("he himself", "name the actor"),
    ("he who", "name the actor"),
    ("heard of", "last message, last seen"),
    ("heir", "successor"),
    ("in the place of", "instead of, overwrite"),
    ("in vain", "say what failed"),
    ("is sound", "is valid, is undamaged"),
    ("it is told", "name who reports what"),
    ("leave the house", "are sent by e-mail or command"),
    ("leaves the house", "is sent by e-mail or command"),
    ("lives", "is running, is stored, is in"),
    ("make no sense", "are invalid, were rejected"),
    ("makes no sense", "is invalid"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("no one", "name the actor, or use the passive"),
    ("nobody", "name the actor, or use the passive"),
    ("nonsense", "invalid, malformed"),
    ("of its own accord", "by itself"),
    ("out of the house", "send by e-mail or command"),
    ("sign of life", "heartbeat"),
    ("somebody", "name the actor"),
    ("someone", "name the actor"),
    ("stands in", "is in"),
    ("taken up", "reclaimed, continued"),
    ("takes it over", "takes over, applies"),
    ("takes up", "reclaims, continues"),
    ("teller", "notifier"),
    ("told", "notified, reported, said"),
    ("told at length", "described"),
    ("what became of", "the state of, the result of"),
    ("what came of it", "the result"),
    ("whoever", "name the actor"),
    ("wish", "effect, request"),
    ("wishes", "effects, requests"),
];

/// Folders of code that are scanned, too.
const CODE: &[&str] = &["src", "tests/it", "examples", "benches"];

/// Documents, from the root of the repository: files, and folders with everything in them that has
/// the extension.
const READ: &[(&str, &str)] = &[
    ("README.md", "md"),
    ("ARCHITECTURE.md", "md"),
    ("CHANGELOG.md", "md"),
    ("CONTRIBUTING.md", "md"),
    ("SECURITY.md", "md"),
    ("docs", "md"),
    ("fuzz/README.md", "md"),
];

/// The longest line of prose, in characters; tables, code and links by themselves may be longer.
const COLUMNS: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(path: PathBuf, extension: &str) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path];
    }
    let entries = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    let inside = entries.flat_map(|path| files(path, extension));
    inside.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// The documents: their paths from the root of the repository, and their texts.
pub fn documents() -> Vec<(String, String)> {
    let found = READ.iter().filter(|(path, _)| root().join(path).exists());
    let found = found.flat_map(|(path, extension)| files(root().join(path), extension));
    let mut documents: Vec<_> = found
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a file");
            (path.strip_prefix(root()).expect("inside").to_string_lossy().into_owned(), text)
        })
        .collect();
    documents.sort();
    documents
}

/// The lines of prose with their numbers: without blocks of code, which show what programs print.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// Where a banned word is in a line, in lower case and as a whole word.
fn banned(line: &str) -> Vec<&'static str> {
    let line = line.to_lowercase();
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole = |at: usize, word: &str| {
        !is_word(line[..at].chars().next_back()) && !is_word(line[at + word.len()..].chars().next())
    };
    let found = BANNED.iter().filter(|(word, _)| line.match_indices(word).any(|(at, _)| whole(at, word)));
    found.map(|(word, _)| *word).collect()
}

#[test]
fn the_documents_use_no_banned_words() {
    let mut faults = Vec::new();
    for (name, text) in documents() {
        // Its tables are what the benchmarks print.
        let is_output = |line: &str| name == "docs/performance.md" && line.starts_with('|');
        for (number, line) in prose(&text).filter(|(_, line)| !is_output(line)) {
            for word in banned(line) {
                let instead = BANNED.iter().find(|(banned, _)| *banned == word).map_or("", |(_, instead)| *instead);
                faults.push(format!("{name}:{number}: \"{word}\" ({instead}): {line}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The Rust files under a path, with their names from the root of the repository.
fn code(path: &str) -> Vec<(String, String)> {
    let named = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a file");
        (path.strip_prefix(root()).expect("inside").to_string_lossy().into_owned(), text)
    };
    files(root().join(path), "rs").into_iter().map(named).collect()
}

#[test]
fn the_code_uses_no_banned_words() {
    let mut faults = Vec::new();
    for (name, text) in CODE.iter().flat_map(|path| code(path)) {
        // It contains the list of banned words.
        let is_exempt = name == "tests/it/prose.rs";
        for (index, line) in text.lines().enumerate().filter(|_| !is_exempt) {
            // The name of a test is a sentence.
            let is_test = line.trim_start().starts_with("fn ");
            let line = if is_test { line.replace('_', " ") } else { line.to_owned() };
            faults.extend(banned(&line).into_iter().map(|word| format!("{name}:{}: \"{word}\": {line}", index + 1)));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_banned_word_is_found_in_any_case_but_not_within_another_word() {
    assert_eq!(banned("Whoever lives here"), ["lives", "whoever"]);
    assert_eq!(banned("amendments, olives and wished-for `died_at`"), [] as [&str; 0]);
}

#[test]
fn comments_are_short() {
    let mut faults = Vec::new();
    for (name, text) in CODE.iter().flat_map(|path| code(path)) {
        let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
        for (index, line) in comments.filter(|(_, line)| line.chars().count() > COLUMNS) {
            faults.push(format!("{name}:{} has {} columns", index + 1, line.chars().count()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn lines_of_prose_are_short() {
    let mut faults = Vec::new();
    for (name, text) in documents() {
        for (number, line) in prose(&text).filter(|(_, line)| !line.starts_with('|')) {
            let columns = line.chars().count();
            if columns > COLUMNS {
                faults.push(format!("{name}:{number} has {columns} columns"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

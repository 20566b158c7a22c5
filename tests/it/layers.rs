//! The structure as the files' own words tell it: who may use whom, where the outside world is touched, how long a file may grow.

use std::path::{Path, PathBuf};

/// Ground floor first; a part may use what stands on floors below its own, and itself.
const FLOORS: [&[&str]; 9] = [
    &["clock", "cancel"],
    &["domain"],
    &["recurrence"],
    &["batch"],
    &["store"],
    &["engine"],
    &["server", "console"],
    &["config"],
    &["cli"],
];
const LONGEST: usize = 300;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files() -> Vec<(PathBuf, String)> {
    let mut folders = vec![source()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                files.push((path.strip_prefix(source()).expect("inside").to_owned(), text));
            }
        }
    }
    assert!(files.len() > 60, "only {} files were found", files.len());
    files
}

/// A file's code without the tests at its end; a test module that is only declared hides nothing of what follows.
fn before_tests(text: &str) -> &str {
    let mark = "#[cfg(test)]\n";
    let is_written_here = |(at, _): &(usize, &str)| {
        let declaration = text[at + mark.len()..].lines().next().unwrap_or_default();
        declaration.contains("mod ") && declaration.ends_with('{')
    };
    let end = text.match_indices(mark).find(is_written_here).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// The part that a file belongs to: the first step of its path.
fn part(path: &Path) -> String {
    let first = path.iter().next().expect("a path").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn floor(part: &str) -> Option<usize> {
    FLOORS.iter().position(|parts| parts.contains(&part))
}

/// The parts that a line names, as `crate::part` or by climbing out with `super`.
fn named(path: &Path, line: &str) -> Vec<String> {
    let mut named: Vec<String> = line
        .match_indices("crate::")
        .map(|(at, found)| line[at + found.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect();
    let module_depth = path.components().count() - usize::from(path.ends_with("mod.rs"));
    let climbs = line.matches("super::").count();
    if line.trim_start().starts_with("use super::") && climbs >= module_depth {
        let rest = &line[line.rfind("super::").expect("it climbs") + 7..];
        named.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
    }
    named
}

#[test]
fn arrows_point_only_downward() {
    for (path, text) in files() {
        let part = part(&path);
        let Some(own) = floor(&part) else {
            assert!(["lib", "main"].contains(&part.as_str()), "{} stands on no floor", path.display());
            continue;
        };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for used in named(&path, line) {
                // A clock shows a domain's instant, and a recurrence is made of them: the arrows within a floor.
                let allowed = used == part
                    || floor(&used).is_some_and(|floor| floor < own)
                    || (["clock", "recurrence"].contains(&part.as_str()) && used == "domain")
                    || floor(&used).is_none();
                assert!(allowed, "{}, line {}: {part} must not use {used}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn only_the_store_names_the_database_engine_and_only_the_command_line_prints_or_exits() {
    for (path, text) in files() {
        let code = before_tests(&text);
        let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let names = |word: &str| code.iter().any(|line| line.contains(word));
        let part = part(&path);
        assert!(part == "store" || !names("rusqlite"), "{} names the engine", path.display());
        for word in ["stdout()", "stderr()", "process::exit", "println!"] {
            let may = part == "cli" || (path.ends_with("console/terminal.rs") && word == "stdout()");
            assert!(may || !names(word), "{} uses {word}", path.display());
        }
        if ["domain", "recurrence"].contains(&part.as_str()) {
            for word in ["std::fs", "std::net", "SystemTime", "Utc::now", "Instant::now"] {
                assert!(!names(word), "{} is not pure: {word}", path.display());
            }
        }
    }
}

#[test]
fn no_file_outgrows_its_job() {
    for (path, text) in files() {
        let lines = before_tests(&text).lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines; split it", path.display());
    }
}

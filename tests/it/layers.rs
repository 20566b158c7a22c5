//! Checks the structure of the source: layers, import circles, access to the outside world, file
//! length.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Layers of the crate, lowest first. A module may use modules of lower layers and of its own part.
const LAYERS: [&[&str]; 11] = [
    &["clock", "cancel"],
    &["domain"],
    &["text"],
    &["filter"],
    &["recurrence", "guard"],
    &["batch"],
    &["store"],
    &["engine"],
    &["config", "demo"],
    &["server", "console"],
    &["cli"],
];
/// Layers of the console, lowest first.
const CONSOLE: [&[&str]; 7] =
    [&["protocol"], &["view"], &["widgets"], &["backend", "forms", "overlay"], &["screens"], &["app"], &["runtime"]];
/// Exceptions: the clock returns instants of the domain.
const ALLOWED: [(&str, &str); 1] = [("clock", "domain")];
/// Maximum lines of a file without the tests at its end.
const MAX_LINES: usize = 300;

type Module = Vec<String>;

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

/// Returns a file without the tests at its end. Declarations of test modules are kept.
fn before_tests(text: &str) -> &str {
    let mark = "#[cfg(test)]\n";
    let is_written_here = |(at, _): &(usize, &str)| {
        let declaration = text[at + mark.len()..].lines().next().unwrap_or_default();
        declaration.contains("mod ") && declaration.ends_with('{')
    };
    let end = text.match_indices(mark).find(is_written_here).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Returns a file without comments and without the tests at its end.
fn code(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    before_tests(text).lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

fn module(path: &Path) -> Module {
    let path = path.with_extension("");
    let steps = path.iter().map(|step| step.to_string_lossy().into_owned());
    steps.filter(|step| step != "mod" && step != "lib" && step != "main").collect()
}

/// Expands a `use` tree: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let body = rest.rsplit_once('}').map_or(rest, |(body, _)| body);
    let (mut depth, mut parts, mut start) = (0, Vec::new(), 0);
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&body[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(leaves).map(|leaf| format!("{}{leaf}", prefix.trim())).collect()
}

/// Returns every path that begins with `crate::`, in `use` trees and in the code.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let simple = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let tree = if rest[simple..].starts_with('{') {
            &rest[..rest.find(';').unwrap_or(rest.len())]
        } else {
            &rest[..simple]
        };
        let steps = |leaf: String| leaf.split("::").map(|step| step.trim().to_owned()).collect::<Vec<_>>();
        paths.extend(leaves(tree).into_iter().map(steps));
    }
    paths
}

/// Returns the modules that each module uses, except itself.
fn uses() -> BTreeMap<Module, BTreeSet<Module>> {
    let files: Vec<_> = files().into_iter().map(|(path, text)| (module(&path), code(&text))).collect();
    let known: BTreeSet<Module> = files.iter().map(|(module, _)| module.clone()).collect();
    let longest = |path: Vec<String>| (0..=path.len()).rev().map(|n| path[..n].to_vec()).find(|m| known.contains(m));
    let of = |(own, code): &(Module, String)| {
        let used = paths(code).into_iter().filter_map(longest).filter(|used| used != own);
        (own.clone(), used.collect::<BTreeSet<_>>())
    };
    files.iter().filter(|(module, _)| !module.is_empty()).map(of).collect::<BTreeMap<_, _>>()
}

fn layer(layers: &[&[&str]], part: &str) -> Option<usize> {
    layers.iter().position(|parts| parts.contains(&part))
}

#[test]
fn modules_use_only_lower_layers() {
    let mut faults = Vec::new();
    for (module, used) in uses() {
        for used in used.iter().filter(|used| !used.is_empty()) {
            for (depth, layers) in [(0, &LAYERS[..]), (1, &CONSOLE[..])] {
                let same = |at: usize| module[..at] == used[..at.min(used.len())];
                if !same(depth) || (depth == 1 && module[0] != "console") {
                    continue;
                }
                let (Some(own), Some(other)) = (module.get(depth), used.get(depth)) else { continue };
                let fits = match (layer(layers, own), layer(layers, other)) {
                    (Some(from), Some(to)) => {
                        own == other || to < from || ALLOWED.contains(&(own.as_str(), other.as_str()))
                    }
                    // The binary, the library's root and helpers of the console's own root.
                    _ => depth == 0,
                };
                if !fits {
                    faults.push(format!("{} must not use {}", module.join("::"), used.join("::")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_modules_import_each_other_in_a_circle() {
    // A folder and its own file may know each other: the child uses its parent's types, the parent
    // its child's functions.
    let is_family = |a: &Module, b: &Module| a[..] == b[..b.len() - 1] || b[..] == a[..a.len() - 1];
    let mut uses = uses();
    for (module, used) in &mut uses {
        used.retain(|used| !used.is_empty() && !is_family(module, used));
    }
    // A module that uses no other, or that no other uses, is no part of a circle.
    loop {
        let before = uses.len();
        let used: BTreeSet<Module> = uses.values().flatten().cloned().collect();
        uses.retain(|module, _| used.contains(module));
        let left: BTreeSet<Module> = uses.keys().cloned().collect();
        for used in uses.values_mut() {
            used.retain(|used| left.contains(used));
        }
        uses.retain(|_, used| !used.is_empty());
        if uses.len() == before {
            break;
        }
    }
    let joined = |module: &Module| module.join("::");
    let circle: Vec<_> =
        uses.iter().map(|(m, used)| (joined(m), used.iter().map(joined).collect::<Vec<_>>())).collect();
    assert!(circle.is_empty(), "modules in a circle: {circle:#?}");
}

#[test]
fn only_the_store_names_the_database_engine_and_only_the_command_line_prints_or_exits() {
    for (path, text) in files() {
        let code = code(&text);
        let names = |word: &str| code.contains(word);
        let part = module(&path).first().cloned().unwrap_or_default();
        assert!(part == "store" || !names("rusqlite"), "{} names the engine", path.display());
        for word in ["stdout()", "stderr()", "process::exit", "println!"] {
            let may = part == "cli" || (path.ends_with("console/runtime/terminal.rs") && word == "stdout()");
            assert!(may || !names(word), "{} uses {word}", path.display());
        }
        if ["domain", "filter", "guard", "recurrence"].contains(&part.as_str()) {
            for word in ["std::fs", "std::net", "SystemTime", "Utc::now", "Instant::now"] {
                assert!(!names(word), "{} is not pure: {word}", path.display());
            }
        }
    }
}

#[test]
fn only_the_console_s_backend_opens_a_database() {
    for (module, used) in uses().into_iter().filter(|(module, _)| module[0] == "console") {
        // Rows of a store's tables are plain data, which queries and answers carry.
        let may = module.get(1).is_some_and(|part| part == "backend" || part == "protocol");
        let store = used.iter().any(|used| used[..].first().is_some_and(|part| part == "store"));
        assert!(may || !store, "{} uses the store", module.join("::"));
    }
}

#[test]
fn only_the_themes_name_colors() {
    for (path, text) in files() {
        let is_theme = ["view/colors.rs", "view/theme.rs"].iter().any(|file| path.ends_with(file));
        let is_theme = is_theme || path.iter().any(|part| part == "tests");
        for word in ["ratatui::style::Color", "ratatui::style::{Color", "Modifier", "Color::Rgb", "Color::Indexed"] {
            assert!(is_theme || !code(&text).contains(word), "{} names a color: {word}", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in files() {
        let lines = before_tests(&text).lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines; split it", path.display());
    }
}

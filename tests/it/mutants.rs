//! The list of changes to the rules that no unit test notices (`tests/mutants.txt`).

use std::path::Path;

/// The name of the changed function: `is_late` in `replace is_late -> bool with true` and in
/// `replace < with > in Claim::is_late`.
fn function(change: &str) -> &str {
    let named = match change.rsplit_once(" in ") {
        Some((_, named)) => named,
        None => change.strip_prefix("replace ").and_then(|rest| rest.split(" -> ").next()).unwrap_or(change),
    };
    named.rsplit("::").next().unwrap_or(named)
}

#[test]
fn each_explained_change_is_of_a_function_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(root.join("tests/mutants.txt")).expect("the list");
    let mut is_explained = false;
    for line in list.lines() {
        if line.is_empty() || line.starts_with('#') {
            is_explained = !line.is_empty();
            continue;
        }
        assert!(is_explained, "no reason above {line:?}");
        let (file, change) = line.split_once(": ").expect("a file and a change");
        let source = std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let name = function(change);
        assert!(source.contains(&format!("fn {name}")), "{file} has no function {name:?}: {line}");
    }
}

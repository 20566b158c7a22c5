//! The support bundle: what it contains, what it never contains, and that it changes nothing.

use crate::support::messages::{APPLIED, APPLY_FAILED, download};
use crate::support::{Exchange, ran};
use cdx_console::store::message_database::NewMessage;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// A password that is planted wherever one can be.
const SECRET: &str = "hunter2-planted";
/// A text of a store.
const TEXT: &str = "planted-text";
/// A word in the text of a store that masking keeps.
const WORD: &str = "Vandenberg";

/// An exchange with secrets in its configuration and its rows, and texts of stores.
fn exchange() -> (Exchange, String) {
    let exchange = Exchange::new();
    let failed = NewMessage {
        message: Some(format!("Cannot open '{TEXT}' of {WORD}, password={SECRET}")),
        data_path: Some(format!("/{TEXT}/x")),
        ..download(1, 11, "S0001", APPLY_FAILED)
    };
    let rejected = NewMessage { message: Some(TEXT.to_owned()), ..download(3, 13, "S0001", 42) };
    exchange.post(&[failed, download(2, 12, "S0001", APPLIED), rejected]);
    exchange.cdx(&["process"]).exits(3);
    exchange.cdx(&["batch", "submit", "--description", &format!("Nightly, token={SECRET}")]).exits(0);
    let reason = format!("ticket 4711, password: {SECRET}");
    exchange.cdx(&["session", "cancel", "download", "11", "--reason", &reason]).exits(0);
    let cause =
        exchange.cdx(&["errors", "--json"]).exits(0).json_lines()[0]["cause"].as_str().expect("text").to_owned();
    exchange.cdx(&["errors", "mute", &cause, "--until", "2h"]).exits(0);
    let config = exchange.path("config.toml");
    let text = format!(
        "smtp_host = 'mail.hq.example'\nsmtp_user = 'cdx'\nsmtp_password_file = '/etc/cdx/smtp'\n\
         alert_command = 'curl -u ops:{SECRET} https://hq.example'\n\
         webhook_url = 'https://hooks.example/services/{SECRET}'\n"
    );
    std::fs::write(&config, text).expect("written");
    (exchange, config.display().to_string())
}

/// Unpacks a bundle and returns its files by name, with the manifest.
fn unpacked(bundle: &Path) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    ran(Command::new("tar").arg("-xzf").arg(bundle).arg("-C").arg(folder.path())).exits(0);
    let mut folders = std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let inside = folders.next().expect("one folder");
    assert_eq!(folders.next(), None, "everything is in one folder");
    let files = std::fs::read_dir(inside).expect("a folder").map(|entry| entry.expect("an entry").path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("text"))
    };
    files.map(read).collect()
}

fn bundle(exchange: &Exchange, args: &[&str]) -> BTreeMap<String, String> {
    let path = exchange.path("case.tar.gz");
    let _ = std::fs::remove_file(&path);
    let shown = path.display().to_string();
    let ran = exchange.cdx(&[args, &["bundle", "--output", &shown]].concat()).exits(0).says("MANIFEST");
    assert_eq!(ran.stdout.trim(), shown);
    unpacked(&path)
}

/// Fails if a file contains a text.
#[track_caller]
fn lacks(files: &BTreeMap<String, String>, text: &str) {
    let found: Vec<_> = files.iter().filter(|(_, content)| content.contains(text)).collect();
    assert!(found.is_empty(), "{text} is in {found:#?}");
}

#[test]
fn it_has_no_secret_and_no_text_of_a_store_unless_that_is_wanted() {
    let (exchange, config) = exchange();
    let files = bundle(&exchange, &["--config", &config]);
    lacks(&files, SECRET);
    lacks(&files, TEXT);
    lacks(&files, WORD);
    assert!(files["MANIFEST"].contains("--with-texts keeps them"), "{}", files["MANIFEST"]);
    assert!(files["causes.jsonl"].contains("\"errors\":1"), "{}", files["causes.jsonl"]);
    assert!(files["metrics.prom"].contains("cdx_cause_errors{digest="), "{}", files["metrics.prom"]);
    assert!(files["journal.jsonl"].contains("\"object\":\"cause "), "{}", files["journal.jsonl"]);
    assert!(files["rejected.jsonl"].contains("\"reason\""), "{}", files["rejected.jsonl"]);
    let path = exchange.path("with.tar.gz");
    let args = ["--config", &config, "bundle", "--with-texts", "--output", &path.display().to_string()];
    exchange.cdx(&args).exits(0);
    let files = unpacked(&path);
    lacks(&files, SECRET);
    for name in ["causes.jsonl", "rejected.jsonl"] {
        assert!(files[name].contains(TEXT), "{name}: {}", files[name]);
    }
    for name in ["causes.jsonl", "journal.jsonl", "metrics.prom"] {
        assert!(files[name].contains(WORD), "{name}: {}", files[name]);
    }
    assert!(!files["MANIFEST"].contains("--with-texts"), "{}", files["MANIFEST"]);
}

#[test]
fn the_manifest_lists_every_file_and_each_says_what_it_is_for() {
    let (exchange, config) = exchange();
    let files = bundle(&exchange, &["--config", &config]);
    let listed: Vec<_> =
        files["MANIFEST"].lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    for name in files.keys().filter(|name| *name != "MANIFEST") {
        assert!(listed.contains(&name.as_str()), "{name}: {}", files["MANIFEST"]);
    }
    for (name, text) in [
        ("versions.txt", env!("CARGO_PKG_VERSION")),
        ("config.txt", "smtp_host = mail.hq.example"),
        ("head-office-schema.sql", "session_tombstone"),
        ("head-office-rows.txt", "status_message 3"),
        ("message-database-schema.sql", "session_request"),
        ("message-database-rows.txt", "status_message 4"),
        ("doctor.txt", "rejected messages"),
        ("metrics.prom", "cdx_"),
        ("runs.jsonl", "\"run_id\":1"),
        ("batch-jobs.jsonl", "\"description\":\"Nightly"),
        ("journal.jsonl", "cancel session"),
        ("journal-head.jsonl", "\"valid\":true"),
        ("query-plans.txt", "from session where"),
        ("query-plans.txt", "## Recent errors"),
    ] {
        assert!(files[name].contains(text), "{name} lacks {text}: {}", files[name]);
    }
    for (name, text) in files.iter().filter(|(name, _)| name.contains(".jsonl")) {
        for line in text.lines() {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "{name}: {line}");
        }
    }
}

#[test]
fn it_is_private_and_overwrites_nothing() {
    let (exchange, _) = exchange();
    let path = exchange.path("case.tar.gz");
    let shown = path.display().to_string();
    exchange.cdx(&["bundle", "--output", &shown]).exits(0);
    assert_eq!(path.metadata().expect("made").permissions().mode() & 0o777, 0o600);
    let first = std::fs::read(&path).expect("it reads");
    exchange.cdx(&["bundle", "--output", &shown]).exits(1).says("exists; name another file");
    assert_eq!(std::fs::read(&path).expect("it reads"), first);
    let link = exchange.path("link.tar.gz");
    symlink(exchange.path("elsewhere"), &link).expect("a link");
    exchange.cdx(&["bundle", "--output", &link.display().to_string()]).exits(1).says("exists");
    assert!(!exchange.path("elsewhere").exists());
    exchange.cdx(&["bundle", "--output", "/nowhere/case.tar.gz"]).exits(1).says("cannot write /nowhere");
    // Without a name it is a new file of the present folder.
    let folder = tempfile::tempdir().expect("a folder");
    let made = ran(exchange.command(&["bundle", "--json"]).current_dir(folder.path())).exits(0).json();
    let name = made["bundle"].as_str().expect("a path");
    assert!(name.starts_with("cdx-bundle-2") && folder.path().join(name).exists(), "{made}");
    assert!(made["files"].as_array().is_some_and(|files| files.len() > 12), "{made}");
}

#[test]
fn it_works_while_a_database_cannot_be_reached_and_says_which() {
    let (exchange, _) = exchange();
    let gone = format!("postgres://cdx:{SECRET}@127.0.0.1:1/gone");
    let files = bundle(&exchange, &["--message-database", &gone]);
    lacks(&files, SECRET);
    let manifest = &files["MANIFEST"];
    assert!(manifest.contains("message-database-schema.sql: ") && manifest.contains("127.0.0.1"), "{manifest}");
    assert!(files.contains_key("runs.jsonl") && !files.contains_key("message-database-schema.sql"), "{manifest}");
    assert!(files["doctor.txt"].contains("FAIL"), "{}", files["doctor.txt"]);
    let files = bundle(&exchange, &["--head-office", &gone]);
    lacks(&files, SECRET);
    let manifest = &files["MANIFEST"];
    assert!(manifest.contains("runs, batch jobs, history"), "{manifest}");
    assert!(files.contains_key("message-database-schema.sql") && !files.contains_key("runs.jsonl"), "{manifest}");
    let files = bundle(&exchange, &["--head-office", &gone, "--message-database", &gone]);
    assert!(files.contains_key("config.txt") && files.contains_key("doctor.txt"), "{}", files["MANIFEST"]);
}

#[test]
fn it_migrates_nothing_and_creates_no_database() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    let files = bundle(&exchange, &[]);
    assert!(files["MANIFEST"].contains("head-office-schema.sql: "), "{}", files["MANIFEST"]);
    assert!(!exchange.head_office().exists() && !exchange.message_database().exists());
    let (exchange, _) = self::exchange();
    exchange.script_at_head_office("update head_office set schema_version = schema_version - 1");
    let version = || exchange.at_head_office("select schema_version from head_office");
    let older = version();
    let files = bundle(&exchange, &[]);
    assert!(files["MANIFEST"].contains("runs, batch jobs, history"), "{}", files["MANIFEST"]);
    assert_eq!(version(), older);
}

crate::support::engines::on_postgres!(
    it_has_no_secret_and_no_text_of_a_store_unless_that_is_wanted,
    the_manifest_lists_every_file_and_each_says_what_it_is_for,
    it_works_while_a_database_cannot_be_reached_and_says_which,
);

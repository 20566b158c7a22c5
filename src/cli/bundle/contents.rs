//! What is in a bundle and what is not. Every text passes the redaction here, whatever it is.

use crate::cli::exit::Failure;
use crate::cli::output::json_lines;
use crate::domain::{Cause, clean_block, redact};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;

/// Characters of one text in a file; longer ones are cut.
const MAX_TEXT_CHARS: usize = 4_000;

/// A file of the bundle.
#[derive(Debug)]
pub(super) struct PackedFile {
    /// Its name.
    pub name: &'static str,
    /// What it contains, for the manifest.
    about: &'static str,
    /// Its content.
    pub text: String,
}

/// Something that is not in the bundle.
#[derive(Debug, Serialize)]
pub(super) struct LeftOut {
    /// The rows, texts or lists that are missing.
    pub what: String,
    /// The rule or the error that kept it out.
    pub why: String,
    /// Whether it belongs in a bundle, but could not be read.
    #[serde(skip)]
    pub is_fault: bool,
}

/// The contents of a bundle.
#[derive(Debug)]
pub(super) struct Contents {
    files: Vec<PackedFile>,
    left_out: Vec<LeftOut>,
    with_texts: bool,
}

impl Contents {
    /// Nothing yet; `with_texts` keeps the texts of stores.
    pub(super) fn new(with_texts: bool) -> Self {
        let mut contents = Self { files: Vec::new(), left_out: Vec::new(), with_texts };
        contents.leave_out("sessions and status messages", "their rows are never in a bundle");
        contents.leave_out("passwords, tokens, logins in addresses", "they are replaced by ***");
        if !with_texts {
            contents.leave_out("texts of stores", "they are masked or left out; --with-texts keeps them");
        }
        let why = "it is in the journal of the machine on which it runs: journalctl --unit cdx-batch-server";
        contents.leave_out("the batch server's own log", why);
        contents
    }

    /// Whether the texts of stores are kept.
    pub(super) fn with_texts(&self) -> bool {
        self.with_texts
    }

    /// The files, without the manifest.
    pub(super) fn files(&self) -> &[PackedFile] {
        &self.files
    }

    /// What is missing.
    pub(super) fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    fn leave_out(&mut self, what: &str, why: &str) {
        self.left_out.push(LeftOut { what: what.to_owned(), why: redact(why), is_fault: false });
    }

    /// Records that a part could not be read.
    pub(super) fn note_missing(&mut self, what: &str, failure: &Failure) {
        let why = clean_block(&redact(&sentence(failure))).replace('\n', " ");
        self.left_out.push(LeftOut { what: what.to_owned(), why, is_fault: true });
    }

    /// Adds a text file, or records why it is missing.
    pub(super) fn text(&mut self, name: &'static str, about: &'static str, text: Result<String, Failure>) {
        match text {
            Ok(text) => {
                let lines = text.lines().map(|line| clean_block(&redact(line)) + "\n").collect();
                self.files.push(PackedFile { name, about, text: lines });
            }
            Err(failure) => self.note_missing(name, &failure),
        }
    }

    /// Adds a file of JSON lines, or records why it is missing.
    pub(super) fn rows(&mut self, name: &'static str, about: &'static str, rows: Result<Vec<Value>, Failure>) {
        match rows {
            Ok(rows) => {
                let text = json_lines(rows.into_iter().map(redacted));
                self.files.push(PackedFile { name, about, text });
            }
            Err(failure) => self.note_missing(name, &failure),
        }
    }

    /// The manifest: what is in the bundle, and what was left out and why.
    pub(super) fn manifest(&self, made: &str) -> String {
        let mut text = format!("Support bundle of cdx {}\nMade {made}\n\nFiles:\n", env!("CARGO_PKG_VERSION"));
        // Writing to a String cannot fail.
        for file in &self.files {
            let _ = writeln!(text, "  {:<24} {}", file.name, file.about);
        }
        text.push_str("\nLeft out:\n");
        for part in &self.left_out {
            let _ = writeln!(text, "  {}: {}", part.what, part.why);
        }
        clean_block(&redact(&text))
    }
}

/// Masks a text of a store: numbers, quoted names, GUIDs and paths.
pub(super) fn masked(text: &str) -> String {
    Cause::of(text).masked
}

fn sentence(failure: &Failure) -> String {
    match failure {
        Failure::Message(_, sentence) => sentence.clone(),
        Failure::ReaderGone => "the output was closed".to_owned(),
        Failure::Unforeseen(report) => report.to_string(),
    }
}

/// The value with every text redacted and cut.
fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let cut: String = text.chars().take(MAX_TEXT_CHARS).collect();
            Value::String(redact(&cut))
        }
        Value::Array(values) => values.into_iter().map(redacted).collect(),
        Value::Object(keys) => keys.into_iter().map(|(key, value)| (key, redacted(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_is_redacted_and_the_manifest_says_what_is_missing() {
        let mut contents = Contents::new(false);
        contents.text("a.txt", "A", Ok("url postgres://u:hunter2@hq/x\n".to_owned()));
        contents.rows("b.jsonl", "B", Ok(vec![json!({ "a": ["password=hunter2"], "b": { "c": "x\u{1b}[2J" } })]));
        contents.text("c.txt", "C", Err(Failure::usage("cannot reach postgres://u:hunter2@hq/x")));
        let manifest = contents.manifest("now");
        let all = contents.files().iter().map(|file| file.text.as_str()).collect::<String>() + &manifest;
        assert!(!all.contains("hunter2") && !all.contains('\u{1b}'), "{all}");
        assert!(manifest.contains("c.txt: cannot reach") && manifest.contains("--with-texts"), "{manifest}");
        assert_eq!(contents.files().len(), 2);
        assert_eq!(contents.left_out().iter().filter(|part| part.is_fault).count(), 1);
    }
}

//! `cdx bundle`: writes a support bundle, one file that says what state the exchange is in.

mod archive;
mod contents;
mod parts;

use crate::cli::args::BundleArgs;
use crate::cli::context::{Context, host, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::config::Setting;
use crate::domain::{Timestamp, clean_line, counted};
use contents::{Contents, LeftOut};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The result, as JSON.
#[derive(Serialize)]
struct BundleRow<'a> {
    bundle: &'a str,
    files: Vec<&'a str>,
    left_out: &'a [LeftOut],
}

/// Writes the bundle and prints its path. The databases are only read: nothing is migrated, and no
/// write is tried.
pub fn run(context: &Context, args: &BundleArgs) -> CommandResult {
    let faults = &context.config_faults;
    let read_only = Setting { value: true, origin: context.config.read_only.origin.clone() };
    let config = crate::config::Config { read_only, ..context.config.clone() };
    let context = &Context { config, consent: context.consent.clone(), config_faults: Vec::new() };
    for fault in faults {
        print_message(&format!("cdx: {fault}; its default is used"));
    }
    let now = SystemClock.now();
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.tar.gz", name(now))));
    let is_stdout = path.as_os_str() == "-";
    if is_stdout && args.json {
        return Err(Failure::usage("--json does not go with --output -, which writes the bundle itself"));
    }
    if !is_stdout {
        refuse_existing(&path)?;
    }
    let mut contents = Contents::new(args.with_texts);
    parts::collect(context, now, &mut contents);
    let made = format!("{} by {} on {}", now.to_rfc3339(), operator(), host());
    let manifest = contents.manifest(&made);
    let packed = archive::pack(&folder(&path), &manifest, contents.files(), now)
        .map_err(|error| Failure::Message(Exit::Failed, format!("cannot pack the bundle: {error}")))?;
    let written = if is_stdout { std::io::stdout().write_all(&packed) } else { archive::write(&path, &packed) };
    written.map_err(|error| {
        Failure::Message(Exit::Failed, format!("cannot write {}: {error}", clean_line(&path.to_string_lossy())))
    })?;
    let shown = path.to_string_lossy();
    if args.json {
        let files = contents.files().iter().map(|file| file.name).collect();
        print_json(&BundleRow { bundle: &shown, files, left_out: contents.left_out() })?;
    } else if !is_stdout {
        writeln!(std::io::stdout(), "{}", clean_line(&shown))?;
    }
    for missing in contents.left_out().iter().filter(|part| part.is_fault) {
        print_message(&format!("cdx: left out {}: {}", missing.what, missing.why));
    }
    let files = i64::try_from(contents.files().len()).unwrap_or(0) + 1;
    print_message(&format!("{} packed; MANIFEST lists them and what was left out", counted(files, "file")));
    Ok(Exit::Done)
}

/// The default name of a bundle: `cdx-bundle-20261129T031022Z`.
fn name(now: Timestamp) -> String {
    let digits: String = now.to_rfc3339().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("cdx-bundle-{digits}Z")
}

/// The folder in the archive: the file's name without its endings.
fn folder(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.trim_end_matches(".gz").trim_end_matches(".tgz").trim_end_matches(".tar");
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let stem: String = stem.trim_start_matches('.').chars().filter(is_plain).take(80).collect();
    if stem.is_empty() { "cdx-bundle".to_owned() } else { stem }
}

fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let shown = clean_line(&path.to_string_lossy()).into_owned();
    Err(Failure::Message(Exit::Failed, format!("{shown} exists; name another file with --output")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_in_the_archive_is_a_plain_name_whatever_the_file_is_called() {
        assert_eq!(name(Timestamp(1_764_427_200_000)), "cdx-bundle-20251129T144000Z");
        for (path, expected) in [
            ("/tmp/case-4711.tar.gz", "case-4711"),
            ("../x.tgz", "x"),
            ("..", "cdx-bundle"),
            ("/tmp/.tar.gz", "cdx-bundle"),
            ("/tmp/a b\u{1b}[2J.tar.gz", "ab2J"),
        ] {
            assert_eq!(folder(Path::new(path)), expected, "{path}");
        }
    }
}

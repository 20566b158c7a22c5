//! Parses the path of an SQLite file: makes it absolute and refuses SQLite's special names.

use std::path::{Path, PathBuf};

/// Why the text after `sqlite:` is no file. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No path at all.
    #[error("sqlite: lacks a path; write sqlite:/var/lib/cdx/head-office.db")]
    Empty,
    /// A database in memory, or of a single connection.
    #[error("sqlite: names a database that exists only in memory and is lost at the end; write the path of a file")]
    Memory,
    /// A URI, or parameters of one.
    #[error(
        "sqlite: takes a plain path, no file: URI and no ?name=value parameters; write sqlite:/var/lib/cdx/head-office.db"
    )]
    Uri,
    /// Two slashes and a host.
    #[error(
        "the URL names a host, which a file does not have; write sqlite:/PATH or sqlite:///PATH, \
         or postgres://HOST/DATABASE for a server"
    )]
    Host,
    /// `~name`.
    #[error("~ followed by a user's name is not expanded; write the whole path, or ~/ for your own home folder")]
    OtherHome,
    /// `~/` without a home.
    #[error("~/ cannot be expanded without an absolute HOME; set HOME or write the whole path")]
    NoHome,
    /// A variable that no shell has expanded.
    #[error("variables such as $HOME are not expanded here; write the whole path, or ~/ for your own home folder")]
    Variable,
    /// A folder.
    #[error("the path names a folder; append the name of the database's file")]
    Folder,
    /// A character that no path can hold.
    #[error("the path contains a NUL character; write the path of a file")]
    Nul,
    /// A relative path, and the working folder is gone.
    #[error("the path is relative and the working folder cannot be read; write the whole path")]
    NoWorkingFolder,
}

/// Returns the absolute path of the text after `sqlite:`. `home` replaces `~`; relative paths start
/// at the working folder.
pub(super) fn parse(text: &str, home: Option<&Path>) -> Result<PathBuf, PathError> {
    // Other tools write sqlite:///PATH.
    let path = match text.strip_prefix("//") {
        Some(path) if path.starts_with('/') => path,
        Some("") => return Err(PathError::Empty),
        Some(_) => return Err(PathError::Host),
        None => text,
    };
    if path.trim().is_empty() {
        return Err(PathError::Empty);
    }
    if path.contains('\0') {
        return Err(PathError::Nul);
    }
    let file = path.trim_start_matches('/').trim().to_ascii_lowercase();
    if file.starts_with("file:") || has_parameters(path) {
        return Err(PathError::Uri);
    }
    // SQLite reserves all names that begin with a colon.
    if file.starts_with(':') {
        return Err(PathError::Memory);
    }
    if path.starts_with('$') {
        return Err(PathError::Variable);
    }
    if path.ends_with('/') || path == "~" || [".", ".."].contains(&path.rsplit('/').next().unwrap_or_default()) {
        return Err(PathError::Folder);
    }
    let expanded = match path.strip_prefix('~') {
        Some(below) => {
            let below = below.strip_prefix('/').ok_or(PathError::OtherHome)?.trim_start_matches('/');
            home.filter(|home| home.is_absolute()).ok_or(PathError::NoHome)?.join(below)
        }
        None => PathBuf::from(path),
    };
    std::path::absolute(expanded).map_err(|_| PathError::NoWorkingFolder)
}

/// Whether the path ends like the parameters of a URI: `?name=value`.
fn has_parameters(path: &str) -> bool {
    path.split('?').skip(1).any(|parameters| {
        parameters.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-%".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Result<PathBuf, PathError> {
        parse(text, Some(Path::new("/home/op")))
    }

    #[test]
    fn a_path_becomes_absolute() {
        let here = std::env::current_dir().expect("a working folder");
        for (text, expected) in [
            ("/tmp/a.db", PathBuf::from("/tmp/a.db")),
            ("///tmp/a.db", PathBuf::from("/tmp/a.db")),
            ("////tmp/a.db", PathBuf::from("/tmp/a.db")),
            ("a b.db", here.join("a b.db")),
            ("./:memory:", here.join(":memory:")),
            ("./~op/a.db", here.join("~op/a.db")),
            ("why?.db", here.join("why?.db")),
            ("~/a.db", PathBuf::from("/home/op/a.db")),
            ("~//a.db", PathBuf::from("/home/op/a.db")),
        ] {
            assert_eq!(path(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_lasting_file_is_refused() {
        for (text, expected) in [
            ("", PathError::Empty),
            ("//", PathError::Empty),
            ("  ", PathError::Empty),
            (":memory:", PathError::Memory),
            ("///:memory:", PathError::Memory),
            (" :memory:", PathError::Memory),
            (":MEMORY:", PathError::Memory),
            (":anything", PathError::Memory),
            ("file:x?mode=memory", PathError::Uri),
            ("file::memory:", PathError::Uri),
            ("FILE:/tmp/a.db", PathError::Uri),
            ("///file:a.db", PathError::Uri),
            ("/tmp/a.db?vfs=memdb", PathError::Uri),
            ("a.db?mode=memory&cache=shared", PathError::Uri),
            ("a?b.db?immutable=1", PathError::Uri),
            ("a.db?%6dode=memory", PathError::Uri),
            ("//hq/tmp/a.db", PathError::Host),
            ("//a.db", PathError::Host),
            ("//~/a.db", PathError::Host),
            ("//localhost/tmp/a.db", PathError::Host),
            ("~op/a.db", PathError::OtherHome),
            ("$HOME/a.db", PathError::Variable),
            ("~", PathError::Folder),
            ("~/", PathError::Folder),
            ("/tmp/", PathError::Folder),
            ("/tmp/..", PathError::Folder),
            (".", PathError::Folder),
            ("a\0.db", PathError::Nul),
        ] {
            assert_eq!(path(text), Err(expected), "{text:?}");
        }
        assert_eq!(parse("~/a.db", None), Err(PathError::NoHome));
        assert_eq!(parse("~/a.db", Some(Path::new("home"))), Err(PathError::NoHome));
    }
}

//! Opens and creates files beside a database: regular files only, never through a symbolic link of
//! another user, and never blocking on a pipe.

use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

/// Follows no symbolic link and does not block on a pipe.
const FLAGS: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// Opens a regular file with `options`.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    match options.custom_flags(FLAGS).open(path) {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(irregular(path)),
        Err(error) => match path.symlink_metadata() {
            Ok(found) if !found.is_file() && error.kind() != io::ErrorKind::AlreadyExists => Err(irregular(path)),
            _ => Err(error),
        },
    }
}

/// Creates a new file, with the owner and mode of `like` as far as this process may set them. Bits
/// outside `mode_mask` are removed.
pub(super) fn create_like(path: &Path, like: &Path, mode_mask: u32) -> io::Result<File> {
    let file = open(path, OpenOptions::new().write(true).create_new(true).mode(0o600))?;
    if let Ok(like) = like.metadata() {
        // Some file systems have no owners, and only root may change the owner.
        let given = fchown(&file, Some(like.uid()), Some(like.gid()));
        let group = file.metadata().is_ok_and(|file| file.gid() == like.gid());
        // The group's permissions are not for another group.
        let shared = if given.is_ok() || group { 0o777 } else { 0o707 };
        let _ = file.set_permissions(Permissions::from_mode(like.mode() & mode_mask & shared));
    }
    Ok(file)
}

/// Returns why the database at `path` must not be opened: it or one of SQLite's own files beside it
/// is not a regular file, or it is another user's link in a folder that others may write.
pub(super) fn objection(path: &Path) -> Option<String> {
    if path.exists() && !path.is_file() {
        return Some("it is not a regular file; name a file".to_owned());
    }
    if let Ok(link) = path.symlink_metadata()
        && link.is_symlink()
        && path.parent().and_then(|folder| folder.metadata().ok()).is_some_and(|folder| is_planted(&link, &folder))
    {
        return Some(
            "it is another user's symbolic link in a folder that others may write; name the file itself".to_owned(),
        );
    }
    let database = path.canonicalize().ok()?;
    ["-wal", "-shm"].into_iter().find_map(|suffix| {
        let mut beside = database.clone().into_os_string();
        beside.push(suffix);
        let found = Path::new(&beside).symlink_metadata().ok()?;
        let shown = crate::domain::clean_line(&beside.to_string_lossy()).into_owned();
        (!found.is_file()).then(|| format!("{shown} is not a regular file; remove it"))
    })
}

/// The rule of Linux's `fs.protected_symlinks`, applied to every folder that others may write.
fn is_planted(link: &Metadata, folder: &Metadata) -> bool {
    let me = rustix::process::geteuid().as_raw();
    folder.mode() & 0o022 != 0 && ![me, 0, folder.uid()].contains(&link.uid())
}

fn irregular(path: &Path) -> io::Error {
    let is_link = path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    io::Error::other(if is_link { "it is a symbolic link; remove it" } else { "it is not a regular file; remove it" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_a_regular_file_is_opened_and_a_pipe_does_not_hang() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, link, pipe] = ["file", "link", "pipe"].map(|name| folder.path().join(name));
        std::fs::write(&file, "").expect("written");
        symlink(&file, &link).expect("a link");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).expect("a pipe");
        for options in [OpenOptions::new().write(true), OpenOptions::new().read(true)] {
            open(&file, options).expect("a regular file");
            for (path, why) in
                [(&link, "symbolic link"), (&pipe, "not a regular file"), (&folder.path().into(), "not a regular")]
            {
                let refused = open(path, options).expect_err("it is not a regular file").to_string();
                assert!(refused.contains(why), "{refused}");
            }
        }
    }

    #[test]
    fn a_new_file_gets_the_mode_of_another_and_no_link_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let [like, new, link] = ["like", "new", "link"].map(|name| folder.path().join(name));
        std::fs::write(&like, "").expect("written");
        std::fs::set_permissions(&like, Permissions::from_mode(0o640)).expect("ours");
        let mode = create_like(&new, &like, 0o666).and_then(|file| file.metadata()).expect("made").mode();
        assert_eq!(mode & 0o777, 0o640);
        symlink(folder.path().join("elsewhere"), &link).expect("a link");
        create_like(&link, &like, 0o666).expect_err("it is there");
        assert!(!folder.path().join("elsewhere").exists());
    }
}

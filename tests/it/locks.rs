//! OS locks that show whether a process is running: one lock for all path names and users.

use crate::support::child::Running;
use crate::support::messages::applied_sessions;
use crate::support::{Exchange, bare_command, ran};
use cdx_console::store::{Access, HeadOffice, Location, OsLock};
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;

fn locked(path: &Path) -> OsLock {
    OsLock::try_acquire(path, path).expect("it can be locked").expect("it is free")
}

#[test]
fn the_runner_lock_is_shared_through_symbolic_links() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..30_000));
    let first = Running::start(&mut exchange.command(&["process"]));
    exchange.wait_for_a_chunk();
    let folder = tempfile::tempdir().expect("a folder");
    let link = folder.path().join("link.db");
    symlink(exchange.head_office(), &link).expect("a link");
    let office = format!("sqlite:{}", link.display());
    exchange.cdx(&["--head-office", &office, "process"]).exits(4).says("another runner holds the lease");
    first.signal("INT");
    assert!([0, 130].contains(&first.finish().code));
}

#[test]
fn the_lock_of_a_batch_server_is_found_through_symbolic_links() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("head-office.db"), folder.path().join("link.db"));
    symlink(&file, &link).expect("a link to what is not there yet");
    let by_link = HeadOffice::open(&Location::Sqlite(link), Access::Create).expect("head office");
    let _held = by_link.try_server_lock("aos-1").expect("it can be locked").expect("it is free");
    let office = HeadOffice::open(&Location::Sqlite(file), Access::Existing).expect("head office");
    assert_eq!(office.is_server_running("aos-1"), Some(true));
    assert!(office.try_server_lock("aos-1").expect("it can be asked for").is_none());
}

#[test]
fn probing_a_lock_never_blocks_a_process_that_wants_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.lock");
    drop(locked(&path));
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| (0..20_000).filter(|_| OsLock::is_held(&path)).count());
        while !looking.is_finished() {
            drop(locked(&path));
        }
    });
    assert!(!OsLock::is_held(&path));
}

#[test]
fn a_lock_that_cannot_be_probed_counts_as_held() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(!OsLock::is_held(&folder.path().join("not there")));
    // A path below a file cannot be opened, not even by root; it simulates another user's lock.
    let no_folder = folder.path().join("file");
    std::fs::write(&no_folder, "").expect("written");
    assert!(OsLock::is_held(&no_folder.join("a.lock")));
}

/// Two users share a group's folder, like an operator and the batch server.
#[test]
fn two_users_with_write_access_can_both_run() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2));
    let (shared, binary) = (exchange.path("shared"), exchange.path("cdx"));
    std::fs::copy(env!("CARGO_BIN_EXE_cdx"), &binary).expect("a program that all users may start");
    std::fs::create_dir(&shared).expect("a folder");
    let open =
        |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("rights are given");
    open(exchange.folder(), 0o755);
    open(&shared, 0o777);
    let process = |user: u32| {
        let mut command = bare_command(&shared, &[]);
        let settings: Vec<_> =
            command.get_envs().map(|(k, v)| (k.to_owned(), v.map(std::ffi::OsStr::to_owned))).collect();
        command = std::process::Command::new("sh");
        command.args(["-c", "umask 007; exec \"$0\" \"$@\""]).arg(&binary).env_clear();
        for (name, value) in settings {
            command.env(name, value.unwrap_or_default());
        }
        let [messages, office] =
            ["message.db", "office.db"].map(|name| format!("sqlite:{}", shared.join(name).display()));
        command.args(["--message-database", &messages, "--head-office", &office, "process", "--json"]);
        ran(command.uid(user).gid(65_534).current_dir(&shared))
    };
    process(60_001).exits(0);
    let mode = |file: &str| shared.join(file).metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("message.db"), mode("office.db")), (0o660, 0o660), "the umask alone decides");
    // Writable only by its owner, as created by an earlier program or with a strict umask.
    open(&shared.join("office.db.lock"), 0o644);
    process(60_002).exits(0);
    std::fs::remove_file(shared.join("office.db.lock")).expect("removed");
    process(60_002).exits(0);
    assert_eq!(mode("office.db.lock"), 0o660, "every user of the database may use the lock");
    // A lock created by root does not block the database's owner.
    for file in ["message.db", "office.db"] {
        chown(shared.join(file), Some(60_001), Some(60_001)).expect("given away");
        open(&shared.join(file), 0o600);
        let _ = std::fs::remove_file(shared.join(format!("{file}.lock")));
    }
    process(0).exits(0);
    process(60_001).exits(0);
}

#[test]
fn a_lock_path_that_is_not_a_regular_file_is_refused_without_hanging() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2));
    exchange.cdx(&["process"]).exits(0);
    let victim = exchange.path("victim");
    for (name, command) in
        [("head-office.db.lock", "process"), ("head-office.db-wal", "process"), ("message.db-shm", "post")]
    {
        let path = exchange.path(name);
        let _ = std::fs::remove_file(&path);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).expect("a pipe");
        exchange.cdx(&[command]).exits(1).says("not a regular file").says(name);
        std::fs::remove_file(&path).expect("removed");
        symlink(&victim, &path).expect("a link");
        exchange.cdx(&[command]).exits(1).says("remove it").says(name);
        std::fs::remove_file(&path).expect("removed");
    }
    assert!(!victim.exists(), "a link was followed");
    exchange.cdx(&["process"]).exits(0);
}

#[test]
fn a_symbolic_link_of_another_user_in_a_shared_folder_is_refused() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).expect("open to all");
    let (link, victim) = (folder.path().join("office.db"), folder.path().join("victim.db"));
    symlink(&victim, &link).expect("a link");
    std::os::unix::fs::lchown(&link, Some(60_001), Some(60_001)).expect("given away");
    let [link, messages] = [link, folder.path().join("m.db")].map(|path| format!("sqlite:{}", path.display()));
    let mut command =
        bare_command(folder.path(), &["--head-office", &link, "--message-database", &messages, "process"]);
    ran(&mut command).exits(1).says("another user's symbolic link");
    assert!(!victim.exists(), "the link was followed");
}

#[test]
fn batch_servers_with_similar_names_do_not_share_a_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("head-office.db");
    let office = HeadOffice::open(&Location::Sqlite(file.clone()), Access::Create).expect("head office");
    let names = ["a.b", "a_b", "ä", "á"];
    let held = names.map(|name| office.try_server_lock(name).expect("it can be locked").expect("it is free"));
    assert!(names.iter().all(|name| office.try_server_lock(name).expect("it can be asked for").is_none()));
    drop(held);
    // An earlier version of the program uses one lock file for both names.
    let _former = locked(&folder.path().join("head-office.db.server-a_b.lock"));
    assert!(office.try_server_lock("a.b").expect("it can be asked for").is_none());
    assert_eq!(office.is_server_running("a.b"), Some(true));
}

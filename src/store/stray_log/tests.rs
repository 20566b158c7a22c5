use super::*;
use crate::store::stray_log::log::{CHANGE_COUNTER_AT, number};

/// Creates a database as a kill leaves it, with `in_file` changes checkpointed and `in_log` only in
/// the write-ahead log. Returns it and a copy without the log's changes.
fn killed_database(folder: &Path, in_file: i64, in_log: i64) -> (PathBuf, PathBuf) {
    let (live, killed) = (folder.join("live.db"), folder.join("killed.db"));
    let connection = rusqlite::Connection::open(&live).expect("it opens");
    connection
        .execute_batch("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (a text)")
        .expect("it is made");
    let change = |what: &str, times: i64| {
        for at in 0..times {
            // One connection alone writes the same counter again.
            let other = rusqlite::Connection::open(&live).expect("it opens");
            let sql = format!("pragma wal_autocheckpoint = 0; create table {what}{at} (a); insert into t values (1)");
            other.execute_batch(&sql).expect("done");
        }
    };
    change("file", in_file);
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("checkpointed");
    let backup = folder.join("backup.db");
    std::fs::copy(&live, &backup).expect("copied");
    change("log", in_log);
    std::fs::copy(&live, &killed).expect("copied");
    std::fs::copy(folder.join("live.db-wal"), folder.join("killed.db-wal")).expect("copied");
    (killed, backup)
}

fn check_read_only(path: &Path) -> Result<(), StoreError> {
    check(path, &Location::Sqlite(path.to_owned()), Access::ReadOnly)
}

#[test]
fn the_log_of_the_database_itself_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (killed, _) = killed_database(folder.path(), 5, 5);
    check_read_only(&killed).expect("it belongs to it");
    check(&killed, &Location::Sqlite(killed.clone()), Access::Existing).expect("it is valid");
    // Checkpointed in part or whole, with the log still there.
    let connection = rusqlite::Connection::open(&killed).expect("it opens");
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("a setting");
    connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).expect("checkpointed");
    drop(connection);
    assert!(folder.path().join("killed.db-wal").metadata().expect("it stays").len() > LOG_HEADER_BYTES);
    check_read_only(&killed).expect("it still belongs to it");
}

/// Changes by two connections, so that the counter moves, and some that leave the first page alone;
/// what a kill leaves of them.
fn database_written_by_two_connections(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let path = folder.join("two.db");
    let open = || {
        let connection = rusqlite::Connection::open(&path).expect("it opens");
        let settings = "pragma page_size = 512; pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0";
        connection.execute_batch(settings).expect("set");
        connection
    };
    let both = [open(), open()];
    both[0].execute_batch("create table t (a); insert into t values (0)").expect("made");
    let mut file = Vec::new();
    for at in 0..300 {
        both[at % 2].execute_batch(&format!("pragma user_version = {at}")).expect("done");
        both[0].query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("checkpointed");
        file = std::fs::read(&path).expect("read");
        // Stop before the counter's low byte overflows.
        if number(&file, CHANGE_COUNTER_AT) >= Some(253) {
            break;
        }
    }
    for at in 0..6 {
        both[at % 2]
            .execute_batch(&format!("update t set a = {at}; begin; create table t{at} (a); update t set a = 9; end"))
            .expect("done");
    }
    (file, std::fs::read(folder.join("two.db-wal")).expect("read"))
}

/// Where the frames of a log end.
fn frame_ends(log: &[u8]) -> Vec<usize> {
    let page_size = usize::try_from(number(log, 8).expect("a header")).expect("small");
    (32..=log.len()).step_by(24 + page_size).collect()
}

#[test]
fn accepts_its_own_log_truncated_at_any_point_and_partly_checkpointed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut file, log) = database_written_by_two_connections(folder.path());
    let (path, beside) = (folder.path().join("torn.db"), folder.path().join("torn.db-wal"));
    let ends = frame_ends(&log);
    let page_size = ends[1] - ends[0] - 24;
    let mut cases = 0;
    for (at, end) in ends.iter().enumerate() {
        // Checkpointed so far: this page, whole or a part of its counter.
        if at > 0 {
            let frame = &log[ends[at - 1]..*end];
            let page = usize::try_from(number(frame, 0).expect("a page")).expect("small") - 1;
            file.resize(file.len().max((page + 1) * page_size), 0);
            let half = page * page_size + if page == 0 { 27 } else { page_size / 2 };
            let old = file.clone();
            file[page * page_size..(page + 1) * page_size].copy_from_slice(&frame[24..]);
            let torn = [&file[..half], &old[half..]].concat();
            std::fs::write(&path, torn).expect("written");
            std::fs::write(&beside, &log).expect("written");
            check_read_only(&path).expect("a part of a page was checkpointed");
        }
        std::fs::write(&path, &file).expect("written");
        // Only what is on the disk is checkpointed, up to a commit.
        let is_commit = at == 0 || number(&log, ends[at - 1] + 4) != Some(0);
        for cut in (*end..log.len()).step_by(53).filter(|_| is_commit) {
            let (zeros, noise) = (vec![0; log.len() - cut], vec![0xA5; log.len() - cut]);
            let mut lost = log.clone();
            lost[cut..log.len().min(cut + 300)].fill(0);
            for left in [log[..cut].to_vec(), [&log[..cut], &zeros].concat(), [&log[..cut], &noise].concat(), lost] {
                std::fs::write(&beside, left).expect("written");
                check_read_only(&path)
                    .unwrap_or_else(|error| panic!("{at} frames are in the file, cut at {cut}: {error}"));
                cases += 1;
            }
        }
    }
    assert!(cases > 1_000, "{cases}");
    // A header that was not written whole begins no log.
    file[CHANGE_COUNTER_AT..CHANGE_COUNTER_AT + 4].fill(9);
    std::fs::write(&path, &file).expect("written");
    assert!(check_read_only(&path).is_err());
    for at in 0..32 {
        let mut left = log.clone();
        left[at] ^= 1;
        std::fs::write(&beside, left).expect("written");
        check_read_only(&path).expect("nothing would be recovered");
    }
}

#[test]
fn a_file_that_the_log_cannot_have_begun_at_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, log) = database_written_by_two_connections(folder.path());
    let (path, beside) = (folder.path().join("stray.db"), folder.path().join("stray.db-wal"));
    std::fs::write(&beside, &log).expect("written");
    let counter = number(&file, CHANGE_COUNTER_AT).expect("a counter");
    for (change, is_accepted) in [(-100, false), (-2, false), (0, true), (1, true), (100, false)] {
        let mut other = file.clone();
        other[CHANGE_COUNTER_AT..CHANGE_COUNTER_AT + 4]
            .copy_from_slice(&counter.wrapping_add_signed(change).to_be_bytes());
        std::fs::write(&path, other).expect("written");
        assert_eq!(check_read_only(&path).is_ok(), is_accepted, "{change}");
        std::fs::write(folder.path().join("stray.db-journal"), "not yet played back").expect("written");
        check_read_only(&path).expect("no verdict before the journal is played back");
        std::fs::remove_file(folder.path().join("stray.db-journal")).expect("removed");
    }
    let backup = folder.path().join("backup.db");
    let live = rusqlite::Connection::open(folder.path().join("two.db")).expect("it opens");
    live.execute("vacuum into ?1", [backup.to_str().expect("plain")]).expect("backed up");
    std::fs::copy(&backup, &path).expect("put in its place");
    assert!(check_read_only(&path).is_err());
}

#[test]
fn a_value_that_its_column_does_not_allow_is_no_sign_of_a_stray_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let (killed, _) = killed_database(folder.path(), 1, 1);
    let connection = rusqlite::Connection::open(&killed).expect("it opens");
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("a setting");
    connection
        .execute_batch(
            "create table odd (a check (a > 0)); pragma ignore_check_constraints = on; insert into odd values (-1)",
        )
        .expect("done");
    drop(connection);
    check(&killed, &Location::Sqlite(killed.clone()), Access::Existing).expect("it is valid");
}

#[test]
fn another_database_s_log_is_found_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let (killed, _) = killed_database(folder.path(), 5, 5);
    let other = tempfile::tempdir().expect("a folder");
    for in_file in [1, 2, 20] {
        let (_, backup) = super::tests::killed_database(other.path(), in_file, 1);
        std::fs::copy(&backup, &killed).expect("put in its place");
        assert!(matches!(check_read_only(&killed), Err(StoreError::StrayLog { .. })), "{in_file}");
        for file in ["live.db", "live.db-wal", "live.db-shm", "killed.db", "killed.db-wal"] {
            let _ = std::fs::remove_file(other.path().join(file));
        }
    }
}

#[test]
fn a_database_in_use_is_not_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, backup) = killed_database(folder.path(), 5, 5);
    let connection = rusqlite::Connection::open(&backup).expect("it opens");
    connection.execute_batch("begin; select count(*) from t; create table more (a)").expect("it reads");
    assert!(is_in_use(&[&backup, &folder.path().join("backup.db-shm")]));
    drop(connection);
    assert!(!is_in_use(&[&backup]));
}

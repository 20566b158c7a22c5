//! Full disks and held locks: a clear error, nothing half done, and a later run finishes.

use crate::support::child::signal;
use crate::support::messages::{APPLIED, applied_sessions, download, line};
use crate::support::{Exchange, foreign, ran};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Runs a script in a mount namespace of its own, where `$small` is a temporary file system of a
/// few MiB.
fn on_a_small_disk(exchange: &Exchange, mebibytes: u32, script: &str) -> crate::support::Ran {
    let small = exchange.path("small");
    std::fs::create_dir(&small).expect("a folder");
    let script = format!("set -e; mount -t tmpfs -o size={mebibytes}m none \"$small\"; set +e; {script}");
    let is_root = rustix::process::getuid().is_root();
    let mut command = Command::new("unshare");
    command.args(if is_root { &["--mount"][..] } else { &["--user", "--map-root-user", "--mount"] });
    command
        .args(["bash", "-c", &script])
        .env("cdx", env!("CARGO_BIN_EXE_cdx"))
        .env("small", &small)
        .env("folder", exchange.folder())
        .env("CDX_MESSAGE_DATABASE", format!("sqlite:{}", exchange.message_database().display()))
        .env("CDX_HEAD_OFFICE", format!("sqlite:{}/head-office.db", small.display()));
    let ran = ran(&mut command);
    assert!(
        !ran.stderr.contains("unshare:") && !ran.stderr.contains("mount:"),
        "no small disk could be made: {ran:#?}"
    );
    ran
}

#[test]
fn a_full_disk_at_head_office_stops_the_run_and_the_next_one_finishes() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..8_000));
    let ran = on_a_small_disk(
        &exchange,
        5,
        "$cdx process --json; echo $?; mount -o remount,size=200m none $small; $cdx process --json; echo $?; \
         cp $small/head-office.db* $folder/",
    );
    let ran = ran.says("no space left on the disk of").says("free some space, then run again");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[3]), (4, "1", "0"), "{ran:#?}");
    let runs: Vec<serde_json::Value> =
        [lines[0], lines[2]].map(|line| serde_json::from_str(line).expect("JSON")).into();
    assert_eq!((&runs[0]["outcome"], &runs[1]["outcome"]), (&"error".into(), &"ended".into()), "{ran:?}");
    let read = [0, 1].map(|number: usize| runs[number]["read"].as_i64().expect("a number"));
    assert!(read[0] > 0 && read[1] > 0 && read[0] + read[1] == 24_000, "{read:?}: the disk was full during the run");
    assert_eq!(exchange.count("status_message"), 24_000);
    assert_eq!(exchange.at_head_office("select sum(read), sum(repeated) from run"), ["24000|0"]);
}

#[test]
fn a_full_disk_at_the_message_database_rejects_messages_that_can_be_posted_later() {
    let exchange = Exchange::new();
    let lines: Vec<_> = applied_sessions(1, 0..8_000).iter().map(line).collect();
    std::fs::write(exchange.path("agents.jsonl"), lines.join("\n")).expect("written");
    let ran = on_a_small_disk(
        &exchange,
        3,
        "export CDX_MESSAGE_DATABASE=sqlite:$small/message.db; $cdx post $folder/agents.jsonl; echo $?; \
         mount -o remount,size=200m none $small; $cdx post --json $folder/agents.jsonl; echo $?; cp $small/message.db* $folder/",
    );
    let ran = ran.says("no space left on the disk of");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[3]), (4, "1", "0"), "{ran:#?}");
    let posted: serde_json::Value = serde_json::from_str(lines[2]).expect("JSON");
    let (stored, repeated) =
        (posted["stored"].as_i64().expect("a number"), posted["repeated"].as_i64().expect("a number"));
    assert!(stored > 0 && repeated > 0 && stored + repeated == 24_000, "{posted}");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["24000"]);
}

#[test]
fn a_lock_held_by_another_process_is_named_and_nothing_is_lost() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..100));
    exchange.cdx(&["process"]).exits(0);
    exchange.post(&[download(9_001, 900, "S0001", APPLIED)]);
    let office = foreign(&exchange.head_office());
    office.execute_batch("begin immediate").expect("the lock is free");
    let holder = format!("has been locked by process {} (", std::process::id());
    exchange.cdx(&["process"]).exits(1).says(&holder).says("or try again later");
    // Reading does not wait.
    assert_eq!(exchange.cdx(&["sessions", "download", "--json"]).exits(0).json_lines().len(), 100);
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(1).says(&holder);
    office.execute_batch("rollback").expect("it was held");
    let agent = foreign(&exchange.message_database());
    agent.execute_batch("begin immediate").expect("the lock is free");
    exchange.cdx_with_input(&["post"], line(&download(9_002, 901, "S0001", APPLIED)).as_bytes()).exits(1).says(&holder);
    // The transfer only reads the message database.
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    agent.execute_batch("rollback").expect("it was held");
    assert_eq!(exchange.count("status_message"), 301);
    exchange.cdx_with_input(&["post"], line(&download(9_002, 901, "S0001", APPLIED)).as_bytes()).exits(0);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.count("status_message"), 302);
}

#[test]
fn a_lock_that_stops_the_purge_keeps_the_transferred_messages() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..100));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.post(&[download(9_001, 900, "S0001", APPLIED)]);
    let agent = foreign(&exchange.message_database());
    agent.execute_batch("begin immediate").expect("the lock is free");
    let run = exchange.cdx(&["process", "--json"]).exits(1).says("has been locked by process").json();
    assert_eq!((&run["inserted"], &run["outcome"]), (&1.into(), &"error".into()));
    assert_eq!(exchange.count("session"), 101);
    agent.execute_batch("rollback").expect("it was held");
    exchange.cdx(&["process"]).exits(0);
    assert_eq!((exchange.count("session"), exchange.count("session_tombstone")), (1, 100));
}

#[test]
fn a_read_only_file_system_is_reported() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    let ran = on_a_small_disk(
        &exchange,
        20,
        "$cdx process --no-purge --json; mount -o remount,ro $small; $cdx process; echo $?; $cdx sessions download; echo $?",
    );
    assert!(ran.stdout.ends_with("\n1\n1\n"), "{ran:#?}");
    let said: Vec<_> = ran.stderr.lines().collect();
    let sentence = "head-office.db is on a file system that is mounted read-only";
    assert!(said.len() == 2 && said.iter().all(|line| line.contains(sentence)), "{ran:#?}");
}

#[test]
fn a_full_disk_at_head_office_stops_the_purge_and_the_next_one_finishes() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..8_000));
    let ran = on_a_small_disk(
        &exchange,
        200,
        "$cdx process --no-purge --json; \
         head -c $(( $(stat -f -c '%a * %S' $small) - 300000 )) /dev/zero > $small/ballast; $cdx process --no-transfer --json; echo $?; \
         rm $small/ballast; $cdx process --no-transfer --json; echo $?; cp $small/head-office.db* $folder/",
    );
    let lines: Vec<_> = ran.says("no space left on the disk of").stdout.lines().map(str::to_owned).collect();
    assert_eq!((lines.len(), &*lines[2], &*lines[4]), (5, "1", "0"), "{lines:#?}");
    let runs = [1, 3].map(|line: usize| serde_json::from_str::<serde_json::Value>(&lines[line]).expect("JSON"));
    assert_eq!((&runs[0]["outcome"], &runs[1]["outcome"]), (&"error".into(), &"ended".into()), "{lines:#?}");
    let purged = |run: &serde_json::Value| run["purged"]["head_office"]["session"].as_i64().unwrap_or(0);
    assert!(
        purged(&runs[1]) > 0 && purged(&runs[0]) + purged(&runs[1]) == 8_000,
        "the disk was full during the run: {lines:#?}"
    );
    assert_eq!((exchange.count("session"), exchange.count("session_tombstone")), (0, 8_000));
    assert_eq!(
        (exchange.count("status_message"), exchange.posted("select count(*) from status_message")),
        (0, vec!["1".into()])
    );
}

#[test]
fn a_suspended_process_that_holds_a_lock_is_named_with_the_remedy() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    // A Python program holds the write lock and is suspended.
    let script = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
                  db.execute('begin immediate')\nprint('holds', flush=True)\nsys.stdin.read()\n";
    let mut holder = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(exchange.head_office())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(holder.stdout.take().expect("piped")), &mut said)
        .expect("it holds the lock");
    signal(holder.id(), "STOP");
    let advice = format!("kill -CONT {}", holder.id());
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(1).says("which is stopped").says(&advice);
    signal(holder.id(), "CONT");
    drop(holder.stdin.take());
    holder.wait().expect("it ends");
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(0);
}

#[test]
fn a_nearly_full_disk_is_reported_by_doctor_and_a_full_one_by_the_run() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..100));
    let ran = on_a_small_disk(
        &exchange,
        20,
        "$cdx process --json; $cdx doctor; head -c 100M /dev/zero > $small/ballast; $cdx process; echo $?; $cdx doctor; echo $?; \
         rm $small/ballast; $cdx process --json; echo $?",
    );
    let ran = ran.says("no space left on the disk of");
    assert!(ran.stdout.contains("MiB free on its disk; free some space"), "{ran:#?}");
    assert!(ran.stdout.contains("no space left on its disk; free some space"), "{ran:#?}");
    let codes: Vec<_> = ran.stdout.lines().filter(|line| line.len() == 1).collect();
    assert_eq!(codes, ["1", "1", "0"], "{ran:#?}");
}

#[test]
fn a_file_without_access_is_named_with_its_owner_and_mode() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2));
    exchange.cdx(&["process"]).exits(0);
    let binary = exchange.path("cdx");
    std::fs::copy(env!("CARGO_BIN_EXE_cdx"), &binary).expect("a program that every user may run");
    let give = |name: &str, mode| {
        std::fs::set_permissions(exchange.path(name), std::fs::Permissions::from_mode(mode)).expect("given");
    };
    give("", 0o777);
    for name in ["head-office.db", "message.db", "head-office.db.lock"] {
        chown(exchange.path(name), Some(60_001), Some(60_001)).expect("given away");
    }
    let as_user = |args: &[&str]| {
        let own = exchange.command(args);
        let mut command = Command::new(&binary);
        command.args(args).env_clear().uid(60_001).gid(60_001).current_dir(exchange.folder());
        for (name, value) in own.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        ran(&mut command)
    };
    as_user(&["process"]).exits(0);
    let said = |file: &str, mode: &str| {
        let rights = format!("{file} (owner root, group 0, mode {mode}) may not be read and written by user 60001");
        as_user(&["parameters", "set", "try-count", "4"]).exits(1).says(&rights);
        let doctor = as_user(&["doctor"]).exits(1);
        assert!(doctor.stdout.contains(&rights), "{doctor:#?}");
    };
    for file in ["head-office.db-shm", "head-office.db-wal"] {
        for left in ["head-office.db-shm", "head-office.db-wal"] {
            let _ = std::fs::remove_file(exchange.path(left));
        }
        std::fs::write(exchange.path(file), "").expect("left behind");
        give(file, 0o444);
        said(file, "0444");
        std::fs::remove_file(exchange.path(file)).expect("removed");
    }
    chown(exchange.head_office(), Some(0), Some(0)).expect("taken");
    give("head-office.db", 0o444);
    said("head-office.db", "0444");
    chown(exchange.head_office(), Some(60_001), Some(60_001)).expect("given back");
    give("head-office.db", 0o644);
    as_user(&["doctor"]).exits(0);
}

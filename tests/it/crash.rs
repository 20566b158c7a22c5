//! Runs killed at random moments while agents post: the result equals that of an undisturbed run.

use crate::support::child::Running;
use crate::support::engines::{self, Engines};
use crate::support::messages::{APPLIED, APPLY_FAILED, REQUESTED, applied_sessions, download, upload};
use crate::support::{Exchange, Ran, foreign};
use cdx_console::cancel::Cancel;
use cdx_console::store::message_database::NewMessage;
use std::time::Duration;

/// Minimum number of killed runs per step: `CDX_TEST_KILLS` or 60; fewer on a server, where kills
/// take longer.
fn kills() -> i64 {
    let wanted = std::env::var("CDX_TEST_KILLS").ok().and_then(|number| number.parse().ok());
    wanted.unwrap_or(if engines::current() == Engines::Sqlite { 60 } else { 30 })
}

/// Maximum kills per step of one exchange, which is then compared: its history grows with each
/// round.
const KILLS_PER_EXCHANGE: i64 = 60;

/// Maximum kills per round; then the run may end, and the next round posts more messages.
const ATTEMPTS: usize = 25;

/// Returns everything that must not depend on the kills.
pub fn tables(exchange: &Exchange) -> Vec<Vec<String>> {
    let head_office = [
        "select message_guid, direction, session_number, channel_database, status, occurred_at, posted_at, round, try_count,
            message, message_id, cause from status_message order by message_id",
        "select direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, message,
            requested_at, downloaded_at, uploaded_at, applied_at, created_at, modified_at, last_posted_at, job_name,
            last_error_status, last_error_at, last_error_guid from session order by 1, 2, 3",
        "select direction, session_number, channel_database, status from session_tombstone order by 1, 2, 3",
        "select direction, session_number, channel_database, status, messages from trash_session order by 1, 2, 3",
        "select message_guid from trash_status_message order by 1",
        "select message_id, reason from rejected_message order by message_id",
        "select position_id, anchor_guid from transfer_cursor",
        "select digest, masked, first_seen_at, last_seen_at from cause order by digest",
        "select sum(read), sum(inserted), sum(repeated), sum(rejected) from run",
    ];
    let message_database =
        ["select * from status_message order by message_id", "select purged_through_id from exchange"];
    let mut tables: Vec<_> = head_office.iter().map(|sql| exchange.at_head_office(sql)).collect();
    tables.extend(message_database.iter().map(|sql| exchange.posted(sql)));
    tables
}

/// Returns the number of runs killed in each step.
fn killed(exchange: &Exchange) -> (i64, i64) {
    let count = |steps: &str| {
        let sql = format!("select count(*) from run where outcome = 'interrupted' and step {steps} 'transfer'");
        exchange.at_head_office(&sql)[0].parse().expect("a number")
    };
    (count("="), count("<>"))
}

/// One round's messages: whole sessions of the past, failures, unapplied uploads, invalid messages.
fn history(round: u64) -> Vec<NewMessage> {
    let first = 1_000_000 * (round + 1);
    let session = i64::try_from(round).expect("small") * 10_000;
    let mut messages = applied_sessions(first, session..session + 2_400);
    for number in 0..300 {
        let failed = download(
            first + 500_000 + number,
            session + 5_000 + i64::try_from(number / 2).expect("small"),
            "S0007",
            APPLY_FAILED,
        );
        messages.push(NewMessage { message: Some(format!("Deadlock of process {number}")), try_count: 1, ..failed });
        messages.push(upload(
            first + 600_000 + number,
            session + 7_000 + i64::try_from(number).expect("small"),
            "S0008",
            2,
        ));
    }
    messages.push(download(first + 700_000, session + 9_000, "S0009", 77));
    messages
}

/// Posts fresh messages until stopped; returns how many.
fn agent(exchange: &Exchange, stop: &Cancel) -> u64 {
    let database = exchange.agent();
    let mut number = 0;
    while !stop.sleep(Duration::from_millis(4)) {
        let session = 900_000_000 + i64::try_from(number / 3).expect("small");
        let status = [REQUESTED, APPLY_FAILED, APPLIED][usize::try_from(number % 3).expect("small")];
        let message = download(5_000_000_000 + number, session, "S0100", status);
        database.post(&[message]).expect("the report is stored");
        number += 1;
    }
    number
}

/// Upper bound of the random delay before a kill, in milliseconds. It adapts to the machine: it
/// grows with each kill and shrinks when a run ended first.
struct KillDelay(u64);

impl KillDelay {
    /// Starts the command up to `ATTEMPTS` times and kills it each time after a random delay, until
    /// a run ends first. A run that follows a killed one reports that as soon as it holds the
    /// lease; its delay counts from there.
    fn kill_until_it_ends(&mut self, exchange: &Exchange, args: &[&str], rng: &mut fastrand::Rng) {
        let mut killed = 0;
        while killed < ATTEMPTS {
            let mut running = Running::start(&mut exchange.command(args));
            // A kill before the lease leaves no run to report.
            let held_the_lease = killed == 0 || running.says_before_it_ends("was interrupted");
            match running.kill_after(Duration::from_millis(rng.u64(2..self.0))) {
                None => {
                    self.0 += (self.0 / 20).max(2);
                    killed += 1;
                }
                // A server may still hold the session of the killed run.
                Some(ran) if ran.code == 4 && engines::current() != Engines::Sqlite => {}
                Some(ran) => {
                    assert!([0, 3].contains(&ran.code), "{ran:?}");
                    if held_the_lease {
                        self.0 = (self.0 * 2 / 3).max(20);
                    }
                    return;
                }
            }
        }
    }
}

/// Trips the flag even if the test fails, since the scope would otherwise wait for the agent for
/// ever.
struct TrippedAtTheEnd<'a>(&'a Cancel);

impl Drop for TrippedAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.trip();
    }
}

/// Copies all messages ever posted to another message database and returns their number.
fn copy_all_messages(from: &Exchange, to: &Exchange) -> u64 {
    if engines::current().serves_messages() {
        let (mut from, mut to) = (from.served_messages().connect(), to.served_messages().connect());
        let mut rows = from.copy_out("copy everything to stdout").expect("read");
        // Only a copy may set positions; its mark identifies it.
        let mut copy = to.transaction().expect("begun");
        copy.batch_execute("create table cdx.unfinished_copy (mark integer)").expect("marked");
        let mut writer = copy.copy_in("copy cdx.status_message from stdin").expect("written");
        std::io::copy(&mut rows, &mut writer).expect("copied");
        let copied = writer.finish().expect("copied");
        copy.batch_execute("drop table cdx.unfinished_copy").expect("dropped");
        copy.commit().expect("committed");
        return copied;
    }
    let copy = foreign(&to.message_database());
    copy.execute("attach ?1 as disturbed", [from.message_database().to_str().expect("a plain path")])
        .expect("attached");
    let all = copy.execute("insert into status_message select * from disturbed.everything", []).expect("copied");
    u64::try_from(all).expect("a number")
}

/// Runs a command, retrying on a server while the killed run still counts as running.
fn process(exchange: &Exchange, args: &[&str]) -> Ran {
    loop {
        let ran = exchange.cdx(args);
        if ran.code != 4 || engines::current() == Engines::Sqlite {
            return ran;
        }
    }
}

#[test]
#[allow(clippy::print_stderr)] // the figures of a long run
fn a_run_killed_at_any_moment_ends_as_an_undisturbed_one() {
    let mut rng = fastrand::Rng::with_seed(20_261_113);
    let (mut transfers, mut purges) = (0, 0);
    while transfers.min(purges) < kills() {
        let (in_transfer, in_purge) =
            kill_and_compare((kills() - transfers.min(purges)).min(KILLS_PER_EXCHANGE), &mut rng);
        transfers += in_transfer;
        purges += in_purge;
        eprintln!("{transfers} transfers and {purges} purges were killed; each exchange ended as an undisturbed one");
    }
}

/// Kills at least `wanted` runs in each step, then compares the exchange with an undisturbed one;
/// returns how many were killed.
fn kill_and_compare(wanted: i64, rng: &mut fastrand::Rng) -> (i64, i64) {
    let disturbed = Exchange::new();
    disturbed.cdx(&["process", "--no-purge"]).exits(0);
    // Record everything posted, with number and time, before the purge deletes it.
    disturbed.script_at_messages(if engines::current().serves_messages() {
        "create table everything as select * from status_message;
         create function keep() returns trigger language plpgsql as
            $$ begin insert into everything select new.*; return null; end $$;
         create trigger keep after insert on status_message for each row execute function keep();"
    } else {
        "create table everything as select * from status_message;
         create trigger keep after insert on status_message begin
            insert into everything select * from status_message where message_id = new.message_id;
         end;"
    });
    let (mut transfers, mut purges) = (KillDelay(180), KillDelay(300));
    let stop = Cancel::new();
    let posted_by_agent = std::thread::scope(|scope| {
        let agent = scope.spawn(|| agent(&disturbed, &stop));
        let _stops_the_agent = TrippedAtTheEnd(&stop);
        for round in 0.. {
            let (in_transfer, in_purge) = killed(&disturbed);
            if in_transfer >= wanted && in_purge >= wanted {
                break;
            }
            assert!(round < 200, "too few runs were killed in time: {in_transfer} and {in_purge}");
            disturbed.post_days_ago(40, &history(round));
            if in_transfer < wanted {
                transfers.kill_until_it_ends(&disturbed, &["process", "--no-purge"], rng);
            }
            process(&disturbed, &["process", "--no-purge"]);
            if in_purge < wanted {
                // Without the transfer, which on a slow machine would spend most of the time
                // following the agent.
                let purge = ["process", "--no-transfer", "--confirm-purge", "1000000"];
                purges.kill_until_it_ends(&disturbed, &purge, rng);
            }
        }
        stop.trip();
        agent.join().expect("the agent ends")
    });
    let killed = killed(&disturbed);
    // The killed purges deleted little, so the remaining rows may exceed the purge limit.
    let last = process(&disturbed, &["process", "--confirm-purge", "1000000", "--json"]).json();
    assert_eq!((&last["outcome"], &last["purge_held"]), (&"ended".into(), &false.into()), "{last}");

    let undisturbed = Exchange::new();
    undisturbed.cdx(&["post"]).exits(0);
    let all = copy_all_messages(&disturbed, &undisturbed);
    undisturbed.cdx(&["process", "--confirm-purge", "1000000"]).exits(3);

    assert!(posted_by_agent > 100, "the agent posted only {posted_by_agent}");
    let counts = undisturbed.at_head_office("select read, repeated from run where read > 0");
    assert_eq!(counts, [format!("{all}|0")]);
    for (disturbed, undisturbed) in tables(&disturbed).iter().zip(&tables(&undisturbed)) {
        assert_eq!(disturbed.len(), undisturbed.len());
        for (disturbed, undisturbed) in disturbed.iter().zip(undisturbed) {
            assert_eq!(disturbed, undisturbed);
        }
    }
    killed
}

crate::support::engines::on_postgres!(a_run_killed_at_any_moment_ends_as_an_undisturbed_one);

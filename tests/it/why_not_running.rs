//! "Why is it not running?": each reason, by command and on the screen, where Enter opens the
//! evidence.

use crate::screens::{COLOR, NOW, TestConsole};
use crate::support::Exchange;
use crate::support::engines::Engines;
use cdx_console::batch::{BatchServer, BatchStatus, JobSettings, Window};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::Timestamp;
use cdx_console::store::head_office::ServerStart;
use cdx_console::store::{Access, HeadOffice};

struct Case {
    /// The reason.
    what: &'static str,
    /// Sets it up.
    change: fn(&Exchange, &HeadOffice),
    /// The expected answer.
    says: &'static str,
    /// The screen that Enter opens.
    opens: &'static str,
}

fn server(office: &HeadOffice, change: impl FnOnce(&mut BatchServer)) {
    let mut server = office.servers().expect("they are listed").remove(0);
    change(&mut server);
    office.change_server(&server, "m.jansen").expect("changed");
}

/// Returns a window that is closed now, by the test's clock and by the machine's, for at least 50
/// minutes.
fn closed(office: &HeadOffice) -> Window {
    let minute = |at: Timestamp| u16::try_from(at.0 / 60_000 % 1_440).expect("small");
    let nows = [minute(NOW), minute(office.now().expect("now"))];
    let from =
        [300, 660, 900].into_iter().find(|from| nows.iter().all(|now| now.abs_diff(*from) > 60)).expect("one of them");
    Window { from, to: from + 10, max_threads: 3 }
}

const CASES: [Case; 9] = [
    Case {
        what: "it is withheld",
        change: |_, office| {
            drop(office.change_job_status(1, BatchStatus::Withhold, "m.jansen", Some("AOS patch")).expect("withheld"));
        },
        says: "status is Withhold since ",
        opens: "Who changed batch job 1",
    },
    Case {
        what: "it is not due",
        change: |exchange, _| {
            exchange.change_head_office("update batch_job set next_start = 4070908800000, due_at = 4070908800000");
        },
        says: "not due before 2099-01-01",
        opens: "Batch job history",
    },
    Case {
        what: "its retry is not due",
        change: |exchange, _| {
            exchange.change_head_office("update batch_job set retry_at = 4070908800000, due_at = 4070908800000");
        },
        says: "not due: it is tried again at 2099-01-01",
        opens: "Batch job history",
    },
    Case {
        what: "it is private",
        change: |exchange, _| {
            exchange.change_head_office("update batch_job set private = 1");
        },
        says: "private: it runs only from My batch jobs in a console of r.vermeer",
        opens: "My batch jobs",
    },
    Case {
        what: "no server serves its group",
        change: |_, office| server(office, |server| server.groups.clear()),
        says: "no batch server serves the default group",
        opens: "Batch group",
    },
    Case {
        what: "the server of its group is silent",
        change: |exchange, _| {
            exchange.change_head_office("update batch_server set heartbeat_at = heartbeat_at - 600000");
        },
        says: "the default group is served by aos-1, which is not running",
        opens: "Batch group",
    },
    Case {
        what: "its window is closed",
        change: |_, office| {
            let window = closed(office);
            server(office, |server| server.windows = vec![window]);
        },
        says: "the window of aos-1 is closed until ",
        opens: "Server configuration",
    },
    Case {
        what: "no thread is free",
        change: |exchange, office| {
            server(office, |server| server.windows = vec![Window::all_day(1)]);
            let busy = office.submit_job(&JobSettings::new(NOW), "m.jansen").expect("submitted");
            exchange.change_head_office(&format!(
                "update batch_job set status = 2, claim_server = 'aos-1', claim_incarnation = 'a', claim_since = 1, fencing = 1,
                 claim_history_id = 1 where job_id = {busy}"
            ));
        },
        says: "no free thread: all 1 of aos-1 are busy",
        opens: "Server configuration",
    },
    Case {
        what: "another run holds the lease",
        change: |exchange, _| {
            exchange.change_head_office(
                "insert into run (run_id, fencing, trigger, requested_by, host, process_id, started_at, step, program_version)
                 values (5, 1, 'command', 'm.jansen', 'hq', 7, 1795486442000, 'transfer', '1.0.0')",
            );
            exchange.change_head_office(
                "update lease set holder = 'm.jansen on hq, process 7', process_id = 7, run_id = 5, acquired_at = 1795486442000,
                 expires_at = 4070908800000, fencing = 1",
            );
        },
        says: "head office's lease is held by m.jansen on hq, process 7 for run 5 since 2026-11-24",
        opens: "Run 5",
    },
];

/// An exchange with a due job and a running server, and then the case's reason.
fn exchange(case: &Case) -> Exchange {
    let exchange = Exchange::of(Engines::Sqlite);
    exchange.cdx(&["post", "-"]).exits(0);
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office");
    let start = ServerStart {
        name: "aos-1".to_owned(),
        incarnation: "a".to_owned(),
        host: "hq".to_owned(),
        zone: "UTC".to_owned(),
    };
    office.register_server(&start).expect("a server");
    office.submit_job(&JobSettings::new(Timestamp(NOW.0 - 3_600_000)), "r.vermeer").expect("submitted");
    (case.change)(&exchange, &office);
    exchange
}

#[test]
fn why_prints_each_reason_for_scripts() {
    for case in &CASES {
        let why = exchange(case).cdx(&["batch", "why", "1"]).exits(0).stdout;
        let answers: Vec<_> = why.lines().filter(|line| line.starts_with('>')).collect();
        assert!(answers.len() == 1 && answers[0].starts_with(&format!("> x {}", case.says)), "{}: {why}", case.what);
        let json = exchange(case).cdx(&["batch", "why", "1", "--json"]).exits(0).json_lines();
        let answers: Vec<_> = json.iter().filter(|line| line["answer"] == true).collect();
        assert!(answers.len() == 1 && answers[0]["holds"] == false, "{}: {json:?}", case.what);
    }
}

#[test]
fn why_says_when_nothing_blocks_the_job() {
    let nothing = Case { what: "nothing", change: |_, _| {}, says: "", opens: "" };
    let why = exchange(&nothing).cdx(&["batch", "why", "1"]).exits(0).says("nothing blocks it").stdout;
    assert!(!why.contains('>') && !why.contains(" x "), "{why}");
}

#[test]
fn enter_on_each_reason_opens_its_evidence() {
    for case in &CASES {
        let exchange = exchange(case);
        let mut console = TestConsole::open(&exchange, COLOR, Route::BatchJobs(JobScope::All));
        // If another job is executing, it is listed first: move the cursor to the job.
        let screen = console.text((120, 40));
        if !screen.contains("Why is it not running? · job 1 ") {
            console.press(&[Key::Down]);
        }
        let screen = console.text((120, 40));
        let pane = screen.split("Why is it not running?").nth(1).unwrap_or_else(|| panic!("{}:\n{screen}", case.what));
        let marked =
            |line: &&str| ["× ", "√ "].iter().any(|mark| line.trim_start_matches(['›', ' ']).starts_with(mark));
        let at = pane.lines().filter(marked).position(|line| line.contains("× ")).unwrap_or_else(|| panic!("{screen}"));
        let (first, rest) = case.says.split_at(1);
        let words = format!("× {}{rest}", first.to_uppercase());
        let words: String = words.chars().take(24).collect();
        assert!(pane.contains(&words), "{}, {words}:\n{screen}", case.what);
        console.press(&[vec![Key::Tab], vec![Key::Down; at], vec![Key::Enter]].concat());
        let opened = console.text((120, 40));
        let head: String = opened.lines().take(12).collect::<Vec<_>>().join("\n");
        let left = !head.contains("Batch jobs › Batch jobs") || case.opens.starts_with("Who changed");
        assert!(head.contains(case.opens) && left, "{}:\n{opened}", case.what);
    }
}

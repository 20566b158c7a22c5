//! Permissions: the roles shipped as SQL, and databases opened read-only.

use crate::support::cluster::Cluster;
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, Ran, ran};
use ::postgres::error::SqlState;
use cdx_console::store::head_office::EditError;
use cdx_console::store::{Access, HeadOffice, MessageDatabase, StoreError};

const ROLES: &str = include_str!("../../assets/postgres/roles.sql");

/// An exchange on a server with the roles and one login for each.
fn exchange() -> Exchange {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post_days_ago(40, &applied_sessions(1, 0..20));
    exchange.post(&[download(1_001, 700, "S0001", APPLY_FAILED), download(1_002, 701, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.script_at_messages(ROLES);
    exchange.script_at_head_office(ROLES);
    // The script is idempotent.
    exchange.script_at_head_office(ROLES);
    exchange.script_at_head_office(
        "create role store0001 login in role cdx_agent; create role looker login in role cdx_viewer;
         create role vermeer login in role cdx_operator; create role aos1 login in role cdx_batch_server;",
    );
    exchange
}

fn as_login(exchange: &Exchange, login: &str, args: &[&str]) -> Ran {
    let mut command = exchange.command(args);
    command.env("CDX_MESSAGE_DATABASE", exchange.served_messages().url(login));
    command.env("CDX_HEAD_OFFICE", exchange.served_office().url(login));
    ran(command.stdin(std::process::Stdio::null()))
}

/// Whether both databases refuse a statement of a login for insufficient privileges.
fn is_refused(exchange: &Exchange, login: &str, sql: &str) -> bool {
    let tried = [exchange.served_messages(), exchange.served_office()].map(|database| {
        let mut client = database.connect_as(login);
        let tried = client.batch_execute(&format!("begin; {sql}; rollback"));
        tried.err().and_then(|error| error.code().cloned())
    });
    let refused = Some(SqlState::INSUFFICIENT_PRIVILEGE);
    let elsewhere = [Some(SqlState::UNDEFINED_TABLE), Some(SqlState::UNDEFINED_COLUMN)];
    tried.contains(&refused) && tried.iter().all(|code| *code == refused || elsewhere.contains(code))
}

/// The console shows in advance that its login is read-only or lacks operator privileges.
fn the_console_shows_who_may_only_read(exchange: &Exchange) {
    for (login, read_only) in [("looker", true), ("aos1", true), ("vermeer", false)] {
        let (messages, office) = (exchange.served_messages().url(login), exchange.served_office().url(login));
        let args = ["--message-database", &messages, "--head-office", &office];
        let mut console = Terminal::open(exchange.folder(), (80, 24), &args);
        console.shows("Needs attention");
        assert_eq!(console.screen().contains("read-only"), read_only, "{}", console.screen());
        console.press("q").ends();
    }
}

fn a_change_is_held_for_approval(exchange: &Exchange) {
    let (config, rule) =
        (exchange.path("config.toml"), "action = 'set parameter'\napprove = 'two persons'\nsentence = 'x'");
    std::fs::write(&config, format!("[[guardrail]]\n{rule}\n")).expect("written");
    let held = ["--config", config.to_str().expect("a plain path"), "parameters", "set", "try-count", "9"];
    as_login(exchange, "vermeer", &held).exits(1).says("cdx approvals approve 1");
    let approvals = as_login(exchange, "looker", &["approvals", "--json"]).exits(0).json();
    assert_eq!(approvals["action"], "set parameter");
}

/// Journal rows, requests and approvals that state another login are refused.
fn each_login_records_itself(exchange: &Exchange) {
    for (login, sql) in [
        (
            "vermeer",
            "insert into operator_journal (entry_id, at, operator, action, object, login, digest)
            values (99, 0, 'p.jansen', 'approve change', 'approval 1', 'p.jansen', 'x')",
        ),
        (
            "aos1",
            "insert into operator_journal (entry_id, at, operator, action, object, digest)
            values (99, 0, 'p.jansen', 'approve change', 'approval 1', 'x')",
        ),
        (
            "vermeer",
            "insert into approval (requested_at, requested_by, action, object, detail, row_count, change,
            requested_login) values (0, 'p.jansen', 'set parameter', 'try-count', '', 1, 'x', 'p.jansen')",
        ),
        (
            "vermeer",
            "insert into approval (requested_at, requested_by, action, object, detail, row_count, change,
            requested_login, approved_at, approved_by, approved_login)
            values (0, 'vermeer', 'set parameter', 'try-count', '', 1, 'x', 'vermeer', 0, 'p.jansen', 'p.jansen')",
        ),
        ("vermeer", "update approval set approved_at = 0, approved_by = 'p.jansen', approved_login = 'p.jansen'"),
        ("vermeer", "update approval set approved_at = 0, approved_by = 'p.jansen', approved_login = 'vermeer'"),
        ("vermeer", "update approval set approved_at = 0, approved_by = 'p.jansen'"),
        ("vermeer", "update approval set change = 'another'"),
    ] {
        assert!(is_refused(exchange, login, sql), "{login}: {sql}");
    }
}

#[test]
fn each_role_has_exactly_its_permissions() {
    let exchange = exchange();
    let may = |login: &str, args: &[&str]| as_login(&exchange, login, args).exits(0);
    let may_not = |login: &str, args: &[&str]| drop(as_login(&exchange, login, args).exits(1).says("may not do that"));

    let lists: [&[&str]; 6] = [
        &["sessions", "download"],
        &["errors"],
        &["batch", "jobs"],
        &["requests"],
        &["--read-only", "messages"],
        &["process", "--dry-run"],
    ];
    for args in lists {
        may("looker", args);
        may("vermeer", args);
        may("aos1", args);
    }
    may("looker", &["doctor"]);

    the_console_shows_who_may_only_read(&exchange);

    let file = exchange.path("report.jsonl");
    std::fs::write(&file, crate::support::messages::line(&download(2_001, 800, "S0001", APPLIED)) + "\n")
        .expect("written");
    let report = ["post", file.to_str().expect("a plain path")];
    may("store0001", &report);
    may_not("looker", &report);
    may_not("aos1", &report);
    for args in [&["sessions", "download"][..], &["process"], &["batch", "jobs"]] {
        may_not("store0001", args);
    }

    let cancel = ["session", "cancel", "download", "700", "--reason", "ticket"];
    let changes: [&[&str]; 5] = [
        &cancel,
        &["parameters", "set", "retention-days", "14"],
        &["batch", "submit"],
        &["batch", "group", "NIGHT"],
        &["rejected", "dismiss", "--all"],
    ];
    for args in &changes[..4] {
        may_not("looker", args);
        may_not("aos1", args);
    }
    may_not("looker", &["process"]);
    for args in changes {
        may("vermeer", args);
    }
    let taken = may("store0001", &["requests", "--take", "AsyncClient-S0001", "--json"]).json();
    assert_eq!((&taken["session_number"], &taken["try_count_limit"]), (&700.into(), &3.into()));
    a_change_is_held_for_approval(&exchange);
    each_login_records_itself(&exchange);
    may("vermeer", &["parameters", "set", "try-count", "4"]);
    let mut agent = exchange.served_messages().connect_as("store0001");
    let limit = agent.query_one("select value from cdx.agent_parameter where name = 'try-count'", &[]);
    assert_eq!(limit.expect("an agent may read it").get::<_, i64>(0), 4);
    exchange.script_at_messages("update agent_parameter set value = 9");
    may("vermeer", &["session", "rerun", "download", "701", "--reason", "ticket"]);
    may("vermeer", &["session", "cancel", "download", "701", "--reason", "ticket"]);
    may("vermeer", &["session", "undo", "download", "701", "--reason", "by mistake"]);

    let once = may("aos1", &["batch-server", "--once"]);
    assert!(once.stderr.contains("1 batch jobs ran, 0 of them failed"), "{once:?}");
    assert_eq!(exchange.at_head_office("select count(*) from session_tombstone"), ["20"], "it purged");
    assert_eq!(exchange.posted("select value from agent_parameter"), ["4"], "its run writes the parameters for agents");
    exchange.post_days_ago(40, &applied_sessions(5_001, 100..110));
    let run = may("vermeer", &["process", "--json"]).json();
    assert_eq!((&run["read"], &run["outcome"]), (&30.into(), &"ended".into()));
    assert_eq!(exchange.at_head_office("select count(*) from session_tombstone"), ["30"]);

    for (login, sql) in [
        ("store0001", "delete from status_message"),
        ("store0001", "update status_message set status = 4"),
        ("store0001", "update exchange set head_office_id = null"),
        (
            "store0001",
            "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at,
            origin_tx) values ('x', 0, 1, '', '1040', 4, 0, 0)",
        ),
        (
            "store0001",
            "insert into session_request (direction, session_number, channel_database, round, action, reason,
            requested_by, requested_at) values (0, 1, '', 0, 'cancel', '', '', 0)",
        ),
        ("store0001", "update served_database set agent = 'AsyncClient-S0001'"),
        ("store0001", "delete from served_database"),
        ("store0001", "update agent_parameter set value = 9"),
        ("store0001", "insert into agent_parameter values ('x', 9, 0)"),
        ("store0001", "delete from agent_parameter"),
        ("looker", "update agent_parameter set value = 9"),
        ("looker", "delete from operator_journal"),
        ("looker", "update approval set approved_by = 'looker'"),
        ("aos1", "update approval set approved_by = 'aos1'"),
        ("vermeer", "delete from operator_journal"),
        ("vermeer", "update operator_journal set operator = 'p.jansen'"),
        ("vermeer", "update head_office set head_office_id = 'another'"),
        ("vermeer", "create table t (n bigint)"),
        ("aos1", "insert into batch_job default values"),
        ("aos1", "update retail_scheduler_parameters set value = 1"),
        ("aos1", "insert into session_request default values"),
    ] {
        assert!(is_refused(&exchange, login, sql), "{login}: {sql}");
    }
}

#[test]
fn a_read_only_connection_refuses_every_change() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let databases = exchange.databases();
    let office = HeadOffice::open(&databases.head_office, Access::ReadOnly).expect("it opens");
    let refused = office.save_group("NIGHT", "At night", "r.vermeer").expect_err("nothing is written");
    assert!(matches!(refused, EditError::Store(StoreError::ReadOnly { .. })), "{refused}");
    let messages = MessageDatabase::open(&databases.message_database, Access::ReadOnly).expect("it opens");
    let refused = messages.post(&[download(2, 8, "S0001", APPLIED)]).expect_err("nothing is written");
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused}");
    for args in [&["process"][..], &["post"], &["parameters", "set", "try-count", "3"], &["batch", "submit"]] {
        exchange.cdx(&[args, &["--read-only"]].concat()).exits(2).says("read_only");
    }
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
}

crate::support::engines::on_postgres!(a_read_only_connection_refuses_every_change);

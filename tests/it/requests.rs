//! Requests go to the agent that serves the channel database, and to no other.

use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, download, guid};
use cdx_console::store::message_database::NewMessage;

fn cancel(exchange: &Exchange, session: &str) {
    exchange.cdx(&["session", "cancel", "download", session, "--reason", "ticket"]).exits(0);
}

/// Returns the sessions of the requests that an agent takes.
fn taken(exchange: &Exchange, args: &[&str]) -> Vec<i64> {
    let taken = exchange.cdx(&[&["requests", "--json", "--take"], args].concat()).exits(0);
    taken.json_lines().iter().map(|request| request["session_number"].as_i64().expect("a number")).collect()
}

#[test]
fn an_agent_gets_only_the_requests_of_the_channel_databases_it_serves() {
    let exchange = Exchange::new();
    exchange.post(&[
        download(1, 7, "S0001", APPLY_FAILED),
        download(2, 8, "S0002", APPLY_FAILED),
        NewMessage { posted_by: None, ..download(3, 9, "S0003", APPLY_FAILED) },
    ]);
    exchange.cdx(&["process"]).exits(0);
    for session in ["7", "8", "9"] {
        cancel(&exchange, session);
    }
    exchange.cdx(&["requests", "--take", "stranger"]).exits(0).says("serves no channel database");
    // Another agent reports for S0001 as well: the first one keeps it.
    exchange.post(&[NewMessage { posted_by: Some("stranger".to_owned()), ..download(4, 10, "S0001", APPLY_FAILED) }]);
    exchange
        .cdx(&["requests", "--take", "stranger", "--store", "S0003", "--store", "S0001"])
        .exits(1)
        .says("channel database \"S0001\" is served by agent \"AsyncClient-S0001\"");
    assert_eq!(exchange.posted("select count(*) from served_database where channel_database = 'S0003'"), ["0"]);
    assert_eq!(taken(&exchange, &["AsyncClient-S0001"]), [7]);
    assert_eq!(taken(&exchange, &["stranger", "--store", "S0003"]), [9]);
    // The assignment is kept, and there are no further requests.
    assert_eq!(taken(&exchange, &["stranger"]), [0_i64; 0]);
    exchange.cdx(&["requests", "--hand-over", "S0002", "--to", "stranger"]).exits(0).says("AsyncClient-S0002");
    assert_eq!(taken(&exchange, &["AsyncClient-S0002"]), [0_i64; 0]);
    assert_eq!(taken(&exchange, &["stranger"]), [8]);
}

#[test]
fn a_request_about_a_package_goes_to_the_agent_that_reported_for_it() {
    let exchange = Exchange::new();
    let package = |number, session, agent: Option<&str>| NewMessage {
        posted_by: agent.map(str::to_owned),
        message_guid: guid(number),
        ..download(number, session, "", 6)
    };
    exchange.post(&[package(1, 7, Some("AsyncServer")), package(2, 8, None), download(3, 9, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    for session in ["7", "8"] {
        cancel(&exchange, session);
    }
    assert_eq!(taken(&exchange, &["AsyncClient-S0001"]), [0_i64; 0]);
    assert_eq!(taken(&exchange, &["AsyncServer"]), [7]);
    assert_eq!(taken(&exchange, &["AsyncServer", "--store", ""]), [8]);
}

#[test]
fn the_databases_an_agent_served_are_taken_from_an_older_message_database() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    cancel(&exchange, "7");
    // The schema of version 1.
    exchange.script_at_messages(
        "drop table agent_parameter; drop table served_database; alter table session_request drop column agent;
         drop trigger status_message_id_is_given; drop trigger status_message_id_stays;
         alter table session_request drop column operation_id;
         alter table session_request drop column act;
         alter table session_request drop column message_guid;
         alter table session_request drop column withdrawal_id;
         alter table session_request drop column withdrawn_by;
         alter table session_request drop column withdrawal_reason;
         update exchange set schema_version = 1;",
    );
    assert_eq!(taken(&exchange, &["AsyncClient-S0001"]), [7]);
}

#[test]
fn the_first_requests_since_an_instant_are_listed_also_after_older_ones() {
    let exchange = Exchange::new();
    exchange.post(&[7, 8, 9].map(|session: i64| download(session.unsigned_abs(), session, "S0001", APPLY_FAILED)));
    exchange.cdx(&["process"]).exits(0);
    for session in ["7", "8", "9"] {
        cancel(&exchange, session);
    }
    exchange.script_at_messages(
        "update session_request set requested_at = requested_at - 864000000 where session_number < 9",
    );
    let listed = |args: &[&str]| {
        let listed = exchange.cdx(&[&["requests", "--json", "--limit", "1"], args].concat()).exits(0);
        listed.json_lines().iter().map(|request| request["session_number"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&[]), [7]);
    assert_eq!(listed(&["--since", "1d"]), [9]);
}

crate::support::engines::on_postgres!(
    the_first_requests_since_an_instant_are_listed_also_after_older_ones,
    an_agent_gets_only_the_requests_of_the_channel_databases_it_serves,
    a_request_about_a_package_goes_to_the_agent_that_reported_for_it,
);

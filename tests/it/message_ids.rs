//! Message ids: the database assigns them, and rows with ids of their own are refused or found.

use crate::support::messages::{APPLIED, download, guid};
use crate::support::{Exchange, foreign};

/// Returns an insert statement of a foreign program that sets the message id.
fn insert(number: u64, message_id: &str) -> String {
    format!(
        "insert into status_message (message_id, message_guid, direction, session_number, channel_database, job_name, status,
         occurred_at) values ({message_id}, '{}', 0, {number}, 'S0001', '1040', 4, 1794541408000)",
        guid(number)
    )
}

#[test]
fn inserted_message_ids_that_break_the_order_are_refused() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED), download(2, 8, "S0001", APPLIED)]);
    let file = foreign(&exchange.message_database());
    for refused in ["0", "-1", "1", "2", "9223372036854775807"] {
        let error = file.execute(&insert(50, refused), []).expect_err(refused).to_string();
        assert!(error.contains("message_id is given by") || error.contains("UNIQUE"), "{error}");
    }
    file.execute("delete from status_message where message_id = 2", []).expect("a row goes");
    file.execute(&insert(50, "2"), []).expect_err("the number was given before");
    file.execute("update status_message set message_id = 77", []).expect_err("the number stays");
    // Rows without an id are stored, also several in one statement.
    file.execute(&insert(51, "null"), []).expect("stored");
    let two = insert(52, "null")
        + &insert(53, "null").split("values").nth(1).map(|row| format!(",{row}")).unwrap_or_default();
    file.execute(&two, []).expect("stored");
    drop(file);
    assert_eq!(exchange.posted("select message_id from status_message order by 1"), ["1", "3", "4", "5"]);
    exchange.post(&[download(3, 9, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], 5);
}

#[test]
fn rows_below_the_start_are_read_after_migration_and_doctor_finds_those_below_the_position() {
    let exchange = Exchange::new();
    exchange.post(&[
        download(1, 7, "S0001", APPLIED),
        download(2, 8, "S0001", APPLIED),
        download(3, 9, "S0001", APPLIED),
    ]);
    let file = foreign(&exchange.message_database());
    file.execute("delete from status_message where message_id = 2", []).expect("a row goes");
    exchange.cdx(&["process"]).exits(0);
    // The schema of version 3.
    file.execute_batch(
        "drop table agent_parameter; drop trigger status_message_id_is_given; drop trigger status_message_id_stays;
         alter table session_request drop column operation_id;
         alter table session_request drop column act;
         alter table session_request drop column message_guid;
         alter table session_request drop column withdrawal_id;
         alter table session_request drop column withdrawn_by;
         alter table session_request drop column withdrawal_reason;
         update exchange set schema_version = 3;",
    )
    .expect("the schema is older now");
    for message_id in ["0", "-5", "2"] {
        let number = u64::try_from(60 + message_id.parse::<i64>().expect("a number")).expect("small");
        file.execute(&insert(number, message_id), []).expect("stored");
    }
    drop(file);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], 2, "the two rows below the start");
    let found = exchange.cdx(&["doctor"]).exits(1);
    assert!(found.stdout.contains("1 message below the transfer's position never reached"), "{found:?}");
    assert!(found.stdout.contains("message_id 2 "), "{found:?}");
}

#[test]
fn exhausted_message_ids_are_not_reported_as_a_full_disk() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    let file = foreign(&exchange.message_database());
    file.execute_batch("drop trigger status_message_id_is_given").expect("it is dropped");
    file.execute(&insert(50, "9223372036854775807"), []).expect("stored");
    drop(file);
    let line = crate::support::messages::line(&download(2, 8, "S0001", APPLIED));
    exchange.cdx_with_input(&["post", "-"], line.as_bytes()).exits(1).says("no message_id left");
}

#[test]
fn a_copy_keeps_the_message_ids() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    foreign(&exchange.message_database())
        .execute("update sqlite_sequence set seq = 5000000000000 where name = 'status_message'", [])
        .expect("numbers go on from there");
    exchange.post(&[download(2, 8, "S0001", APPLIED)]);
    let (from, to) = (exchange.message_url(), format!("sqlite:{}", exchange.path("copy.db").display()));
    exchange.cdx(&["copy", "--from", &from, "--to", &to]).exits(0);
    let copied = crate::support::rows(&exchange.path("copy.db"), "select message_id from status_message order by 1");
    assert_eq!(copied, ["1", "5000000000001"]);
    foreign(&exchange.path("copy.db")).execute(&insert(50, "2"), []).expect_err("the copy refuses it, too");
}

#[test]
fn a_server_refuses_foreign_transaction_ids() {
    let exchange = Exchange::of(crate::support::engines::Engines::Postgres);
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    let served = exchange.served_messages();
    let mut config = ::postgres::Config::new();
    config.host_path(served.cluster().folder()).port(served.cluster().port()).user("postgres").dbname(served.name());
    let mut client = config.connect(::postgres::NoTls).expect("it connects");
    let sql = insert(50, "3").replace("(message_id,", "(origin_tx,");
    let refused = client.batch_execute(&sql).expect_err("another transaction's place").to_string();
    assert!(refused.contains("db error") || refused.contains("origin_tx"), "{refused}");
    let sql = insert(50, "-1").replace("values", "overriding system value values");
    client.batch_execute(&sql).expect_err("no message has a negative number");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
}

//! Connections through PgBouncer: session pooling works, transaction pooling is refused.

use crate::support::cluster::Cluster;
use crate::support::messages::applied_sessions;
use crate::support::pooler::Pooler;
use crate::support::{Exchange, Ran, ran};

fn through(pooler: &Pooler, exchange: &Exchange, args: &[&str]) -> Ran {
    let mut command = exchange.command(args);
    command.env("CDX_MESSAGE_DATABASE", pooler.url(exchange.served_messages().name()));
    command.env("CDX_HEAD_OFFICE", pooler.url(exchange.served_office().name()));
    ran(command.stdin(std::process::Stdio::null()))
}

#[test]
fn everything_works_through_session_pooling() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post_days_ago(40, &applied_sessions(1, 0..2_000));
    let pooler = Pooler::start(&cluster, "session");
    let run = through(&pooler, &exchange, &["process", "--no-purge", "--json"]).exits(0).json();
    assert_eq!((&run["inserted"], &run["outcome"]), (&6_000.into(), &"ended".into()));
    through(&pooler, &exchange, &["batch", "submit"]).exits(0);
    through(&pooler, &exchange, &["batch-server", "--once"]).exits(0).says("1 batch jobs ran, 0 of them failed");
    assert_eq!(exchange.count("session_tombstone"), 2_000);
    assert!(through(&pooler, &exchange, &["sessions", "download", "--json"]).exits(0).stdout.is_empty());
}

#[test]
fn transaction_pooling_is_refused_without_damage() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&applied_sessions(1, 0..2_000));
    exchange.cdx(&["process", "--no-transfer", "--no-purge"]);
    let pooler = Pooler::start(&cluster, "transaction");
    through(&pooler, &exchange, &["process"]).exits(1).says("connect directly, or let it pool sessions");
    exchange.cdx(&["process"]);
    let counts = exchange.at_head_office("select sum(inserted), sum(repeated) from run");
    assert_eq!(counts, ["6000|0"]);
}

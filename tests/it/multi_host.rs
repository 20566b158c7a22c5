//! Connections with several hosts, and the encodings of databases that are refused.

use crate::support::Exchange;
use crate::support::cluster::Cluster;
use crate::support::messages::applied_sessions;

/// Returns the URL of a database on several servers, in this order.
fn url(servers: &[&Cluster], database: &str, more: &str) -> String {
    let hosts: Vec<_> = servers.iter().map(|server| server.folder().display().to_string()).collect();
    let ports: Vec<_> = servers.iter().map(|server| server.port().to_string()).collect();
    format!("postgres://postgres@/{database}?host={}&port={}{more}", hosts.join(","), ports.join(","))
}

#[test]
fn with_several_hosts_target_session_attrs_selects_the_server() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&applied_sessions(1, 0..5));
    exchange.cdx(&["process"]).exits(0);
    let standby = cluster.standby();
    let (messages, office) = (exchange.served_messages().name(), exchange.served_office().name());
    let both = [&standby, &cluster];
    let at = |more: &str, args: &[&str]| {
        let (message_url, office_url) = (url(&both, messages, more), url(&both, office, more));
        exchange.cdx(&[&["--message-database", &message_url, "--head-office", &office_url], args].concat())
    };
    // Writers select the primary by default, whichever host is named first.
    at("", &["process"]).exits(0);
    for words in ["read-write", "primary"] {
        at(&format!("&target_session_attrs={words}"), &["process"]).exits(0);
    }
    for words in ["any", "read-only", "standby", "prefer-standby"] {
        at(&format!("&target_session_attrs={words}"), &["process"]).exits(1).says("is a standby");
        at(&format!("&target_session_attrs={words}"), &["--read-only", "sessions", "download"]).exits(0);
    }
    at("&target_session_attrs=rw", &["process"]).exits(2).says("target_session_attrs");
    // A login whose transactions are read-only by default is not read-write, even on a primary.
    cluster.connect("postgres").batch_execute("create role careful login superuser").expect("made");
    let careful = "alter role careful set default_transaction_read_only = on";
    cluster.connect("postgres").batch_execute(careful).expect("set");
    let alone = |more: &str| {
        let url = url(&[&cluster], office, more).replace("postgres@", "careful@");
        exchange.cdx(&["--head-office", &url, "process"])
    };
    alone("&target_session_attrs=read-write").exits(1).says("none of the hosts takes changes");
    alone("&target_session_attrs=primary").exits(0);
    // No host matches.
    let lonely = |more: &str, args: &[&str]| {
        let url = url(&[&standby, &standby], office, more);
        exchange.cdx(&[&["--head-office", &url], args].concat())
    };
    lonely("", &["process"]).exits(1).says("none of the hosts takes changes");
    assert!(cluster.control(&["stop", "--mode=immediate"]));
    at("", &["process"]).exits(1).says("cannot reach");
    at("&target_session_attrs=prefer-standby", &["--read-only", "sessions", "download"]).exits(0);
}

#[test]
fn a_database_without_utf8_is_refused_with_the_command_that_creates_one() {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let sql = format!(
            "create database narrow encoding '{encoding}' template template0 lc_collate 'C' lc_ctype 'C'
                           locale_provider libc"
        );
        cluster.connect("postgres").batch_execute(&sql).expect("made");
        let url = cluster.url("postgres", "narrow");
        for args in [&["--message-database", &url, "post"][..], &["--head-office", &url, "process"]] {
            exchange.cdx(args).exits(1).says(&format!("its encoding is {encoding}")).says("UTF8");
        }
        let refused = exchange.cdx(&["--head-office", &url, "process"]);
        let (_, rest) = refused.stderr.split_once("createdb").expect("a command");
        let (command, _) = rest.split_once(" under another name").expect("its end");
        cluster.connect("postgres").batch_execute("drop database narrow").expect("dropped");
        let made = std::process::Command::new("sh")
            .args(["-c", &format!("createdb {command}")])
            .env("PGHOST", cluster.folder())
            .env("PGPORT", cluster.port().to_string())
            .env("PGUSER", "postgres")
            .status();
        assert!(made.expect("createdb runs").success(), "{command}");
        exchange.post(&applied_sessions(1, 0..1));
        exchange.cdx(&["--head-office", &url, "process"]).exits(0);
        cluster.connect("postgres").batch_execute("drop database narrow with (force)").expect("dropped");
        exchange.change_messages("update exchange set head_office_id = null");
    }
    // The client encoding in a database's settings or in the URL is irrelevant.
    let sql = format!("alter database {} set client_encoding = 'LATIN1'", exchange.served_office().name());
    cluster.connect("postgres").batch_execute(&sql).expect("set");
    let url = format!("{}&options=-c%20client_encoding%3DLATIN1", exchange.office_url());
    let name = "S\u{e9}\u{20ac}\u{1f600}";
    exchange.cdx(&["--head-office", &url, "batch", "group", name]).exits(0);
    assert_eq!(exchange.at_head_office("select batch_group from batch_group where batch_group > ''"), [name]);
}

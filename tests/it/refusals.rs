//! Commands that are refused: exit code, error message, and that nothing is changed.

use crate::support::messages::{APPLIED, download};
use crate::support::{Exchange, bare_command, foreign, ran};

#[test]
fn help_and_version_exit_with_0() {
    let exchange = Exchange::new();
    for args in [&["--help"][..], &["--version"], &["process", "--help"], &["help", "post"]] {
        let ran = exchange.cdx(args).exits(0);
        assert!(!ran.stdout.is_empty(), "{args:?} prints nothing");
    }
    let help = exchange.cdx(&["--help"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("4 another runner holds the lease"), "{help}");
}

#[test]
fn an_invalid_command_line_exits_with_2_and_an_error() {
    let exchange = Exchange::new();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for (args, sentence) in [
        (&["frobnicate"][..], "frobnicate"),
        (&[], "Usage"),
        (&["sessions"], "<DIRECTION>"),
        (&["sessions", "sideways"], "sideways"),
        (&["sessions", "download", "--status", "uploaded"], "is not a download status"),
        (&["sessions", "download", "--since", "yesterday-ish"], "is no instant"),
        (&["sessions", "download", "--limit", "0"], "--limit"),
        (&["sessions", "download", "--json", "--csv"], "--csv"),
        (&["process", "--no-purge", "--no-transfer"], "--no-transfer"),
        (&["process", "--confirm-purge", "-1"], "--confirm-purge"),
        (&["parameters", "set", "retention-days", "-1"], "whole number from 0 to 36500"),
        (&["parameters", "set", "retention-days", "many"], "whole number"),
        (&["parameters", "set", "retention-day", "3"], "there is no parameter"),
        (&["rejected", "retry"], "--all"),
        (&["silences", "add", "*", "--until", "99999999d", "--reason", "x"], "more than ten years from now"),
        (&["--color", "sometimes", "doctor"], "sometimes"),
        (&["--head-office", "mysql://somewhere", "doctor"], "is no database URL"),
        (&["--head-office", "sqlite:", "doctor"], "sqlite:"),
        (&["demo", "--stores", "0"], "--stores"),
        (&["completions", "cobol"], "cobol"),
    ] {
        let ran = exchange.cdx(args).exits(2).says(sentence);
        assert_eq!(ran.stdout, "", "{args:?}");
    }
    assert_eq!(exchange.cdx(&["parameters", "--json"]).json()["retention-days"], 30);
}

#[test]
fn a_row_that_is_not_there_is_a_failure() {
    let exchange = Exchange::new();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for (args, sentence) in [
        (&["rejected", "retry", "9999"][..], "there is no rejected message 9999"),
        (&["batch", "log", "999"], "the history has no row 999"),
        (&["batch", "alerts", "999"], "999"),
        (&["batch", "alerts", "999", "--test"], "999"),
    ] {
        exchange.cdx(args).exits(1).says(sentence);
    }
}

#[test]
fn an_unknown_configuration_key_is_named_with_its_line_and_the_nearest_key() {
    let exchange = Exchange::new();
    let file = exchange.path("config.toml");
    let file_name = file.to_str().expect("a plain path");
    std::fs::write(&file, "# comment\nread_only = false\nmesage_database = \"sqlite:x.db\"\n").expect("written");
    for command in [&["config", "check"][..], &["process"], &["post"]] {
        let args = [&["--config", file_name], command].concat();
        exchange.cdx(&args).exits(2).says("line 3").says("message_database");
    }
    std::fs::write(&file, "read_only = 7\n").expect("written");
    exchange.cdx(&["--config", file_name, "config", "check"]).exits(2).says("line 1").says("read_only");
    exchange.cdx(&["--config", "/nowhere/config.toml", "config", "check"]).exits(2).says("/nowhere/config.toml");
    let mut by_environment = exchange.command(&["config", "check"]);
    ran(by_environment.env("CDX_CONFIG", file_name)).exits(2).says("line 1");
    assert!(!exchange.message_database().exists());
}

#[test]
fn the_check_names_every_fault_and_files_that_are_missing() {
    let exchange = Exchange::new();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let file = exchange.path("config.toml");
    let with = |text: &str, args: &[&str]| {
        std::fs::write(&file, text).expect("written");
        exchange.cdx(&[&["--config", file.to_str().expect("a plain path")], args].concat())
    };
    let faulty = "read_only = 7\ncolour = 'never'\nbell = 'loud'\n";
    with(faulty, &["config", "check"]).exits(2).says("line 1").says("line 2").says("line 3");
    with(faulty, &["doctor"]).exits(2);
    let bundle = exchange.path("bundle.tar.gz").display().to_string();
    with(faulty, &["bundle", "--output", &bundle]).exits(0).says("line 1").says("packed");
    with("head_ofice = 'sqlite:x.db'\n", &["bundle"]).exits(2);
    let missing = "smtp_host = 'localhost'\nsmtp_user = 'x'\nsmtp_password_file = '/nowhere/password'\n\
        webhook_url = 'https://hq.example/x'\nwebhook_secret_file = '/nowhere/token'\n\
        syslog_socket = '/nowhere/log'\nalert_command = '/nowhere/page -x'\n";
    let login = |host: &str| format!("smtp_host = '{host}'\nsmtp_user = 'x'\nsmtp_security = 'none'\n");
    with(&login("mail.hq.example"), &["config", "check"])
        .exits(2)
        .says("line 3")
        .says("unencrypted to \"mail.hq.example\"");
    for this_machine in ["localhost", "127.0.0.1", "::1"] {
        with(&login(this_machine), &["config", "check"]).exits(0);
    }
    for args in [&["config", "check"][..], &["doctor"]] {
        let ran = with(missing, args);
        let text = format!("{}{}", ran.stdout, ran.stderr);
        for named in ["/nowhere/password", "/nowhere/token", "/nowhere/log", "/nowhere/page is not a program"] {
            assert!(text.contains(named), "{named}: {ran:?}");
        }
        assert_ne!(ran.code, 0);
    }
    let packed = exchange.command(&["bundle", "--output", "-"]).output().expect("it runs");
    assert!(packed.status.success() && packed.stdout.starts_with(&[0x1f, 0x8b]), "{packed:?}");
}

#[test]
fn flags_override_the_environment_which_overrides_the_file() {
    let exchange = Exchange::new();
    let file = exchange.path("config.toml");
    std::fs::write(&file, "head_office = \"sqlite:/file.db\"\nmessage_database = \"sqlite:/file-m.db\"\n")
        .expect("written");
    let show = |args: &[&str], environment: bool| {
        let args = [&["--config", file.to_str().expect("a plain path"), "config", "show", "--json"], args].concat();
        let mut command = bare_command(exchange.folder(), &args);
        if environment {
            command.env("CDX_HEAD_OFFICE", "sqlite:/environment.db");
        }
        ran(&mut command).exits(0).stdout
    };
    assert!(show(&[], false).contains("sqlite:/file.db"));
    let environment = show(&[], true);
    assert!(environment.contains("sqlite:/environment.db") && environment.contains("sqlite:/file-m.db"));
    let flag = show(&["--head-office", "sqlite:/flag.db"], true);
    assert!(flag.contains("sqlite:/flag.db") && !flag.contains("/environment.db"));
    // Global flags may also precede the command.
    let before = ran(&mut bare_command(exchange.folder(), &["--head-office", "sqlite:/flag.db", "config", "show"]));
    assert!(before.exits(0).stdout.contains("sqlite:/flag.db"));
}

#[test]
fn the_example_configuration_is_valid_with_every_line_enabled() {
    let exchange = Exchange::new();
    let example = include_str!("../../config.example.toml");
    let set: Vec<_> =
        example.lines().filter_map(|line| line.strip_prefix('#')).filter(|line| !line.starts_with(' ')).collect();
    assert!(set.len() >= 5, "the example sets {set:?}");
    let file = exchange.path("config.toml");
    std::fs::write(&file, set.join("\n")).expect("written");
    let file = file.to_str().expect("a plain path");
    exchange.cdx(&["--config", file, "config", "check"]).exits(0);
    let shown = ran(&mut bare_command(exchange.folder(), &["--config", file, "config", "show"])).exits(0).stdout;
    assert!(!shown.contains("default"), "not every key is in the example: {shown}");
}

#[test]
fn read_only_refuses_every_command_that_changes_something() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED), download(2, 1, "S0001", 77)]);
    exchange.cdx(&["process"]).exits(3);
    let before = (
        std::fs::read(exchange.head_office()).expect("read"),
        std::fs::read(exchange.message_database()).expect("read"),
    );
    for args in [
        &["post"][..],
        &["process"],
        &["parameters", "set", "retention-days", "7"],
        &["rejected", "retry", "1"],
        &["rejected", "dismiss", "--all"],
        &["demo", "--dir", "."],
    ] {
        let args = [&["--read-only"], args].concat();
        exchange.cdx(&args).exits(2).says("read_only is set");
    }
    for args in [
        &["sessions", "download"][..],
        &["messages"],
        &["errors"],
        &["rejected"],
        &["parameters"],
        &["doctor"],
        &["process", "--dry-run"],
    ] {
        exchange.cdx(&[args, &["--read-only"]].concat()).exits(0);
    }
    let after = (
        std::fs::read(exchange.head_office()).expect("read"),
        std::fs::read(exchange.message_database()).expect("read"),
    );
    assert!(before == after, "a database was written");
}

#[test]
fn reading_commands_create_nothing() {
    let exchange = Exchange::new();
    exchange.cdx(&["sessions", "download"]).exits(1).says("cdx process creates it");
    exchange.cdx(&["messages"]).exits(1);
    let dry = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(dry["waiting"], 0);
    exchange.cdx(&["doctor"]);
    let left: Vec<_> = std::fs::read_dir(exchange.folder()).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn databases_of_newer_versions_or_other_programs_are_refused() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    foreign(&exchange.head_office()).execute("update head_office set schema_version = 99", []).expect("updated");
    foreign(&exchange.head_office()).pragma_update(None, "user_version", 99).expect("updated");
    for args in [&["process"][..], &["sessions", "download"], &["process", "--dry-run"]] {
        exchange.cdx(args).exits(1).says("schema version 99").says("use a newer cdx");
    }
    let other = exchange.path("other.db");
    foreign(&other).execute_batch("create table invoices (id integer); insert into invoices values (1)").expect("made");
    let url = format!("sqlite:{}", other.display());
    exchange.cdx(&["--head-office", &url, "process"]).exits(1).says("is not a head office");
    exchange.cdx(&["--message-database", &url, "post"]).exits(1).says("is not a message database");
    std::fs::write(exchange.path("text.db"), "this is no database at all, it is a letter\n".repeat(99))
        .expect("written");
    let url = format!("sqlite:{}", exchange.path("text.db").display());
    exchange.cdx(&["--head-office", &url, "process"]).exits(1).says("text.db");
}

#[test]
fn one_file_cannot_be_both_databases() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    let url = format!("sqlite:{}", exchange.message_database().display());
    exchange.cdx(&["--head-office", &url, "process"]).exits(1).says("is not a head office");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
}

#[test]
fn completions_and_manual_pages_name_the_commands() {
    let exchange = Exchange::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(exchange.cdx(&["completions", shell]).exits(0).stdout.contains("rejected"), "{shell}");
    }
    assert!(exchange.cdx(&["man"]).exits(0).stdout.contains(".TH cdx"));
    let pages = exchange.path("pages");
    exchange.cdx(&["man", "--dir", pages.to_str().expect("a plain path")]).exits(0);
    let pages: Vec<_> = std::fs::read_dir(pages).expect("a folder").collect();
    assert!(pages.len() >= 10, "{pages:?}");
}

#[test]
fn locations_that_name_no_lasting_file_are_refused() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    let before = std::fs::read(exchange.message_database()).expect("read");
    let messages = exchange.message_url();
    let config = exchange.path("config.toml");
    let config_name = config.to_str().expect("a plain path");
    for (location, sentence) in [
        ("sqlite::memory:", "exists only in memory"),
        ("sqlite:///:memory:", "exists only in memory"),
        ("sqlite:", "lacks a path"),
        ("sqlite:file:x?mode=memory", "no file: URI"),
        ("sqlite:file::memory:", "no file: URI"),
        ("sqlite:/tmp/x.db?vfs=memdb", "no file: URI"),
        ("sqlite://host/tmp/x.db", "names a host"),
        ("sqlite:~anna/x.db", "write the whole path"),
        ("sqlite:$HOME/x.db", "write the whole path"),
        ("sqlite:/tmp/", "names a folder"),
    ] {
        exchange.cdx(&["--head-office", location, "process"]).exits(2).says(sentence);
        exchange.cdx(&["--message-database", location, "post"]).exits(2).says(sentence);
        ran(exchange.command(&["process"]).env("CDX_HEAD_OFFICE", location)).exits(2).says(sentence);
        std::fs::write(&config, format!("head_office = '{location}'\n")).expect("written");
        let mut by_file = bare_command(exchange.folder(), &["--config", config_name, "process"]);
        ran(by_file.env("CDX_MESSAGE_DATABASE", &messages)).exits(2).says(sentence);
        exchange.cdx(&["copy", "--from", &messages, "--to", location]).exits(2).says(sentence);
        exchange.cdx(&["copy", "--from", location, "--to", &messages]).exits(2).says(sentence);
    }
    assert!(before == std::fs::read(exchange.message_database()).expect("read"), "the message database was written");
    std::fs::remove_file(config).expect("removed");
    let mut left = std::fs::read_dir(exchange.folder()).expect("a folder");
    let made = left.find(|file| !file.as_ref().expect("read").file_name().to_string_lossy().starts_with("message.db"));
    assert!(made.is_none(), "{made:?}");
}

#[test]
fn home_and_relative_paths_are_made_absolute() {
    let exchange = Exchange::new();
    std::fs::create_dir(exchange.path("below")).expect("a folder");
    let mut command = bare_command(
        exchange.folder(),
        &["--head-office", "sqlite:~/office.db", "--message-database", "sqlite:m.db", "process"],
    );
    ran(command.current_dir(exchange.path("below"))).exits(0);
    assert!(exchange.path("office.db").is_file() && exchange.path("below/m.db").is_file());
}

#[test]
fn a_database_that_is_not_a_regular_file_is_refused() {
    let exchange = Exchange::new();
    let pipe = exchange.path("pipe.db");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).expect("a pipe");
    std::fs::create_dir(exchange.path("folder.db")).expect("a folder");
    for name in ["pipe.db", "folder.db"] {
        let location = format!("sqlite:{}", exchange.path(name).display());
        exchange.cdx(&["--head-office", &location, "process"]).exits(1).says("is not a regular file");
        exchange.cdx(&["--message-database", &location, "post"]).exits(1).says("is not a regular file");
    }
    exchange.cdx(&["--head-office", "sqlite:/dev/null", "process"]).exits(1).says("is not a regular file");
}

#[test]
fn no_password_is_printed_by_errors_or_config_show() {
    let exchange = Exchange::new();
    for location in [
        "host=hq user=cdx password=s3cret",
        "jdbc:postgresql://hq/cdx?user=cdx&password=s3cret",
        "postgres//cdx:s3cret@hq/cdx",
        "postgres:cdx:s3cret@hq/cdx",
        "s3cret:postgres@hq",
        "postgres://cdx:12/s3cret@hq/cdx",
        "postgres://hq/cdx?s3cret",
    ] {
        for args in [
            &["--head-office", location, "process"][..],
            &["copy", "--from", location, "--to", "sqlite:x.db"],
            &["copy", "--from", "sqlite:x.db", "--to", location],
        ] {
            let ran = exchange.cdx(args).exits(2);
            assert!(!format!("{ran:?}").contains("s3cret"), "{ran:#?}");
        }
        for by_variable in ["CDX_HEAD_OFFICE", "CDX_MESSAGE_DATABASE"] {
            let ran = ran(exchange.command(&["process"]).env(by_variable, location)).exits(2);
            assert!(!format!("{ran:?}").contains("s3cret"), "{ran:#?}");
        }
    }
    let misplaced = "postgres://cdx:s3cret@hq/cdx";
    for args in [
        &["process", misplaced][..],
        &["post", misplaced],
        &["--config", misplaced, "doctor"],
        &["--color", misplaced, "doctor"],
        &[misplaced],
    ] {
        let ran = exchange.cdx(args);
        assert!(ran.code != 0 && !format!("{ran:?}").contains("s3cret"), "{ran:#?}");
    }
    let config = exchange.path("config.toml");
    for key in cdx_console::config::KEYS {
        std::fs::write(&config, format!("{key} = \"{misplaced}\"\n{key} = \"{misplaced}\"\n")).expect("written");
        let with = ["--config", config.to_str().expect("a plain path")];
        let ran = exchange.cdx(&[&with[..], &["config", "show"]].concat()).exits(2);
        assert!(!format!("{ran:?}").contains("s3cret"), "{ran:#?}");
        std::fs::write(&config, format!("{key} = \"{misplaced}\"\n")).expect("written");
        let ran = exchange.cdx(&[&with[..], &["config", "show"]].concat());
        assert!(!format!("{ran:?}").contains("s3cret"), "{ran:#?}");
    }
    let command = "curl --user cdx:s3cret -H \\\"Authorization: Bearer s3cret\\\" https://hooks.chat/s3cret -d {'key':'s3cret'} -P s3cret";
    std::fs::write(&config, format!("alert_command = \"{command}\"\nsmtp_host = \"cdx:s3cret@mail\"\n"))
        .expect("written");
    for args in [&["config", "show"][..], &["config", "show", "--json"]] {
        let args = [&["--config", config.to_str().expect("a plain path")], args].concat();
        let ran = exchange.cdx(&args).exits(0);
        assert!(ran.stdout.contains("curl ***") && !format!("{ran:?}").contains("s3cret"), "{ran:#?}");
    }
}

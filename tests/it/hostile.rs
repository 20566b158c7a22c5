//! Hostile messages: no control characters of stores reach a terminal or a spreadsheet, and no
//! message breaks a list or stops a run.

use crate::support::messages::{APPLIED, APPLY_FAILED, download, guid, line, now};
use crate::support::{Exchange, Ran, bare_command, foreign, ran};

/// Texts that are dangerous for terminals or spreadsheets.
const TEXTS: [&str; 12] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[31mred",
    "\u{1b}]52;c;cm0gLXJmIC8=\u{7}clipboard",
    "\u{9b}31mC1 \u{90}q\u{9c} \u{85}next line",
    "bidi \u{202e}desrever\u{202c} \u{2066}isolate\u{2069} \u{200f}mark",
    "zero\u{200b}width\u{feff}joined\u{2060}",
    "=HYPERLINK(\"https://evil.example\",\"click\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "line one\r\nline two\nline three\rback",
    "tag \u{e0001}\u{e0041} and noncharacter \u{fffe} and separators \u{2028}\u{2029}",
];

/// Fails if the output contains control characters.
fn assert_harmless(ran: &Ran, what: &str) {
    for (stream, text) in [("output", &ran.stdout), ("words", &ran.stderr)] {
        let bad = text.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        });
        assert_eq!(bad, None, "{what}: the {stream} hold it: {text:?}");
    }
}

fn lists() -> Vec<Vec<&'static str>> {
    vec![
        vec!["sessions", "download", "--all"],
        vec!["sessions", "upload"],
        vec!["messages"],
        vec!["errors"],
        vec!["rejected", "--all"],
    ]
}

/// Checks every list in every format: harmless, with the right number of lines.
fn assert_lists_are_harmless(exchange: &Exchange) {
    for list in lists() {
        let json = exchange.cdx(&[&list[..], &["--json"]].concat()).exits(0);
        let rows = json.json_lines().len();
        assert_harmless(&Ran { stdout: json.stdout.replace('\u{7f}', ""), ..json }, &format!("{list:?} --json"));
        let table = exchange.cdx(&list).exits(0);
        assert_eq!(
            table.stdout.lines().count(),
            if rows == 0 { 0 } else { rows + 1 },
            "{list:?} breaks: {}",
            table.stdout
        );
        assert_harmless(&table, &format!("{list:?}"));
        let csv = exchange.cdx(&[&list[..], &["--csv"]].concat()).exits(0);
        let csv = Ran { stdout: csv.stdout.replace("\r\n", "\n"), ..csv };
        assert_harmless(&csv, &format!("{list:?} --csv"));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.stdout.as_bytes());
        let records: Vec<_> = reader.records().map(|record| record.expect("CSV")).collect();
        assert_eq!(records.len(), rows + 1, "{list:?} --csv");
        for cell in records.iter().flatten() {
            let number = cell.parse::<f64>().is_ok();
            assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{list:?}: a formula: {cell}");
        }
        exchange.cdx(&[&list[..], &["--color", "always"]].concat()).exits(0);
    }
}

#[test]
fn hostile_texts_are_printed_harmlessly_and_stored_unchanged() {
    let exchange = Exchange::new();
    let mut lines = Vec::new();
    for (number, text) in (1u64..).zip(TEXTS) {
        let session = i64::try_from(number).expect("small");
        let mut message = download(number, session, text, APPLY_FAILED);
        message.message = Some(text.to_owned());
        message.job_name = text.to_owned();
        lines.push(line(&message));
    }
    exchange.cdx_with_input(&["post"], lines.join("\n").as_bytes()).exits(0);
    exchange.cdx(&["process"]).exits(0);
    assert_lists_are_harmless(&exchange);
    let sessions = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json_lines();
    assert_eq!(sessions.len(), TEXTS.len());
    for text in TEXTS {
        assert!(
            sessions.iter().any(|session| session["message"] == text && session["channel_database"] == text),
            "{text:?} is not whole"
        );
    }
}

#[test]
fn rows_of_foreign_programs_stop_no_run() {
    let exchange = Exchange::new();
    exchange.cdx(&["post"]).exits(0);
    let agent = foreign(&exchange.message_database());
    let at = now().0;
    let mut number = 0;
    let mut insert = |columns: &str, values: &str| {
        number += 1;
        let guid = guid(number);
        let sql = format!(
            "insert into status_message (message_guid, session_number, direction, status, occurred_at, {columns})
             values ('{guid}', {number}, 0, 8, {at}, {values})"
        );
        agent.execute(&sql, []).expect("the table only checks nulls and types");
    };
    // Invalid UTF-8, NUL and a megabyte in free text: kept, with invalid characters replaced.
    insert("channel_database, job_name, message", "'S0001', '1040', cast(x'c328fffe41' as text)");
    insert("channel_database, job_name, message", "'S0001', '1040', 'before' || char(0) || 'after'");
    insert("channel_database, job_name, message", "'S0001', '1040', replace(hex(zeroblob(600000)), '00', 'ab')");
    insert("channel_database, job_name, message, extra", "'S0001', '1040', '', 'this is no JSON'");
    insert("channel_database, job_name, data_path", "'S0001', '1040', cast(x'ff1b5b324a' as text)");
    // The same in keys: the message is rejected unchanged.
    insert("channel_database, job_name", "cast(x'53ff31' as text), '1040'");
    insert("channel_database, job_name", "'S' || char(0) || '1', '1040'");
    insert("channel_database, job_name", "'S0001', cast(x'80' as text)");
    insert("channel_database, job_name, posted_at", "'S0001', '1040', -1");
    agent
        .execute("insert into status_message (message_guid, session_number, direction, status, occurred_at, channel_database, job_name)
                  values (cast(x'1b5d303b6f776e6564079b' as text), 9, 0, 4, ?1, 'S0001', '1040')", [at])
        .expect("stored");
    let run = exchange.cdx(&["process", "--json"]).exits(3).json();
    assert_eq!((&run["inserted"], &run["rejected"], &run["outcome"]), (&6.into(), &4.into(), &"ended".into()));
    assert_lists_are_harmless(&exchange);
    let messages = exchange.cdx(&["messages", "--json"]).exits(0).json_lines();
    let text = |number: i64, key: &str| {
        messages.iter().find(|message| message["session_number"] == number).expect("it is there")[key]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(text(1, "message").expect("text"), "\u{fffd}(\u{fffd}\u{fffd}A");
    assert_eq!(text(2, "message").expect("text"), "before\u{fffd}after");
    let long = text(3, "message").expect("text");
    assert!(long.len() >= 1 << 20 && long.len() < (1 << 20) + 100, "{} bytes", long.len());
    assert_eq!(exchange.count("rejected_message"), 4);
    exchange.cdx(&["rejected", "retry", "--all"]).exits(3);
    assert_eq!(exchange.count("rejected_message"), 4);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["doctor", "--full"]).exits(0);
}

/// Index entries of a server have a maximum length, which must not stop other messages.
#[test]
fn an_overlong_name_stops_neither_post_nor_run() {
    let exchange = Exchange::new();
    let mut random = fastrand::Rng::with_seed(7);
    let mut long = || (0..6_000).map(|_| random.alphanumeric()).collect::<String>();
    let with = |number, more: serde_json::Value| {
        let mut line: serde_json::Value =
            serde_json::from_str(&line(&download(number, 7, "S0001", APPLY_FAILED))).expect("JSON");
        line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        line.to_string()
    };
    let lines = [
        with(1, serde_json::json!({"channel_database": long()})),
        with(2, serde_json::json!({"distribution_schedule": long(), "channel_data_group": long()})),
        with(3, serde_json::json!({"posted_by": long(), "job_name": long(), "data_path": long(), "message": long()})),
        with(4, serde_json::json!({"message_guid": long()})),
        with(5, serde_json::json!({})),
    ];
    exchange.cdx_with_input(&["post"], lines.join("\n").as_bytes()).exits(3).says("line 4: message_guid is no UUID");
    // A program that inserts rows directly bypasses the checks of `cdx post`.
    exchange.script_at_messages(&format!(
        "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at)
         values ('{}', 0, 7, '{}', '1040', 6, 1763000000000)",
        crate::support::messages::guid(6),
        long()
    ));
    let run = exchange.cdx(&["process", "--json"]).exits(3).json();
    assert_eq!((&run["inserted"], &run["rejected"], &run["outcome"]), (&3.into(), &1.into(), &"ended".into()));
    let reason = exchange.at_head_office("select reason from rejected_message");
    assert_eq!(reason, ["channel_database is 6000 bytes long, more than the 1000 of any name"]);
    exchange.cdx(&["rejected", "retry", "--all"]).exits(3);
    let schedule = exchange.at_head_office("select name like '%[cut: 6000 bytes in all]' from distribution_schedule");
    assert_eq!(schedule, ["1"]);
    exchange.cdx(&["process"]).exits(0);
}

crate::support::engines::on_all_engines!(an_overlong_name_stops_neither_post_nor_run,);

#[test]
fn hostile_lines_posted_are_named_harmlessly() {
    let exchange = Exchange::new();
    let sound = line(&download(1, 1, "S0001", APPLIED));
    let mut input = Vec::new();
    for bad in [
        &b"\x1b[2J\x1b]0;owned\x07"[..],
        b"{\"\\u001b[31mkey\":1}",
        b"{\"message_guid\":\"\xff\xfe\"}",
        b"\xc3\x28",
        b"[[[[[[[[[[[[[[[[[[[[",
        b"{\"message_guid\":\"\\u202eabc\"}",
    ] {
        input.extend_from_slice(bad);
        input.push(b'\n');
    }
    input.extend_from_slice(&b"[".repeat(100_000));
    input.push(b'\n');
    input.extend_from_slice(&b"x".repeat((4 << 20) + 10));
    input.push(b'\n');
    input.extend_from_slice(sound.as_bytes());
    let ran = exchange.cdx_with_input(&["post"], &input).exits(3);
    assert_harmless(&ran, "post");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
}

#[test]
fn hostile_arguments_paths_and_configuration_are_named_harmlessly() {
    let exchange = Exchange::new();
    let bad = "\u{1b}]0;owned\u{7}\u{202e}x";
    let file = exchange.path("config.toml");
    std::fs::write(&file, format!("\"{}\" = 1\n", "\\u001b[2Jkey")).expect("written");
    for args in [
        vec!["--head-office".to_owned(), format!("sqlite:{bad}/{bad}.db"), "sessions".into(), "download".into()],
        vec!["--head-office".to_owned(), bad.to_owned(), "doctor".into()],
        vec!["--config".to_owned(), bad.to_owned(), "doctor".into()],
        vec!["--config".to_owned(), file.display().to_string(), "doctor".into()],
        vec!["post".to_owned(), format!("/{bad}")],
        vec!["sessions".to_owned(), "download".into(), "--since".into(), bad.to_owned()],
        vec!["sessions".to_owned(), "download".into(), "--status".into(), bad.to_owned()],
        vec!["parameters".to_owned(), "set".into(), bad.to_owned(), "1".into()],
        vec!["parameters".to_owned(), "set".into(), "try-count".into(), bad.to_owned()],
        vec!["--color".to_owned(), bad.to_owned(), "doctor".into()],
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ran = ran(&mut bare_command(exchange.folder(), &args));
        assert!([1, 2].contains(&ran.code), "{args:?}: {ran:?}");
        assert_harmless(&ran, &format!("{args:?}"));
    }
}

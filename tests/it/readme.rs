//! Checks the commands, tables and screens in the documents.

use crate::support::cluster::Cluster;
use crate::support::engines::Engines;
use crate::support::{Exchange, foreign, ran};
use std::process::Command;

const README: &str = include_str!("../../README.md");
const AGENTS: &str = include_str!("../../docs/agents.md");
const BACKUP: &str = include_str!("../../docs/backup.md");
const FILTERS: &str = include_str!("../../docs/filters.md");
const KEYS: &str = include_str!("../../docs/keys.md");
const POSTGRESQL: &str = include_str!("../../docs/postgresql.md");
const SCRIPTING: &str = include_str!("../../docs/scripting.md");

/// Returns the code blocks of a page in this language. Blocks in `bash` are run by tests.
fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    page.split(&start).skip(1).map(|rest| rest.split_once("\n```").expect("the block ends").0).collect()
}

/// Returns the first code block of a page in this language.
fn block(page: &'static str, language: &str) -> &'static str {
    blocks(page, language)[0]
}

/// Returns a shell that runs a script in the exchange's folder with the program on its path, and
/// ends at the first failure.
fn shell(exchange: &Exchange, script: &str) -> Command {
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_cdx")).parent().expect("a folder").display();
    let path = format!("{programs}:{}", std::env::var("PATH").expect("set"));
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", script]).current_dir(exchange.folder());
    bash.env_clear().env("PATH", path).env("HOME", exchange.folder());
    bash
}

/// Returns the keys listed in the paragraph after `heading`, without nested ones.
fn listed_keys(heading: &str) -> Vec<String> {
    let (_, rest) = SCRIPTING.split_once(heading).expect("the page has the heading");
    let list = rest.split('`').find(|part| part.contains(", ")).expect("a list of keys");
    let mut depth = 0;
    let outermost = |c: &char| {
        depth += i32::from(*c == '{');
        depth -= i32::from(*c == '}');
        depth == 0 && *c != '}'
    };
    let flat: String = list.chars().filter(outermost).collect();
    flat.split(',').map(|key| key.trim().to_owned()).collect()
}

fn keys(object: &serde_json::Value) -> Vec<String> {
    object.as_object().expect("an object").keys().cloned().collect()
}

/// Returns the documents for users, with their names.
fn pages() -> Vec<(String, String)> {
    crate::prose::documents()
}

/// Returns the `cdx` commands in `sh` blocks and code spans of a page.
fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (index, part) in page.split("```").enumerate() {
        if index % 2 == 1 {
            let Some(script) = part.strip_prefix("sh\n").or_else(|| part.strip_prefix("bash\n")) else { continue };
            let lines = script.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
            found.extend(lines.filter(|line| *line == "cdx" || line.starts_with("cdx ")).map(str::to_owned));
        } else {
            let spans = part.split('`').skip(1).step_by(2);
            found.extend(spans.filter(|span| span.starts_with("cdx ")).map(|span| span.replace('\n', " ")));
        }
    }
    found
}

#[test]
fn the_readme_fits_on_150_lines() {
    let lines = README.lines().count();
    assert!(lines <= 150, "the README has {lines} lines; move details to docs/");
}

#[test]
fn every_link_in_the_documents_points_to_a_file() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = Vec::new();
    for (name, page) in pages() {
        let folder = root.join(&name).parent().expect("a folder").to_owned();
        let targets = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let linked = if file.is_empty() { root.join(&name) } else { folder.join(file) };
            let heading = |text: &str| {
                let words = text.trim_start_matches('#').trim().to_lowercase();
                let kept = words.chars().filter(|c| c.is_alphanumeric() || "- _".contains(*c));
                kept.collect::<String>().replace(' ', "-")
            };
            let has_anchor = || {
                let text = std::fs::read_to_string(&linked).unwrap_or_default();
                anchor.is_empty() || text.lines().any(|line| line.starts_with('#') && heading(line) == anchor)
            };
            if !linked.exists() || !has_anchor() {
                faults.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(faults.is_empty(), "links that lead nowhere: {faults:#?}");
}

#[test]
fn every_command_in_the_documents_is_valid() {
    use clap::Parser;
    use clap::error::ErrorKind;
    let mut faults = Vec::new();
    let mut count = 0;
    for (name, page) in pages() {
        for command in commands(&page) {
            // Let the shell parse the command without running it.
            let ends = [" | ", " > ", " && "];
            let ends = ends.iter().filter_map(|end| command.find(end));
            let words = format!("printf '%s\\n' {}", &command[..ends.min().unwrap_or(command.len())]);
            let words = ran(Command::new("sh").args(["-c", &words])).exits(0).stdout;
            let parsed = cdx_console::cli::args::Cli::try_parse_from(words.lines());
            // A span may name a command without its arguments.
            let wrong = parsed.err().filter(|error| {
                !matches!(
                    error.kind(),
                    ErrorKind::DisplayHelp
                        | ErrorKind::DisplayVersion
                        | ErrorKind::MissingRequiredArgument
                        | ErrorKind::MissingSubcommand
                        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                )
            });
            faults.extend(wrong.map(|error| format!("{name}: {command}: {}", error.kind())));
            count += 1;
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(count > 40, "only {count} commands were found");
}

#[test]
fn the_documented_json_keys_match_the_output() {
    let exchange = Exchange::new();
    exchange.cdx_with_input(&["post"], block(AGENTS, "json").as_bytes()).exits(0);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(keys(&run), listed_keys("`cdx process --json` prints:\n"));
    let dry = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    let mut expected: Vec<_> = keys(&run).into_iter().filter(|key| key != "purge_held" && key != "preview").collect();
    expected.extend(listed_keys("`purge_held` and `preview`:\n"));
    let sorted = |mut keys: Vec<String>| {
        keys.sort();
        keys
    };
    assert_eq!(sorted(keys(&dry)), sorted(expected));
    let session = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json();
    assert_eq!(keys(&session), listed_keys("`cdx sessions upload --json` print:\n"));
    let listed_run = exchange.cdx(&["runs", "--limit", "1", "--json"]).exits(0).json();
    assert_eq!(keys(&listed_run), listed_keys("`cdx process --json` prints:\n"));
    let freshness = exchange.cdx(&["freshness", "--json"]).exits(0).json();
    assert_eq!(keys(&freshness), listed_keys("second line of each screen shows:\n"));
    let connection = exchange.cdx(&["connections", "--limit", "1", "--json"]).exits(0).json();
    assert_eq!(keys(&connection), listed_keys("than usual\nfirst:\n"));
    let views = exchange.cdx(&["views", "--json"]).exits(0).stdout;
    let view = serde_json::from_str(views.lines().next().expect("a view")).expect("JSON");
    assert_eq!(sorted(keys(&view)), sorted(listed_keys("then the shipped ones:\n")));
}

#[test]
fn a_row_inserted_by_the_python_example_arrives_at_head_office() {
    let exchange = Exchange::new();
    exchange.cdx_with_input(&["post"], b"").exits(0);
    let script = exchange.path("agent.py");
    std::fs::write(&script, block(AGENTS, "python")).expect("written");
    for _ in 0..3 {
        let agent = ran(Command::new("python3").arg(&script).arg(exchange.message_database()));
        assert_eq!(agent.code, 0, "{agent:?}");
    }
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["inserted"]), (&3.into(), &3.into()));
    let session = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json();
    assert_eq!((&session["status"], &session["channel_database"]), (&"applied".into(), &"S0042".into()));
}

#[test]
fn the_documented_json_line_can_be_posted() {
    let exchange = Exchange::new();
    let posted = exchange.cdx_with_input(&["post", "--json"], block(AGENTS, "json").as_bytes()).exits(0).json();
    assert_eq!((&posted["stored"], &posted["bad"]), (&2.into(), &0.into()));
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], 2);
    exchange.cdx(&["errors"]).exits(0);
}

#[test]
fn the_documented_columns_match_the_table() {
    let exchange = Exchange::new();
    exchange.cdx_with_input(&["post"], b"").exits(0);
    let database = foreign(&exchange.message_database());
    let mut statement = database.prepare("select name from pragma_table_info('status_message')").expect("valid SQL");
    let columns = statement.query_map([], |row| row.get::<_, String>(0)).expect("a list");
    for column in columns {
        let column = column.expect("a name");
        assert!(AGENTS.contains(&format!("| `{column}` |")), "docs/agents.md lacks the column {column}");
    }
}

/// Returns the code spans of the paragraph that begins with `start`.
fn spans(page: &'static str, start: &str) -> Vec<&'static str> {
    let at = page.find(start).expect("the page has the paragraph");
    let paragraph = page[at..].split("\n\n").next().expect("a paragraph");
    paragraph.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_recurrence_in_the_documents_is_valid() {
    use cdx_console::recurrence::Rule;
    let recurrence = include_str!("../../docs/recurrence.md");
    let batch_server = include_str!("../../docs/batch-server.md");
    let mut phrases = spans(README, "- **Recurrences in words**");
    phrases.extend(spans(batch_server, "In the console: Retail"));
    phrases.extend(spans(recurrence, "`15m wd`"));
    let now = cdx_console::domain::Timestamp(1_764_000_000_000);
    let is_phrase = |phrase: &&str| phrase.contains(' ') && !phrase.starts_with("cdx ");
    let phrases: Vec<_> = phrases.into_iter().filter(is_phrase).map(|phrase| phrase.replace('\n', " ")).collect();
    assert!(phrases.len() > 9, "{phrases:?}");
    for phrase in phrases {
        let rule = Rule::from_words(&phrase, now, chrono_tz::Tz::UTC);
        assert!(rule.is_ok(), "{phrase}: {rule:?}");
    }
}

/// Returns the code spans of a text.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_filter_in_the_documents_does_what_the_page_says() {
    let exchange = Exchange::new();
    exchange.post(&crate::support::messages::applied_sessions(1, 0..3));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let table = FILTERS.lines().filter(|line| line.starts_with("| `"));
    let is_term = |span: &&str| span.chars().any(char::is_alphabetic) && span.len() > 1;
    let terms: Vec<_> = table.flat_map(code_spans).filter(is_term).collect();
    assert!(terms.len() > 16, "{terms:?}");
    for term in terms {
        exchange.cdx(&["sessions", "download", "--filter", term]).exits(0);
    }
    let refused = FILTERS.split_once("is refused").expect("it says what").1;
    for term in code_spans(refused).take(2) {
        exchange.cdx(&["sessions", "download", "--filter", term]).exits(2).says("--filter: ");
    }
}

#[test]
fn the_documented_fields_of_each_list_match_those_that_it_declares() {
    use cdx_console::filter::lists;
    let page = FILTERS.split_once("## Fields").expect("it has this section").1;
    let operators = [
        ("[alerts](alerts.md)", lists::CONDITIONS),
        ("notifications", lists::NOTIFICATIONS),
        ("requests to agents** (commands only)", lists::REQUESTS),
        ("silences", lists::SILENCES),
        ("[approvals](guardrails.md#two-persons)", lists::APPROVALS),
        ("[deadlines](deadlines.md)", lists::DEADLINES),
        ("[views](lists.md#views)", lists::VIEWS),
    ];
    for (list, fields) in lists::ALL.into_iter().chain(operators) {
        let names = match list {
            "download sessions" | "upload sessions" => "Sessions",
            "connections" => "Async Server connection status",
            list => list,
        };
        let bold = if names.contains("**") { "" } else { "**" };
        let start = page.to_lowercase().find(&format!("- **{}{bold}: ", names.to_lowercase())).expect(list);
        let text = page[start..].split_once(": ").expect("a colon").1;
        let end = ["\n- ", "\n\n", ". "].iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
        let documented: Vec<_> = text[..end].split_whitespace().map(|word| word.trim_matches('`')).collect();
        let declared: Vec<_> = fields.fields.iter().map(|field| field.name).collect();
        if names == "Sessions" {
            assert!(declared.iter().all(|name| documented.contains(name)), "{list}: {documented:?} {declared:?}");
        } else {
            assert_eq!(documented, declared, "{list}");
        }
    }
}

#[test]
fn the_documented_keys_match_the_key_table() {
    for binding in cdx_console::console::protocol::key_table::TABLE {
        let row = format!("| `{}` | {} |", binding.shown, binding.label);
        assert!(KEYS.contains(&row), "docs/keys.md lacks the row: {row}");
    }
}

#[test]
fn the_documented_commands_move_an_exchange_to_postgresql() {
    let old = Exchange::of(Engines::Sqlite);
    old.post(&crate::support::messages::applied_sessions(1, 0..100));
    old.cdx(&["process", "--no-purge"]).exits(0);
    let cluster = Cluster::own();
    let folder = old.folder().display().to_string();
    // Replace the documented server and paths with those of the test.
    let script = block(POSTGRESQL, "bash")
        .replace("@hq/", "@/")
        .replace("/var/lib/cdx/message.db", &format!("{folder}/message.db"))
        .replace("/var/lib/cdx/head-office.db", &format!("{folder}/head-office.db"));
    let mut bash = shell(&old, &(script + "\ncdx sessions download --json --all"));
    bash.current_dir(env!("CARGO_MANIFEST_DIR"));
    bash.env("PGHOST", cluster.folder()).env("PGPORT", cluster.port().to_string()).env("PGUSER", "postgres");
    let shown = ran(&mut bash);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert_eq!(shown.stdout.lines().filter(|line| line.contains("\"session_number\"")).count(), 100, "{shown:?}");
    assert!(shown.stdout.contains("0 read = 0 inserted"), "positions hold: {shown:?}");
}

#[test]
fn the_first_steps_of_the_readme_work_as_shown() {
    let exchange = Exchange::of(Engines::Sqlite);
    let shown = ran(&mut shell(&exchange, block(README, "bash")));
    assert_eq!(shown.code, 0, "{shown:?}");
    assert_eq!(shown.stdout.matches("The disk is full").count(), 2, "the session and its cause: {shown:?}");
}

#[test]
fn the_documented_commands_back_up_and_restore_an_exchange() {
    let exchange = Exchange::of(Engines::Sqlite);
    let folder = exchange.folder().display().to_string();
    // Replace the documented folders with those of the test.
    let [backup, restore] = [0, 1].map(|index| {
        let script = blocks(BACKUP, "bash")[index];
        script.replace("/var/lib/cdx", &folder).replace("sqlite:/backup/", &format!("sqlite:{folder}/backup/"))
    });
    exchange.post(&crate::support::messages::applied_sessions(1, 0..10));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let copied = ran(&mut shell(&exchange, &backup));
    assert_eq!(copied.code, 0, "{copied:?}");
    exchange.post(&crate::support::messages::applied_sessions(1_000, 10..20));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let databases = format!(
        "export CDX_MESSAGE_DATABASE=sqlite:{folder}/message.db CDX_HEAD_OFFICE=sqlite:{folder}/head-office.db\n"
    );
    let restored = ran(&mut shell(&exchange, &(databases + &restore)));
    assert_eq!(restored.code, 0, "{restored:?}");
    assert_eq!(exchange.cdx(&["sessions", "download", "--json", "--all"]).exits(0).stdout.lines().count(), 10);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["notices"]), (&0.into(), &serde_json::json!([])), "the position holds");
}

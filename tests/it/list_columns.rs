//! The columns of lists as the operator arranges them, and the orders of lists that hold all their
//! rows.

use crate::screens::{COLOR, SIZES, TestConsole, look};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, download};
use cdx_console::cancel::Cancel;
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::protocol::column_layout::ColumnLayout;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::console::protocol::saved_state::SavedState;
use cdx_console::domain::Direction;
use std::collections::BTreeSet;

const SIZE: (u16, u16) = (120, 40);

fn typed(text: &str) -> Vec<Key> {
    let key = |c| match c {
        '\r' => Key::Enter,
        '<' => Key::Left,
        '>' => Key::Right,
        c => Key::Char(c),
    };
    text.chars().map(key).collect()
}

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console
}

fn downloads() -> Route {
    Route::Sessions(Direction::Download, String::new())
}

/// Returns the line of headings.
fn headings(console: &mut TestConsole) -> String {
    console.text(SIZE).lines().nth(3).expect("a line").to_owned()
}

/// Returns the places of headings from left to right.
fn places(line: &str, headings: &[&str]) -> Vec<Option<usize>> {
    headings.iter().map(|heading| line.find(heading)).collect()
}

fn is_rising(places: &[Option<usize>]) -> bool {
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[test]
fn columns_are_moved_and_resized_and_stay_so_in_the_next_console() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    let before = headings(&mut console);
    assert!(is_rising(&places(&before, &["Modified", "Status", "Job", "Channel DB", "Session"])), "{before}");
    // The first column behind the third, the channel database ten cells wider.
    console.press(&typed("c>>\r"));
    let moved = headings(&mut console);
    assert!(is_rising(&places(&moved, &["Status", "Job", "Modified", "Channel DB", "Session"])), "{moved}");
    let gap = |line: &str| line.find("Session").expect("it") - line.find("Channel DB").expect("it");
    console.press(&typed("c"));
    let at = console.text(SIZE).lines().skip(2).position(|line| line.contains("] Channel DB")).expect("a column");
    console.press(&vec![Key::Down; at.saturating_sub(2)]);
    console.press(&typed("++++++++++\r"));
    let wider = headings(&mut console);
    assert_eq!(gap(&wider), gap(&moved) + 10, "{moved}\n{wider}");
    let memory = console.app.memory().clone();
    let mut next = TestConsole::open_with(&exchange, COLOR, downloads(), memory);
    assert_eq!(headings(&mut next), wider);
    // 0 and Enter put all columns back.
    next.press(&typed("c0\r"));
    assert_eq!(headings(&mut next), before);
    // Leaving the form changes nothing.
    next.press(&typed("c>+ ")).press(&[Key::Esc, Key::Char('y')]);
    assert_eq!(headings(&mut next), before);
}

#[test]
fn a_view_keeps_the_arrangement_of_its_columns() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    console.press(&typed("c>>\r"));
    let moved = headings(&mut console);
    console.press(&typed("Vas")).press(&typed("night shift\r"));
    let Some(RuntimeEffect::Mutation(mutation)) = console.effects.pop() else { panic!("no change") };
    let result = perform(&exchange.databases(), "r.vermeer", &mutation, &Keymap::default(), &Cancel::new());
    console.settle_input(Input::MutationDone(result));
    let mut next = open(&exchange, downloads());
    assert!(!is_rising(&places(&headings(&mut next), &["Status", "Job", "Modified"])));
    next.press(&typed(":view night shift\r"));
    assert_eq!(headings(&mut next), moved);
    let pane = next.press(&typed("V")).text(SIZE);
    assert!(pane.contains("Columns  Status, Job, Modified"), "{pane}");
}

/// Lists that hold all their rows.
fn short_lists() -> Vec<Route> {
    vec![
        Route::Errors,
        Route::Runs,
        Route::Rejected,
        Route::Schedules,
        Route::Connections,
        Route::Views(None),
        Route::BatchJobs(JobScope::All),
        Route::BatchGroups(None),
        Route::Servers(None),
        Route::Notifications,
    ]
}

#[test]
fn every_column_of_a_short_list_sorts_in_both_directions() {
    let exchange = crate::batch_screens::night();
    for target in short_lists() {
        let mut console = open(&exchange, target.clone());
        let boxed = |screen: &str, mark: &str| -> BTreeSet<String> {
            let after = |line: &str| {
                line.split_once('║').and_then(|(_, rest)| rest.split_once(mark)).map(|(_, it)| it.to_owned())
            };
            screen.lines().filter_map(after).map(|line| line.split('║').next().unwrap_or("").to_owned()).collect()
        };
        let columns = boxed(&console.press(&typed("c")).text((200, 60)), "[x] ");
        let columns: BTreeSet<_> =
            columns.iter().map(|line| line.split("  ").next().expect("a name").to_owned()).collect();
        assert!(!columns.is_empty() && columns.iter().all(|name| !name.is_empty()), "{target:?}: {columns:?}");
        console.press(&[Key::Esc]);
        let orders = boxed(&console.press(&typed("s")).text((200, 60)), "( ) ");
        let sorts = |way: char| -> BTreeSet<String> {
            orders.iter().filter_map(|line| Some(line.trim().strip_suffix(way)?.trim().to_owned())).collect()
        };
        // Recent errors can be sorted by new causes, too.
        let (up, down) = (sorts('▲'), sorts('▼'));
        assert!(up == down && up.is_superset(&columns), "{target:?}: {up:?} {columns:?}");
    }
}

/// Every list with columns: its route, and the name under which its state is saved.
fn lists() -> Vec<(Route, &'static str)> {
    let store = Route::Store("S0131".to_owned());
    vec![
        (Route::Errors, "recent errors"),
        (Route::Runs, "runs"),
        (Route::Rejected, "rejected messages"),
        (Route::Schedules, "distribution schedules"),
        (Route::Connections, "connections"),
        (Route::Views(None), "views"),
        (Route::Trash(None), "trash"),
        (Route::Alerts, "alerts"),
        (Route::Silences, "silences"),
        (Route::Deadlines, "deadlines"),
        (Route::Approvals, "approvals"),
        (Route::BatchJobs(JobScope::All), "batch jobs"),
        (Route::BatchGroups(None), "batch groups"),
        (Route::Servers(None), "batch servers"),
        (Route::Notifications, "notifications"),
        (store, "recent sessions"),
        (downloads(), "download sessions"),
        (Route::Sessions(Direction::Upload, String::new()), "upload sessions"),
        (Route::Messages(String::new()), "status messages"),
        (Route::Journal(String::new()), "journal"),
        (Route::BatchHistory(String::new()), "batch job history"),
        (Route::BatchHistory("job:1".to_owned()), "batch job history"),
    ]
}

/// The long ones, which read the database in pieces.
const LONG: [&str; 5] = ["download sessions", "upload sessions", "status messages", "journal", "batch job history"];
/// What the rule below a list begins with.
const RULES: [char; 4] = ['─', '═', '├', '└'];
/// Room for every column.
const WIDE: (u16, u16) = (320, 60);

/// The lines of the box that is open: its items.
fn items(screen: &str) -> Vec<String> {
    let inside = screen.lines().filter_map(|line| line.split('║').nth(1));
    let item = |line: &str| line.split_once(") ").map(|(_, item)| item.trim().to_owned());
    inside.filter(|line| line.contains("( ) ") || line.contains("(•) ")).filter_map(item).collect()
}

/// Sorts by the item of the menu that is `wanted`; false if there is none.
pub fn sort_by(console: &mut TestConsole, wanted: impl Fn(&str) -> bool) -> bool {
    let is_there = choose_order(console, wanted);
    if is_there {
        console.press(&[Key::Enter]);
    }
    is_there
}

/// Opens the menu of orders and moves to the item that is `wanted`; false if there is none.
pub fn choose_order(console: &mut TestConsole, wanted: impl Fn(&str) -> bool) -> bool {
    let menu = console.press(&typed("s")).text(WIDE);
    let Some(at) = items(&menu).iter().position(|item| wanted(item)) else {
        console.press(&[Key::Esc]);
        return false;
    };
    console.press(&typed("g")).press(&vec![Key::Down; at]);
    true
}

/// The cells of the only column shown, under its heading with the sign of the order.
fn cells(screen: &str, heading: &str, sign: char) -> Option<Vec<String>> {
    let is_heading = |line: &&str| {
        let line = line.split(['│', '├']).next().unwrap_or("").trim();
        line.strip_suffix(sign).is_some_and(|part| !part.is_empty() && heading.starts_with(part.trim_end()))
    };
    let rows = screen.lines().skip_while(|line| !is_heading(line)).skip(1);
    let rows = rows.take_while(|line| !line.starts_with(RULES));
    let cell = |line: &str| {
        let line = line.split(['│', '├']).next().unwrap_or("");
        line.chars().skip(2).collect::<String>().trim().to_owned()
    };
    let mut cells: Vec<_> = rows.map(cell).collect();
    let hints = cells.len().saturating_sub(2);
    if screen.lines().skip_while(|line| !is_heading(line)).skip(1).all(|line| !line.starts_with(RULES)) {
        cells.truncate(hints);
    }
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    screen.lines().any(|line| is_heading(&line)).then_some(cells)
}

/// A number, an instant or a duration as a number.
fn measure(cell: &str) -> Option<f64> {
    if let Ok(number) = cell.replace(',', "").parse() {
        return Some(number);
    }
    let digits: String = cell.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let numbers: Vec<f64> = cell.split(['-', ':', ' ']).filter_map(|part| part.parse().ok()).collect();
    match digits.as_str() {
        // Today, after all other days.
        "00:00:00" => return Some(1e9 + numbers[0] * 3_600.0 + numbers[1] * 60.0 + numbers[2]),
        "00-00 00:00" => {
            return Some((numbers[0] * 31.0 + numbers[1]) * 86_400.0 + numbers[2] * 3_600.0 + numbers[3] * 60.0);
        }
        "0000-00-00" => return Some((numbers[0] - 3_000.0) * 4e7 + numbers[1] * 31.0 + numbers[2]),
        _ => {}
    }
    let words: Vec<_> = cell.split(' ').collect();
    let duration = words.chunks(2).map(|pair| {
        let unit = match *pair.get(1)? {
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        Some(pair[0].parse::<f64>().ok()? * unit)
    });
    duration.sum()
}

/// The text of a cell without the shape before it; what stands for an empty value is empty.
fn bare(cell: &str) -> &str {
    let shaped = cell.split_once(' ').filter(|(shape, _)| shape.chars().count() == 1 && !shape.is_ascii());
    match shaped.map_or(cell, |(_, rest)| rest) {
        "(default)" | "no server serves it" | "all" | "–" => "",
        text => text,
    }
}

/// Whether cells ascend: by their numbers if they have some, otherwise by their texts.
fn ascends(cells: &[String]) -> bool {
    let of = |cell: &String| {
        let cell = bare(cell);
        let cell = cell.strip_prefix("in ").or_else(|| cell.strip_suffix(" ago")).unwrap_or(cell);
        match cell.strip_suffix(" late") {
            Some(late) => measure(late).map(|late| -late),
            None if cell == "now" => Some(0.0),
            None => measure(cell.split_once(" of ").map_or(cell, |(first, _)| first)),
        }
    };
    let measures: Vec<_> = cells.iter().filter_map(of).collect();
    let texts = cells.iter().filter(|cell| !bare(cell).is_empty()).count();
    if measures.len() * 2 > texts {
        // Words among them stand for no value.
        return measures.is_sorted();
    }
    // An outcome may have a number before it.
    let is_digit = |c: char| c.is_ascii_digit() || c == ' ';
    let texts: Vec<_> = cells.iter().map(|cell| bare(cell).to_lowercase()).collect();
    texts.is_sorted() || texts.iter().map(|text| text.trim_start_matches(is_digit)).is_sorted()
}

#[test]
fn every_heading_of_every_list_sorts_as_it_claims() {
    let (night, batch) = (crate::screens::night(), crate::batch_screens::night());
    let mut faults = Vec::new();
    for (target, name) in lists() {
        let is_batch = format!("{target:?}").contains("Batch") || matches!(target, Route::Servers(_));
        let exchange = if is_batch || target == Route::Notifications { &batch } else { &night };
        // The list of a store card has a place of its own on a wide screen.
        let size = if matches!(target, Route::Store(_)) { (100, 70) } else { WIDE };
        let mut console = open(exchange, target.clone());
        let columns = console.press(&typed("c")).text(WIDE);
        let inside = columns.lines().filter_map(|line| line.split('║').nth(1)?.split_once("] "));
        let columns: Vec<_> = inside.map(|(_, it)| it.split("  ").next().expect("a heading").to_owned()).collect();
        assert!(columns.len() > 2, "{target:?}: {columns:?}");
        for heading in &columns {
            // Only this column is shown.
            let mut memory = SavedState::default();
            let hidden = columns.iter().filter(|column| *column != heading).cloned().collect();
            memory.lists.entry(name.to_owned()).or_default().columns = ColumnLayout { hidden, ..<_>::default() };
            let mut console = TestConsole::open_with(exchange, COLOR, target.clone(), memory);
            console.text(size);
            for sign in ['▼', '▲'] {
                // A second choice of the same column sorts the other way round.
                let in_memory = |item: &str| item.trim_end_matches(['▼', '▲']).trim_end() == heading;
                let sort_in_memory = |console: &mut TestConsole| {
                    (0..2).any(|_| sort_by(console, in_memory) && cells(&console.text(size), heading, sign).is_some())
                };
                let indexed = |item: &str| {
                    let descends = item.contains("newest first") || item.contains("highest first");
                    item.starts_with(heading.as_str()) && item.ends_with(" first") && descends == (sign == '▼')
                };
                let is_sorted = if LONG.contains(&name) {
                    sort_by(&mut console, indexed) || sort_in_memory(&mut console)
                } else {
                    sort_by(&mut console, |item| item == format!("{heading} {sign}"))
                };
                let screen = console.text(size);
                if screen.contains("No index at head office has this order") {
                    continue;
                }
                match cells(&screen, heading, sign).filter(|_| is_sorted) {
                    None => faults.push(format!("{target:?} {heading} {sign}: no such order\n{screen}")),
                    Some(mut cells) => {
                        if sign == '▼' {
                            cells.reverse();
                        }
                        if !ascends(&cells) {
                            faults.push(format!("{target:?} {heading} {sign}: {cells:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_long_list_is_sorted_in_memory_follows_head_office_and_is_refused_if_too_long() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    let stores = |console: &mut TestConsole| -> Vec<String> {
        let text = console.text(SIZE);
        let words = text.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("S0")));
        words.map(str::to_owned).take(10).collect()
    };
    sort_by(&mut console, |item| item.starts_with("Channel DB"));
    assert!(headings(&mut console).contains("Channel DB▲"), "{}", headings(&mut console));
    let sorted = stores(&mut console);
    assert!(sorted.len() == 10 && sorted.is_sorted(), "{sorted:?}");
    // A change at head office appears in its place.
    exchange.post(&[download(99_000, 1_099_000, "S0007a", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    console.settle_input(Input::Tick);
    let again = stores(&mut console);
    assert!(again.contains(&"S0007a".to_owned()) && again.is_sorted(), "{again:?}");
    // It is exported as it is shown.
    console.press(&typed("x\r"));
    let exported = format!("{:?}", console.effects.pop());
    assert!(exported.contains("Rows("), "{exported}");
    // The next failure is found in this order, and a time is not gone to.
    let failed = console.press(&typed("e")).text(SIZE);
    assert!(failed.lines().any(|line| line.starts_with('►') && line.contains("failed")), "{failed}");
    assert!(console.press(&typed("t")).text(SIZE).contains("Go to time needs the time order"));
    // A filter starts from the newest row again, and Esc brings the order back.
    let filtered = console.press(&typed("/status:failed")).text(SIZE);
    assert!(filtered.contains("Modified ▼"), "{filtered}");
    console.press(&[Key::Esc]);
    assert!(headings(&mut console).contains("Channel DB▲"), "{}", headings(&mut console));
    // Session numbers have an index.
    sort_by(&mut console, |item| item.starts_with("Session number, lowest"));
    assert!(headings(&mut console).contains("Session▲") && !headings(&mut console).contains("Channel DB▲"));
    // Beyond 10,000 rows the list stays as it was.
    exchange.script_at_head_office(
        "insert into session (direction, session_number, channel_database, round, status, try_count, winner_at,
             winner_guid, created_at, modified_at, last_posted_at, job_name, distribution_schedule, run_id)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 10001)
         select 0, 2000000 + i, 'X', 0, 4, 0, i, '00000000-0000-7000-8000-000000000001', i, i, i, '1040', 'Prices', 1 from n",
    );
    let mut console = open(&exchange, downloads());
    sort_by(&mut console, |item| item.starts_with("Channel DB"));
    let text = console.text(SIZE);
    assert!(text.contains("Not sorted: no index has this order, and the list is too long to sort"), "{text}");
    assert!(headings(&mut console).contains("Modified ▼"));
    // Where no index counts them, they are read until there are too many.
    console.press(&typed("/!store:nothing\r"));
    sort_by(&mut console, |item| item.starts_with("Channel DB"));
    assert!(console.text(SIZE).contains("the list is too long to sort"), "{}", console.text(SIZE));
    console.press(&typed("/store:S0*\r"));
    sort_by(&mut console, |item| item.starts_with("Channel DB"));
    assert!(headings(&mut console).contains("Channel DB▲"), "few are left: {}", console.text(SIZE));
}

#[test]
fn the_whole_row_of_each_short_list_is_shown_as_fields_and_as_json() {
    let exchange = crate::batch_screens::night();
    for target in short_lists() {
        let mut console = open(&exchange, target.clone());
        let has_row = console.text(SIZE).lines().any(|line| line.starts_with('►'));
        let shown = console.press(&typed("o")).text(SIZE);
        assert_eq!(shown.contains("╔═ "), has_row, "{target:?}:\n{shown}");
    }
    for (target, fields) in [
        (Route::BatchGroups(None), ["batch_group", "batch_servers", "waiting_jobs"]),
        (Route::Servers(None), ["name", "is_batch_server", "windows"]),
        (Route::Notifications, ["notification_id", "event", "read_at"]),
    ] {
        let mut console = open(&exchange, target.clone());
        let shown = console.press(&typed("o")).text((120, 60));
        for field in fields {
            assert!(shown.contains(field), "{target:?} {field}:\n{shown}");
        }
    }
}

#[test]
fn batch_jobs_are_sorted_by_a_column_and_stay_so() {
    let exchange = crate::batch_screens::night();
    let jobs = Route::BatchJobs(JobScope::All);
    let listed = |console: &mut TestConsole| -> Vec<String> {
        let text = console.text(SIZE);
        let rows = text.lines().skip(4).take_while(|line| !line.contains("──"));
        rows.map(|line| line.chars().skip(15).take(18).collect::<String>().trim().to_owned()).collect()
    };
    let mut console = open(&exchange, jobs.clone());
    // Job description, ascending.
    console.press(&typed("sjjjj\r"));
    assert!(headings(&mut console).contains("Job description ▲"), "{}", headings(&mut console));
    let sorted = listed(&mut console);
    let lower: Vec<_> = sorted.iter().map(|row| row.to_lowercase()).collect();
    assert!(sorted.len() >= 5 && lower.is_sorted(), "{sorted:?}");
    let memory = console.app.memory().clone();
    let mut next = TestConsole::open_with(&exchange, COLOR, jobs, memory);
    assert_eq!(listed(&mut next), sorted);
    // A job opened by its number is under the cursor, in the same order.
    let mut one = TestConsole::open_with(&exchange, COLOR, Route::BatchJob(3), next.app.memory().clone());
    assert_eq!(listed(&mut one), sorted);
    assert!(one.text(SIZE).lines().any(|line| line.starts_with('►') && line.contains("Status of Houston")));
    // The first line is the order of the query.
    next.press(&typed("sg\r"));
    assert!(headings(&mut next).contains("Next start▲"), "{}", headings(&mut next));
}

#[test]
fn the_history_hides_and_moves_columns() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::BatchHistory(String::new()));
    console.press(&typed("cj \r"));
    assert!(!headings(&mut console).contains("Started"), "{}", headings(&mut console));
    // The columns of one job's history are part of the same choice.
    let memory = console.app.memory().clone();
    let mut one = TestConsole::open_with(&exchange, COLOR, Route::BatchHistory("job:1".to_owned()), memory);
    assert!(!headings(&mut one).contains("Started"));
    one.press(&typed("cG<\r"));
    let memory: SavedState = one.app.memory().clone();
    let mut all = TestConsole::open_with(&exchange, COLOR, Route::BatchHistory(String::new()), memory);
    assert!(!headings(&mut all).contains("Started"), "{}", headings(&mut all));
}

#[test]
fn the_form_matches_its_snapshot() {
    let exchange = crate::batch_screens::night();
    look(&exchange, "columns_arranged", &Route::BatchJobs(JobScope::All), &typed("cj>>++ "));
    let mut console = open(&exchange, Route::BatchJobs(JobScope::All));
    console.press(&typed("c"));
    for size in SIZES {
        let screen = console.text(size);
        let keys = screen.lines().last().expect("keys");
        assert!(keys.contains("Enter apply  Esc cancel  Space show  Left Right move"), "{size:?}: {keys}");
    }
}

//! The charts of Runs and Batch job history: bars, the usual band, the mark of the cursor.

use crate::screens::{COLOR, NOW, TestConsole, look_at, night};
use crate::support::Exchange;
use cdx_console::console::protocol::batch_query::Watched;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::console::view::theme::{ColorDepth, Theme};

/// The night with 12 more runs of 3 to 14 s after its own, the newest the shortest; one failed.
fn runs() -> Exchange {
    let exchange = night();
    let first = NOW.0 - 14 * 900_000;
    exchange.script_at_head_office(&format!("update run set started_at = {first}, ended_at = {first} + 6100"));
    for at in (1..=12_i64).rev() {
        let (started, took) = (NOW.0 - at * 900_000, 2_000 + at * 1_000);
        let outcome = if at == 4 { "error" } else { "ended" };
        exchange.script_at_head_office(&format!(
            "insert into run (fencing, trigger, requested_by, host, process_id, program_version, step, outcome, read, inserted,
                started_at, ended_at)
             values (1, 'command', 'batch', 'aos-1', 1, '1.0.0', 'done', '{outcome}', {read}, {read}, {started}, {started} + {took})",
            read = 100 * at
        ));
    }
    exchange
}

fn rule(console: &mut TestConsole, size: (u16, u16)) -> Option<String> {
    console.text(size).lines().find(|line| line.contains("Durations and rows")).map(str::to_owned)
}

#[test]
fn runs_have_a_chart_where_there_is_room_and_the_cursor_marks_its_bar() {
    let exchange = runs();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Runs);
    assert_eq!(rule(&mut console, (80, 24)), None, "24 rows are for the list");
    look_at(&mut console, "runs_with_chart");
    let first = rule(&mut console, (120, 40)).expect("shown");
    assert!(first.contains("run 13: 3 s (usual 4 s to 13 s), 100 rows (usual 100 to 1,100)"), "{first}");
    console.press(&[Key::Down]);
    let second = rule(&mut console, (120, 40)).expect("shown");
    assert!(second.contains("run 12: 4 s"), "{second}");
    // `i` shows it where it is not by itself, and hides it.
    let mut console = TestConsole::open(&exchange, COLOR, Route::Runs);
    console.buffer((80, 24));
    console.press(&[Key::Char('i')]);
    assert!(rule(&mut console, (80, 24)).is_some());
    console.press(&[Key::Char('i')]);
    assert_eq!((rule(&mut console, (80, 24)), rule(&mut console, (120, 40))), (None, None));
}

#[test]
fn a_run_is_compared_with_the_others_on_a_high_screen() {
    let exchange = runs();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Watch(Watched::Run(13)));
    let screen = console.text((200, 60));
    let compared = rule(&mut console, (200, 60)).unwrap_or_else(|| panic!("{screen}"));
    assert!(compared.contains("run 13: 3 s (usual 4 s to 13 s)"), "{compared}");
    for text in ["Other runs", "Run 12 ended: 200 read", "Run 10 failed: 400 read", "Counts", "Newest errors"] {
        assert!(screen.contains(text), "{text}:\n{screen}");
    }
    assert!(!screen.contains("Run 13 ended"), "{screen}");
    assert_eq!(rule(&mut console, (120, 40)), None, "its own facts need the rows");
}

/// Returns the column and row where a text begins.
fn place(screen: &str, text: &str) -> Option<(usize, usize)> {
    screen.lines().enumerate().find_map(|(y, line)| Some((line[..line.find(text)?].chars().count(), y)))
}

#[test]
fn on_a_wide_screen_the_chart_is_beside_the_list_which_keeps_its_rows() {
    let exchange = runs();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Runs);
    for width in [160, 200] {
        let screen = console.text((width, 40));
        let (chart, list) = (place(&screen, "Durations and rows"), place(&screen, "Runs of Process status messages"));
        assert!(chart.is_some_and(|(x, y)| x > 80 && y == 2) && list == Some((3, 2)), "{width}:\n{screen}");
        // The details are below the chart, and the line between the columns joins both.
        let details = place(&screen, "├── Run 13").expect("details");
        assert!(details.1 == 9 && details.0 > 80, "{screen}");
        assert!(screen.contains("run 13: 3 s"), "{screen}");
        // Without the chart they begin at the top.
        console.press(&[Key::Char('i')]);
        let without = console.text((width, 40));
        assert!(place(&without, "Durations").is_none() && place(&without, "┬── Run 13").is_some(), "{without}");
        console.press(&[Key::Char('i')]);
    }
    let narrow = console.text((159, 40));
    assert_eq!(place(&narrow, "Durations and rows"), Some((3, 2)), "{narrow}");
    // The history keeps the chart above a list whose columns would not have room beside it.
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::BatchHistory("job:1".to_owned()));
    let screen = console.text((200, 60));
    let chart = place(&screen, "Durations and rows of job 1").expect("a chart");
    assert!(chart.0 > 100 && chart.1 == 2, "{screen}");
    let heading = screen.lines().nth(3).expect("headings");
    for column in ["Scheduled", "Took", "Server", "Repeated", "What happened"] {
        assert!(heading.contains(column), "{column}: {heading}");
    }
    let log = place(&screen, "Log, ").expect("a log");
    assert!(log.1 < 40 && place(&screen, "Scheduled   2026").is_some_and(|(x, y)| x > 100 && y == 10), "{screen}");
    let narrow = console.text((120, 60));
    assert_eq!(place(&narrow, "Durations and rows of job 1"), Some((3, 2)), "{narrow}");
}

#[test]
fn a_failed_run_has_a_mark_and_the_bars_are_drawn_as_the_terminal_can() {
    let exchange = runs();
    let bars = |theme: Theme| {
        let mut console = TestConsole::open(&exchange, theme, Route::Runs);
        let text = console.text((120, 40));
        text.lines().skip(2).take(7).map(str::to_owned).collect::<Vec<_>>()
    };
    let rgb = bars(Theme { depth: ColorDepth::Rgb, ascii: false });
    assert!(rgb.concat().contains(['▁', '▂', '▃', '▅', '▆', '▇']), "{rgb:#?}");
    assert!(rgb[4].contains('×'), "{rgb:#?}");
    let ascii = bars(Theme { depth: ColorDepth::Mono, ascii: true });
    assert!(ascii[3].contains('#') && ascii[4].contains('x') && ascii.concat().is_ascii(), "{ascii:#?}");
}

#[test]
fn the_chart_follows_the_filter_of_the_list() {
    let exchange = runs();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Runs);
    let keys: Vec<_> = "/status:error".chars().map(Key::Char).chain([Key::Enter]).collect();
    console.press(&keys);
    let rule = rule(&mut console, (120, 40)).expect("shown");
    assert!(rule.contains("run 10: 6 s") && !rule.contains("usual"), "{rule}");
}

#[test]
fn the_history_shows_the_runs_of_the_job_under_the_cursor() {
    let exchange = crate::batch_screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::BatchHistory("job:1".to_owned()));
    look_at(&mut console, "history_with_chart");
    let shown = rule(&mut console, (120, 40)).expect("shown");
    assert!(shown.contains("Durations and rows of job 1"), "{shown}");
    // The row under the cursor is a start that made no run.
    console.press(&[Key::Down]);
    let shown = rule(&mut console, (120, 40)).expect("shown");
    assert!(shown.contains("6.1 s (usual 6 s to 6.1 s)"), "{shown}");
    console.buffer((80, 24));
    console.press(&[Key::Char('i')]);
    assert!(rule(&mut console, (80, 24)).is_some());
}

//! The palette leads from the words that operators type to what they mean.

use crate::screens::{COLOR, TestConsole};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::Direction;

fn typed(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

/// Opens the palette, types a text and returns the lines found.
fn found(console: &mut TestConsole, text: &str) -> Vec<String> {
    let screen = console.press(&[vec![Key::Char(':')], typed(text)].concat()).text((120, 40));
    console.press(&[Key::Esc]);
    let lines = screen.lines().skip_while(|line| !line.contains("║ : ")).skip(1).take_while(|line| !line.contains('╚'));
    let inside = |line: &str| line.split('║').nth(1).unwrap_or_default().trim().to_owned();
    let lines = lines.map(inside);
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn everyday_words_find_what_they_mean_first() {
    let night = crate::screens::night();
    let downloads = Route::Sessions(Direction::Download, String::new());
    let everywhere = [
        ("audit", "Journal"),
        ("history", "Batch job history"),
        ("batch", "Batch jobs"),
        ("who changed", "Journal"),
        ("doctor", "Overview"),
        ("health", "Overview"),
        ("status", "Overview"),
        ("backlog", "Overview"),
        ("exit", "Quit"),
        ("quit", "Quit"),
        ("start", "Process status messages"),
        ("restart", "Process status messages"),
        ("run now", "Process status messages"),
        ("cron", "Batch jobs"),
        ("recurrence", "Batch jobs"),
        ("theme", "Theme: automatic"),
        ("theme 16", "Theme: 16 colors"),
        ("dark", "Theme: automatic"),
        ("colors", "Theme: 24-bit colors"),
        ("ascii", "Theme: ASCII only"),
        ("legend", "Legend: colors and marks"),
        ("symbols", "Legend: colors and marks"),
        ("about", "Version"),
        ("version", "Version"),
        ("late", "Deadlines"),
        ("sla", "Deadlines"),
        ("mute", "Silences"),
        ("silence", "Silences"),
        ("zone", "Zone: local"),
        ("keys", "Help"),
        ("help", "Help"),
        ("backup", "Copy a database: cdx copy"),
        ("copy database", "Copy a database: cdx copy"),
        ("bundle", "Support bundle: cdx bundle"),
        ("support bundle", "Support bundle: cdx bundle"),
        ("matrix", "Status by store and job"),
        ("heatmap", "Status by store and job"),
        ("cancel", "Download sessions"),
        ("replay", "Download sessions"),
        ("retry", "Download sessions"),
        ("retention", "Retail scheduler parameters"),
        ("truncated", "Recent errors with truncated"),
        ("1040", "1040: sessions of the job"),
        ("S0131", "S0131"),
        ("store S0131", "S0131"),
        ("job 1040", "1040: sessions of the job"),
        ("resend", "Download sessions"),
        ("yesterday", "Status messages"),
        ("trash", "Trash"),
    ];
    let mut console = TestConsole::open(&night, COLOR, Route::Overview);
    let mut faults = Vec::new();
    let mut check = |console: &mut TestConsole, word: &str, wanted: &str| {
        let lines = found(console, word);
        let first = lines.first().cloned().unwrap_or_default();
        if !first.trim_start_matches("► ").starts_with(wanted) {
            faults.push(format!("{word}: {first}"));
        }
    };
    for (word, wanted) in everywhere {
        check(&mut console, word, wanted);
    }
    let mut console = TestConsole::open(&night, COLOR, downloads);
    for (word, wanted) in [
        ("csv", "Export the list"),
        ("columns", "Columns"),
        ("stats", "Overview"),
        ("statistics", "Totals"),
        ("dates", "Date range"),
        ("pager", "The whole row"),
    ] {
        check(&mut console, word, wanted);
    }
    let failed = Route::Sessions(Direction::Download, "status:failed".to_owned());
    let mut console = TestConsole::open(&night, COLOR, failed);
    for (word, wanted) in [("retry", "Rerun"), ("note", "Note")] {
        check(&mut console, word, wanted);
    }
    let batch = crate::batch_screens::night();
    let mut console = TestConsole::open(&batch, COLOR, Route::BatchJobs(JobScope::All));
    for (word, wanted) in [
        ("NIGHT", "NIGHT: batch group"),
        ("job 3", "job 3 "),
        ("release", "Release: status Waiting"),
        ("pause", "Pause: status Withhold"),
        ("cancel", "Download sessions"),
    ] {
        check(&mut console, word, wanted);
    }
    assert_eq!(faults, Vec::<String>::new());
    let mut console = TestConsole::open(&night, COLOR, Route::Overview);
    for word in ["filter", "silence", "server", "start", "trash"] {
        let lines = found(&mut console, word);
        let strays = lines.iter().filter(|line| ["Quit", "Histogram"].iter().any(|stray| line.contains(stray)));
        assert_eq!(strays.count(), 0, "{word}: {lines:?}");
    }
}

#[test]
fn a_word_of_an_error_opens_recent_errors_with_it_as_a_filter() {
    let night = crate::screens::night();
    let mut console = TestConsole::open(&night, COLOR, Route::Overview);
    console.text((120, 40));
    console.press(&[typed(":duplicate"), vec![Key::Enter]].concat());
    let screen = console.text((120, 40));
    assert!(screen.contains("Recent errors by cause · duplicate") && screen.contains("1 of 3"), "{screen}");
}

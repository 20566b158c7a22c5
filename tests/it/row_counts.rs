//! The number of rows in the title of a long list whose filter no index counts.

use crate::screens::{COLOR, TestConsole};
use crate::support::Exchange;
use crate::support::messages::applied_sessions;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Direction;

const SIZE: (u16, u16) = (120, 40);

/// Returns the number that the title ends with, such as `1,200` of `1-30 of 1,200`.
fn count_in_title(console: &mut TestConsole) -> String {
    let text = console.text(SIZE);
    let title = text.lines().find(|line| line.contains("══")).expect("a title").to_owned();
    let count = title.rsplit_once(" of ").unwrap_or_else(|| panic!("{text}")).1;
    count.split(' ').next().expect("a number").to_owned()
}

#[test]
fn rows_that_no_index_counts_are_counted_in_the_background() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..1_200));
    exchange.cdx(&["process"]).exits(0);
    let sessions = Route::Sessions(Direction::Download, "store:S*".to_owned());
    for (route, rows) in [(sessions, "1,200"), (Route::Messages("store:S*".to_owned()), "3,600")] {
        let mut console = TestConsole::open(&exchange, COLOR, route.clone());
        assert_eq!(count_in_title(&mut console), rows, "{route:?}");
    }
}

crate::support::engines::on_postgres!(rows_that_no_index_counts_are_counted_in_the_background);

use crate::console::widgets::list::*;

impl Keyed for i64 {
    type Key = i64;
    fn key(&self) -> i64 {
        *self
    }
}

/// Returns the page of a table that contains the numbers from 0 to `count`.
fn answer(count: i64, seek: Seek<i64>) -> Vec<i64> {
    let piece = i64::try_from(PAGE_ROWS).expect("small");
    match seek {
        Seek::First => (0..count.min(piece)).collect(),
        Seek::Last => ((count - piece).max(0)..count).collect(),
        Seek::After(key) => (key + 1..(key + 1 + piece).min(count)).collect(),
        Seek::Before(key) => ((key - piece).max(0)..key).collect(),
    }
}

fn list(count: i64, seek: Seek<i64>) -> List<i64> {
    let mut list = List::default();
    list.set_height(10);
    let seek = list.restart(seek);
    list.take(seek, answer(count, seek), None);
    list
}

fn walk(list: &mut List<i64>, count: i64, step: Move, times: usize) {
    for _ in 0..times {
        if let Some(seek) = list.step(step) {
            list.take(seek, answer(count, seek), None);
        }
    }
}

#[test]
fn the_cursor_moves_from_end_to_end_and_back_with_a_bounded_window() {
    let count = 5_000;
    let mut list = list(count, Seek::First);
    assert_eq!(list.numbers(), Some((1, 10)));
    walk(&mut list, count, Move::Pages(1), 100);
    assert_eq!(list.current(), Some(&900));
    assert_eq!(list.numbers(), Some((892, 901)));
    walk(&mut list, count, Move::Pages(1), 600);
    assert_eq!(list.current(), Some(&4_999));
    assert!(list.rows.len() <= MAX_ROWS + PAGE_ROWS);
    walk(&mut list, count, Move::Rows(-1), 6_000);
    assert_eq!(list.current(), Some(&0));
    assert!(list.rows.len() <= MAX_ROWS + PAGE_ROWS);
    assert_eq!(list.numbers(), Some((1, 10)));
}

#[test]
fn the_end_is_reached_by_one_query_and_row_numbers_are_then_unknown() {
    let mut list = list(5_000, Seek::Last);
    assert_eq!((list.current(), list.numbers()), (Some(&4_999), None));
    walk(&mut list, 5_000, Move::HalfPages(-1), 10);
    assert_eq!(list.current(), Some(&4_959));
}

#[test]
fn an_outdated_answer_is_ignored_and_a_reread_keeps_the_cursor() {
    let mut list = list(50, Seek::First);
    assert_eq!(list.known_length(), Some(50));
    list.take(Seek::After(3), vec![99], None);
    assert_eq!(list.known_length(), Some(50));
    assert!(list.find(true, |row| *row == 40) && !list.find(true, |row| *row == 3));
    // Read again, the cursor stays on its row.
    let seek = list.reread();
    list.take(seek, answer(60, seek), None);
    assert_eq!(list.current(), Some(&40));
}

#[test]
fn a_cursor_that_moves_while_rows_are_read_again_stays_where_it_was_moved() {
    for to in [0, 1, 7] {
        for refreshes in [false, true] {
            let mut list = list(50, Seek::First);
            if to == 0 {
                list.step(Move::Rows(5));
            }
            let seek = if refreshes { list.refresh(|first| first - 1) } else { list.reread() };
            list.step(if to == 0 { Move::Rows(-5) } else { Move::Rows(to) });
            let moved = list.current().copied();
            list.take(seek, answer(50, seek), None);
            assert_eq!(list.current().copied(), moved);
        }
    }
}

#[test]
fn a_jump_replaces_the_window_and_pages_load_in_both_directions() {
    let mut list = list(5_000, Seek::First);
    let seek = list.restart(Seek::After(2_499));
    list.take(seek, answer(5_000, seek), None);
    // The page before is requested before the cursor moves up.
    let seek = list.need().expect("the page before");
    list.take(seek, answer(5_000, seek), None);
    assert_eq!((list.current(), list.numbers()), (Some(&2_500), None));
    walk(&mut list, 5_000, Move::Rows(-1), 300);
    assert_eq!(list.current(), Some(&2_200));
}

#[test]
fn an_empty_list_has_no_cursor_and_no_numbers() {
    let mut list = list(0, Seek::First);
    assert_eq!((list.step(Move::Pages(1)), list.current(), list.numbers()), (None, None, None));
}

#[test]
fn a_search_continues_where_it_stopped_and_can_be_paused() {
    let mut list: List<i64> = List::default();
    list.set_height(10);
    let seek = list.restart(Seek::First);
    list.take(seek, vec![7], Some(4_000));
    assert_eq!(list.need(), Some(Seek::After(4_000)));
    assert_eq!((list.searching(), list.known_length()), (Some((4_000, false)), None));
    assert!(list.pause_search() && !list.pause_search());
    list.take(Seek::After(4_000), vec![9], None);
    assert_eq!(list.length(), 1, "an answer that arrives after the pause is ignored");
    assert_eq!(list.need(), None);
    assert_eq!(list.step(Move::Rows(1)), Some(Seek::After(4_000)));
    list.take(Seek::After(4_000), Vec::new(), Some(8_000));
    assert_eq!(list.need(), Some(Seek::After(8_000)));
    list.take(Seek::After(8_000), vec![8_001], None);
    assert_eq!((list.searching(), list.known_length()), (None, Some(2)));
}

#[test]
fn a_reread_far_down_the_list_keeps_cursor_and_numbers() {
    let count = 5_000;
    let mut list = list(count, Seek::First);
    walk(&mut list, count, Move::Pages(1), 200);
    let before = (list.current().copied(), list.numbers());
    let seek = list.reread();
    list.take(seek, answer(count, seek), None);
    let need = list.need().expect("the page before");
    list.take(need, answer(count, need), None);
    assert_eq!((list.current().copied(), list.numbers()), before);
}

#[test]
fn a_list_returns_to_its_place_after_a_filter_was_typed() {
    let mut list: List<i64> = List::default();
    list.set_height(4);
    list.take_whole((0..20).collect());
    list.step(Move::Rows(12));
    list.step(Move::Rows(-2));
    let seen = |list: &List<i64>| (list.visible().map(|(row, _)| *row).collect::<Vec<_>>(), list.current().copied());
    let before = seen(&list);
    assert_eq!(before, (vec![9, 10, 11, 12], Some(10)));
    list.take_preview(vec![1, 3, 5]);
    assert_eq!(seen(&list), (vec![1, 3, 5], Some(1)), "on the first match");
    list.take_preview(vec![2, 4, 6, 8, 10]);
    assert_eq!(list.current(), Some(&10), "on the row where it was");
    list.take_preview(Vec::new());
    list.take_former((0..20).collect());
    assert_eq!(seen(&list), before);
    list.take_preview(vec![1, 3, 5]);
    list.accept_preview();
    list.take_former((0..20).collect());
    assert_eq!(list.current(), Some(&1), "the place is forgotten");
}

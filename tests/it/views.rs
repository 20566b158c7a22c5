//! Views: lists that an operator saves under a name, those that are shipped, and where they are
//! kept.

use crate::screens::{COLOR, NOW, TestConsole, look, typed};
use crate::support::{Exchange, ran};
use cdx_console::cancel::Cancel;
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::backend::saved_views;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::mutation::{Mutation, ViewMutation};
use cdx_console::console::protocol::route::Route;
use cdx_console::console::protocol::saved_state::SavedState;
use cdx_console::console::protocol::saved_view::{SavedView, ViewOrigin};
use cdx_console::domain::Direction;
use cdx_console::store::{Access, HeadOffice};

const SIZE: (u16, u16) = (120, 40);

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console
}

fn downloads() -> Route {
    Route::Sessions(Direction::Download, String::new())
}

/// Saves the list that is shown.
fn save(console: &mut TestConsole, exchange: &Exchange, name: &str) -> String {
    console.press(&typed("Vas")).press(&typed(name)).press(&[Key::Enter]);
    console.perform_mutation(exchange)
}

#[test]
fn a_list_is_saved_with_filter_order_columns_and_zone_and_opens_so_from_views_and_palette() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    // Only failed ones, oldest first, without the column of jobs.
    console
        .press(&typed("/"))
        .press(&typed("status:failed\r"))
        .press(&typed("sj\r"))
        .press(&typed("c"))
        .press(&typed("jj \r"));
    let as_saved = console.text(SIZE);
    assert!(as_saved.contains("status:failed") && as_saved.contains("▲"), "{as_saved}");
    assert_eq!(save(&mut console, &exchange, "night shift"), "Saved night shift.");
    let listed = console.text(SIZE);
    assert!(listed.contains("night shift") && listed.contains("1 of your own"), "{listed}");
    for shipped in ["failed now", "stuck over 1 h", "my stores", "since I last looked"] {
        assert!(listed.contains(shipped), "{shipped}:\n{listed}");
    }
    // A new console has its own state of the list, and the view as it was saved.
    let rows = |screen: &str| screen.lines().skip(2).take(12).map(str::to_owned).collect::<Vec<_>>();
    let mut console = open(&exchange, downloads());
    assert_ne!(rows(&console.text(SIZE)), rows(&as_saved));
    console.press(&typed("V\r"));
    assert_eq!(rows(&console.text(SIZE)), rows(&as_saved));
    assert!(console.text(SIZE).lines().next().expect("a row").contains("Download sessions › night shift"));
    console.press(&typed("\u{1b}\u{1b}"));
    assert!(console.text(SIZE).lines().next().expect("a row").contains("› Download sessions  "), "Esc leads back");
    console.press(&typed(":night\r"));
    assert_eq!(rows(&console.text(SIZE)), rows(&as_saved));
    // Once changed it is not the view any more, and the list's own state is not that of the view.
    console.press(&typed("/")).press(&typed("status:applied\r"));
    assert!(!console.text(SIZE).lines().next().expect("a row").contains("night shift"));
    console.press(&typed("4"));
    assert!(!console.text(SIZE).contains("status:"), "{}", console.text(SIZE));
}

#[test]
fn a_view_is_replaced_and_deleted_after_a_question_and_never_over_a_change_of_another_console() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Upload, "status:failed".to_owned()));
    save(&mut console, &exchange, "mine");
    // Another console loads the views, then this one replaces the view.
    let mut other = open(&exchange, Route::Messages("text:timeout".to_owned()));
    other.press(&typed("V"));
    console
        .press(&typed("\u{1b}"))
        .press(&typed("/"))
        .press(&typed(" age<1h\r"))
        .press(&typed("Vas"))
        .press(&typed("mine\r"));
    let asked = console.text(SIZE);
    assert!(asked.contains("Replace the view mine?") && asked.contains("upload sessions: status:failed"), "{asked}");
    console.press(&typed("y"));
    assert_eq!(console.perform_mutation(&exchange), "Saved mine.");
    other.press(&typed("as")).press(&typed("mine\r")).press(&typed("y"));
    let refused = other.perform_mutation(&exchange);
    assert!(refused.contains("changed after you read it") && refused.contains("save view"), "{refused}");
    other.press(&typed("\u{1b}"));
    assert!(other.text(SIZE).contains("age<1h"), "{}", other.text(SIZE));
    // Names of shipped views are refused; those views cannot be deleted.
    console.press(&typed("as")).press(&typed("failed now\r"));
    assert!(console.text(SIZE).contains("is a view of cdx; choose another name"));
    console.press(&typed("\u{1b}Ga"));
    let menu = console.text(SIZE);
    assert!(menu.contains("d  Delete…") && menu.contains("it is a view of cdx"), "{menu}");
    console.press(&typed("d\u{1b}gad"));
    assert!(console.text(SIZE).contains("Delete the view mine?"), "{}", console.text(SIZE));
    assert!(console.effects.is_empty());
    console.press(&typed("y"));
    assert_eq!(console.perform_mutation(&exchange), "Deleted mine; u undoes it.");
    assert!(console.text(SIZE).contains("0 of your own"));
    let journal = "select action, object, operator from operator_journal order by entry_id";
    let views = ["save view", "save view", "delete view"].map(|action| format!("{action}|mine of r.vermeer|r.vermeer"));
    assert_eq!(exchange.at_head_office(journal), views);
}

#[test]
fn a_deleted_view_is_brought_back_unless_there_is_one_of_its_name_again() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Sessions(Direction::Upload, "status:failed".to_owned()));
    let kept = "select name, operator, definition from saved_view order by name";
    save(&mut console, &exchange, "mine");
    let before = exchange.at_head_office(kept);
    let delete = |console: &mut TestConsole| {
        console.press(&typed("gady"));
        console.perform_mutation(&exchange)
    };
    assert_eq!(delete(&mut console), "Deleted mine; u undoes it.");
    console.press(&typed("u"));
    let offered = console.text(SIZE);
    assert!(offered.contains("delete view by") && offered.contains("mine of r.vermeer"), "{offered}");
    console.press(&typed("\r"));
    assert!(console.effects.is_empty(), "it asks first");
    console.press(&typed("y"));
    assert_eq!(console.perform_mutation(&exchange), "Undone: delete view, mine of r.vermeer.");
    assert_eq!(exchange.at_head_office(kept), before);
    let listed = console.text(SIZE);
    assert!(listed.contains("1 of your own") && listed.contains("mine"), "{listed}");
    // The view is at its newest version: it can be deleted again.
    assert_eq!(delete(&mut console), "Deleted mine; u undoes it.");
    // A view of the name that was saved since is kept.
    console.press(&typed("\u{1b}"));
    save(&mut console, &exchange, "mine");
    let newer = exchange.at_head_office(kept);
    console.press(&typed("u\ry"));
    let refused = console.perform_mutation(&exchange);
    assert!(refused.contains("mine of r.vermeer was saved again since then"), "{refused}");
    assert_eq!(exchange.at_head_office(kept), newer);
}

#[test]
fn shipped_views_list_what_they_say_and_my_stores_are_chosen_once() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Views(None));
    console.press(&typed("\r"));
    let failed = console.text(SIZE);
    assert!(
        failed.contains("› failed now") && failed.contains("S0131") && failed.contains("status:failed"),
        "{failed}"
    );
    // The stores are not chosen yet, and this is the first console.
    console.press(&typed("\u{1b}")).press(&typed("/")).press(&typed("my\r\r"));
    assert!(console.text(SIZE).contains("my stores: not set; choose them"), "{}", console.text(SIZE));
    console.press(&typed("am")).press(&typed("S0131 S0132\r"));
    assert!(console.text(SIZE).contains("separate stores by commas"), "{}", console.text(SIZE));
    console.press(&[Key::Ctrl('u')]).press(&typed("S0131,S013*\r"));
    assert_eq!(console.perform_mutation(&exchange), "Saved my stores.");
    console.press(&typed("\r"));
    let mine = console.text(SIZE);
    assert!(mine.contains("store:S0131,S013*") && mine.contains("› my stores"), "{mine}");
    // Choosing again edits them; deleting leaves the shipped view, not set.
    console.press(&typed("\u{1b}am"));
    assert!(console.text(SIZE).contains("My stores (S0042,LON*): S0131,S013*"), "{}", console.text(SIZE));
    console.press(&typed("\u{1b}ad")).press(&typed("y"));
    assert_eq!(console.perform_mutation(&exchange), "Deleted my stores; u undoes it.");
    assert!(console.text(SIZE).contains("not set"));
    console.press(&typed("/")).press(&typed("since\r\r"));
    assert!(console.text(SIZE).contains("no earlier console of yours has ended on this machine"));
    // The next console knows when this one ended.
    let memory = SavedState { last_here: Some(NOW.0 - 3_600_000), ..SavedState::default() };
    let mut console = TestConsole::open_with(&exchange, COLOR, Route::Views(None), memory);
    console.press(&typed("/")).press(&typed("since\r\r"));
    assert!(console.text(SIZE).contains("from:2026-"), "{}", console.text(SIZE));
}

#[test]
fn a_view_whose_filter_is_not_understood_any_more_says_so_and_opens_nothing() {
    let exchange = crate::screens::night();
    exchange.script_at_head_office(
        "insert into saved_view (operator, name, definition, changed_at) values
            ('r.vermeer', 'older', '{\"list\": \"runs\", \"filter\": \"colour:red\"}', 0),
            ('r.vermeer', 'odd', '[]', 0), ('m.jansen', 'of a colleague', '{\"list\": \"runs\"}', 0)",
    );
    let mut console = open(&exchange, Route::Views(None));
    let listed = console.text(SIZE);
    assert!(listed.contains("older") && !listed.contains("odd ") && !listed.contains("colleague"), "{listed}");
    console.press(&typed("\r"));
    let refused = console.text(SIZE);
    assert!(refused.contains("view older was not opened") && refused.contains("no field \"colour\""), "{refused}");
    assert!(refused.lines().next().expect("a row").contains("Home › Views"), "{refused}");
}

#[test]
fn every_kind_of_list_can_be_saved_and_one_that_is_part_of_another_cannot() {
    let exchange = crate::batch_screens::night();
    for (target, filter, list) in [
        (Route::BatchJobs(cdx_console::console::protocol::route::JobScope::All), "status:withhold", "batch jobs"),
        (Route::BatchHistory(String::new()), "status:error", "batch job history"),
        (Route::Runs, "status:ended", "runs"),
        (Route::Errors, "open>0", "recent errors"),
        (Route::Connections, "quiet:no", "connections"),
        (Route::Schedules, "open:0", "distribution schedules"),
        (Route::Rejected, "age<400d", "rejected messages"),
    ] {
        let mut console = open(&exchange, target);
        console.press(&typed("/")).press(&typed(filter)).press(&[Key::Enter]);
        let shown = console.text(SIZE);
        // Columns keep the width of rows that a filter hides.
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let rows = |screen: &str| {
            let list = screen.lines().skip_while(|line| !line.starts_with('═'));
            list.take(8).map(words).collect::<Vec<_>>()
        };
        assert!(rows(&shown)[0].contains(filter), "{shown}");
        save(&mut console, &exchange, list);
        let mut console = open(&exchange, Route::Overview);
        console.press(&typed("V")).press(&typed("/")).press(&typed(&format!("name:\"{list}\"\r\r")));
        assert_eq!(rows(&console.text(SIZE)), rows(&shown), "{list}:\n{}", console.text(SIZE));
    }
    let mut console = open(&exchange, Route::History(Direction::Download, "Prices".to_owned(), String::new()));
    console.press(&typed("Va"));
    assert!(
        console.text(SIZE).contains("open the views from the list that you want to save"),
        "{}",
        console.text(SIZE)
    );
}

#[test]
fn a_read_only_console_saves_nothing_at_head_office() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::read_only(&exchange, downloads());
    console.text(SIZE);
    console.press(&typed("Va"));
    assert!(console.text(SIZE).contains("this console is read-only and remembers nothing"), "{}", console.text(SIZE));
    console.press(&typed("s\r"));
    assert!(console.effects.is_empty(), "{:?}", console.effects);
}

#[test]
fn the_views_match_their_snapshot() {
    let exchange = crate::screens::night();
    exchange.script_at_head_office(
        "insert into saved_view (operator, name, definition, changed_at) values ('r.vermeer', 'night shift',
            '{\"list\": \"download sessions\", \"filter\": \"status:failed\", \"zone\": \"UTC\",
              \"look\": {\"ascending\": true, \"hidden\": [\"Job\", \"Rows\"]}}', 0)",
    );
    look(&exchange, "views", &downloads(), &typed("V"));
    look(&exchange, "views_actions", &downloads(), &typed("Va"));
}

fn listed(exchange: &Exchange, operator: &str, format: &str) -> crate::support::Ran {
    ran(exchange.command(&["views", format]).env_remove("SUDO_USER").env("USER", operator))
}

#[test]
fn the_command_lists_own_and_shipped_views() {
    let exchange = crate::screens::night();
    exchange.script_at_head_office(
        "insert into saved_view (operator, name, definition, changed_at) values
            ('r.vermeer', 'night shift', '{\"list\": \"runs\", \"filter\": \"status:failed\"}', 0),
            ('r.vermeer', 'my stores', '{\"list\": \"download sessions\", \"filter\": \"store:S0131\"}', 0)",
    );
    let lines = listed(&exchange, "r.vermeer", "--json").exits(0).stdout;
    let views: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let names: Vec<_> = views.iter().map(|view| format!("{}, {}", view["view"], view["filter"])).collect();
    assert_eq!(views.len(), 9, "{names:#?}");
    assert_eq!(names[0], "\"night shift\", \"status:failed\"");
    assert!(names.contains(&"\"my stores\", \"store:S0131\"".to_owned()), "{names:#?}");
    let table = listed(&exchange, "m.jansen", "--csv").exits(0).stdout;
    assert!(table.contains("failed now") && !table.contains("night shift"), "{table}");
}

#[test]
fn where_head_office_may_not_be_written_views_are_kept_in_a_file_of_the_machine() {
    let exchange = crate::screens::night();
    let file = exchange.folder().join("state/views.json");
    let perform = |change| {
        let (databases, keymap) = (exchange.databases(), Keymap::default());
        perform(&databases, "r.vermeer", &Mutation::View(change), &keymap, &Cancel::new())
    };
    let listed = || {
        let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
        saved_views::read(&office, "r.vermeer", Some(&file)).expect("views")
    };
    let view = SavedView {
        name: "mine".to_owned(),
        list: "runs".to_owned(),
        origin: ViewOrigin::StateFolder,
        ..SavedView::default()
    };
    let said = perform(ViewMutation::Save(Box::new(view), Some(file.clone()))).expect("saved").said;
    assert_eq!(said, "Saved mine on this machine.");
    assert_eq!(exchange.count("saved_view"), 0);
    let saved = listed().remove(0);
    assert_eq!((saved.name.as_str(), &saved.origin, saved.version), ("mine", &ViewOrigin::StateFolder, 1));
    // A console that read it before may not delete what replaced it.
    perform(ViewMutation::Save(Box::new(saved.clone()), Some(file.clone()))).expect("saved");
    assert!(perform(ViewMutation::Delete(Box::new(saved), Some(file.clone()))).expect_err("stale").is_stale);
    perform(ViewMutation::Delete(Box::new(listed().remove(0)), Some(file.clone()))).expect("deleted");
    assert_eq!(listed(), []);
}

crate::support::engines::on_postgres!(
    a_list_is_saved_with_filter_order_columns_and_zone_and_opens_so_from_views_and_palette,
    a_view_is_replaced_and_deleted_after_a_question_and_never_over_a_change_of_another_console,
    the_command_lists_own_and_shipped_views,
);

//! The mouse: off until asked for; the wheel scrolls, clicks select, open and sort, and change
//! nothing.

use crate::screens::{COLOR, NOW, TestConsole, typed};
use crate::support::messages::{REQUESTED, applied_sessions, download};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, wait_until};
use cdx_console::console::app::{Input, RuntimeEffect};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::mouse::{Mouse, MouseAction};
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::domain::{Direction, Timestamp};

const SIZE: (u16, u16) = (80, 24);
const ON: &str = "\u{1b}[?1000h\u{1b}[?1006h";
const OFF: &str = "\u{1b}[?1006l\u{1b}[?1000l";

fn open(exchange: &Exchange, target: Route) -> TestConsole {
    let mut console = TestConsole::open(exchange, COLOR, target);
    console.text(SIZE);
    console.press(&typed(":use the mouse\r"));
    assert_eq!(console.effects, [RuntimeEffect::Mouse(true)]);
    console.effects.clear();
    console.text(SIZE);
    console
}

/// Returns the cell where a text begins.
fn place(console: &mut TestConsole, text: &str) -> (u16, u16) {
    let screen = console.text(SIZE);
    let found = screen.lines().enumerate().find_map(|(y, line)| Some((line[..line.find(text)?].chars().count(), y)));
    let (x, y) = found.unwrap_or_else(|| panic!("{text}:\n{screen}"));
    (u16::try_from(x).expect("few"), u16::try_from(y).expect("few"))
}

fn mouse(console: &mut TestConsole, action: MouseAction, (x, y): (u16, u16)) {
    console.settle_input(Input::Mouse(Mouse { action, x, y }));
}

fn click(console: &mut TestConsole, text: &str) {
    let at = place(console, text);
    mouse(console, MouseAction::Click, at);
}

fn current(console: &mut TestConsole) -> String {
    let screen = console.text(SIZE);
    screen.lines().find(|line| line.starts_with(['►', '›'])).unwrap_or_else(|| panic!("{screen}")).to_owned()
}

fn downloads() -> Route {
    Route::Sessions(Direction::Download, String::new())
}

#[test]
fn the_mouse_is_off_until_the_palette_switches_it_on() {
    let exchange = crate::screens::night();
    let mut console = TestConsole::open(&exchange, COLOR, downloads());
    console.text(SIZE);
    let before = console.text(SIZE);
    click(&mut console, "1084929");
    mouse(&mut console, MouseAction::WheelDown, (10, 8));
    assert_eq!(console.text(SIZE), before);
    let mut console = open(&exchange, downloads());
    click(&mut console, "1084929");
    assert!(current(&mut console).contains("1084929"));
    console.press(&typed(":stop using\r"));
    assert_eq!(console.effects, [RuntimeEffect::Mouse(false)]);
    click(&mut console, "1084971");
    assert!(current(&mut console).contains("1084929"), "{}", current(&mut console));
}

#[test]
fn a_click_selects_a_row_and_a_double_click_opens_it() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    click(&mut console, "1084928");
    assert!(current(&mut console).contains("1084928"));
    // A click elsewhere is no second click.
    click(&mut console, "1084929");
    assert!(current(&mut console).contains("1084929"));
    let at = place(&mut console, "1084929");
    mouse(&mut console, MouseAction::Click, at);
    assert!(console.text(SIZE).contains("1084929 on S0029 · job"), "{}", console.text(SIZE));
    // Two clicks far apart in time select only.
    let mut console = open(&exchange, downloads());
    let (x, y) = place(&mut console, "1084928");
    let press = Input::Mouse(Mouse { action: MouseAction::Click, x, y });
    let later = Timestamp(NOW.0 + 5_000);
    let effects = console.app.update(press, NOW);
    console.settle(effects);
    console.text(SIZE);
    let effects = console.app.update(Input::Mouse(Mouse { action: MouseAction::Click, x, y }), later);
    console.settle(effects);
    assert!(current(&mut console).contains("1084928"), "{}", console.text(SIZE));
}

#[test]
fn the_wheel_scrolls_what_is_under_the_pointer() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    let first = current(&mut console);
    let numbers = |console: &mut TestConsole| console.text(SIZE).lines().nth(2).expect("a title").to_owned();
    assert!(numbers(&mut console).contains("1-"), "{}", numbers(&mut console));
    mouse(&mut console, MouseAction::WheelDown, (10, 8));
    assert!(numbers(&mut console).contains(" 4-"), "{}", numbers(&mut console));
    assert_ne!(current(&mut console), first, "the cursor stays on the screen");
    for _ in 0..50 {
        mouse(&mut console, MouseAction::WheelDown, (10, 8));
    }
    assert!(numbers(&mut console).contains("of 33"), "{}", numbers(&mut console));
    for _ in 0..50 {
        mouse(&mut console, MouseAction::WheelUp, (10, 8));
    }
    assert!(numbers(&mut console).contains(" 1-"), "{}", numbers(&mut console));
    // The details scroll below the pointer, and the list keeps the focus.
    let rule = |console: &mut TestConsole| console.text(SIZE).lines().nth(2).expect("a title").starts_with("══");
    mouse(&mut console, MouseAction::WheelDown, (10, 20));
    assert!(rule(&mut console) && current(&mut console).starts_with('►'), "{}", console.text(SIZE));
    mouse(&mut console, MouseAction::Click, (10, 20));
    assert!(!rule(&mut console), "a click gives the pane the focus");
    click(&mut console, "1084929");
    assert!(rule(&mut console) && current(&mut console).contains("1084929"), "{}", console.text(SIZE));
    // A box over the screen takes the wheel, and no click beside it.
    console.press(&typed("s"));
    let asked = console.text(SIZE);
    mouse(&mut console, MouseAction::WheelDown, (10, 8));
    let moved = console.text(SIZE);
    assert_ne!(moved, asked);
    mouse(&mut console, MouseAction::Click, (2, 4));
    mouse(&mut console, MouseAction::Click, (2, 4));
    assert_eq!(console.text(SIZE), moved);
}

/// Clicks twice on a text of a box, and returns the row with the cursor.
fn double_click(console: &mut TestConsole, text: &str) -> String {
    click(console, text);
    click(console, text);
    let screen = console.text(SIZE);
    let row = screen.lines().find(|line| line.contains("║►") || line.contains("║ ►"));
    row.unwrap_or_else(|| panic!("{text}:\n{screen}")).to_owned()
}

#[test]
fn a_click_in_a_box_puts_the_cursor_on_a_row_and_chooses_nothing() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    for (keys, text) in [
        ("s", "Session number, lowest first"),
        ("c", "[x] Channel DB"),
        ("a", "Rerun"),
        ("T", "schedule"),
        ("r", "Who changed it"),
    ] {
        let below =
            |console: &mut TestConsole| console.text(SIZE).lines().take(20).map(str::to_owned).collect::<Vec<_>>();
        let before = below(&mut console);
        console.press(&typed(keys));
        let row = double_click(&mut console, text);
        assert!(row.contains(text), "{text}: {row}");
        assert_eq!(console.effects, [], "{text}");
        console.press(&[Key::Esc]);
        assert_eq!(below(&mut console), before, "{text}");
    }
    // In the palette a click on the entry under the cursor opens it, if it changes nothing.
    console.press(&typed(":"));
    click(&mut console, "Recent errors");
    let chosen = console.text(SIZE);
    assert!(chosen.lines().any(|line| line.contains("║►") && line.contains("Recent errors")), "{chosen}");
    click(&mut console, "Recent errors");
    assert!(console.text(SIZE).contains("› Recent errors"), "{}", console.text(SIZE));
    // The choice of a theme is saved, so only a key makes it.
    console.press(&typed("\u{1b}"));
    console.press(&typed(":theme mono"));
    double_click(&mut console, "Theme: mono");
    assert_eq!(console.effects, []);
    console.press(&typed("\u{1b}"));
    console.press(&typed("m"));
    click(&mut console, "Rejected messages");
    let menu = console.text(SIZE);
    assert!(menu.lines().any(|line| line.starts_with('►') && line.contains("Rejected messages")), "{menu}");
    console.press(&typed("\r"));
    let opened = console.text(SIZE);
    assert!(opened.lines().next().is_some_and(|line| line.contains("› Rejected messages")), "{opened}");
    // The totals of a list are a list.
    let mut console = open(&exchange, Route::Sessions(Direction::Download, "status:failed".to_owned()));
    console.press(&typed("T\r"));
    click(&mut console, "S0133");
    assert!(current(&mut console).contains("S0133"), "{}", console.text(SIZE));
    assert!(console.text(SIZE).contains("by store"), "a click does not filter");
}

#[test]
fn a_click_in_a_form_moves_the_focus_ticks_and_chooses_and_never_presses_ok() {
    let exchange = crate::screens::night();
    let batch = crate::batch_screens::night();
    let job = |keys: &str| (Route::BatchJobs(JobScope::All), keys.to_owned());
    let open_with = |(route, keys): (Route, String)| {
        let is_batch = !matches!(route, Route::Process | Route::Parameters);
        let mut console = TestConsole::open_with_mouse(if is_batch { &batch } else { &exchange }, route);
        console.text(SIZE);
        console.press(&typed(&keys));
        console.effects.clear();
        console
    };
    for (at, texts) in [
        ((Route::Process, String::new()), &["[x] Purge expired", "[x] Transfer", "[   OK   ]"][..]),
        ((Route::Parameters, String::new()), &["[  Save  ]", "Days to keep session history  [30"]),
        (job("ar"), &["[   OK   ]", "[ Remove recurrence ]", "(•) No end date"]),
        (job("at"), &["[ Send a test ]", "[ ]  Canceled", "[ ]  Runs longer"]),
        ((Route::Servers(None), "\r".to_owned()), &["[  Save  ]"]),
    ] {
        let mut console = open_with(at.clone());
        for text in texts {
            click(&mut console, text);
            let screen = console.text(SIZE);
            // A click ticks and unticks.
            let field: String = text.chars().skip_while(|c| !"[(".contains(*c)).take(3).collect();
            let field = match field.as_str() {
                "[x]" => "[ ]",
                "[ ]" => "[x]",
                field => field,
            };
            let is_focused = screen.lines().any(|line| line.contains(&format!("►{field}")));
            assert!(is_focused, "{at:?} {text}:\n{screen}");
            assert_eq!(console.effects, [], "{at:?} {text}");
        }
    }
    // With a list open, a button beside it is not pressed.
    let mut console = open_with(job("ar"));
    click(&mut console, "▼]");
    let closed = console.text(SIZE);
    console.press(&[Key::Char(' ')]);
    let open = console.text(SIZE);
    assert_ne!(open, closed);
    click(&mut console, "[ Cancel ]");
    assert_eq!(console.text(SIZE), open);
    // The Batch tab: Tab goes on from the field that was clicked.
    let mut console = open_with((Route::Process, String::new()));
    console.press(&[Key::PageDown, Key::Char(' ')]);
    click(&mut console, "none: once");
    assert!(console.text(SIZE).contains("Enter opens the form"), "{}", console.text(SIZE));
    click(&mut console, "( ) Errors only");
    assert!(console.text(SIZE).contains("(•)◄Errors only"), "{}", console.text(SIZE));
    click(&mut console, "General");
    assert!(console.text(SIZE).contains("╡ General ╞"), "{}", console.text(SIZE));
    click(&mut console, "Batch");
    assert!(console.text(SIZE).contains("╡ Batch ╞"), "{}", console.text(SIZE));
    click(&mut console, "Errors only");
    console.press(&[Key::Tab]);
    assert!(console.text(SIZE).contains("►[   OK   ]◄"), "{}", console.text(SIZE));
}

#[test]
fn a_suspended_console_leaves_the_mouse_to_the_shell() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..60));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    std::fs::create_dir_all(exchange.path(".config/cdx")).expect("a folder");
    std::fs::write(exchange.path(".config/cdx/config.toml"), "mouse = true\n").expect("written");
    let mut shell = Terminal::run(exchange.folder(), SIZE, &["sh", "-i"].map(str::to_owned));
    let program = env!("CARGO_BIN_EXE_cdx");
    shell.press(&format!("PS1='ready> '; set -m; {program}\r")).shows("Needs attention");
    let count = |shell: &Terminal, sequence: &str| String::from_utf8_lossy(&shell.bytes()).matches(sequence).count();
    wait_until("the mouse is on", || (count(&shell, ON), count(&shell, OFF)) == (1, 0));
    shell.press("\u{1a}");
    wait_until("the shell's screen is restored", || !shell.is_taken());
    shell.shows("Stopped");
    assert_eq!((count(&shell, ON), count(&shell, OFF)), (1, 1));
    shell.press("fg\r").shows("Needs attention");
    wait_until("the console has it again", || count(&shell, ON) > 1);
    shell.press("q");
    wait_until("the shell's screen is restored", || !shell.is_taken());
    wait_until("the last bytes are read", || count(&shell, OFF) == 2);
}

#[test]
fn a_click_on_a_heading_sorts_and_another_reverses() {
    let exchange = crate::batch_screens::night();
    let mut console = open(&exchange, Route::BatchJobs(JobScope::All));
    let line = |console: &mut TestConsole| console.text(SIZE).lines().nth(3).expect("headings").to_owned();
    // Texts from A to Z first.
    click(&mut console, "Job description");
    assert!(line(&mut console).contains("Job description ▲"), "{}", line(&mut console));
    click(&mut console, "Job description");
    assert!(line(&mut console).contains("Job description ▼"), "{}", line(&mut console));
    let exchange = crate::screens::night();
    let mut console = open(&exchange, downloads());
    click(&mut console, "Modified");
    assert!(
        line(&mut console).contains("Modified ▲") || line(&mut console).contains("Modified▲"),
        "{}",
        line(&mut console)
    );
    click(&mut console, "Channel DB");
    assert!(line(&mut console).contains("Channel DB▲"), "{}", line(&mut console));
    click(&mut console, "Channel DB");
    assert!(line(&mut console).contains("Channel DB▼"), "{}", line(&mut console));
    click(&mut console, "Try");
    assert!(line(&mut console).contains("Try▼"), "{}", line(&mut console));
}

#[test]
fn a_click_on_a_hint_opens_what_changes_nothing_and_never_confirms_or_quits() {
    let exchange = crate::screens::night();
    let mut console = open(&exchange, Route::Rejected);
    click(&mut console, "a actions");
    assert!(console.text(SIZE).contains("Actions on"), "{}", console.text(SIZE));
    // Neither the action nor the question takes a click, wherever it is.
    console.press(&typed("d"));
    let asked = console.text(SIZE);
    for y in 0..SIZE.1 {
        for x in (0..SIZE.0).step_by(3) {
            for action in [MouseAction::Click, MouseAction::Click, MouseAction::WheelDown] {
                mouse(&mut console, action, (x, y));
            }
        }
    }
    assert_eq!((console.text(SIZE), console.effects.len()), (asked, 0));
    console.press(&[Key::Esc]);
    click(&mut console, "q quit");
    assert_eq!(console.effects, [], "quitting needs its key");
    click(&mut console, "m menu");
    assert!(console.text(SIZE).contains("══ Menu"), "{}", console.text(SIZE));
    // Clicks all over every screen change nothing, and outside of it hit nothing.
    for target in [Route::Overview, Route::Process, Route::Parameters, Route::Errors, Route::Servers(None)] {
        let mut console = TestConsole::open_with_mouse(&exchange, target.clone());
        assert_eq!(console.effects, [RuntimeEffect::Mouse(true)]);
        console.text(SIZE);
        for (x, y) in (0..SIZE.1).flat_map(|y| (0..SIZE.0).step_by(7).map(move |x| (x, y))).chain([(65_534, 65_534)]) {
            mouse(&mut console, MouseAction::Click, (x, y));
            mouse(&mut console, MouseAction::WheelDown, (x, y));
        }
        let changes = console.effects.iter().filter(|effect| {
            matches!(effect, RuntimeEffect::Mutation(_) | RuntimeEffect::Start(_) | RuntimeEffect::Quit)
        });
        assert_eq!(changes.count(), 0, "{target:?}: {:?}", console.effects);
    }
}

#[test]
fn a_terminal_reports_the_mouse_only_while_the_console_has_it() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..60));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    std::fs::create_dir_all(exchange.path(".config/cdx")).expect("a folder");
    let text = "mouse = true\npager = \"cat > /dev/null\"\n";
    std::fs::write(exchange.path(".config/cdx/config.toml"), text).expect("written");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("4").shows("1-").quiet();
    let count =
        |console: &Terminal, sequence: &str| String::from_utf8_lossy(&console.bytes()).matches(sequence).count();
    assert_eq!((count(&console, ON), count(&console, OFF)), (1, 0));
    // The wheel, whole and torn; an X10 report and a foreign one are no keys.
    console.send(b"\x1b[<65;10;9M").until("it scrolls", |screen| screen.contains(" 4-"));
    console.send(b"\x1b[<65;1").quiet().send(b"0;9M").until("it scrolls", |screen| screen.contains(" 7-"));
    console
        .send(b"\x1b[M qq\x1b[<0;0;0M\x1b[<2;10;9M\x1b[<64;10;9M")
        .until("it scrolls", |screen| screen.contains(" 4-"));
    // The pager has the terminal without the mouse.
    console.press("o").shows("channel_database").press("|").shows("[Enter returns to cdx]");
    assert_eq!((count(&console, ON), count(&console, OFF)), (1, 1));
    console.press("\r").shows("channel_database").press("\u{1b}").shows(" 4-");
    assert_eq!((count(&console, ON), count(&console, OFF)), (2, 1));
    console.press("q");
    assert_eq!(console.ends(), 0);
    wait_until("the last bytes are read", || (count(&console, ON), count(&console, OFF)) == (2, 2));
}

#[test]
fn without_the_setting_a_terminal_is_never_asked_for_the_mouse() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..60));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    console.shows("Needs attention").press("4").shows("1-").send(b"\x1b[<65;10;9M").quiet().shows("1-");
    // The palette switches it on, and a signal leaves it off.
    assert!(!String::from_utf8_lossy(&console.bytes()).contains("[?1000"));
    console.press(":use the mouse\r").shows("The mouse is on").send(b"\x1b[<65;10;9M").shows(" 4-");
    console.signal("TERM");
    assert_eq!(console.ends(), 130);
    wait_until("the last bytes are read", || String::from_utf8_lossy(&console.bytes()).contains(OFF));
}

#[test]
fn clicks_of_a_terminal_fill_in_a_form_and_choose_in_boxes() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..60));
    exchange.post(&[download(9_000, 77, "S0001", REQUESTED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    std::fs::create_dir_all(exchange.path(".config/cdx")).expect("a folder");
    std::fs::write(exchange.path(".config/cdx/config.toml"), "mouse = true\n").expect("written");
    let mut console = Terminal::open(exchange.folder(), SIZE, &[]);
    // Clicks on the middle of a text, as xterm reports it.
    let click = |console: &mut Terminal, text: &str| {
        console.quiet();
        let screen = console.screen();
        let found =
            screen.lines().enumerate().find_map(|(y, line)| Some((line[..line.find(text)?].chars().count(), y)));
        let (x, y) = found.unwrap_or_else(|| panic!("{text}:\n{screen}"));
        let (x, y) = (x + text.chars().count() / 2 + 1, y + 1);
        console.send(format!("\u{1b}[<0;{x};{y}M\u{1b}[<0;{x};{y}m").as_bytes());
    };
    console.shows("Needs attention").press("p").shows("Transfer status messages");
    click(&mut console, "Purge expired rows");
    console.shows("[ ]◄Purge expired");
    click(&mut console, "Batch");
    console.shows("╡ Batch ╞");
    click(&mut console, "[ ]");
    console.shows("[x]");
    click(&mut console, "none: once");
    console.press("\r").shows("Quick entry");
    click(&mut console, "( ) Weeks");
    console.shows("(•)◄Weeks");
    click(&mut console, "End after");
    console.shows("(•) End after");
    click(&mut console, "No end date");
    console.shows("(•)◄No end date");
    // What was changed is not discarded by a click.
    click(&mut console, "Cancel");
    console.shows("Discard the changes?").press("y").shows("╡ Batch ╞");
    click(&mut console, "Cancel");
    console.shows("Discard the changes?").press("y").shows("Needs attention");
    // The palette, the menu, and the fields of the box before a cancellation.
    console.press(":").shows("Go to, do");
    click(&mut console, "Upload sessions");
    console.shows("►");
    click(&mut console, "Upload sessions");
    console.shows("› Upload sessions").press("4").shows("Download sessions").press("/session:77\r").shows("1-1 of 1");
    console.press("ac");
    console.shows("Reason");
    click(&mut console, "Reason");
    console.press("wrong file").shows("wrong file");
    click(&mut console, "any other key = no");
    console.shows("Tab reason").press("n");
    console.press("q");
    assert_eq!(console.ends(), 0);
}

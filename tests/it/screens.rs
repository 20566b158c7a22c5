//! Snapshots of every screen at four sizes with styles, in color and in ASCII, and the test
//! harness of the console: keys in, effects out.

use crate::portraits::portrait;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, REQUESTED, download, upload};
use crate::support::{Exchange, TIMEOUT};
use cdx_console::cancel::Cancel;
use cdx_console::clock::ManualClock;
use cdx_console::config::LabelColor;
use cdx_console::console::app::{App, Input, RuntimeEffect};
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::backend::query_worker::{QueryWorker, Reply};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::query::Query;
use cdx_console::console::protocol::route::Route;
use cdx_console::console::protocol::saved_state::SavedState;
use cdx_console::console::protocol::time::Zone;
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::console::{Settings, ThemeSettings};
use cdx_console::domain::{Direction, SessionKey, Timestamp};
use cdx_console::engine::Databases;
use cdx_console::store::message_database::NewMessage;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// 2026-11-24 02:14:21 UTC.
pub const NOW: Timestamp = Timestamp(1_795_486_461_000);
pub const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];
pub const COLOR: Theme = Theme { depth: ColorDepth::Sixteen, ascii: false };

/// An exchange with failures of many kinds and fixed dates.
pub fn night() -> Exchange {
    let exchange = Exchange::new();
    let minute = |minutes: i64| Timestamp(NOW.0 - minutes * 60_000);
    let mut messages = Vec::new();
    let mut add = |message: NewMessage, at: Timestamp| messages.push((NewMessage { occurred_at: at, ..message }, at));
    for store in 0..30 {
        let (name, first) = (format!("S{store:04}"), 100 + u64::try_from(store).expect("small") * 10);
        add(download(first, 1_084_900 + store, &name, REQUESTED), minute(200 - store));
        add(download(first + 1, 1_084_900 + store, &name, DOWNLOADED), minute(190 - store));
        add(download(first + 2, 1_084_900 + store, &name, APPLIED), minute(180 - store));
    }
    let truncated = "Failed to run SqlWriteRequestRunner for table AX.ECORESPRODUCTTRANSLATION: String or binary data would be \
                     truncated.";
    for store in 0..3 {
        let failed = download(1_000 + store, 1_084_971, &format!("S{:04}", 131 + store), APPLY_FAILED);
        let failed =
            NewMessage { message: Some(truncated.to_owned()), try_count: 2, rows_affected: Some(38_769), ..failed };
        add(failed, minute(9 + i64::try_from(store).expect("small")));
    }
    let text = "Violation of PRIMARY KEY constraint 'PK_RETAIL'. Cannot insert duplicate key.".to_owned();
    add(NewMessage { message: Some(text), try_count: 1, ..upload(2_000, 77_001, "S0230", 6) }, minute(31));
    let text = "磁盘空间不足 \\\\store88\\share \u{1b}[31m\u{202e}!".to_owned();
    add(NewMessage { message: Some(text), ..upload(2_001, 77_002, "S0088", 5) }, minute(55));
    add(download(3_000, 1_084_980, "S0001", 77), minute(3));
    exchange.agent().import(&messages).expect("the messages are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(3);
    let began = minute(4).0;
    exchange.script_at_head_office(&format!(
        "update run set started_at = {began}, ended_at = {began} + 6100;
         update transfer_cursor set as_of = {began};
         update channel_database set usual_gap = 600000 where usual_gap is not null;
         update status_message set transferred_at = {began};
         update rejected_message set rejected_at = {began};"
    ));
    exchange
}

fn settings(theme: Theme, keymap: Keymap, read_only: bool) -> Settings {
    Settings {
        bell: true,
        mouse: false,
        theme: ThemeSettings { is_given: false, ..ThemeSettings::fixed(theme) },
        label: None,
        operator: "r.vermeer".to_owned(),
        host: "aos-1".to_owned(),
        keymap,
        read_only: read_only.then(|| "this console is read-only".to_owned()),
        zone: Zone::Utc,
        home: chrono_tz::Tz::UTC,
        pager: Some("less".to_owned()),
        views_file: None,
    }
}

/// The console as a state machine with real databases.
pub struct TestConsole {
    pub app: App,
    worker: QueryWorker,
    replies: Receiver<Reply>,
    pub effects: Vec<RuntimeEffect>,
    now: Timestamp,
}

/// The keys that type a text: a line break is Enter, a tab is Tab, an escape is Esc.
pub fn typed(text: &str) -> Vec<Key> {
    let key = |c| match c {
        '\n' | '\r' => Key::Enter,
        '\t' => Key::Tab,
        '\u{1b}' => Key::Esc,
        c => Key::Char(c),
    };
    text.chars().map(key).collect()
}

impl TestConsole {
    pub fn open(exchange: &Exchange, theme: Theme, target: Route) -> Self {
        Self::open_with(exchange, theme, target, SavedState::default())
    }

    pub fn read_only(exchange: &Exchange, target: Route) -> Self {
        Self::open_as(exchange.databases(), COLOR, target, (SavedState::default(), true, Keymap::default()), NOW)
    }

    pub fn open_with(exchange: &Exchange, theme: Theme, target: Route, memory: SavedState) -> Self {
        Self::open_as(exchange.databases(), theme, target, (memory, false, Keymap::default()), NOW)
    }

    /// Opens the console on any databases at a point in time.
    pub fn open_at(databases: Databases, target: Route, now: Timestamp) -> Self {
        Self::open_as(databases, COLOR, target, (SavedState::default(), false, Keymap::default()), now)
    }

    /// Opens the Overview with a label in the header line.
    pub fn open_labeled(exchange: &Exchange, theme: Theme, label: (String, LabelColor)) -> Self {
        let mut console = Self::open(exchange, theme, Route::Overview);
        let settings = Settings { label: Some(label), ..settings(theme, Keymap::default(), false) };
        let (app, effects) = App::new(settings, SavedState::default(), Route::Overview, NOW);
        console.app = app;
        console.settle(effects);
        console
    }

    /// Opens a screen with the mouse on.
    pub fn open_with_mouse(exchange: &Exchange, target: Route) -> Self {
        let mut console = Self::open(exchange, COLOR, target.clone());
        let settings = Settings { mouse: true, ..settings(COLOR, Keymap::default(), false) };
        let (app, effects) = App::new(settings, SavedState::default(), target, NOW);
        console.app = app;
        console.settle(effects);
        console
    }

    /// With keys of the operator's own.
    pub fn open_with_keys(exchange: &Exchange, keymap: Keymap, target: Route) -> Self {
        Self::open_as(exchange.databases(), COLOR, target, (SavedState::default(), false, keymap), NOW)
    }

    fn open_as(
        databases: Databases,
        theme: Theme,
        target: Route,
        (memory, read_only, keymap): (SavedState, bool, Keymap),
        now: Timestamp,
    ) -> Self {
        let (sender, replies) = channel();
        let clock = Arc::new(ManualClock::new(now));
        let worker = QueryWorker::open(databases, !read_only, clock, move |reply| drop(sender.send(reply)));
        let settings = settings(theme, keymap, read_only);
        let (app, effects) = App::new(settings, memory, target, now);
        let mut console = Self { app, worker: worker.expect("a thread"), replies, effects: Vec::new(), now };
        console.settle(effects);
        console
    }

    /// A console that has had no answer yet.
    pub fn unanswered(target: Route, memory: SavedState) -> App {
        App::new(settings(COLOR, Keymap::default(), false), memory, target, NOW).0
    }

    /// Answers every query and collects the other effects.
    pub fn settle(&mut self, effects: Vec<RuntimeEffect>) {
        self.settle_seen(effects, |_| {});
    }

    /// Like [`Self::settle`]; calls `seen` after each answer.
    pub fn settle_seen(&mut self, effects: Vec<RuntimeEffect>, mut seen: impl FnMut(&mut App)) {
        let mut waiting = 0;
        let mut effects = effects;
        loop {
            for effect in effects.drain(..) {
                match effect {
                    RuntimeEffect::Ask(number, query) => {
                        waiting += 1;
                        self.worker.ask(number, query);
                    }
                    RuntimeEffect::Forget(number) => self.worker.forget(number),
                    other => self.effects.push(other),
                }
            }
            if waiting == 0 {
                return;
            }
            let reply = self.replies.recv_timeout(TIMEOUT).expect("an answer");
            waiting -= 1;
            effects = self.app.update(Input::Reply(reply), self.now);
            seen(&mut self.app);
        }
    }

    /// Answers one query; returns what follows from the reply.
    pub fn answer(&mut self, number: u64, query: Query) -> Vec<RuntimeEffect> {
        self.worker.ask(number, query);
        let reply = self.replies.recv_timeout(TIMEOUT).expect("an answer");
        self.app.update(Input::Reply(reply), self.now)
    }

    pub fn press(&mut self, keys: &[Key]) -> &mut Self {
        self.press_at(keys, (80, 24))
    }

    /// Presses keys, each in a frame of this size.
    pub fn press_at(&mut self, keys: &[Key], size: (u16, u16)) -> &mut Self {
        for key in keys {
            let effects = self.app.update(Input::Key(key.clone()), self.now);
            self.settle(effects);
            // The debounce has passed.
            let effects = self.app.update(Input::Debounced, self.now);
            self.settle(effects);
            // The drawn height determines the size of a page.
            self.buffer(size);
        }
        self
    }

    /// Presses keys that arrive at once, without a frame in between.
    pub fn hurry(&mut self, keys: &[Key]) {
        for key in keys {
            let effects = self.app.update(Input::Key(key.clone()), self.now);
            self.settle(effects);
        }
    }

    /// Performs the mutation that the console returned, by its operator; returns what the notice
    /// says of it, after `! ` if it was refused.
    pub fn perform_mutation(&mut self, exchange: &Exchange) -> String {
        let mutation = std::mem::take(&mut self.effects).into_iter().find_map(|effect| match effect {
            RuntimeEffect::Mutation(mutation) => Some(mutation),
            _ => None,
        });
        let mutation = mutation.expect("a mutation");
        let result = perform(&exchange.databases(), "r.vermeer", &mutation, &Keymap::default(), &Cancel::new());
        let said = result.as_ref().map_or_else(|refused| format!("! {}", refused.said), |done| done.said.clone());
        self.settle_input(Input::MutationDone(result));
        said
    }

    /// Processes any other input.
    pub fn settle_input(&mut self, input: Input) {
        let effects = self.app.update(input, self.now);
        self.settle(effects);
        self.buffer((80, 24));
    }

    pub fn buffer(&mut self, (width, height): (u16, u16)) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        // Let the debounce of the detail pane pass.
        self.app.draw(&mut buffer, Timestamp(self.now.0 + 1_000));
        buffer
    }

    pub fn text(&mut self, size: (u16, u16)) -> String {
        rows(&self.buffer(size)).join("\n")
    }
}

pub fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let row = |cells: &[Cell]| {
        let mut text = String::new();
        let mut skip = 0;
        for cell in cells {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            text.push_str(cell.symbol());
            skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        text
    };
    buffer.content().chunks(width).map(row).collect()
}

/// Returns the text between bars, followed by the ranges of each style.
pub fn dump(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in rows(buffer) {
        let _ = writeln!(text, "|{row}|");
    }
    for (y, cells) in buffer.content().chunks(usize::from(buffer.area.width)).enumerate() {
        let style = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
        let mut x = 0;
        for run in cells.chunk_by(|a, b| style(a) == style(b)) {
            let (foreground, background, modifier) = style(&run[0]);
            if (foreground, background, modifier) != (Color::Reset, Color::Reset, Modifier::empty()) {
                let ground = if background == Color::Reset { String::new() } else { format!(" on {background}") };
                let _ = writeln!(text, "{y}:{x}-{} {foreground}{ground} {modifier:?}", x + run.len() - 1);
            }
            x += run.len();
        }
    }
    text
}

/// Every screen and overlay by name, with the keys that lead there.
pub fn scenes() -> Vec<(&'static str, Route, Vec<Key>)> {
    let key =
        SessionKey { direction: Direction::Download, session_number: 1_084_971, channel_database: "S0131".to_owned() };
    let typed = |text: &str| text.chars().map(Key::Char).collect::<Vec<_>>();
    vec![
        ("overview", Route::Overview, vec![]),
        ("errors", Route::Errors, vec![Key::Down]),
        ("download_sessions", Route::Sessions(Direction::Download, String::new()), vec![Key::Down]),
        (
            "marked_sessions",
            Route::Sessions(Direction::Download, String::new()),
            vec![Key::Char(' '), Key::Char('v'), Key::Down, Key::Char('v')],
        ),
        ("upload_sessions", Route::Sessions(Direction::Upload, "status:failed".to_owned()), vec![]),
        ("session", Route::Session(key), vec![]),
        ("store", Route::Store("S0131".to_owned()), vec![]),
        ("status_messages", Route::Messages(String::new()), vec![Key::Tab]),
        ("process", Route::Process, vec![Key::Tab]),
        ("runs", Route::Runs, vec![]),
        ("rejected", Route::Rejected, vec![Key::Char(' ')]),
        ("actions", Route::Rejected, vec![Key::Char('a')]),
        ("question", Route::Rejected, vec![Key::Char('a'), Key::Char('d')]),
        ("parameters_general", Route::Parameters, vec![Key::PageUp, Key::Char('+')]),
        ("parameters", Route::Parameters, vec![Key::Backspace, Key::Backspace, Key::Char('1')]),
        ("sort", Route::Sessions(Direction::Download, String::new()), vec![Key::Char('s')]),
        ("columns", Route::Sessions(Direction::Download, String::new()), vec![Key::Char('c')]),
        ("explain", Route::Sessions(Direction::Upload, "status:failed".to_owned()), vec![Key::Char('w')]),
        ("help_filter", Route::Overview, vec![Key::Char('?'), Key::PageDown]),
        ("menu", Route::Overview, vec![Key::Char('m'), Key::Down]),
        ("help", Route::Overview, vec![Key::Char('?')]),
        ("palette", Route::Overview, typed(":sess")),
        ("prompt", Route::Messages(String::new()), [typed("/state:4"), vec![Key::Enter]].concat()),
    ]
}

/// Compares a screen in every theme at four sizes with its snapshot.
pub fn look(exchange: &Exchange, name: &str, target: &Route, keys: &[Key]) {
    let text = portrait(&format!("screens__{name}"), exchange.folder(), |theme| {
        let mut console = TestConsole::open(exchange, theme, target.clone());
        console.buffer((80, 24));
        console.press(keys);
        console
    });
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(format!("it__screens__{name}"), text);
    });
}

#[test]
fn every_screen_matches_its_snapshot() {
    let exchange = night();
    for (name, target, keys) in scenes() {
        look(&exchange, name, &target, &keys);
    }
}

/// The glyphs beyond ASCII that the console may draw: from Windows Glyph List 4 only.
pub const GLYPHS: &str = "►◄›═─│║╔╗╚╝╟╢├┤┬┴┼╡╞▄█▌…·○→●√×–□■▼▲↑↓←░◊»¶•";

/// Compares the current screen at four sizes with its snapshot.
pub fn look_at(console: &mut TestConsole, name: &str) {
    let mut text = String::new();
    for size in SIZES {
        let _ = writeln!(text, "{}x{}\n{}", size.0, size.1, dump(&console.buffer(size)));
    }
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(format!("it__screens__{name}"), text);
    });
}

/// Fails if a screen draws a disallowed glyph or a row that is wider than the screen.
pub fn fits(exchange: &Exchange, name: &str, target: &Route, keys: &[Key]) {
    for ascii in [false, true] {
        let mut console = TestConsole::open(exchange, Theme { depth: ColorDepth::Sixteen, ascii }, target.clone());
        console.buffer((80, 24));
        console.press(keys);
        for size in SIZES.into_iter().chain([(250, 80), (59, 15), (24, 5), (3, 1)]) {
            for row in rows(&console.buffer(size)) {
                assert_eq!(unicode_width::UnicodeWidthStr::width(row.as_str()), usize::from(size.0), "{name}: {row}");
                // Texts of stores may contain any script; these screens show them.
                let foreign = |c: char| "磁盘空间不足".contains(c);
                let allowed = |c: char| c.is_ascii() || (!ascii && (GLYPHS.contains(c) || foreign(c)));
                assert!(row.chars().all(allowed), "{name}, {size:?}: {row}");
            }
        }
    }
}

#[test]
fn only_allowed_glyphs_are_drawn_and_no_row_is_wider_than_the_screen() {
    let exchange = night();
    for (name, target, keys) in scenes() {
        fits(&exchange, name, &target, &keys);
    }
}

#[test]
fn every_menu_line_opens_by_keyboard_and_esc_returns() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    let size = (80, 24);
    let names = [
        "Distribution schedule",
        "Process status messages",
        "Download sessions",
        "Upload sessions",
        "Status messages",
        "Recent errors",
        "Runs",
    ];
    for (steps, name) in names.into_iter().enumerate() {
        // Move down to the line, past the branches.
        console.press(&[Key::Char('m'), Key::Char('g')]);
        while !console.text(size).lines().rev().nth(1).expect("a notice").contains(&format!("› {name} ")) {
            console.press(&[Key::Char('j')]);
        }
        let keys = [Key::Enter];
        let breadcrumb = console.press(&keys).text(size).lines().next().expect("a row").to_owned();
        assert!(breadcrumb.contains(name), "{steps} steps lead to {breadcrumb}");
        assert!(console.press(&[Key::Esc]).text(size).contains("Needs attention"), "Esc leads back from {name}");
    }
    assert_eq!(console.effects, []);
    // Numbers and short names open it as well.
    for (keys, name) in [("2", "Recent errors"), (":us", "Upload sessions"), ("4", "Download sessions")] {
        let mut keys: Vec<_> = keys.chars().map(Key::Char).collect();
        if keys.len() > 1 {
            keys.push(Key::Enter);
        }
        assert!(console.press(&keys).text(size).lines().next().expect("a row").contains(name));
    }
    console.press(&[Key::Char('q')]);
    assert_eq!(console.effects, [RuntimeEffect::Quit]);
}

#[test]
fn keys_in_lists_change_nothing_without_confirmation() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
    for code in 0x21_u8..0x7f {
        if code != b'q' {
            console.press(&[Key::Char(char::from(code)), Key::Esc, Key::Esc]);
        }
    }
    let changes = |effect: &&RuntimeEffect| !matches!(effect, RuntimeEffect::Copy(_) | RuntimeEffect::Repaint);
    assert_eq!(console.effects.iter().find(changes), None);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
    console.press(&[Key::Paste("\r\ny\r\n".to_owned())]);
    assert_eq!(console.effects, []);
    console.press(&[Key::Char('q'), Key::Char('p'), Key::Tab, Key::Enter]);
    assert!(
        console.text((80, 24)).contains("What OK will do"),
        "q in a form does not quit, and the dialog is still open"
    );
}

#[test]
fn rows_can_be_marked_singly_as_a_range_or_all_and_esc_clears_marks_first() {
    let exchange = night();
    let size = (80, 24);
    let mut console =
        TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, "status:applied".to_owned()));
    console.buffer(size);
    assert!(console.press(&[Key::Char(' '), Key::Char(' ')]).text(size).contains("2 marked · 1-10 of 30"));
    console.press(&[Key::Char('v'), Key::Down, Key::Down, Key::Char('v')]);
    assert!(console.text(size).contains("5 marked · "), "{}", console.text(size));
    console.press(&[Key::Up, Key::Char(' ')]);
    assert!(console.text(size).contains("4 marked · "), "a mark is removed");
    assert!(console.press(&[Key::Char('*')]).text(size).contains("30 marked: all that match."));
    let text = console.press(&[Key::Char('a')]).text(size);
    assert!(text.contains("Actions on 30 marked"), "{text}");
    console.press(&[Key::Esc, Key::Esc]);
    assert!(!console.text(size).contains("marked"), "{}", console.text(size));
    assert!(console.text(size).contains("Filter: status:applied"), "the filter is kept");
    // Marked rows outside the filter are not acted on.
    let keys = [vec![Key::Char('*'), Key::Char('/')], ",no_data".chars().map(Key::Char).collect(), vec![Key::Enter]];
    assert!(!console.press(&keys.concat()).text(size).contains("marked"));
}

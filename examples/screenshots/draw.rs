//! Draws screens of the seeded demo as SVG, at a fixed instant, so that the same code always draws
//! the same pictures.

use cdx_console::cancel::Cancel;
use cdx_console::clock::ManualClock;
use cdx_console::console::app::{App, Input, RuntimeEffect};
use cdx_console::console::backend::query_worker::{QueryWorker, Reply};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::route::{JobScope, Route};
use cdx_console::console::protocol::saved_state::SavedState;
use cdx_console::console::protocol::time::Zone;
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::console::{Settings, ThemeSettings};
use cdx_console::demo::{self, DemoPlan};
use cdx_console::domain::{Direction, Timestamp, Trigger};
use cdx_console::engine::{Databases, ProcessOptions};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// 2026-11-25 10:11:12 UTC.
const NOW: Timestamp = Timestamp(1_795_601_472_000);
/// 4 h 29 min earlier, when the demo's history was transferred.
const TRANSFERRED: i64 = NOW.0 - (4 * 60 + 29) * 60_000;
/// Cells of a picture.
const SIZE: (u16, u16) = (100, 30);
/// How long a query may take.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Pixels of a cell, and the margin around the screen.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
const BACKGROUND: &str = "#1c1f24";
const FOREGROUND: &str = "#d6d9de";
const DIM: &str = "#868d97";

/// The name of a picture, the screen it shows and the keys pressed there.
type Scene = (&'static str, Route, &'static [Key]);

const SCENES: fn() -> Vec<Scene> = || {
    let failed = Route::Sessions(Direction::Download, "status:failed".to_owned());
    vec![
        ("overview", Route::Overview, &[]),
        ("errors", Route::Errors, &[]),
        ("sessions", failed.clone(), &[Key::Down]),
        ("session", failed, &[Key::Down, Key::Enter]),
        ("process", Route::Process, &[]),
        ("batch-jobs", Route::BatchJobs(JobScope::All), &[]),
        ("help", Route::Overview, &[Key::Char('?')]),
    ]
};

/// Draws all pictures and returns them with their names.
pub fn pictures() -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let databases = demo::prepare(folder.path())?;
    fill(&databases)?;
    let mut pictures = Vec::new();
    for (name, route, keys) in SCENES() {
        let mut console = Console::open(databases.clone(), route)?;
        for key in keys {
            console.press(key)?;
        }
        pictures.push((name, svg(&console.draw())));
    }
    Ok(pictures)
}

/// Makes the demo, and gives everything that was dated by the database's own clock a fixed instant.
fn fill(databases: &Databases) -> Result<(), Box<dyn Error>> {
    let plan = DemoPlan { stores: 300, messages: 20_000, seed: 2012, now: NOW, days: 45 };
    let options = ProcessOptions::new(Trigger::Command, "r.vermeer", "aos-1");
    demo::fill(databases, &plan, options, &ManualClock::new(NOW), &Cancel::new(), &|_| {})?;
    let file = databases.head_office.file().ok_or("the demo is in files")?;
    rusqlite::Connection::open(file)?.execute_batch(&format!(
        "update run set started_at = {TRANSFERRED} - 3200, ended_at = {TRANSFERRED};
         update transfer_cursor set as_of = {TRANSFERRED};
         update status_message set transferred_at = {TRANSFERRED};
         update rejected_message set rejected_at = {TRANSFERRED};
         update batch_job set created_at = {TRANSFERRED}, changed_at = {TRANSFERRED}, withheld_at = {TRANSFERRED};
         update operator_journal set at = {TRANSFERRED};"
    ))?;
    Ok(())
}

/// A console without a terminal.
struct Console {
    app: App,
    queries: QueryWorker,
    replies: Receiver<Reply>,
}

impl Console {
    fn open(databases: Databases, route: Route) -> Result<Self, Box<dyn Error>> {
        let (sender, replies) = channel();
        let clock = Arc::new(ManualClock::new(NOW));
        let queries = QueryWorker::open(databases, false, clock, move |reply| drop(sender.send(reply)))?;
        let settings = Settings {
            bell: false,
            mouse: false,
            theme: ThemeSettings::fixed(Theme { depth: ColorDepth::Rgb, ascii: false }),
            label: None,
            operator: "r.vermeer".to_owned(),
            host: "aos-1".to_owned(),
            keymap: Keymap::default(),
            read_only: None,
            zone: Zone::Utc,
            home: chrono_tz::Tz::UTC,
            pager: Some("less".to_owned()),
            views_file: None,
        };
        let (app, effects) = App::new(settings, SavedState::default(), route, NOW);
        let mut console = Self { app, queries, replies };
        console.settle(effects)?;
        console.draw();
        Ok(console)
    }

    fn press(&mut self, key: &Key) -> Result<(), Box<dyn Error>> {
        for input in [Input::Key(key.clone()), Input::Debounced] {
            let effects = self.app.update(input, NOW);
            self.settle(effects)?;
            self.draw();
        }
        Ok(())
    }

    /// Answers queries until none is open.
    fn settle(&mut self, mut effects: Vec<RuntimeEffect>) -> Result<(), Box<dyn Error>> {
        let mut open = 0;
        loop {
            for effect in effects.drain(..) {
                if let RuntimeEffect::Ask(number, query) = effect {
                    open += 1;
                    self.queries.ask(number, query);
                }
            }
            if open == 0 {
                return Ok(());
            }
            let reply = self.replies.recv_timeout(TIMEOUT)?;
            open -= 1;
            effects = self.app.update(Input::Reply(reply), NOW);
        }
    }

    fn draw(&mut self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        self.app.draw(&mut buffer, NOW);
        buffer
    }
}

/// Returns a screen as SVG: a `text` element for each run of equally styled cells.
fn svg(buffer: &Buffer) -> String {
    let (width, height) = (f32::from(SIZE.0) * CELL.0 + 2.0 * MARGIN, f32::from(SIZE.1) * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" \
         fill=\"{FOREGROUND}\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (y, cells) in buffer.content().chunks(usize::from(SIZE.0)).enumerate() {
        let style = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
        let mut x = 0;
        for run in cells.chunk_by(|a, b| style(a) == style(b)) {
            write_run(&mut svg, (x, y), run);
            x += run.len();
        }
    }
    svg.push_str("</svg>\n");
    svg
}

#[allow(clippy::cast_precision_loss)] // cells of a screen
fn write_run(svg: &mut String, (x, y): (usize, usize), run: &[Cell]) {
    let modifier = run[0].modifier;
    let reversed = modifier.contains(Modifier::REVERSED);
    let text: String = run.iter().map(Cell::symbol).collect();
    let is_band = reversed || run[0].bg != Color::Reset;
    let (start, text) =
        if reversed { (0, text.as_str()) } else { (text.chars().take_while(|c| *c == ' ').count(), text.trim()) };
    let (left, top) = (MARGIN + x as f32 * CELL.0, MARGIN + y as f32 * CELL.1);
    let color = color(run[0].fg, modifier.contains(Modifier::DIM));
    if is_band {
        let ground = if reversed { color.clone() } else { self::color(run[0].bg, false) };
        let width = run.len() as f32 * CELL.0;
        let _ = writeln!(
            svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{ground}\"/>",
            CELL.1
        );
    }
    if text.is_empty() {
        return;
    }
    let fill = match (reversed, color.as_str()) {
        (true, _) => format!(" fill=\"{BACKGROUND}\""),
        (false, FOREGROUND) => String::new(),
        (false, color) => format!(" fill=\"{color}\""),
    };
    let weight = if modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let left = left + start as f32 * CELL.0;
    // The given length keeps columns aligned whatever the font.
    let length = text.chars().count() as f32 * CELL.0;
    let _ = writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\"{fill}{weight}>{}</text>",
        top + CELL.1 - 4.5,
        escaped(text)
    );
}

/// The default theme's colors.
fn color(color: Color, dim: bool) -> String {
    match color {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        _ if dim => DIM.to_owned(),
        _ => FOREGROUND.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

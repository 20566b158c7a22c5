//! The frame around every screen: breadcrumb, freshness, notice, hints; and the message of a
//! terminal that is too small.

mod layers;

pub use layers::{Layers, screen_size};

use crate::console::app::{Settings, hints};
use crate::console::overlay::Overlay;
use crate::console::protocol::key_table::{Command, Scope, TABLE};
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::saved_state::SavedState;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::freshness;
use crate::console::view::hits::Hits;
use crate::console::view::painter::{Painter, cells, cut, wrap};
use crate::console::view::theme::{Role, Surface, Theme};
use crate::text::sentence;
use ratatui::buffer::Buffer;
use std::cell::RefCell;

/// The smallest supported terminal: columns, rows.
pub const MIN_SIZE: (u16, u16) = (60, 15);

/// What the frame shows besides the screen.
pub struct FrameContent<'a> {
    /// The console's settings.
    pub settings: &'a Settings,
    /// Colors and glyphs.
    pub theme: Theme,
    /// The state saved from earlier screens.
    pub memory: &'a SavedState,
    /// The result of the last action.
    pub said: Option<&'a str>,
    /// A warning, which precedes everything else.
    pub warned: Option<&'a str>,
    /// Why the databases do not answer.
    pub fault: Option<&'a str>,
    /// Whether the next ^C quits.
    pub interrupted: bool,
    /// The name of the view that the screen shows.
    pub name: Option<&'a str>,
    /// Takes what a click can land on.
    pub hits: &'a RefCell<Hits>,
}

/// Whether a terminal is too small for anything but quitting.
pub fn is_too_small((width, height): (u16, u16)) -> bool {
    width < MIN_SIZE.0 || height < MIN_SIZE.1
}

/// Draws one frame.
pub fn draw(
    buffer: &mut Buffer,
    shown: &FrameContent,
    screen: &mut dyn Screen,
    mut layers: Layers,
    view: &ViewContext,
) {
    let area = buffer.area;
    let mut painter = Painter::new(buffer, area, shown.theme).with_hits(shown.hits);
    let (width, height) = (area.width, area.height);
    if is_too_small((width, height)) {
        return too_small(&mut painter, shown, view);
    }
    let path = screen.path();
    let mut path: Vec<&str> = path.clone();
    path.extend(shown.name);
    breadcrumb(&mut painter, &path, shown, view);
    if shown.fault.is_some() {
        painter.text(0, 1, width, &freshness::unanswered(view, usize::from(width)), Role::Bad);
    } else {
        let (line, is_warning) = freshness::line(view, usize::from(width));
        let (mark, role) = if is_warning { ("!", Role::Warn) } else { (" ", Role::Text) };
        painter.text(0, 1, width, &format!("{mark}{}{line}", if is_warning { " " } else { "" }), role);
    }
    let text_hints = layers::draw(&mut painter, shown, screen, &mut layers, view);
    let overlay = layers.overlay;
    let keymap = &shown.settings.keymap;
    let offers = |command: Command| is_everywhere(command) || screen.offers(command);
    let room = usize::from(width - 1);
    let (notice, role) = match (shown.warned, overlay.as_deref(), shown.said, shown.fault) {
        (Some(warned), ..) => (warned.to_owned(), Role::Warn),
        (None, Some(overlay), ..) => (overlay.notice(room, keymap), Role::Text),
        (None, None, Some(said), _) => (sentence(said), Role::Text),
        (None, None, None, Some(fault)) => (format!("! {fault}"), Role::Bad),
        (None, None, None, None) if text_hints.is_some() => (String::new(), Role::Text),
        (None, None, None, None) => (whole_clauses(&screen.notice(view), room).to_owned(), Role::Text),
    };
    let is_told = shown.warned.is_some() || overlay.is_none() && shown.said.is_some();
    if is_told && cells(&notice) > room {
        // A result that needs two rows takes the row of the hints until the next key.
        let lines = wrap(&notice, room);
        let (first, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        painter.text(1, height - 2, width - 1, first, role);
        painter.text(1, height - 1, width - 1, &rest.join(" "), role);
        return painter.cover(0, height - 1, width, Surface::Band);
    }
    // A refusal takes as many rows as it needs; the line that is typed moves up.
    let candidates = overlay.as_deref().and_then(Overlay::line).map_or_else(Vec::new, |line| line.candidates(room));
    let fault = match overlay.as_deref().and_then(Overlay::fault) {
        _ if !candidates.is_empty() => Vec::new(),
        Some((fault, true)) => wrap(&format!("! {fault}"), room),
        // While it is typed, the line stays in its row.
        Some((fault, false)) => vec![cut(&format!("! {fault}"), room)],
        None => Vec::new(),
    };
    let fault = &fault[..fault.len().min(MAX_FAULT_ROWS)];
    let above = u16::try_from(fault.len()).unwrap_or(1).max(1);
    let row = height - 1 - above;
    for y in row..height {
        painter.fill(y, ' ', Role::Text);
    }
    painter.text(1, row, width - 1, &notice, role);
    if let Some(line) = overlay.as_deref().and_then(Overlay::line) {
        let at = |cells: usize| u16::try_from(cells).unwrap_or(width);
        if let Some((x, unknown)) = line.unknown_word(room) {
            painter.fault(at(x) + 1, row, at(unknown));
        }
        if let Some((x, selected)) = line.selection(room) {
            painter.cover(at(x) + 1, row, at(selected), Surface::Cursor);
        }
    }
    if !fault.is_empty() {
        for (y, line) in (row + 1..height).zip(fault) {
            painter.text(1, y, width - 1, line, Role::Bad);
            painter.cover(0, y, width, Surface::Band);
        }
        return;
    }
    if !candidates.is_empty() {
        return hints::draw_candidates(&mut painter, height - 1, &candidates);
    }
    let is_plain = overlay.is_none() && text_hints.is_none() && !screen.is_dialog();
    let shown_hints = match overlay {
        Some(overlay) => overlay.hints(keymap),
        None if text_hints.is_some() => text_hints.unwrap_or_default(),
        None if screen.is_dialog() => keymap.named(screen.dialog_hints()),
        None => {
            let is_empty = screen.is_empty();
            let is_useful = |command: Command| !(is_empty && command != Command::Actions && command.needs_row());
            keymap.hints(|command| offers(command) && is_useful(command), usize::from(width))
        }
    };
    let can_click = is_plain.then_some(keymap);
    hints::draw(&mut painter, height - 1, &shown_hints, can_click);
}

/// Rows that a refusal takes at most.
const MAX_FAULT_ROWS: usize = 4;

/// The sentences or clauses at the beginning of a notice that fit; if there are none, all of it.
fn whole_clauses(notice: &str, room: usize) -> &str {
    if cells(notice) <= room {
        return notice;
    }
    let longest = |mark: &str| {
        let parts = notice.match_indices(mark).map(|(at, _)| &notice[..at]);
        parts.filter(|part| (room / 3..=room).contains(&cells(part))).last()
    };
    [". ", "; ", ": ", ", "].into_iter().find_map(longest).unwrap_or(notice)
}

fn is_everywhere(command: Command) -> bool {
    TABLE.iter().any(|binding| binding.command == command && binding.scope == Scope::Everywhere)
}

/// The running batch servers, as the breadcrumb names them.
fn servers(view: &ViewContext) -> String {
    let Some(freshness) = view.freshness else { return String::new() };
    match freshness.coming.servers.as_slice() {
        [] => "○ no server".to_owned(),
        [one] => format!("● {one}"),
        [first, others @ ..] => format!("● {first} +{}", others.len()),
    }
}

fn breadcrumb(painter: &mut Painter, path: &[&str], shown: &FrameContent, view: &ViewContext) {
    let width = painter.width();
    let Settings { operator, host, read_only, label, .. } = shown.settings;
    let mut parts = Vec::new();
    if width >= 100 {
        parts.push(format!("{operator} on {host}"));
    }
    parts.push(cut(&servers(view), usize::from(width / 4)));
    if read_only.is_some() {
        parts.push("read-only".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    let right = format!("{} ", parts.join(" · "));
    let room = usize::from(width).saturating_sub(cells(&right) + 2);
    let mut steps: Vec<&str> = path.to_vec();
    let label = label.as_ref().map(|(label, _)| cut(label, usize::from(width / 4)));
    let text = |steps: &[&str]| {
        let before = label.iter().map(|label| format!(" {label} │"));
        format!("{} {}", before.collect::<String>(), steps.join(" › "))
    };
    // Cut from the front: the last step is the current screen.
    while steps.len() > 1 && cells(&text(&steps)) > room {
        if steps.first() == Some(&"…") {
            steps.remove(1);
        } else {
            steps[0] = "…";
        }
        if steps.len() == 2 && steps[0] == "…" {
            break;
        }
    }
    let room = u16::try_from(room).unwrap_or(width);
    let used = painter.text(0, 0, room, &text(&steps), Role::Dim);
    let here = steps.last().map_or("", |step| *step);
    let start = used.saturating_sub(u16::try_from(cells(here)).unwrap_or(0));
    painter.text(start, 0, used - start, here, Role::Title);
    painter.text_right(0, 0, width, &right, Role::Dim);
    let surface = shown.settings.label.as_ref().map_or(Surface::Band, |(_, color)| Surface::Label(*color));
    painter.cover(0, 0, width, surface);
}

fn too_small(painter: &mut Painter, shown: &FrameContent, view: &ViewContext) {
    let (width, height) = (painter.width(), painter.height());
    let mut lines = if width < 34 {
        vec![format!("cdx needs {}×{}", MIN_SIZE.0, MIN_SIZE.1), format!("this is {width}×{height}")]
    } else {
        vec![format!("cdx needs {}×{}, this is {width}×{height}.", MIN_SIZE.0, MIN_SIZE.1)]
    };
    if let Some(run) = view.run.filter(|run| run.is_active()) {
        lines.push(run.summary(view.now));
    }
    if width >= 40 {
        let room = usize::from(width) - 2;
        let line =
            if shown.fault.is_some() { freshness::unanswered(view, room) } else { freshness::line(view, room).0 };
        lines.push(line.trim().to_owned());
    }
    let (runs, keymap) = (view.run.is_some_and(LiveRun::is_active), &shown.settings.keymap);
    lines.push(match (runs, shown.interrupted) {
        (true, true) => keymap.named("{quit} again: the run stops after its chunk."),
        (true, false) => keymap.named("Make it larger; {quit} twice quits."),
        (false, _) if width < 30 => keymap.named("{quit} quits"),
        (false, _) => keymap.named("Make it larger, or {quit} quits."),
    });
    if height < 4 || width < 24 {
        lines.truncate(1);
    }
    let count = u16::try_from(lines.len()).unwrap_or(3);
    let apart = if count * 2 <= height { 2 } else { 1 };
    let top = height.saturating_sub(count * apart) / 2;
    for (index, line) in (0..).zip(&lines) {
        let indent = usize::from(width).saturating_sub(cells(line)) / 2;
        painter.text(u16::try_from(indent).unwrap_or(0), top + index * apart, width, line, Role::Text);
    }
}

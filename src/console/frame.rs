//! What stands around every screen: breadcrumb, freshness, notice, hints; and what is said when there is no room.

use super::app::Settings;
use super::freshness;
use super::keys::{self, Command};
use super::overlay::Overlay;
use super::painter::{Painter, cells};
use super::screen::{Screen, View};
use super::theme::Role;
use ratatui::buffer::Buffer;

/// The least that everything works in.
pub const LEAST: (u16, u16) = (60, 15);

/// What the frame shows besides the screen.
pub struct Shown<'a> {
    /// Fixed for this console.
    pub settings: &'a Settings,
    /// The result of the last action.
    pub said: Option<&'a str>,
    /// Why the databases do not answer.
    pub fault: Option<&'a str>,
}

/// Draws one frame.
pub fn draw(
    buffer: &mut Buffer,
    shown: &Shown,
    screen: &mut dyn Screen,
    mut overlay: Option<&mut Overlay>,
    view: &View,
) {
    let area = buffer.area;
    let mut painter = Painter::new(buffer, area, shown.settings.theme);
    let (width, height) = (area.width, area.height);
    if width < LEAST.0 || height < LEAST.1 {
        return too_small(&mut painter, view);
    }
    breadcrumb(&mut painter, &screen.path(), shown);
    if let Some(fault) = shown.fault {
        painter.text(0, 1, width, &format!("! {fault}"), Role::Bad);
    } else {
        let (line, is_warning) = freshness::line(view);
        let (mark, role) = if is_warning { ("!", Role::Warn) } else { (" ", Role::Text) };
        painter.text(0, 1, width, &format!("{mark}{}{line}", if is_warning { " " } else { "" }), role);
    }
    let mut middle = painter.part(0, 2, width, height - 4);
    screen.draw(&mut middle, view);
    let offers = |command: Command| is_everywhere(command) || screen.offers(command);
    if let Some(overlay) = overlay.as_deref_mut() {
        overlay.draw(&mut middle, offers);
    }
    let notice = match (overlay.as_deref(), shown.said) {
        (Some(overlay), _) => overlay.notice(),
        (None, Some(said)) => said.to_owned(),
        (None, None) => screen.notice(view),
    };
    painter.text(1, height - 2, width - 1, &notice, Role::Text);
    let hints = match overlay {
        Some(overlay) => overlay.hints().to_owned(),
        None if screen.is_dialog() => " Enter OK  Tab next field  Space tick  Esc cancel  ? help".to_owned(),
        None => keys::hints(offers, usize::from(width)),
    };
    painter.text(0, height - 1, width, &hints, Role::Dim);
}

fn is_everywhere(command: Command) -> bool {
    keys::TABLE.iter().any(|binding| binding.command == command && binding.scope == keys::Scope::Everywhere)
}

fn breadcrumb(painter: &mut Painter, path: &[&str], shown: &Shown) {
    let width = painter.width();
    let right = if shown.settings.read_only {
        format!("{} · read-only ", shown.settings.operator)
    } else {
        format!("{} ", shown.settings.operator)
    };
    let room = usize::from(width).saturating_sub(cells(&right) + 2);
    let mut steps: Vec<&str> = path.to_vec();
    let text = |steps: &[&str]| format!(" {}", steps.join(" › "));
    // From the front, for the last step is where one is.
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
    painter.text(0, 0, u16::try_from(room).unwrap_or(width), &text(&steps), Role::Title);
    painter.right(0, 0, width, &right, Role::Dim);
}

fn too_small(painter: &mut Painter, view: &View) {
    let (width, height) = (painter.width(), painter.height());
    let mut lines = vec![format!("cdx needs {}×{}, this is {width}×{height}.", LEAST.0, LEAST.1)];
    if let Some(run) = view.run.filter(|run| run.lives()) {
        lines.push(run.line());
    }
    lines.push("Make it larger, or q quits.".to_owned());
    if height < 4 || width < 24 {
        lines.truncate(1);
    }
    let top = height.saturating_sub(u16::try_from(lines.len()).unwrap_or(3) * 2) / 2;
    for (index, line) in (0..).zip(&lines) {
        let indent = usize::from(width).saturating_sub(cells(line)) / 2;
        painter.text(u16::try_from(indent).unwrap_or(0), top + index * 2, width, line, Role::Text);
    }
}

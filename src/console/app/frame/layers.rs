//! The layers of a frame: the screen, beside it the docked menu and an explanation, over it the
//! topmost overlay.

use crate::console::app::explanation;
use crate::console::app::frame::{FrameContent, is_everywhere};
use crate::console::overlay::menu::{DOCKS_FROM, Menu, WIDTH};
use crate::console::overlay::{LinkedText, Overlay};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::saved_state::SavedState;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{self, within};
use crate::console::view::painter::Painter;

/// What is open over a screen or beside it.
pub struct Layers<'a> {
    /// An explanation, and whether it has the focus where it is beside the screen.
    pub explanation: Option<(&'a mut LinkedText, bool)>,
    /// The topmost overlay.
    pub overlay: Option<&'a mut Overlay>,
}

/// Columns that the docked menu takes.
fn menu_width(memory: &SavedState, width: u16) -> u16 {
    if memory.docked && width >= DOCKS_FROM { WIDTH } else { 0 }
}

/// The columns and rows that are left to the screen.
pub fn screen_size(memory: &SavedState, (width, height): (u16, u16)) -> (u16, u16) {
    (width - menu_width(memory, width), height.saturating_sub(4))
}

/// Draws the screen, the docked menu, and what is open beside them and over them. Returns the hints
/// of the explanation if it has the focus.
pub(super) fn draw(
    painter: &mut Painter,
    shown: &FrameContent,
    screen: &mut dyn Screen,
    layers: &mut Layers,
    view: &ViewContext,
) -> Option<String> {
    let (width, height) = (painter.width(), painter.height() - 4);
    let (left, keymap) = (menu_width(shown.memory, width), &shown.settings.keymap);
    if left > 0 && !matches!(layers.overlay.as_deref(), Some(Overlay::Menu(_))) {
        let here = screen.path().last().copied().unwrap_or("");
        Menu::at(here, &shown.memory.closed).draw(&mut painter.part(0, 2, WIDTH, height), false);
    }
    let mut area = painter.part(left, 2, width - left, height);
    let mut hints = None;
    match (&mut layers.explanation, layout::beside((area.width(), height))) {
        (None, _) => screen.draw(&mut area, view),
        (Some((text, _)), None) => {
            screen.draw(&mut area, view);
            // A click beside the box does not reach what it covers.
            shown.hits.borrow_mut().clear();
            text.draw(&mut area);
            hints = Some(text.hints(keymap));
        }
        (Some((text, focused)), Some(panes)) => {
            screen.draw(&mut within(&mut area, panes.list).aside(*focused), view);
            panes.draw_lines(&mut area);
            let mut pane = within(&mut area, panes.detail);
            pane.hit_pane(explanation::EXPLANATION_PANE);
            text.draw_pane(&mut pane, *focused, keymap);
            hints = focused.then(|| text.hints(keymap));
        }
    }
    if let Some(overlay) = layers.overlay.as_deref_mut() {
        let left = if matches!(overlay, Overlay::Menu(_)) { 0 } else { left };
        let run = view.run.filter(|run| run.is_active()).map(|run| (run, view.now));
        shown.hits.borrow_mut().clear();
        let offers = |command: Command| is_everywhere(command) || screen.offers(command);
        overlay.draw(&mut painter.part(left, 2, width - left, height), keymap, offers, run);
    }
    hints
}

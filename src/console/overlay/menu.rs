//! The menu: the retail tree in a drawer over the screen, or docked beside it on a wide terminal.

use crate::console::overlay::OverlayOutcome;
use crate::console::overlay::navigation::{self, MENU};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::hits::Hit;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::input::TextInput;

/// Cells of the drawer, its edge included.
pub const WIDTH: u16 = 40;
/// The least columns of a terminal on which it docks; the screen beside it keeps more than 80.
pub const DOCKS_FROM: u16 = 150;

/// The tree, its cursor, and which branches are closed.
#[derive(Debug, Default)]
pub struct Menu {
    /// The line under the cursor.
    pub cursor: usize,
    /// Paths of closed branches.
    pub closed: Vec<String>,
    /// The text that finds a line.
    find: Option<TextInput>,
}

impl Menu {
    /// The tree with the cursor on the place of this name.
    pub fn at(name: &str, closed: &[String]) -> Self {
        // From the Overview, the usual next step is to run the job.
        let at = |name: &str| MENU.iter().position(|place| place.name == name && (place.route)().is_some());
        let cursor = at(name).filter(|_| name != "Overview").or_else(|| at("Process status messages")).unwrap_or(0);
        let mut menu = Self { cursor, closed: closed.to_vec(), find: None };
        menu.unfold(cursor);
        menu
    }

    fn is_branch(index: usize) -> bool {
        (MENU[index].route)().is_none()
    }

    fn is_closed(&self, index: usize) -> bool {
        Self::is_branch(index) && self.closed.contains(&navigation::path(index).join("/"))
    }

    /// The branch that contains a line.
    fn parent(index: usize) -> Option<usize> {
        (0..index).rev().find(|at| MENU[*at].depth < MENU[index].depth)
    }

    fn is_visible(&self, index: usize) -> bool {
        std::iter::successors(Self::parent(index), |at| Self::parent(*at)).all(|at| !self.is_closed(at))
    }

    fn visible(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..MENU.len()).filter(|index| self.is_visible(*index))
    }

    fn unfold(&mut self, index: usize) {
        let above: Vec<_> = std::iter::successors(Self::parent(index), |at| Self::parent(*at)).collect();
        for at in above {
            let path = navigation::path(at).join("/");
            self.closed.retain(|closed| *closed != path);
        }
    }

    fn open(&mut self) -> OverlayOutcome {
        if let Some(target) = (MENU[self.cursor].route)() {
            return OverlayOutcome::Perform(vec![Effect::Go(target)]);
        }
        let path = navigation::path(self.cursor).join("/");
        self.closed.retain(|closed| *closed != path);
        OverlayOutcome::Stay
    }

    fn close(&mut self) {
        if Self::is_branch(self.cursor) && !self.is_closed(self.cursor) {
            self.closed.push(navigation::path(self.cursor).join("/"));
        } else if let Some(parent) = Self::parent(self.cursor) {
            self.cursor = parent;
        }
    }

    /// Whether the cursor is on a line.
    pub fn is_at(&self, index: usize) -> bool {
        self.cursor == index
    }

    /// Puts the cursor on a line.
    pub fn focus(&mut self, number: usize) {
        self.cursor = number.min(MENU.len().saturating_sub(1));
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if let Some(find) = &mut self.find {
            match key {
                Key::Esc => self.find = None,
                Key::Enter => {
                    self.find = None;
                    return self.open();
                }
                key => {
                    find.key(key);
                    let text = find.text().to_lowercase();
                    let hit = MENU.iter().position(|place| {
                        (place.route)().is_some()
                            && text.split(' ').all(|word| place.name.to_lowercase().contains(word))
                    });
                    if let Some(hit) = hit {
                        self.cursor = hit;
                        self.unfold(hit);
                    }
                }
            }
            return OverlayOutcome::Stay;
        }
        let next = match keymap.command(key) {
            Some(Command::Up) => self.visible().rfind(|index| *index < self.cursor),
            Some(Command::Down) => self.visible().find(|index| *index > self.cursor),
            Some(Command::First) => self.visible().next(),
            Some(Command::Last) => self.visible().next_back(),
            Some(Command::Open) if self.is_closed(self.cursor) || !Self::is_branch(self.cursor) => return self.open(),
            Some(Command::Open | Command::Left) => {
                self.close();
                None
            }
            Some(Command::Right) => return self.open(),
            Some(Command::Filter) => {
                self.find = Some(TextInput::default());
                None
            }
            Some(Command::Numbered(digit)) => {
                let target = navigation::numbered(digit);
                return target.map_or(OverlayOutcome::Stay, |target| OverlayOutcome::Perform(vec![Effect::Go(target)]));
            }
            Some(Command::Back | Command::Menu) => return OverlayOutcome::Close,
            _ => None,
        };
        self.cursor = next.unwrap_or(self.cursor);
        OverlayOutcome::Stay
    }

    /// The path of the line and its short names.
    pub fn notice(&self) -> String {
        if let Some(find) = &self.find {
            let (before, after) = find.halves();
            return format!("/{before}█{after}");
        }
        let place = &MENU[self.cursor.min(MENU.len() - 1)];
        let path = navigation::path(self.cursor).join(" › ");
        match (place.short, place.digit) {
            ("", _) => path,
            (short, None) => format!("{path}      :{short}"),
            (short, Some(digit)) => format!("{path}      :{short} or {digit}"),
        }
    }

    /// Draws it into the left part of the screen.
    pub fn draw(&self, painter: &mut Painter, focused: bool) {
        painter.clear();
        painter.rule(0, "Menu", "", focused);
        let (width, height) = (painter.width(), painter.height());
        for y in 0..height {
            painter.text(width - 1, y, 1, if y == 0 { "╗" } else { "║" }, Role::Text);
        }
        let lines: Vec<_> = self.visible().collect();
        let at = lines.iter().position(|index| *index == self.cursor).unwrap_or(0);
        // If the tree does not fit, the cursor's line stays visible.
        let top = (at + 2).saturating_sub(usize::from(height.max(2)));
        for (y, index) in (1..height).zip(lines.into_iter().skip(top)) {
            let place = &MENU[index];
            let mark = match (Self::is_branch(index), place.digit) {
                (true, _) if self.is_closed(index) => "► ".to_owned(),
                (true, _) => "▼ ".to_owned(),
                (false, Some(digit)) => format!("{digit} "),
                (false, None) => "  ".to_owned(),
            };
            let indent = place.depth * 2 + 1;
            painter.text(indent, y, width - 1 - indent, &format!("{mark}{}", place.name), Role::Text);
            // Beside a screen, it is not the menu that clicks are for.
            if focused {
                painter.hit((0, y), (width - 1, 1), Hit::Focus(index));
            }
            if index == self.cursor {
                painter.cursor_row(0, y, width - 1, focused);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::route::Route;

    #[test]
    fn branches_close_and_open_and_a_line_is_found_by_typing() {
        let keymap = Keymap::default();
        let mut menu = Menu::at("Download sessions", &[]);
        let press = |menu: &mut Menu, keys: &[Key]| keys.iter().map(|key| menu.key(key, &keymap)).last();
        press(&mut menu, &[Key::Left, Key::Left]);
        assert_eq!(MENU[menu.cursor].name, "Commerce Data Exchange");
        assert!(!menu.visible().any(|index| MENU[index].name == "Download sessions"));
        press(&mut menu, &[Key::Down]);
        assert_eq!(MENU[menu.cursor].name, "Setup");
        press(&mut menu, &[Key::Up, Key::Right, Key::Down]);
        assert_eq!(MENU[menu.cursor].name, "Download sessions");
        press(
            &mut menu,
            &[Key::Char('h'), Key::Char('h'), Key::Char('/'), Key::Char('r'), Key::Char('u'), Key::Char('n')],
        );
        assert_eq!(menu.notice(), "/run█");
        let Some(OverlayOutcome::Perform(effects)) = press(&mut menu, &[Key::Enter]) else { panic!("it leads there") };
        assert!(matches!(effects[..], [Effect::Go(Route::Runs)]));
        assert_eq!(menu.closed, Vec::<String>::new(), "what was found is unfolded");
    }
}

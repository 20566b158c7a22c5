//! Every screen in every theme at four sizes: legible colors, and a cursor row marked as a whole.

use crate::screens::{SIZES, TestConsole, dump, night};
use cdx_console::config::LabelColor;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::console::view::theme::{ColorDepth, Surface, Theme};
use cdx_console::domain::Direction;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;
use std::fmt::Write as _;

const DEPTHS: [ColorDepth; 4] = [ColorDepth::Mono, ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::Rgb];

/// Returns the ground and the modifier of a cell under the cursor.
fn marked(theme: Theme, cell: &Cell) -> bool {
    let mut cursor = Cell::default();
    theme.cover(Surface::Cursor, &mut cursor);
    cell.bg == cursor.bg && cell.modifier.contains(cursor.modifier)
}

/// Fails if a row with the cursor of a list is not marked from its arrow to the end of its pane.
/// Returns the number of such rows.
fn check_cursor(buffer: &Buffer, theme: Theme, name: &str) -> usize {
    let mut found = 0;
    for cells in buffer.content().chunks(usize::from(buffer.area.width)) {
        let symbol = |symbol: &'static str| move |cell: &Cell| cell.symbol() == symbol;
        // Fields have an arrow on both sides; the caret of a form is not a cursor of a list.
        if !symbol("►")(&cells[0]) || cells.iter().any(symbol("◄")) {
            continue;
        }
        let edges = ["│", "║", "╔", "╚"];
        let end = cells.iter().position(|cell| edges.contains(&cell.symbol())).unwrap_or(cells.len());
        let row: String = cells.iter().map(Cell::symbol).collect();
        let is_marked = cells[..end].iter().all(|cell| marked(theme, cell));
        assert!(is_marked, "{name}, {:?}, {}: {row}", theme.depth, buffer.area.width);
        found += 1;
    }
    found
}

/// Fails if a background is painted without a color of the text on it.
fn check_grounds(buffer: &Buffer, theme: Theme, name: &str) {
    for cell in buffer.content() {
        let is_whole = cell.bg == Color::Reset || cell.fg != Color::Reset;
        assert!(is_whole, "{name}, {:?}: {:?} on {:?}", theme.depth, cell.fg, cell.bg);
        if matches!(theme.depth, ColorDepth::Indexed | ColorDepth::Rgb) {
            let is_own = |color: Color| matches!(color, Color::Reset | Color::Indexed(16..) | Color::Rgb(..));
            assert!(is_own(cell.fg) && is_own(cell.bg), "{name}: a color that terminals redefine");
        }
    }
}

#[test]
fn every_screen_draws_in_every_theme_at_every_size() {
    let scenes = [(night(), crate::screens::scenes()), (crate::batch_screens::night(), crate::batch_screens::scenes())];
    for depth in DEPTHS {
        let theme = Theme { depth, ascii: false };
        let mut found = 0;
        for (exchange, scenes) in &scenes {
            for (name, target, keys) in scenes {
                let mut console = TestConsole::open(exchange, theme, target.clone());
                console.buffer((80, 24));
                console.press(keys);
                for size in SIZES {
                    let buffer = console.buffer(size);
                    found += check_cursor(&buffer, theme, name);
                    check_grounds(&buffer, theme, name);
                }
            }
        }
        assert!(found > 80, "only {found} cursors");
    }
}

#[test]
fn each_theme_styles_the_main_screens_like_its_snapshot() {
    let exchange = night();
    let routes = [Route::Overview, Route::Sessions(Direction::Upload, "status:failed".to_owned())];
    for (depth, name) in DEPTHS.into_iter().zip(["mono", "16", "256", "24_bit"]) {
        let mut text = String::new();
        for route in &routes {
            let mut console = TestConsole::open(&exchange, Theme { depth, ascii: false }, route.clone());
            console.buffer((80, 24));
            console.press(&[Key::Down]);
            let _ = writeln!(text, "{}", dump(&console.buffer((80, 24))));
        }
        insta::assert_snapshot!(format!("theme_{name}"), text);
    }
}

#[test]
fn a_label_paints_the_header_line_and_is_cleaned() {
    let exchange = night();
    for depth in DEPTHS {
        let theme = Theme { depth, ascii: false };
        let label = ("PROD\u{1b}[31m\u{202e}".to_owned(), LabelColor::Red);
        let mut console = TestConsole::open_labeled(&exchange, theme, label);
        for size in SIZES {
            let buffer = console.buffer(size);
            let header = &buffer.content()[..usize::from(size.0)];
            let text: String = header.iter().map(Cell::symbol).collect();
            assert!(text.starts_with(" PROD<1B>[31m") && text.contains("Overview"), "{text}");
            let mut covered = Cell::default();
            theme.cover(Surface::Label(LabelColor::Red), &mut covered);
            assert!(header.iter().all(|cell| (cell.fg, cell.bg) == (covered.fg, covered.bg)), "{depth:?}: {text}");
            assert!(header.iter().all(|cell| cell.modifier.contains(covered.modifier)), "{depth:?}: {text}");
        }
    }
}

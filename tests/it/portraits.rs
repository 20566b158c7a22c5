//! What a screen looks like in every theme and at every size: texts of a few, digests of the rest,
//! and what must hold of each.

use crate::screens::{COLOR, SIZES, TestConsole, dump, rows};
use cdx_console::console::view::theme::{ColorDepth, Surface, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The themes by name; the first has full texts.
const THEMES: [(&str, Theme); 6] = [
    ("16", COLOR),
    ("mono", Theme { depth: ColorDepth::Mono, ascii: false }),
    ("256", Theme { depth: ColorDepth::Indexed, ascii: false }),
    ("24bit", Theme { depth: ColorDepth::Rgb, ascii: false }),
    ("16-ascii", Theme { depth: ColorDepth::Sixteen, ascii: true }),
    ("mono-ascii", Theme { depth: ColorDepth::Mono, ascii: true }),
];

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The text of a screen's snapshot: in full at four sizes and without colors in ASCII, else a
/// digest of text and styles. A digest that differs from the snapshot's leaves the screen in
/// `target/tmp/screens`, where it can be read.
///
/// `open` opens the screen in a theme; `folder` is part of paths on the screen and differs each
/// time.
#[allow(clippy::print_stderr)] // where to look at what differs
pub fn portrait(name: &str, folder: &Path, mut open: impl FnMut(Theme) -> TestConsole) -> String {
    let folder = folder.file_name().expect("a name").to_string_lossy().into_owned();
    // It always has the same length.
    let hidden = "x".repeat(folder.len());
    let mut text = String::new();
    let mut digests = String::new();
    let mut screens = Vec::new();
    for (theme_name, theme) in THEMES {
        let mut console = open(theme);
        let _ = write!(digests, "{theme_name:<10}");
        for (width, height) in SIZES {
            let buffer = console.buffer((width, height));
            check(&format!("{name}, {theme_name}, {width}x{height}"), theme, &buffer);
            let shown = dump(&buffer).replace(&folder, &hidden);
            let title = match (theme_name, width) {
                ("16", _) => Some(format!("{width}x{height}")),
                ("mono-ascii", 80) => Some(format!("{width}x{height} without colours, in ASCII")),
                _ => None,
            };
            if let Some(title) = title {
                let _ = writeln!(text, "{title}\n{shown}");
            }
            let digest = digest(&shown);
            let _ = write!(digests, " {digest}");
            screens.push((format!("{theme_name}-{width}x{height}"), digest, shown));
        }
        digests.push('\n');
    }
    let folder = screens_folder().join(name);
    let known = std::fs::read_to_string(snapshot(name)).unwrap_or_default();
    for (file, digest, shown) in screens.into_iter().filter(|(_, digest, _)| !known.contains(digest)) {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{file}.txt")), shown).expect("written");
        eprintln!("{name}: {digest} is {}/{file}.txt; accept it with INSTA_UPDATE=always", folder.display());
    }
    let sizes = SIZES.map(|(width, height)| format!("{:<12}", format!("{width}x{height}"))).join(" ");
    let _ = writeln!(text, "digests    {}\n{digests}", sizes.trim_end());
    text
}

fn screens_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens")
}

fn snapshot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots").join(format!("it__{name}.snap"))
}

/// Fails if a screen breaks a rule that every screen keeps.
fn check(name: &str, theme: Theme, buffer: &Buffer) {
    check_colors(name, theme, buffer);
    check_grounds(name, theme, buffer);
    check_cursor(name, theme, buffer);
    let lines = rows(buffer);
    let hints = lines.last().expect("a row");
    assert!(!hints.trim_end().ends_with(['…', '~']), "{name}: the hints are cut: {hints}");
    check_panes(name, theme, buffer);
    check_cuts(name, &lines);
}

/// Fails if a text is cut though there is blank room behind it.
fn check_cuts(name: &str, lines: &[String]) {
    // Labels that end with the sign, and boxes that have them.
    if name.contains("__help") {
        return;
    }
    for line in lines.iter().take(lines.len() - 2).filter(|line| !line.contains(['║', '╔', '╚'])) {
        for part in line.split('│') {
            let cuts = part.match_indices('…').filter(|(at, _)| !part[..*at].ends_with([' ', '\'']));
            for (_, behind) in cuts.map(|(at, _)| part[at..].split_at('…'.len_utf8())) {
                let blank = behind.chars().take_while(|c| *c == ' ').count();
                let is_last = behind.trim().is_empty();
                // A column of numbers may follow, whose cells are blank at the left.
                let is_free = if is_last { blank > 2 } else { blank > 12 };
                assert!(!is_free, "{name}: cut beside blank room: {line}");
            }
        }
    }
}

/// Fails if a text runs over the edge between two panes: the edge is interrupted and goes on below.
fn check_panes(name: &str, theme: Theme, buffer: &Buffer) {
    if theme.ascii {
        return;
    }
    let (width, height) = (buffer.area.width, buffer.area.height);
    let is_edge = |x: u16, y: u16| "│├┤┼".contains(buffer[(x, y)].symbol());
    for (x, y) in (0..width).flat_map(|x| (3..height - 3).map(move |y| (x, y))) {
        let is_text = buffer[(x, y)].symbol().chars().all(char::is_alphanumeric);
        let is_over = is_text && is_edge(x, y - 1) && is_edge(x, y + 1);
        assert!(!is_over, "{name}: text over the edge of a pane at {x},{y}: {}", rows(buffer)[usize::from(y)]);
    }
}

/// Fails if text is not legible: a contrast of less than 4.5 between colors that the theme sets.
fn check_colors(name: &str, theme: Theme, buffer: &Buffer) {
    let mut seen: Vec<(Color, Color)> = Vec::new();
    for cell in buffer.content().iter().filter(|cell| !cell.symbol().trim().is_empty()) {
        let pair = colors(cell);
        if seen.contains(&pair) {
            continue;
        }
        seen.push(pair);
        let (text, ground) = pair;
        if theme.depth == ColorDepth::Mono {
            assert_eq!(pair, (Color::Reset, Color::Reset), "{name}: a color");
        }
        let grounds = match ground {
            Color::Reset => vec![0.0, 1.0],
            ground => light(ground).into_iter().collect(),
        };
        for (text, ground) in grounds.into_iter().filter_map(|ground| Some((light(text)?, ground))) {
            let ratio = (text.max(ground) + 0.05) / (text.min(ground) + 0.05);
            assert!(ratio >= 4.5, "{name}: {pair:?} has a contrast of {ratio:.2}: {}", cell.symbol());
        }
    }
}

fn colors(cell: &Cell) -> (Color, Color) {
    if cell.modifier.contains(Modifier::REVERSED) { (cell.bg, cell.fg) } else { (cell.fg, cell.bg) }
}

/// The relative luminance of a color that no terminal redefines.
fn light(color: Color) -> Option<f64> {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let bytes = match color {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(gray @ 232..) => [8 + 10 * (gray - 232); 3],
        Color::Indexed(cube @ 16..) => [(cube - 16) / 36, (cube - 16) / 6 % 6, (cube - 16) % 6].map(level),
        _ => return None,
    };
    let [red, green, blue] = bytes.map(|byte| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    Some(0.2126 * red + 0.7152 * green + 0.0722 * blue)
}

/// Returns the ground and the modifier of a cell under the cursor.
fn marked(theme: Theme, cell: &Cell) -> bool {
    let mut cursor = Cell::default();
    theme.cover(Surface::Cursor, &mut cursor);
    cell.bg == cursor.bg && cell.modifier.contains(cursor.modifier)
}

/// Fails if a row with the cursor of a list is not marked from its arrow to the end of its pane.
fn check_cursor(name: &str, theme: Theme, buffer: &Buffer) {
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
        assert!(is_marked, "{name}: the row of the cursor is not marked as a whole: {row}");
    }
}

/// Fails if a background is painted without a color of the text on it.
fn check_grounds(name: &str, theme: Theme, buffer: &Buffer) {
    for cell in buffer.content() {
        let is_whole = cell.bg == Color::Reset || cell.fg != Color::Reset;
        assert!(is_whole, "{name}: {:?} on {:?}", cell.fg, cell.bg);
        if matches!(theme.depth, ColorDepth::Indexed | ColorDepth::Rgb) {
            let is_own = |color: Color| matches!(color, Color::Reset | Color::Indexed(16..) | Color::Rgb(..));
            assert!(is_own(cell.fg) && is_own(cell.bg), "{name}: a color that terminals redefine");
        }
    }
}

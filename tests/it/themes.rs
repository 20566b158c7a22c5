//! Themes: their styles, switching them, and the operator's choice. `portraits.rs` checks them on
//! every screen.

use crate::screens::{COLOR, SIZES, TestConsole, dump, night, typed};
use crate::support::Exchange;
use crate::support::terminal::Terminal;
use cdx_console::cancel::Cancel;
use cdx_console::config::{self, LabelColor};
use cdx_console::console::backend::{mutations, saved_views};
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::mutation::{Mutation, ViewMutation};
use cdx_console::console::protocol::route::Route;
use cdx_console::console::protocol::saved_view::ViewOrigin;
use cdx_console::console::protocol::theme_choice::ThemeChoice;
use cdx_console::console::view::theme::{ColorDepth, Surface, Theme};
use cdx_console::domain::Direction;
use cdx_console::store::{Access, HeadOffice};
use ratatui::buffer::Cell;
use ratatui::style::Color;
use std::fmt::Write as _;

const DEPTHS: [ColorDepth; 4] = [ColorDepth::Mono, ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::Rgb];

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

fn has_color(console: &mut TestConsole) -> bool {
    console.buffer((80, 24)).content().iter().any(|cell| cell.fg != Color::Reset)
}

#[test]
fn a_theme_is_switched_at_once_and_the_next_console_of_the_operator_has_it() {
    let exchange = night();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Overview);
    assert!(has_color(&mut console));
    let legend = console.press(&typed(":legend\r")).text((80, 24));
    assert!(legend.contains("Colors of this theme: 16 colors") && legend.contains("no answer"), "{legend}");
    assert!(legend.contains("red, bold") && legend.contains("reversed"), "{legend}");
    console.press(&[Key::Esc]).press(&typed(":theme mono\r"));
    assert!(!has_color(&mut console));
    assert_eq!(console.perform_mutation(&exchange), "Theme: mono; saved.");
    let legend = console.press(&typed(":legend\r")).text((80, 24));
    assert!(legend.contains("Colors of this theme: no colors") && !legend.contains("red"), "{legend}");
    let mut next = TestConsole::open(&exchange, COLOR, Route::Views(None));
    assert!(!has_color(&mut next));
    let views = next.text((80, 24));
    assert!(!views.contains("console theme") && views.contains("0 of your own"), "{views}");
    next.press(&typed(":theme ascii\r"));
    assert!(next.text((80, 24)).is_ascii());
    assert_eq!(next.perform_mutation(&exchange), "Theme: mono, ASCII only; saved.");
    next.press(&typed(":theme lines\r"));
    assert!(next.text((80, 24)).contains('═'));
    assert_eq!(next.perform_mutation(&exchange), "Theme: mono; saved.");
    next.press(&typed(":theme 24-bit\r"));
    assert!(has_color(&mut next));
    let screen = next.press(&typed(":theme")).text((120, 40));
    assert!(screen.contains("Theme: 24-bit colors") && screen.contains("current ·"), "{screen}");
    let journal = exchange.cdx(&["journal", "--json"]).stdout;
    assert!(journal.contains("console theme of r.vermeer"), "{journal}");
}

#[test]
fn a_saved_theme_has_no_more_colors_than_the_terminal_announces() {
    let exchange = night();
    let theme = |depth| Theme { depth, ascii: false };
    let mut console = TestConsole::open(&exchange, theme(ColorDepth::Rgb), Route::Overview);
    console.press(&typed(":theme 256\r"));
    console.perform_mutation(&exchange);
    let is_indexed = |console: &mut TestConsole| {
        let buffer = console.buffer((80, 24));
        buffer.content().iter().any(|cell| matches!(cell.fg, Color::Indexed(_)))
    };
    let mut rich = TestConsole::open(&exchange, theme(ColorDepth::Rgb), Route::Overview);
    assert!(is_indexed(&mut rich));
    let mut plain = TestConsole::open(&exchange, theme(ColorDepth::Mono), Route::Overview);
    assert!(!has_color(&mut plain));
    plain.press(&typed(":theme ascii\r"));
    assert!(!has_color(&mut plain), "other glyphs are no choice of colors");
    plain.press(&typed(":theme 256\r"));
    assert!(is_indexed(&mut plain), "it was chosen on this terminal");
}

#[test]
fn a_theme_is_kept_on_the_machine_until_head_office_keeps_one() {
    let exchange = night();
    let file = exchange.path("state/views.json");
    let save = |theme, origin| {
        let choice = ThemeChoice { theme, ascii: false };
        let save = Mutation::View(ViewMutation::Save(Box::new(choice.to_view(origin)), Some(file.clone())));
        let saved = mutations::perform(&exchange.databases(), "r.vermeer", &save, &Keymap::default(), &Cancel::new());
        saved.expect("it is saved").said
    };
    let kept = || {
        let office = HeadOffice::open_for_queries(&exchange.databases().head_office, Access::ReadOnly.into());
        let saved = saved_views::read(&office.expect("it is there"), "r.vermeer", Some(&file)).expect("they are read");
        saved.iter().filter_map(ThemeChoice::of_view).map(|choice| choice.theme.name()).collect::<Vec<_>>()
    };
    assert_eq!(save(config::Theme::Sixteen, ViewOrigin::HeadOffice), "Theme: 16 colors; saved.");
    for theme in [config::Theme::Mono, config::Theme::Indexed] {
        assert!(save(theme, ViewOrigin::StateFolder).ends_with("saved on this machine."));
    }
    assert_eq!(kept(), ["16", "256"]);
    save(config::Theme::Mono, ViewOrigin::HeadOffice);
    save(config::Theme::Rgb, ViewOrigin::HeadOffice);
    assert_eq!(kept(), ["24bit"]);
}

#[test]
fn a_flag_the_environment_or_the_configuration_precedes_the_saved_theme() {
    let exchange = Exchange::new();
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let is_mono = |console: &Terminal| String::from_utf8_lossy(&console.bytes()).contains("\u{1b}[7m");
    let open = |variables: &[&str]| {
        let words = ["env"].iter().chain(variables).chain([&env!("CARGO_BIN_EXE_cdx")]);
        let words: Vec<_> = words.map(|word| (*word).to_owned()).collect();
        Terminal::run(exchange.folder(), (80, 24), &words)
    };
    let mut console = open(&["TERM=xterm-256color"]);
    console.shows("Needs attention").press(":theme mono\r").shows("Theme: mono; saved.").press("q");
    assert_eq!(console.ends(), 0);
    let file = exchange.path(".config/cdx/config.toml");
    for (variables, configured, is_reversed) in [
        (&["TERM=xterm-256color"][..], "", true),
        (&["CDX_THEME=256"], "", false),
        (&["TERM=xterm"], "theme = \"256\"\n", false),
    ] {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(&file, configured).expect("written");
        let mut console = open(variables);
        console.shows("Needs attention").press("m").shows("══ Menu").quiet();
        assert_eq!(is_mono(&console), is_reversed, "{variables:?}");
        console.press("\u{1b}").shows("Needs attention").press("q");
        assert_eq!(console.ends(), 0);
    }
}

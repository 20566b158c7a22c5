//! The colors of the themes, by what they are painted on.
//!
//! A terminal's background is unknown, so text on it has a luminance that is legible on black and
//! on white. Bands have a background of their own and lighter text.

use crate::config::LabelColor;
use crate::console::view::role::Role;
use ratatui::style::Color;

/// The colors that a console may use, the fewest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// No colors.
    Mono,
    /// The terminal's sixteen colors.
    Sixteen,
    /// The xterm palette of 256 colors.
    Indexed,
    /// 24-bit colors.
    Rgb,
}

/// What text is painted on, besides the terminal's own background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// The row under the cursor.
    Cursor,
    /// The header line, the headings of a table and the hints.
    Band,
    /// The header line with the configured label.
    Label(LabelColor),
}

/// The colors on one surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inks {
    pub(super) ground: Color,
    text: Color,
    dim: Color,
    /// Titles, keys, focus and what is running.
    accent: Color,
    wait: Color,
    good: Color,
    warn: Color,
    bad: Color,
}

impl Inks {
    /// One color for all text.
    const fn plain(ground: Color, text: Color) -> Self {
        Self { ground, text, dim: text, accent: text, wait: text, good: text, warn: text, bad: text }
    }

    /// Returns the color of a role.
    pub(super) fn color(&self, role: Role) -> Color {
        match role {
            Role::Text | Role::Match => self.text,
            Role::Dim => self.dim,
            Role::Title | Role::Key | Role::Focus | Role::Busy => self.accent,
            Role::Wait => self.wait,
            Role::Good => self.good,
            Role::Warn => self.warn,
            Role::Bad => self.bad,
        }
    }
}

const MONO: Inks = Inks::plain(Color::Reset, Color::Reset);

const SIXTEEN: Inks = Inks { good: Color::Green, warn: Color::Yellow, bad: Color::Red, ..MONO };

const INDEXED: Inks = Inks {
    ground: Color::Reset,
    text: Color::Reset,
    dim: Color::Indexed(243),
    accent: Color::Indexed(63),
    wait: Color::Indexed(243),
    good: Color::Indexed(29),
    warn: Color::Indexed(131),
    bad: Color::Indexed(163),
};
const INDEXED_CURSOR: Inks = Inks {
    ground: Color::Indexed(18),
    text: Color::Indexed(231),
    dim: Color::Indexed(252),
    accent: Color::Indexed(81),
    wait: Color::Indexed(252),
    good: Color::Indexed(120),
    warn: Color::Indexed(214),
    bad: Color::Indexed(210),
};
const INDEXED_BAND: Inks = Inks { ground: Color::Indexed(236), text: Color::Indexed(255), ..INDEXED_CURSOR };

const RGB: Inks = Inks {
    ground: Color::Reset,
    text: Color::Reset,
    dim: Color::Rgb(0x76, 0x76, 0x76),
    accent: Color::Rgb(0x21, 0x7a, 0xba),
    wait: Color::Rgb(0x76, 0x76, 0x76),
    good: Color::Rgb(0x2d, 0x86, 0x4a),
    warn: Color::Rgb(0xbd, 0x58, 0x00),
    bad: Color::Rgb(0xe7, 0x13, 0x41),
};
const RGB_CURSOR: Inks = Inks {
    ground: Color::Rgb(0x1f, 0x3d, 0x5c),
    text: Color::Rgb(0xff, 0xff, 0xff),
    dim: Color::Rgb(0xb9, 0xc4, 0xcf),
    accent: Color::Rgb(0x8e, 0xcb, 0xff),
    wait: Color::Rgb(0xb9, 0xc4, 0xcf),
    good: Color::Rgb(0x6f, 0xdd, 0x8b),
    warn: Color::Rgb(0xff, 0xb4, 0x30),
    bad: Color::Rgb(0xff, 0x96, 0xa8),
};
const RGB_BAND: Inks = Inks { ground: Color::Rgb(0x2b, 0x30, 0x37), text: Color::Rgb(0xee, 0xf1, 0xf4), ..RGB_CURSOR };

impl ColorDepth {
    /// Returns what a terminal supports, by its variables `COLORTERM` and `TERM`.
    pub fn of_terminal(colorterm: &str, term: &str) -> Self {
        // GNU screen passes COLORTERM on but reads 24-bit colors as attributes.
        let is_screen = term.starts_with("screen");
        let has_many = ["256color", "kitty", "alacritty", "foot", "ghostty", "wezterm"];
        if matches!(colorterm, "truecolor" | "24bit") && !is_screen && term != "linux" {
            Self::Rgb
        } else if has_many.iter().any(|end| term.ends_with(end)) {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// Returns its name, as operators read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mono => "no colors",
            Self::Sixteen => "16 colors",
            Self::Indexed => "256 colors",
            Self::Rgb => "24-bit colors",
        }
    }

    /// Returns the name of a role's color; empty for that of other text.
    pub(super) fn color_name(self, role: Role) -> &'static str {
        let [accent, wait, good, warn, bad] = match self {
            Self::Mono => [""; 5],
            Self::Sixteen => ["", "", "green", "yellow", "red"],
            Self::Indexed => ["blue", "gray", "green", "brown", "magenta"],
            Self::Rgb => ["blue", "gray", "green", "orange", "red"],
        };
        match role {
            Role::Text | Role::Match => "",
            Role::Title | Role::Key | Role::Focus | Role::Busy => accent,
            Role::Dim | Role::Wait => wait,
            Role::Good => good,
            Role::Warn => warn,
            Role::Bad => bad,
        }
    }

    /// Returns how the row of a cursor looks, in words.
    pub(super) fn cursor_name(self) -> &'static str {
        match self {
            Self::Mono | Self::Sixteen => "reversed",
            Self::Indexed | Self::Rgb => "on dark blue",
        }
    }

    /// Returns the colors on the terminal's own background.
    pub(super) fn open(self) -> Inks {
        match self {
            Self::Mono => MONO,
            Self::Sixteen => SIXTEEN,
            Self::Indexed => INDEXED,
            Self::Rgb => RGB,
        }
    }

    /// Returns the colors on a surface; `None` if it is marked by an attribute, or not at all.
    pub(super) fn on(self, surface: Surface) -> Option<Inks> {
        match (self, surface) {
            (Self::Mono, _) | (Self::Sixteen, Surface::Cursor | Surface::Band) => None,
            (Self::Indexed, Surface::Cursor) => Some(INDEXED_CURSOR),
            (Self::Indexed, Surface::Band) => Some(INDEXED_BAND),
            (Self::Rgb, Surface::Cursor) => Some(RGB_CURSOR),
            (Self::Rgb, Surface::Band) => Some(RGB_BAND),
            (_, Surface::Label(color)) => Some(self.label(color)),
        }
    }

    fn label(self, color: LabelColor) -> Inks {
        let (ansi, index, rgb, is_dark) = match color {
            LabelColor::Red => (Color::Red, 124, 0x00a6_1b1b, true),
            LabelColor::Orange => (Color::Yellow, 214, 0x00ff_b430, false),
            LabelColor::Green => (Color::Green, 22, 0x001b_6238, self != Self::Sixteen),
            LabelColor::Blue => (Color::Blue, 25, 0x001d_4e89, true),
            LabelColor::Purple => (Color::Magenta, 54, 0x005f_3794, true),
            LabelColor::Gray => (Color::DarkGray, 240, 0x004a_4f57, true),
        };
        let (white, black) = match self {
            Self::Mono | Self::Sixteen => (Color::White, Color::Black),
            Self::Indexed => (Color::Indexed(231), Color::Indexed(16)),
            Self::Rgb => (Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0)),
        };
        let ground = match self {
            Self::Mono | Self::Sixteen => ansi,
            Self::Indexed => Color::Indexed(index),
            Self::Rgb => Color::from_u32(rgb),
        };
        Inks::plain(ground, if is_dark { white } else { black })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::view::role::ROLES;
    use crate::console::view::theme::Theme;
    use ratatui::buffer::Cell;

    const LABELS: [LabelColor; 6] = [
        LabelColor::Red,
        LabelColor::Orange,
        LabelColor::Green,
        LabelColor::Blue,
        LabelColor::Purple,
        LabelColor::Gray,
    ];
    type Rgb = [f64; 3];

    /// Returns linear light; colors 16 to 255 of the xterm palette are fixed.
    fn light(color: Color) -> Option<Rgb> {
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        let bytes = match color {
            Color::Rgb(red, green, blue) => [red, green, blue],
            Color::Indexed(gray @ 232..) => [8 + 10 * (gray - 232); 3],
            Color::Indexed(cube @ 16..) => [(cube - 16) / 36, (cube - 16) / 6 % 6, (cube - 16) % 6].map(level),
            _ => return None,
        };
        Some(bytes.map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        }))
    }

    fn luminance([red, green, blue]: Rgb) -> f64 {
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio of WCAG 2.
    fn contrast(one: Rgb, other: Rgb) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    const NORMAL: [Rgb; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// Machado, Oliveira and Fernandes (2009), severity 1.
    const PROTANOPIA: [Rgb; 3] =
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];
    const DEUTERANOPIA: [Rgb; 3] =
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]];

    fn product(matrix: [Rgb; 3], light: Rgb) -> Rgb {
        matrix.map(|row| row.iter().zip(light).map(|(one, other)| one * other).sum::<f64>().clamp(0.0, 1.0))
    }

    /// Returns CIE L*a*b* as seen with a color vision deficiency.
    fn lab(light: Rgb, seen: [Rgb; 3]) -> Rgb {
        let xyz = product(
            [
                [0.4124 / 0.950_47, 0.3576 / 0.950_47, 0.1805 / 0.950_47],
                [0.2126, 0.7152, 0.0722],
                [0.0193 / 1.088_83, 0.1192 / 1.088_83, 0.9505 / 1.088_83],
            ],
            product(seen, light),
        );
        let [x, y, z] = xyz.map(|value| if value > 0.008_856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn distance(one: Rgb, other: Rgb) -> f64 {
        one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn every_pair_of_colors_has_the_contrast_of_wcag_aa() {
        let (black, white) = ([0.0; 3], [1.0; 3]);
        for depth in [ColorDepth::Indexed, ColorDepth::Rgb] {
            let theme = Theme { depth, ascii: false };
            let labels = LABELS.map(Surface::Label);
            let surfaces = [Surface::Cursor, Surface::Band].into_iter().chain(labels);
            for role in ROLES {
                let mut cell = Cell::default();
                cell.set_style(theme.style(role));
                let grounds = if cell.fg == Color::Reset { vec![] } else { vec![black, white] };
                for ground in grounds {
                    let ratio = contrast(light(cell.fg).expect("a color of its own"), ground);
                    assert!(ratio >= 4.5, "{depth:?} {role:?}: {ratio:.2}");
                }
                for surface in surfaces.clone() {
                    let mut cell = cell.clone();
                    theme.cover(surface, &mut cell);
                    let (text, ground) = (light(cell.fg).expect("own text"), light(cell.bg).expect("own ground"));
                    let ratio = contrast(text, ground);
                    assert!(ratio >= 4.5, "{depth:?} {role:?} on {surface:?}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn the_colors_of_statuses_differ_for_color_blind_eyes() {
        // About 2.3 is just noticeable.
        const MIN_DISTANCE: f64 = 9.0;
        let statuses = [Role::Busy, Role::Wait, Role::Good, Role::Warn, Role::Bad];
        for depth in [ColorDepth::Indexed, ColorDepth::Rgb] {
            let on = |surface| depth.on(surface).expect("it is painted");
            for (name, inks) in [("open", depth.open()), ("cursor", on(Surface::Cursor)), ("band", on(Surface::Band))] {
                for (at, one) in statuses.into_iter().enumerate() {
                    for other in &statuses[..at] {
                        for seen in [NORMAL, PROTANOPIA, DEUTERANOPIA] {
                            let color = |role| lab(light(inks.color(role)).expect("a color of its own"), seen);
                            let apart = distance(color(one), color(*other));
                            assert!(
                                apart >= MIN_DISTANCE,
                                "{depth:?} {name}: {one:?} and {other:?} are {apart:.1} apart"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn colors_follow_what_the_terminal_states() {
        for (colorterm, term, depth) in [
            ("truecolor", "xterm-256color", ColorDepth::Rgb),
            ("24bit", "xterm", ColorDepth::Rgb),
            ("", "xterm-256color", ColorDepth::Indexed),
            ("", "tmux-256color", ColorDepth::Indexed),
            ("", "xterm-kitty", ColorDepth::Indexed),
            ("truecolor", "screen-256color", ColorDepth::Indexed),
            ("truecolor", "screen", ColorDepth::Sixteen),
            ("", "xterm", ColorDepth::Sixteen),
            ("yes", "putty", ColorDepth::Sixteen),
            ("", "linux", ColorDepth::Sixteen),
        ] {
            assert_eq!(ColorDepth::of_terminal(colorterm, term), depth, "{colorterm:?} {term:?}");
        }
    }
}

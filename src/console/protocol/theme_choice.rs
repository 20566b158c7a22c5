//! The theme that an operator chose, saved among the views.

use crate::config::Theme;
use crate::console::protocol::saved_view::{SavedView, THEME, ViewOrigin};

/// The list that a saved theme names; the filter has the choice.
const LIST: &str = "theme";
/// The word of a choice of ASCII.
const ASCII: &str = "ascii";

/// A theme, and whether the console draws ASCII only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // described above
pub struct ThemeChoice {
    pub theme: Theme,
    pub ascii: bool,
}

impl ThemeChoice {
    /// The choice in words.
    pub fn words(self) -> String {
        format!("{}{}", label(self.theme), if self.ascii { ", ASCII only" } else { "" })
    }

    /// The choice as it is saved.
    pub fn to_view(self, origin: ViewOrigin) -> SavedView {
        let filter = if self.ascii { format!("{} {ASCII}", self.theme.name()) } else { self.theme.name().to_owned() };
        SavedView { name: THEME.to_owned(), list: LIST.to_owned(), filter, origin, ..SavedView::default() }
    }

    /// Reads a saved choice; `None` if it is another view, or of a later version.
    pub fn of_view(view: &SavedView) -> Option<Self> {
        if view.name != THEME || view.list != LIST {
            return None;
        }
        let (name, ascii) = view.filter.split_once(' ').map_or((view.filter.as_str(), ""), |halves| halves);
        let theme = Theme::ALL.into_iter().find(|theme| theme.name() == name)?;
        Some(Self { theme, ascii: ascii == ASCII })
    }
}

/// The name of a theme, as operators read it.
pub fn label(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "automatic",
        Theme::Rgb => "24-bit colors",
        Theme::Indexed => "256 colors",
        Theme::Sixteen => "16 colors",
        Theme::Mono => "mono",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_was_saved() {
        for theme in Theme::ALL {
            for ascii in [false, true] {
                let choice = ThemeChoice { theme, ascii };
                let saved = choice.to_view(ViewOrigin::HeadOffice);
                let back = SavedView::read(THEME, &saved.definition(), 3, ViewOrigin::HeadOffice).expect("it is read");
                assert_eq!(ThemeChoice::of_view(&back), Some(choice));
            }
        }
        let later = SavedView {
            filter: "sepia".to_owned(),
            ..ThemeChoice { theme: Theme::Auto, ascii: false }.to_view(ViewOrigin::HeadOffice)
        };
        assert_eq!(ThemeChoice::of_view(&later), None);
        assert_eq!(ThemeChoice::of_view(&SavedView { filter: "16".to_owned(), ..SavedView::default() }), None);
    }
}

//! A line editor: text and cursor, edited by keys.

use crate::console::protocol::key::Key;
use crate::text::{cells, head, shown, tail};
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// The text, and the cursor as an index of its characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextInput {
    text: Vec<char>,
    cursor: usize,
    /// Whether the whole text is selected: what is typed replaces it.
    selected: bool,
}

impl TextInput {
    /// Creates a line with text, the cursor at its end.
    pub fn with(text: &str) -> Self {
        let text: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
        Self { cursor: text.len(), text, selected: false }
    }

    /// Creates a line with text that is selected: typing or deleting replaces it, any other key
    /// keeps it.
    pub fn selected(text: &str) -> Self {
        let input = Self::with(text);
        Self { selected: !input.text.is_empty(), ..input }
    }

    /// Whether the whole text is selected.
    pub fn is_selected(&self) -> bool {
        self.selected
    }

    /// Returns the text.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Returns the text before and after the cursor.
    pub fn halves(&self) -> (String, String) {
        let (before, after) = self.text.split_at(self.cursor);
        (before.iter().collect(), after.iter().collect())
    }

    /// Replaces the text between byte `start` and the cursor, and puts the cursor after the new
    /// text.
    pub fn replace_before(&mut self, start: usize, text: &str) {
        let (before, after) = self.halves();
        let kept = before.get(..start).unwrap_or(&before);
        *self = Self { text: [kept, text, &after].concat().chars().collect(), ..Self::with(&format!("{kept}{text}")) };
    }

    /// Returns the part that is visible in `width` cells: the beginning, or while `edited` the part
    /// around the cursor.
    pub fn visible(&self, width: usize, edited: bool) -> String {
        let (before, after) = self.halves();
        if !edited {
            return head(&shown(&self.text()), width).to_owned();
        }
        let before = shown(&before);
        head(&format!("{}█{}", tail(&before, width.saturating_sub(1)), shown(&after)), width).to_owned()
    }

    /// Returns the first cell and the width of a range of bytes in [`TextInput::visible`] while
    /// edited; `None` if it is not visible.
    pub fn span(&self, range: &Range<usize>, width: usize) -> Option<(usize, usize)> {
        let (text, (before, _)) = (self.text(), self.halves());
        let left = shown(&before);
        let hidden = cells(&left) - cells(tail(&left, width.saturating_sub(1)));
        let cell = |at: usize| {
            let cells_of = |from: usize, to: usize| text.get(from..to).map_or(0, |part| cells(&shown(part)));
            // The cursor is a cell of its own.
            let cell = if at <= before.len() { cells_of(0, at) } else { cells(&left) + 1 + cells_of(before.len(), at) };
            cell.saturating_sub(hidden).min(width)
        };
        let (start, end) = (cell(range.start), cell(range.end));
        (start < end).then(|| (start, end - start))
    }

    /// Handles a key; `false` if it does not edit text.
    pub fn key(&mut self, key: &Key) -> bool {
        let replaces = matches!(key, Key::Char(_) | Key::Paste(_) | Key::Backspace | Key::Delete);
        if std::mem::take(&mut self.selected) && replaces {
            (self.text, self.cursor) = (Vec::new(), 0);
        }
        match key {
            Key::Char(c) => self.insert(*c),
            // A pasted line break must not act as Enter; the last one ends the line.
            Key::Paste(text) => text
                .trim_end_matches(['\r', '\n'])
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .for_each(|c| self.insert(c)),
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            Key::Delete if self.cursor < self.text.len() => {
                self.text.remove(self.cursor);
                while self.is_at_mark() {
                    self.text.remove(self.cursor);
                }
            }
            Key::Left => {
                self.cursor = self.cursor.saturating_sub(1);
                while self.cursor > 0 && self.is_at_mark() {
                    self.cursor -= 1;
                }
            }
            Key::Right => {
                self.cursor = (self.cursor + 1).min(self.text.len());
                while self.is_at_mark() {
                    self.cursor += 1;
                }
            }
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::Ctrl('u') => drop(self.text.drain(..std::mem::take(&mut self.cursor))),
            Key::Ctrl('k') => self.text.truncate(self.cursor),
            Key::Ctrl('w') => {
                let start = self.word_start();
                self.text.drain(start..self.cursor);
                self.cursor = start;
            }
            Key::Backspace | Key::Delete => {}
            _ => return false,
        }
        true
    }

    fn insert(&mut self, c: char) {
        self.text.insert(self.cursor, c);
        self.cursor += 1;
    }

    /// Whether the cursor is at a combining mark, which belongs to the character before it.
    fn is_at_mark(&self) -> bool {
        self.text.get(self.cursor).is_some_and(|c| c.width() == Some(0))
    }

    fn word_start(&self) -> usize {
        let before = &self.text[..self.cursor];
        let word = before.iter().rposition(|c| *c != ' ').map_or(0, |last| last + 1);
        before[..word].iter().rposition(|c| *c == ' ').map_or(0, |blank| blank + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_that_is_too_long_the_part_at_the_cursor_is_visible() {
        let mut line = TextInput::with("磁盘 is full");
        assert_eq!((line.visible(6, true), line.visible(6, false)), (" full█".to_owned(), "磁盘 i".to_owned()));
        line.key(&Key::Home);
        assert_eq!(line.visible(6, true), "█磁盘 ");
        assert_eq!((line.visible(40, true), line.visible(0, true)), ("█磁盘 is full".to_owned(), String::new()));
    }

    #[test]
    fn the_part_before_the_cursor_is_replaced() {
        let mut line = TextInput::with("é stor x");
        line.key(&Key::Left);
        line.key(&Key::Left);
        line.replace_before(3, "store:");
        assert_eq!(line.halves(), ("é store:".to_owned(), " x".to_owned()));
    }

    #[test]
    fn the_cells_of_a_part_are_counted_where_it_is_visible() {
        let mut line = TextInput::with("磁盘 stor:x end");
        let word = 7..12;
        assert_eq!(&line.text()[word.clone()], "stor:");
        assert_eq!((line.span(&word, 40), line.span(&word, 9)), (Some((5, 5)), Some((0, 3))));
        assert_eq!((line.span(&word, 6), line.span(&(0..3), 6)), (None, None));
        line.key(&Key::Home);
        assert_eq!((line.span(&word, 40), line.span(&word, 8)), (Some((6, 5)), Some((6, 2))));
    }

    #[test]
    fn typing_or_deleting_replaces_a_selected_text_and_other_keys_keep_it() {
        let after = |keys: &[Key]| {
            let mut line = TextInput::selected("status:failed");
            assert!(keys.iter().all(|key| line.key(key)));
            line.text()
        };
        assert_eq!(after(&[Key::Char('r'), Key::Char('o')]), "ro");
        assert_eq!(after(&[Key::Paste("try>2".to_owned())]), "try>2");
        assert_eq!((after(&[Key::Backspace]), after(&[Key::Delete])), (String::new(), String::new()));
        assert_eq!(after(&[Key::End, Key::Char('x')]), "status:failedx");
        assert_eq!(after(&[Key::Left, Key::Backspace]), "status:faild");
        assert!(!TextInput::selected("").is_selected());
    }

    #[test]
    fn a_line_is_edited_with_the_usual_keys() {
        let mut line = TextInput::with("status:failed stor");
        for key in
            [Key::Char('e'), Key::Ctrl('w'), Key::Home, Key::Right, Key::Delete, Key::Char('T'), Key::End, Key::Left]
        {
            assert!(line.key(&key));
        }
        assert_eq!(line.text(), "sTatus:failed ");
        assert_eq!(line.halves().1, " ");
        line.key(&Key::Paste("a\nb\u{1b}\r\n".to_owned()));
        assert_eq!(line.text(), "sTatus:faileda b  ");
        line.key(&Key::Ctrl('u'));
        assert_eq!(line.text(), " ");
        assert!(!line.key(&Key::Enter));
    }
}

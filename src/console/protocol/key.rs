//! One decoded key press or pasted text.

/// One key, or a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // named as on the keyboard
pub enum Key {
    Char(char),
    Ctrl(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    F(u8),
    Paste(String),
}

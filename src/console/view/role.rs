//! What pieces of text mean, which decides how they look.

/// The meaning of a piece of text, from which the theme derives its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they are for
pub enum Role {
    Text,
    Dim,
    Title,
    /// A key, beside what it does.
    Key,
    /// The line of a pane that has the focus.
    Focus,
    /// Work in progress.
    Busy,
    /// Work that waits for its turn.
    Wait,
    Good,
    Warn,
    Bad,
    /// What matches the filter of a list; it keeps its color.
    Match,
}

/// All roles.
pub(super) const ROLES: [Role; 11] = [
    Role::Text,
    Role::Dim,
    Role::Title,
    Role::Key,
    Role::Focus,
    Role::Busy,
    Role::Wait,
    Role::Good,
    Role::Warn,
    Role::Bad,
    Role::Match,
];

//! Roles of operators by login.

use std::collections::BTreeMap;

/// What a login may do. Each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read, and keep views.
    Viewer,
    /// Act on sessions, causes and batch jobs, and run Process status messages.
    Operator,
    /// Also change parameters, batch groups, batch servers and agents of channel databases.
    Admin,
}

/// The roles of logins. Without any, each login is an admin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles {
    /// The role of each login.
    pub logins: BTreeMap<String, Role>,
    /// The role of the others; `None` if no roles are configured.
    pub default: Option<Role>,
    /// The first line about them in the file.
    pub line: Option<usize>,
}

impl Role {
    /// All, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// Its name in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

impl Roles {
    /// The role of a login.
    pub fn role_of(&self, login: &str) -> Role {
        self.logins.get(login).copied().or(self.default).unwrap_or(Role::Admin)
    }

    /// Why a login may not do what a role may; `None` if it may.
    pub fn lacking(&self, login: &str, needed: Role) -> Option<String> {
        let own = self.role_of(login);
        (own < needed).then(|| format!("{login} is {}; an administrator can change [roles]", own.word()))
    }

    /// The roles as the configuration states them.
    pub fn words(&self) -> String {
        let Some(default) = self.default else { return String::new() };
        let logins = self.logins.iter().map(|(login, role)| format!("{login} {}", role.word()));
        logins.chain([format!("others {}", default.word())]).collect::<Vec<_>>().join(", ")
    }
}

//! The actions of operators, by the names that the journal uses, and who may perform them.

use crate::filter::{FieldSet, lists};
use crate::guard::Role;

/// What an action changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Sessions.
    Sessions,
    /// Batch jobs.
    Jobs,
    /// A channel database.
    Databases,
    /// Something that no filter names.
    Other,
}

/// An action of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// What it changes.
    pub scope: Scope,
    /// The least role that may perform it.
    pub role: Role,
}

const fn action(name: &'static str, scope: Scope, role: Role) -> Action {
    Action { name, scope, role }
}

/// A run of Process status messages that an operator starts.
pub const PROCESS: &str = "process status messages";
/// The purge of a run.
pub const PURGE: &str = "purge";
/// The undo of a change.
pub const UNDO: &str = "undo";
/// The approval of a change by a second login.
pub const APPROVE: &str = "approve change";
/// The result of an attempt that was refused.
pub const REFUSED: &str = "refused";

/// Every action.
pub const ACTIONS: [Action; 34] = [
    action("cancel session", Scope::Sessions, Role::Operator),
    action("rerun session", Scope::Sessions, Role::Operator),
    action("undo session", Scope::Sessions, Role::Operator),
    action("restore session", Scope::Sessions, Role::Operator),
    action("empty trash", Scope::Other, Role::Admin),
    action(PROCESS, Scope::Other, Role::Operator),
    action(PURGE, Scope::Other, Role::Operator),
    action("retry rejected message", Scope::Other, Role::Operator),
    action("dismiss rejected message", Scope::Other, Role::Operator),
    action("note on cause", Scope::Other, Role::Operator),
    action("mute cause", Scope::Other, Role::Operator),
    action("take cause", Scope::Other, Role::Operator),
    action("silence alerts", Scope::Other, Role::Operator),
    action("end silence", Scope::Other, Role::Operator),
    action("add deadline", Scope::Other, Role::Operator),
    action("remove deadline", Scope::Other, Role::Operator),
    action("note on channel database", Scope::Databases, Role::Operator),
    action("zone of channel database", Scope::Databases, Role::Operator),
    action("hand over channel database", Scope::Databases, Role::Admin),
    action("set parameter", Scope::Other, Role::Admin),
    action("submit batch job", Scope::Jobs, Role::Operator),
    action("request a run", Scope::Jobs, Role::Operator),
    action("change batch job", Scope::Jobs, Role::Operator),
    action("change status", Scope::Jobs, Role::Operator),
    action("run batch job now", Scope::Jobs, Role::Operator),
    action("delete batch job", Scope::Jobs, Role::Operator),
    action("set alerts", Scope::Jobs, Role::Operator),
    action(UNDO, Scope::Jobs, Role::Operator),
    action("save batch group", Scope::Other, Role::Admin),
    action("delete batch group", Scope::Other, Role::Admin),
    action("change batch server", Scope::Other, Role::Admin),
    action(APPROVE, Scope::Other, Role::Operator),
    action("save view", Scope::Other, Role::Viewer),
    action("delete view", Scope::Other, Role::Viewer),
];

impl Action {
    /// The action of a name.
    pub fn of(name: &str) -> Option<Self> {
        ACTIONS.into_iter().find(|action| action.name == name)
    }
}

impl Scope {
    /// The fields by which a guardrail can limit itself to some of them.
    pub fn fields(self) -> Option<&'static FieldSet> {
        match self {
            Self::Sessions => Some(lists::GUARDED_SESSIONS),
            Self::Jobs => Some(lists::GUARDED_JOBS),
            Self::Databases => Some(lists::GUARDED_DATABASES),
            Self::Other => None,
        }
    }
}

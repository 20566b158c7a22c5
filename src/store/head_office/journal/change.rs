//! A change by an operator, to be recorded by a row of the journal.

use crate::domain::Timestamp;
use crate::guard::PROCESS;
use crate::store::head_office::Permit;
use crate::store::head_office::journal::Undo;

/// The result of a change that was made.
pub(super) const DONE: &str = "done";

/// A change, to be recorded by a row of the journal.
#[derive(Debug, Clone, Copy)]
pub(in crate::store::head_office) struct Change<'a> {
    pub(super) operator: &'a str,
    pub(super) action: &'a str,
    pub(super) object: &'a str,
    pub(super) detail: &'a str,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) result: &'a str,
    pub(super) undo: Option<&'a Undo>,
    pub(super) about: About<'a>,
    pub(super) instant: Option<Timestamp>,
    pub(super) identity: Option<&'a str>,
    pub(super) permit: Option<&'a Permit>,
    pub(super) also: &'a [&'a str],
    pub(super) unnumbered: Option<&'a str>,
}

/// What the scope of a guardrail can match in a change.
#[derive(Debug, Clone, Copy)]
pub(super) enum About<'a> {
    Other,
    Job(i64),
    Database(&'a str),
}

impl<'a> Change<'a> {
    /// A change that was made.
    pub(in crate::store::head_office) fn new(operator: &'a str, action: &'a str, object: &'a str) -> Self {
        let (before, after, reason, undo) = (None, None, None, None);
        let (detail, result, about) = ("", DONE, About::Other);
        let (instant, identity, permit) = (None, None, None);
        let (also, unnumbered) = (&[] as &[&str], None);
        Self {
            operator,
            action,
            object,
            detail,
            before,
            after,
            reason,
            result,
            undo,
            about,
            instant,
            identity,
            permit,
            also,
            unnumbered,
        }
    }

    /// A change of a batch job.
    pub(in crate::store::head_office) fn job(self, job_id: i64) -> Self {
        Self { about: About::Job(job_id), ..self }
    }

    /// A change of the channel database that is its object.
    pub(in crate::store::head_office) fn database(self) -> Self {
        Self { about: About::Database(self.object), ..self }
    }

    /// A change that sets an instant, with what it is apart from that.
    pub(in crate::store::head_office) fn instant(self, instant: Option<Timestamp>, identity: &'a str) -> Self {
        Self { instant, ..self.identity(identity) }
    }

    /// Sets what distinguishes the change from others, if object and detail do not.
    pub(in crate::store::head_office) fn identity(self, identity: &'a str) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Sets the other actions that the change is; see [`Attempt::also`](crate::guard::Attempt).
    pub(in crate::store::head_office) fn also(self, also: &'a [&'a str]) -> Self {
        Self { also, ..self }
    }

    /// Whether the change makes Process status messages run once.
    pub(in crate::store::head_office) fn starting_run(self, starts_run: bool) -> Self {
        if starts_run { self.also(&[PROCESS]) } else { self }
    }

    /// Sets what a request for approval and a refusal call the object, which has no number before
    /// the change is made.
    pub(in crate::store::head_office) fn unnumbered(self, object: &'a str) -> Self {
        Self { unnumbered: Some(object), ..self }
    }

    /// A change that passed the guardrails before, with others.
    pub(in crate::store::head_office) fn permitted(self, permit: &'a Permit) -> Self {
        Self { permit: Some(permit), ..self }
    }

    /// A row that guardrails are not about: no operator makes that change.
    pub(in crate::store::head_office) fn decided(self) -> Self {
        Self { permit: Some(&Permit::UNASKED), ..self }
    }

    /// Sets the summary of the change.
    pub(in crate::store::head_office) fn detail(self, detail: &'a str) -> Self {
        Self { detail, ..self }
    }

    /// With the value before and after.
    pub(in crate::store::head_office) fn values(self, before: Option<&'a str>, after: Option<&'a str>) -> Self {
        Self { before, after, ..self }
    }

    /// Sets the operator's reason.
    pub(in crate::store::head_office) fn reason(self, reason: Option<&'a str>) -> Self {
        Self { reason, ..self }
    }

    /// With another result than "done".
    pub(in crate::store::head_office) fn result(self, result: &'a str) -> Self {
        Self { result, ..self }
    }

    /// Sets what an undo needs.
    pub(in crate::store::head_office) fn undo(self, undo: Option<&'a Undo>) -> Self {
        Self { undo, ..self }
    }
}

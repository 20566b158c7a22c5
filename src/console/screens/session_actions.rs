//! The actions on sessions and their cause, the same on every screen that lists them.

use crate::console::protocol::effect::{Action, Confirm, Effect, Prompt, Typed};
use crate::console::protocol::groups::term;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{CauseEdit, CauseRemarks, Choose, Query, Taking, TrashedSession};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::domain::{Cause, Session, SessionAction, SessionKey, Timestamp, grouped};
use crate::filter::lists;
use std::collections::{BTreeMap, BTreeSet};

/// A cause as actions need it.
#[derive(Debug, Clone, Copy)]
pub struct KnownCause {
    /// Its key.
    pub digest: i64,
    /// Whether it is muted; `None` where that is not known.
    pub muted: Option<bool>,
    /// Whether an operator works on it; `None` where that is not known.
    pub taken: Option<bool>,
}

/// The cause of a session's failure; `None` of a session that has none.
pub fn cause(session: &Session) -> Option<KnownCause> {
    let failed = session.status().is_failed();
    let text = session.fold.winner.message.as_deref().unwrap_or("");
    failed.then(|| KnownCause { digest: Cause::of(text).digest, muted: None, taken: None })
}

/// What actions apply to.
pub struct Target<'a> {
    /// The session, if it is one.
    pub one: Option<&'a Session>,
    /// How many sessions there are.
    pub count: usize,
    /// How the database finds them.
    pub choose: Choose,
    /// Whether they can be canceled from where they are listed.
    pub can_cancel: bool,
}

impl Target<'_> {
    /// The action that reruns them.
    pub fn rerun(&self, view: &ViewContext) -> Action {
        self.request('r', "Rerun…", SessionAction::Rerun, view)
    }

    fn cancel(&self, view: &ViewContext) -> Action {
        self.request('c', "Cancel…", SessionAction::Cancel, view)
    }

    fn request(&self, key: char, label: &str, action: SessionAction, view: &ViewContext) -> Action {
        let (selected, refused) = match self.one {
            Some(session) => (String::new(), action.check_allowed(session).err().map(str::to_owned)),
            None => (
                format!("{} selected; not all may qualify", grouped(self.count)),
                (self.count == 0).then(|| "no session is open".to_owned()),
            ),
        };
        let ask = vec![Effect::Ask(Query::SelectedSessions(action, self.choose.clone()))];
        Action::new(key, label, ask).remark(&selected).refused(view.refusal().or(refused))
    }
}

/// The actions on one session and its cause.
pub fn on_one(session: &Session, view: &ViewContext) -> Vec<Action> {
    let keys = vec![session.key.clone()];
    let command = command(&keys);
    let target = Target { one: Some(session), count: 1, choose: Choose::Keys(keys, None), can_cancel: true };
    actions(&target, cause(session), command, view)
}

/// The actions on sessions and on their cause. `command`: the command line that is copied.
pub fn actions(target: &Target, cause: Option<KnownCause>, command: String, view: &ViewContext) -> Vec<Action> {
    let no_cause = || view.refusal().or(cause.is_none().then(|| "it has no error".to_owned()));
    let muted = match cause.and_then(|cause| cause.muted) {
        Some(true) => "muted",
        Some(false) => "not muted",
        None => "",
    };
    let taken = match cause.and_then(|cause| cause.taken) {
        Some(true) => "taken",
        Some(false) => "not taken",
        None => "",
    };
    let edit = |edit| cause.map(|cause| Effect::Ask(Query::CauseRemarks(cause.digest, edit))).into_iter().collect();
    let mut actions = vec![
        Action::copy('y', "Copy the command line", command),
        Action::new('n', "Note on the cause…", edit(CauseEdit::Note)).refused(no_cause()),
        Action::new('m', "Mute the cause until…", edit(CauseEdit::Mute)).remark(muted).refused(no_cause()),
        Action::new('i', "Take the cause until…", edit(CauseEdit::Take)).remark(taken).refused(no_cause()),
        target.rerun(view),
    ];
    actions.extend(target.can_cancel.then(|| target.cancel(view)));
    actions
}

/// Asks for the note on a cause, until when it is muted, or until when the operator works on it.
/// `remarks`: its present ones, on which the edit is based.
pub fn edit_cause(digest: i64, edit: CauseEdit, remarks: Option<CauseRemarks>, operator: &str) -> Effect {
    let Some(remarks) = remarks else {
        return Effect::Say("The cause is no longer at head office.".to_owned());
    };
    let version = Some(remarks.version);
    match edit {
        CauseEdit::Note => Prompt::line("Note:", remarks.note.unwrap_or_default(), move |typed| {
            Ok(vec![Effect::Mutation(Mutation::Note(digest, typed.text.trim().to_owned(), version))])
        }),
        CauseEdit::Mute => Prompt::line("Mute until (3d, tomorrow; empty unmutes):", "", move |typed| {
            Ok(vec![Effect::Mutation(Mutation::Mute(digest, muted_until(typed)?, version))])
        }),
        CauseEdit::Take => {
            let other = remarks.taken.filter(|taken| taken.by != operator);
            Prompt::line("Taken until (2h, 06:00, then a remark; empty gives it back):", "", move |typed| {
                let taken = taken_until(typed)?;
                let other = other.as_ref().filter(|other| other.until > typed.now);
                let take = vec![Effect::Mutation(Mutation::Take(digest, taken, version))];
                Ok(match other {
                    Some(other) => vec![ask_to_replace(other, typed, take)],
                    None => take,
                })
            })
        }
    }
}

/// Asks before the work of another operator is replaced or ended.
fn ask_to_replace(other: &Taking, typed: Typed, take: Vec<Effect>) -> Effect {
    let until = typed.zone.short(other.until, typed.now);
    let remark = other.remark.as_ref().map_or_else(String::new, |remark| format!(": {remark}"));
    Confirm::yes(format!("{} has taken it", other.by), format!("Until {until}{remark}"), take)
}

/// The future instant with which the line begins, and the remark behind it; `None` if it is empty.
fn taken_until(typed: Typed) -> Result<Option<(Timestamp, String)>, String> {
    if typed.text.trim().is_empty() {
        return Ok(None);
    }
    let taken = typed.zone.split_future(typed.text, typed.now);
    let taken = taken.map(|(until, remark)| Some((until, remark.to_owned())));
    taken.map_err(|error| format!("{error}; begin with 2h or 06:00, then a remark"))
}

/// The future instant that the line means; `None` if it is empty.
fn muted_until(typed: Typed) -> Result<Option<Timestamp>, String> {
    let text = typed.text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let until = typed.zone.parse_future(text, typed.now);
    until.map(Some).map_err(|error| format!("{error}; try 3d, 12h or tomorrow"))
}

/// The commands that cancel these sessions, one a line; with `rerun` in place of `cancel` they
/// rerun them.
pub fn command(keys: &[SessionKey]) -> String {
    let line = |key: &SessionKey| {
        let store = shell_quoted(&key.channel_database);
        format!("cdx session cancel {} {} --store {store} --reason ''", key.direction, key.session_number)
    };
    keys.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The commands that restore these sessions and no others, one for each run, direction and channel
/// database.
pub fn restore_command(chosen: &[TrashedSession]) -> String {
    let mut alike: BTreeMap<_, BTreeSet<i64>> = BTreeMap::new();
    for TrashedSession { key, purged_by_run, .. } in chosen {
        let of = (*purged_by_run, key.direction.word(), key.channel_database.as_str());
        alike.entry(of).or_default().insert(key.session_number);
    }
    let line = |((run, direction, store), numbers): (&(i64, &str, &str), &BTreeSet<i64>)| {
        let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
        let store = term(lists::TRASH, "store", store).unwrap_or_default();
        let filter = shell_quoted(format!("direction:{direction} {store}").trim_end());
        format!("cdx trash restore {} --run {run} --filter {filter}", numbers.join(" "))
    };
    alike.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::time::Zone;
    use crate::domain::DAY_MS;

    #[test]
    fn a_cause_is_muted_until_a_future_time() {
        let now = Timestamp::parse_rfc3339("2026-11-24T02:14:21Z").expect("an instant");
        let until = |text: &str| muted_until(Typed { text, zone: Zone::Utc, now });
        assert_eq!(until("3d"), Ok(Some(Timestamp(now.0 + 3 * DAY_MS))));
        let friday = Timestamp::parse_rfc3339("2026-11-27T00:00:00Z").expect("an instant");
        assert_eq!((until("2026-11-27"), until(" ")), (Ok(Some(friday)), Ok(None)));
        for text in ["2026-11-23", "yesterday", "3d on call"] {
            assert!(until(text).is_err(), "{text}");
        }
    }
}

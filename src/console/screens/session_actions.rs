//! What can be asked of sessions and said of their cause, the same on every screen that shows them.

use crate::console::protocol::dialog::About;
use crate::console::protocol::dialog::Action;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::mutation::Version;
use crate::console::protocol::query::{Choose, Query};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::domain::{Cause, Session, SessionAction, SessionKey, grouped};

/// A cause as actions need it.
pub struct Known {
    /// Its key.
    pub digest: i64,
    /// The note on it.
    pub note: String,
    /// Whether it is muted; `None` where that is not known.
    pub muted: Option<bool>,
    /// The version of both; `None` where they are not known.
    pub version: Version,
}

/// The cause of a session's failure; `None` of a session that has none.
pub fn cause(session: &Session) -> Option<Known> {
    let failed = session.status().is_failed();
    let text = session.fold.winner.message.as_deref().unwrap_or("");
    failed.then(|| Known { digest: Cause::of(text).digest, note: String::new(), muted: None, version: None })
}

/// The actions: copy, note, mute, rerun, cancel; on `one` session, or on `count` of them.
pub fn actions(one: Option<&Session>, count: usize, cause: Option<&Known>, view: &ViewContext) -> Vec<Action> {
    let read_only = || view.read_only.then(|| "this console is read-only".to_owned());
    let no_cause = || cause.is_none().then(|| "it has no error".to_owned());
    let number = grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let asked = |act: SessionAction| match one {
        Some(session) => act.allowed(session).err().map(str::to_owned),
        None => (count == 0).then(|| "no session is open".to_owned()),
    };
    let of = if one.is_some() { String::new() } else { format!("asked of {number}; the box tells how many can") };
    let muted = match cause.and_then(|cause| cause.muted) {
        Some(true) => "muted",
        Some(false) => "not muted",
        None => "",
    };
    let action = |letter, label, remark: &str, refused| Action { letter, label, remark: remark.to_owned(), refused };
    vec![
        action('y', "Copy the command line", "changes nothing", None),
        action('n', "Note on the cause…", "", read_only().or_else(no_cause)),
        action('m', "Mute the cause until…", muted, read_only().or_else(no_cause)),
        action('r', "Rerun…", &of, read_only().or_else(|| asked(SessionAction::Rerun))),
        action('c', "Cancel…", &of, read_only().or_else(|| asked(SessionAction::Cancel))),
    ]
}

/// What a letter of [`actions`] wishes.
pub fn acted(letter: char, choose: &Choose, cause: Option<&Known>) -> Vec<Effect> {
    let ask = |act| vec![Effect::Ask(Query::Chosen(act, choose.clone()))];
    match (letter, cause) {
        ('r', _) => ask(SessionAction::Rerun),
        ('c', _) => ask(SessionAction::Cancel),
        ('n', Some(cause)) => {
            // A note that was not shown is not overwritten: an empty line is based on there being none.
            let version = cause.version.or(Some(0));
            vec![Effect::About(About::Note(cause.digest, version), cause.note.clone())]
        }
        ('m', Some(cause)) => vec![Effect::About(About::Mute(cause.digest, cause.version), String::new())],
        _ => Vec::new(),
    }
}

/// The command that cancels these sessions, one a line; `rerun` for `cancel` does the other.
pub fn command(keys: &[SessionKey]) -> String {
    let line = |key: &SessionKey| {
        let store = shell_quoted(&key.channel_database);
        format!("cdx session cancel {} {} --store {store} --reason ''", key.direction, key.session_number)
    };
    keys.iter().map(line).collect::<Vec<_>>().join("\n")
}

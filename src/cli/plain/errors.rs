//! The journey from the newest errors to a session, which is canceled or run again.

use crate::cli::plain::dialog::{Step, Stop, choose, is_yes, print_line, text};
use crate::cli::plain::{MAX_CHOICES, Plain};
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, CauseLine, Choose, Query};
use crate::domain::{Session, SessionAction, SessionKey, counted};
use crate::engine::SelectedSession;

/// Messages of a session that are read out.
const MAX_MESSAGES: usize = 10;

impl Plain<'_> {
    /// Offers the causes of the last day and the open ones.
    pub(super) fn errors(&self) -> Step<()> {
        loop {
            let since = Self::now().minus_days(1);
            let Some(Answer::Causes(causes)) = self.query(Query::Causes(since))? else { return Ok(()) };
            if causes.is_empty() {
                return print_line("No errors in the last 24 hours, and no open ones.");
            }
            let items: Vec<_> = causes.iter().take(MAX_CHOICES).map(|cause| self.cause_line(cause)).collect();
            let more = if causes.len() > MAX_CHOICES { ", the newest of more" } else { "" };
            let heading = format!("Recent errors: {}{more}.", counted(items.len(), "cause"));
            let Some(index) = choose(&heading, &items)? else { return Ok(()) };
            self.cause(&causes[index])?;
        }
    }

    fn cause_line(&self, cause: &CauseLine) -> String {
        let text = if cause.masked.is_empty() { "no error text" } else { cause.masked.trim_end_matches('.') };
        let (open, stores) = (counted(cause.open, "open session"), counted(cause.channel_databases, "database"));
        let taken = cause.taken.as_ref().map_or_else(String::new, |taken| format!(", taken by {}", taken.by));
        let muted = if cause.muted.is_some() { ", muted" } else { "" };
        format!("{text}. {open}, {stores}, last at {}{taken}{muted}", self.at(cause.last_at))
    }

    /// Offers the open sessions of a cause.
    fn cause(&self, cause: &CauseLine) -> Step<()> {
        loop {
            let message = cause.last_message.as_deref().unwrap_or("no error text");
            let (store, job) = (&cause.last_channel_database, &cause.last_job_name);
            let store = if store.is_empty() { "the package for all stores" } else { store };
            print_line(&format!("The newest message, of {store}, job {job}: {message}"))?;
            let chosen = Query::SelectedSessions(SessionAction::Rerun, Choose::OpenOf(cause.digest));
            let Some(Answer::SelectedSessions(_, sessions, _)) = self.query(chosen)? else { return Ok(()) };
            if sessions.is_empty() {
                return print_line("No session is open with this error.");
            }
            let items: Vec<_> = sessions.iter().take(MAX_CHOICES).map(|session| self.session_line(session)).collect();
            let more = if sessions.len() > MAX_CHOICES { format!(" of {}", sessions.len()) } else { String::new() };
            let heading = format!("Open sessions: {}{more}.", items.len());
            let Some(index) = choose(&heading, &items)? else { return Ok(()) };
            self.session(&sessions[index].key)?;
        }
    }

    fn session_line(&self, session: &Session) -> String {
        let (fold, at) = (&session.fold, self.at(session.fold.modified_at));
        format!("{}, job {}, {} since {at}", name(&session.key), fold.job_name, session.status())
    }

    /// Reads a session out and offers what can be done with it.
    fn session(&self, key: &SessionKey) -> Step<()> {
        loop {
            let Some(Answer::Session(session, messages)) = self.query(Query::Session(key.clone()))? else {
                return Ok(());
            };
            let Some(session) = session else { return print_line("Head office no longer has this session.") };
            print_line(&format!("{}.", self.session_line(&session)))?;
            for message in messages.iter().take(MAX_MESSAGES) {
                let text = message.message.as_deref().map_or_else(String::new, |text| format!(": {text}"));
                let (at, tries) = (self.at(message.occurred_at), message.try_count);
                print_line(&format!("{at}, {}, try {tries}{text}", message.status))?;
            }
            let actions = [SessionAction::Rerun, SessionAction::Cancel, SessionAction::Undo];
            let can = |action: &SessionAction| action.check_allowed(&session).is_ok();
            let actions: Vec<_> = actions.into_iter().filter(can).collect();
            let items: Vec<_> = actions.iter().map(|action| label(*action).to_owned()).collect();
            let Some(index) = choose("What is to be done?", &items)? else { return Ok(()) };
            if !self.is_read_only()? {
                match self.act(actions[index], &session) {
                    Err(Stop::Back) => {}
                    done => done?,
                }
            }
        }
    }

    fn act(&self, action: SessionAction, session: &Session) -> Step<()> {
        let reason = text("Reason, for the agents and the journal.")?;
        if !is_yes(&format!("{} {}?", label(action), name(&session.key)))? {
            return print_line("Nothing was changed.");
        }
        let seen = Some(session.fold.winner.message_guid);
        let chosen = vec![SelectedSession { key: session.key.clone(), seen }];
        self.change(Mutation::Sessions(action, chosen, reason))
    }
}

/// `download session 4711 of S0042`
fn name(key: &SessionKey) -> String {
    let store = if key.channel_database.is_empty() { "all stores" } else { &key.channel_database };
    format!("{} session {} of {store}", key.direction.word(), key.session_number)
}

fn label(action: SessionAction) -> &'static str {
    match action {
        SessionAction::Rerun => "Rerun",
        SessionAction::Cancel => "Cancel",
        SessionAction::Undo => "Undo the request for",
    }
}

//! Changes that an operator makes from a screen, each in a transaction of its own, on a thread that may wait.

use super::batch_acts::{self, BatchAct};
use super::screen::{Choice, Question, Target};
use crate::domain::{Parameter, SessionKey, grouped};
use crate::engine::{CancelError, Databases, RetryOutcome, cancel_session, retry_rejected};
use crate::store::head_office::RejectedFilter;
use crate::store::{Access, HeadOffice, Opening, StoreError};

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Try these rejected messages again.
    RetryRejected(Vec<i64>),
    /// Let the purge take these rejected messages.
    DismissRejected(Vec<i64>),
    /// Ask the agents to stop trying this session, for this reason.
    CancelSession(SessionKey, String),
    /// Keep session history so many days; 0 for ever.
    SetRetention(i64),
    /// A change to batch jobs, groups, servers or alerts.
    Batch(BatchAct),
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The sentence.
    pub said: String,
    /// Where the console goes then.
    pub leads: Leads,
}

/// Where the console goes after a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Leads {
    /// Nowhere.
    Stay,
    /// To the screen before.
    Back,
    /// To this place, instead of the screen that asked for the change.
    To(Target),
}

impl Done {
    /// The sentence, and nothing else happens.
    pub fn said(said: String) -> Self {
        Self { said, leads: Leads::Stay }
    }
}

impl Act {
    /// Takes the reason typed for it; then what is to be asked, or why the reason is none.
    pub fn because(&mut self, typed: &str) -> Result<Question, String> {
        let Self::CancelSession(key, reason) = self else { return Err("this needs no reason".to_owned()) };
        typed.trim().clone_into(reason);
        if reason.is_empty() {
            return Err("say why, for the agents and for the journal".to_owned());
        }
        let place = if key.channel_database.is_empty() { "the package" } else { &key.channel_database };
        Ok(Question {
            title: format!("Cancel session {} of {place}?", key.session_number),
            lines: vec![
                "The agents are asked to stop trying; should it be applied all the same, that wins.".to_owned(),
            ],
            word: "y".to_owned(),
        })
    }
}

/// Makes the change and says what it came to, or why it was not made; durable when it returns.
pub fn perform(databases: &Databases, operator: &str, act: &Act) -> Result<Done, String> {
    match act {
        Act::Batch(act) => batch_acts::perform(databases, operator, act).map_err(|error| error.to_string()),
        act => change(databases, operator, act).map(Done::said).map_err(|error| error.to_string()),
    }
}

fn change(databases: &Databases, operator: &str, act: &Act) -> Result<String, CancelError> {
    let office = |access| {
        let opening = Opening { access, allow_network_file_system: databases.allow_network_file_system };
        HeadOffice::open(&databases.head_office, opening)
    };
    match act {
        Act::CancelSession(key, reason) => {
            let session = cancel_session(databases, key, reason, operator)?;
            Ok(format!("Session {} of {}: {}.", key.session_number, key.channel_database, session.status()))
        }
        Act::RetryRejected(ids) => Ok(retry(&office(Access::Existing)?, ids)?),
        Act::DismissRejected(ids) => {
            let dismissed = office(Access::Existing)?.dismiss_rejected(ids, operator)?;
            Ok(format!("{} dismissed; the purge takes them when they are past their retention.", grouped(dismissed)))
        }
        Act::SetRetention(days) => {
            let before = office(Access::Create)?.set_parameter(Parameter::RetentionDays, *days, operator)?;
            Ok(format!("Session history is kept {days} days from now on; it was {before}."))
        }
        Act::Batch(_) => Ok(String::new()),
    }
}

fn retry(office: &HeadOffice, ids: &[i64]) -> Result<String, StoreError> {
    let filter = RejectedFilter { ids: ids.to_vec(), limit: i64::MAX, ..RejectedFilter::default() };
    let (mut inserted, mut known, mut still) = (0, 0, 0);
    for rejected in office.rejected(&filter)? {
        match retry_rejected(office, &rejected)? {
            RetryOutcome::Inserted => inserted += 1,
            RetryOutcome::Known => known += 1,
            RetryOutcome::Still(_) => still += 1,
        }
    }
    let [inserted, known, still] = [inserted, known, still].map(grouped);
    Ok(format!("{inserted} inserted, {known} known already, {still} still rejected."))
}

/// Asks a batch server for the rest of a run that this console stops; nobody is there any more to hear of a fault, and then the next run
/// goes on where this one ended.
pub fn hand_over(databases: &Databases, operator: &str, choice: Choice, server: &str) {
    let _ = batch_acts::ask_for_rest(databases, operator, choice, server);
}

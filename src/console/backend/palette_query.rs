//! Looks up what the palette's text names: channel databases, sessions, runs, batch jobs.

use crate::console::protocol::palette::{LookedUp, MAX_NAMES, MAX_SESSIONS, MAX_STORES, number_in};
use crate::console::protocol::query::Answer;
use crate::domain::Direction;
use crate::filter::Names;
use crate::store::head_office::{HistoryFilter, JobFilter, SessionFilter};
use crate::store::{HeadOffice, StoreError};

/// The most batch jobs that the palette offers.
const MAX_JOBS: i64 = 1_000;

/// Characters from which on the texts of causes are searched.
const LEAST_OF_CAUSE: usize = 3;

/// Words that may precede the name that they are the kind of.
const KINDS: [&str; 9] =
    ["store", "channel", "database", "job", "batch", "group", "data group", "batch group", "channel database"];

/// The name in a text such as `store LON-S0001`; the text itself if no word for a kind precedes it.
fn name_in(text: &str) -> &str {
    let rest = |kind: &&str| {
        let (word, name) = (text.get(..kind.len())?, text.get(kind.len()..)?);
        (word.eq_ignore_ascii_case(kind) && name.starts_with(' ')).then(|| name.trim_start())
    };
    // The longest comes last.
    KINDS.iter().rev().find_map(rest).filter(|name| !name.is_empty()).unwrap_or(text)
}

/// Answers a lookup with few rows, however many stores and sessions there are.
pub fn look_up(office: &HeadOffice, text: String) -> Result<Answer, StoreError> {
    let mut found = LookedUp::default();
    if text.is_empty() {
        found.jobs = Some(office.jobs(&JobFilter::default(), MAX_JOBS)?);
        return Ok(Answer::LookedUp(Box::new(found)));
    }
    let name = name_in(&text);
    found.stores = office.channel_databases_like(name, MAX_STORES)?;
    let first = name.split_whitespace().next().unwrap_or("");
    if found.stores.is_empty() && first != name {
        found.stores = office.channel_databases_like(first, MAX_STORES)?;
    }
    if let Some(number) = number_in(&text) {
        for direction in Direction::ALL {
            let filter = SessionFilter { session_number: Some(number), no_data: true, ..SessionFilter::new(direction) };
            let count = office.count_sessions(&filter, MAX_SESSIONS)?;
            found.sessions.extend((count > 0).then_some((direction, count)));
        }
        found.run = office.run(number)?.map(|run| run.run_id);
        let history = HistoryFilter { job_id: Some(number), ..HistoryFilter::default() };
        let is_former = office.job(number)?.is_none() && office.count_history(&history, 1)? > 0;
        found.former_job = is_former.then_some(number);
    }
    let names = |names| Ok::<_, StoreError>(office.names_beginning(names, name, MAX_NAMES)?.names);
    found.data_jobs = office.directions_of_jobs(&names(Names::Jobs)?)?;
    found.data_groups = names(Names::Groups)?;
    found.batch_groups = names(Names::BatchGroups)?;
    if text.chars().count() >= LEAST_OF_CAUSE && number_in(&text).is_none() {
        found.causes = i64::try_from(names(Names::CauseNumbers)?.len()).unwrap_or(i64::MAX);
    }
    Ok(Answer::LookedUp(Box::new(LookedUp { text, ..found })))
}

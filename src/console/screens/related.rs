//! What is related to a row: runs, sessions, messages, batch jobs.

use crate::batch::{AlertCondition, AlertRule};
use crate::console::protocol::batch_query::{HistoryRow, Watched};
use crate::console::protocol::effect::{Action, Effect, Pick};
use crate::console::protocol::route::{Route, form_title};
use crate::domain::{Cause, Direction, Run, Session, SessionKey, counted};
use crate::filter::quoted;
use crate::text::cut;

/// Cells of a cause's text; the box that offers it is as wide as that needs and the screen allows.
const MAX_CAUSE_CELLS: usize = 100;

/// A screen and what it shows.
pub type Link = (String, Route);

/// Opens the only related screen, or offers several.
pub fn offer(mut related: Vec<Link>) -> Vec<Effect> {
    match related.len() {
        0 => vec![Effect::Say("nothing is related to it".to_owned())],
        1 => related.pop().map(|(_, route)| Effect::Go(route)).into_iter().collect(),
        _ => {
            let (labels, routes): (Vec<_>, Vec<_>) = related.into_iter().unzip();
            let items = labels.into_iter().map(|label| (label, false)).collect();
            let none = || Effect::Say("nothing was chosen".to_owned());
            let then = move |at: usize| routes.get(at).cloned().map_or_else(none, Effect::Go);
            vec![Pick::one("Related", items, then)]
        }
    }
}

/// The run that wrote a row; `None` if an operator's action did.
pub fn run(run_id: i64, what: &str) -> Option<Link> {
    (run_id > 0).then(|| (format!("Run {run_id}, {what}"), Route::Watch(Watched::Run(run_id))))
}

/// What is related to a session, its store and its cause, without the runs that changed it.
pub fn of_session(session: &Session) -> Vec<Link> {
    let (key, fold) = (&session.key, &session.fold);
    let mut related = Vec::new();
    if let Some(schedule) = &fold.distribution_schedule {
        let history = Route::History(key.direction, schedule.clone(), String::new());
        related.push((format!("History of distribution schedule {schedule}"), history));
    }
    if let Some(number) = fold.rerun_for {
        let repeated = SessionKey { session_number: number, ..key.clone() };
        related.push((format!("Session {number}, which it repeats"), Route::Session(repeated)));
    }
    related.extend(store(&key.channel_database));
    let text = fold.winner.message.as_deref().unwrap_or("");
    related.extend(session.status().is_failed().then(|| cause(text)));
    related
}

/// The card of a channel database; `None` for a package, which has none.
pub fn store(name: &str) -> Option<Link> {
    (!name.is_empty()).then(|| (format!("Store {name}"), Route::Store(name.to_owned())))
}

/// The cause of a failure with this text.
pub fn cause(message: &str) -> Link {
    let Cause { digest, masked } = Cause::of(message);
    let label = if masked.is_empty() { "no error text".to_owned() } else { cut(&masked, MAX_CAUSE_CELLS) };
    (format!("Its cause: {label}"), Route::ErrorsWith(format!("cause:{digest}")))
}

/// What a condition of an alert rule is about.
pub fn of_condition(row: &AlertCondition) -> Vec<Link> {
    let mut related: Vec<_> = row.store.iter().filter_map(|store| self::store(store)).collect();
    if let Some(store) = &row.store {
        related.extend(of_store(store));
    }
    if let Some(job_id) = row.job_id {
        related.push((format!("Batch job {job_id}"), Route::BatchJob(job_id)));
        related.push(("Its history".to_owned(), Route::BatchHistory(format!("job:{job_id}"))));
        related.push(("Its runs".to_owned(), Route::RunsWith(format!("job:{job_id}"))));
    }
    related.extend(row.cause.map(|digest| ("Its cause".to_owned(), Route::ErrorsWith(format!("cause:{digest}")))));
    related.extend(match row.rule {
        Some(AlertRule::Deadline) => Some(("The deadlines".to_owned(), Route::Deadlines)),
        Some(AlertRule::PurgeHeld) => Some(("The runs".to_owned(), Route::Runs)),
        _ => None,
    });
    related
}

/// What is related to a channel database, without its card.
pub fn of_store(name: &str) -> Vec<Link> {
    let term = format!("store:{}", quoted(name));
    let mut related: Vec<_> = Direction::ALL
        .into_iter()
        .map(|direction| {
            (format!("Its {}", form_title(direction).to_lowercase()), Route::Sessions(direction, term.clone()))
        })
        .collect();
    related.push(("Its errors".to_owned(), Route::Messages(format!("{term} status:failed"))));
    related.push(("Its status messages".to_owned(), Route::Messages(term.clone())));
    related.push(("Its jobs: the last status of each".to_owned(), Route::MatrixWith(term.clone())));
    related.push(changes(term));
    related
}

/// The status messages of a session.
pub fn messages_of_session(key: &SessionKey) -> Link {
    ("Its status messages".to_owned(), Route::messages_of(key))
}

/// What operators did to a session.
pub fn changes_of_session(key: &SessionKey) -> Link {
    let store = match key.channel_database.as_str() {
        "" => String::new(),
        store => format!(" store:{}", quoted(store)),
    };
    changes(format!("session:{}{store}", key.session_number))
}

/// The journal, filtered by this term.
pub fn changes(term: String) -> Link {
    ("Who changed it: the journal".to_owned(), Route::Journal(term))
}

/// The action that opens what operators did to something.
pub fn changes_action(term: String) -> Action {
    let (label, journal) = changes(term);
    Action::new('w', &label, vec![Effect::Go(journal)])
}

/// The sessions that a run changed.
pub fn sessions_of_run(run_id: i64) -> impl Iterator<Item = Link> {
    Direction::ALL.into_iter().map(move |direction| {
        let label = format!("{} that it changed", form_title(direction));
        (label, Route::Sessions(direction, format!("run:{run_id}")))
    })
}

/// What is related to a run, without the screen of the run itself.
pub fn of_run(run: &Run) -> Vec<Link> {
    let run_id = run.run_id;
    let mut related: Vec<_> = sessions_of_run(run_id).collect();
    related.push(("Its status messages".to_owned(), Route::Messages(format!("run:{run_id}"))));
    related.push(("Its errors".to_owned(), Route::Messages(format!("run:{run_id} status:failed"))));
    if run.counts.rejected > 0 {
        let label = format!("Its {}", counted(run.counts.rejected, "rejected message"));
        related.push((label, Route::RejectedOfRun(run_id)));
    }
    if run.purged.head_office.iter().any(|(table, _)| *table == "session") {
        related.push(("The sessions that it purged: the trash".to_owned(), Route::Trash(Some(run_id))));
    }
    related
}

/// The run of a start in the batch job history, the sessions that it changed, and the job.
pub fn of_start(row: &HistoryRow) -> Vec<Link> {
    let mut related = Vec::new();
    if let Some(run_id) = row.run_id {
        related.extend(run(run_id, "which it made"));
        related.extend(sessions_of_run(run_id));
    }
    related.push((format!("Batch job {} {}", row.job_id, row.description), Route::BatchJob(row.job_id)));
    related
}

/// The batch job, and one of its starts.
pub fn job(job_id: i64, start: Route) -> [Link; 2] {
    [("Its start in the batch job history".to_owned(), start), (format!("Batch job {job_id}"), Route::BatchJob(job_id))]
}

//! `cdx --plain`: three journeys as lines, for screen readers, dumb terminals and logs.

mod dialog;
mod errors;
mod run;
mod submit;

use crate::cancel::Cancel;
use crate::cli::context::{Context, host, local_zone, operator};
use crate::cli::exit::{CommandResult, Exit};
use crate::clock::{Clock, SystemClock};
use crate::console::backend::mutations::perform;
use crate::console::backend::query_worker::{QueryWorker, Reply};
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query};
use crate::domain::{Timestamp, clean_line};
use crate::engine::Databases;
use crate::guard::{Consent, Refusal, Unmet};
use crate::store::{Access, HeadOffice};
use crate::text::time::Zone;
use chrono_tz::Tz;
use dialog::{Step, Stop, ask_text, choose, is_yes, pick, print_line, text};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// Rows that a choice offers; the lists of the commands have all.
const MAX_CHOICES: usize = 20;

/// The session of an operator.
struct Plain<'a> {
    context: &'a Context,
    databases: Databases,
    operator: String,
    host: String,
    home: Tz,
    queries: QueryWorker,
    replies: Receiver<Reply>,
    asked: Cell<u64>,
}

/// Offers the journeys until the operator quits or the input ends.
pub fn run(context: &Context) -> CommandResult {
    let (sender, replies) = channel();
    let databases = context.databases();
    let may_write = !context.config.read_only.value;
    // The receiver is gone when the program ends.
    let reply = move |reply| _ = sender.send(reply);
    let queries = QueryWorker::open(databases.clone(), may_write, Arc::new(SystemClock), reply)?;
    let (operator, host, home) = (operator(), host(), local_zone()?);
    // Only the head office that is there at the start is changed, and it is not created again.
    let office = HeadOffice::open(&databases.head_office, databases.opening(Access::ReadOnly));
    let databases = databases.knowing(office.and_then(|office| office.id()).ok());
    let plain = Plain { context, databases, operator, host, home, queries, replies, asked: Cell::new(0) };
    match plain.menu() {
        Ok(()) | Err(Stop::Quit | Stop::Undo | Stop::Back) => Ok(Exit::Done),
        Err(Stop::Interrupted) => Ok(Exit::Interrupted),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

impl Plain<'_> {
    fn menu(&self) -> Step<()> {
        let (operator, host, zone) = (&self.operator, &self.host, self.home.name());
        print_line(&format!("Exchange console in plain mode: {operator} on {host}, times in {zone}."))?;
        loop {
            let journeys = ["Recent errors", "State, and process status messages", "Set up a batch job"];
            let done = match pick("Main menu.", &journeys.map(str::to_owned), "Quit") {
                Ok(None) => return Ok(()),
                Ok(Some(0)) => self.errors(),
                Ok(Some(1)) => self.state(),
                Ok(Some(_)) => self.submit(),
                Err(stop) => Err(stop),
            };
            match done {
                Err(Stop::Undo) => self.undo()?,
                Err(Stop::Back) => {}
                done => done?,
            }
        }
    }

    fn now() -> Timestamp {
        SystemClock.now()
    }

    /// An instant in the operator's zone.
    fn at(&self, at: Timestamp) -> String {
        Zone::Local(self.home).short(at, Self::now())
    }

    /// Whether changes are refused; it says so.
    fn is_read_only(&self) -> Step<bool> {
        let is_read_only = self.context.config.read_only.value;
        if is_read_only {
            print_line("This is read-only: read_only is set.")?;
        }
        Ok(is_read_only)
    }

    /// Answers a query; `None` if it failed, which is reported.
    fn query(&self, query: Query) -> Step<Option<Answer>> {
        let number = self.asked.replace(self.asked.get() + 1);
        self.queries.ask(number, query);
        let result = self.replies.iter().find(|reply| reply.number == number).and_then(|reply| reply.result);
        match result {
            Some(Ok(answer)) => Ok(Some(answer)),
            Some(Err(fault)) => print_line(&format!("Error: {fault}")).map(|()| None),
            None => print_line("Error: no answer from the databases.").map(|()| None),
        }
    }

    /// Makes a change and reports the result.
    fn change(&self, mutation: Mutation) -> Step<()> {
        self.perform(mutation)?.map_or(Ok(()), |said| print_line(&said))
    }

    /// Makes a change, after asking for what a guardrail demands. Returns the sentence that reports
    /// it; `None` if it was refused, which is reported.
    fn perform(&self, mutation: Mutation) -> Step<Option<String>> {
        let mut mutation = mutation;
        loop {
            let done = perform(&self.databases, &self.operator, &mutation, &Keymap::default(), &Cancel::new());
            match done {
                Ok(done) => return Ok(Some(done.said)),
                Err(error) => match error.lacks {
                    Some(refusal) => mutation = mutation.with_consent(consent(&refusal)?),
                    None => return print_line(&format!("Not done: {}.", error.said)).map(|()| None),
                },
            }
        }
    }

    fn undo(&self) -> Step<()> {
        let Some(Answer::Undoable(entries)) = self.query(Query::Undoable)? else { return Ok(()) };
        if entries.is_empty() {
            return print_line("There is nothing to undo.");
        }
        let line = |entry: &crate::console::protocol::query::JournalEntry| {
            format!("{}, {}, by {} at {}", entry.action, clean_line(&entry.object), entry.operator, self.at(entry.at))
        };
        let items: Vec<_> = entries.iter().take(MAX_CHOICES).map(line).collect();
        match choose("Undo which change?", &items) {
            Ok(Some(index)) if !self.is_read_only()? && is_yes(&format!("Undo {}?", items[index]))? => {
                self.change(Mutation::Undo(entries[index].entry_id))
            }
            Ok(_) | Err(Stop::Undo) => Ok(()),
            Err(stop) => Err(stop),
        }
    }
}

/// Asks for what a guardrail demands.
fn consent(refusal: &Refusal) -> Step<Consent> {
    print_line(&format!("A guardrail is about this: {}.", refusal.sentence))?;
    if refusal.unmet == Unmet::Reason {
        return Ok(Consent { reason: Some(text("Reason.")?), ..Consent::default() });
    }
    let mut prompt = "How many rows does this change? Type the number.".to_owned();
    loop {
        match ask_text(&prompt)?.parse() {
            Ok(rows) => return Ok(Consent { confirmed: Some(rows), ..Consent::default() }),
            Err(_) => prompt = format!("That is no number. It changes {}; type the number.", refusal.rows),
        }
    }
}

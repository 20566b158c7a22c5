//! The hands of the loop: what it performs for the app, and the threads that bring it events.

use crate::cancel::Cancel;
use crate::console::app::RuntimeEffect;
use crate::console::backend::batch_mutations;
use crate::console::backend::export::{self};
use crate::console::backend::mutations::{self};
use crate::console::backend::panic_guard::catch_panic;
use crate::console::backend::private_run::{self, PrivateRun};
use crate::console::backend::query_worker::{QueryWorker, Reply};
use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::export::{ExportProgress, ExportSource};
use crate::console::protocol::mutation::{Mutation, MutationResult};
use crate::console::runtime::Console;
use crate::console::runtime::terminal::{self, Terminal};
use crate::domain::{Outcome, Run, Trigger};
use crate::engine::{self, ProcessOptions, RunEvent};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// What happens around the loop.
pub enum Event {
    /// What the terminal sent, and when it was read: a busy loop must not join what was pressed apart.
    Bytes(Vec<u8>, Instant),
    /// The terminal is gone.
    HungUp,
    /// A thread panicked, and the terminal was given back.
    Broken,
    /// The query worker's reply.
    Reply(Reply),
    /// Progress of the run in this console.
    Run(RunEvent),
    /// The end of the run in this console.
    RunEnded(Box<Result<Run, String>>),
    /// The result of a mutation.
    Acted(Result<MutationResult, String>),
    /// Progress or the end of an export.
    ExportProgress(ExportProgress),
}

/// Performs what the app asks for.
pub struct EffectRunner<'c> {
    /// Settings, clock and databases.
    pub console: &'c Console,
    /// Answers the screens' queries.
    pub desk: QueryWorker,
    /// Where background threads report.
    pub events: UnboundedSender<Event>,
    /// The run that lives here: how to stop it, and what it was to do.
    pub run: Option<(Cancel, RunRequest)>,
    /// The batch server that is to go on with it.
    pub successor: Option<String>,
    /// Cancels the export that is being written.
    pub export: Option<Cancel>,
    /// Of the change that was begun last.
    pub act_cancel: Option<Cancel>,
    /// Who tells what is overdue.
    pub teller: Option<JoinHandle<()>>,
}

impl EffectRunner<'_> {
    /// Whether the console is over.
    pub fn perform(&mut self, effects: Vec<RuntimeEffect>, screen: &mut Terminal) -> io::Result<bool> {
        for effect in effects {
            match effect {
                RuntimeEffect::Ask(number, query) => self.desk.ask(number, query),
                RuntimeEffect::Interrupt => self.desk.interrupt(),
                RuntimeEffect::Start(choice) => self.start(choice)?,
                RuntimeEffect::CancelRun => self.run.iter().for_each(|(cancel, _)| cancel.trip()),
                RuntimeEffect::HandOver(server) => self.successor = Some(server),
                RuntimeEffect::CancelAct => self.act_cancel.iter().for_each(Cancel::trip),
                RuntimeEffect::Mutation(act) => self.act(act)?,
                RuntimeEffect::Export(what, name, overwrite) => self.export(what, name, overwrite)?,
                RuntimeEffect::StopExport => self.export.iter().for_each(Cancel::trip),
                RuntimeEffect::Copy(text) => terminal::copy(&text)?,
                RuntimeEffect::Bell => terminal::ring()?,
                RuntimeEffect::TellOverdue => self.tell_overdue()?,
                RuntimeEffect::Repaint => screen.repaint()?,
                RuntimeEffect::Suspend => screen.suspend()?,
                RuntimeEffect::Quit => return Ok(true),
            }
        }
        Ok(false)
    }

    /// A file is written on a thread of its own.
    fn export(&mut self, what: ExportSource, name: String, overwrite: bool) -> io::Result<()> {
        let cancel = Cancel::new();
        self.export = Some(cancel.clone());
        let (databases, events) = (self.console.databases.clone(), self.events.clone());
        std::thread::Builder::new().name("export".to_owned()).spawn(move || {
            let tell = |exported| _ = events.send(Event::ExportProgress(exported));
            let result =
                catch_panic("the export", || Ok(export::write(&databases, what, &name, overwrite, &cancel, &tell)));
            tell(result.unwrap_or_else(ExportProgress::Fault));
        })?;
        Ok(())
    }

    /// Starts a run on a thread of its own, whose events come back through the channel.
    fn start(&mut self, choice: RunRequest) -> io::Result<()> {
        let cancel = Cancel::new();
        self.run = Some((cancel.clone(), choice));
        let (databases, clock) = (self.console.databases.clone(), Arc::clone(&self.console.clock));
        let options = ProcessOptions {
            transfer: choice.transfer,
            purge: choice.purge,
            confirm_purge: choice.confirm_purge,
            ..ProcessOptions::new(Trigger::Console, &self.console.settings.operator, &self.console.host)
        };
        let events = self.events.clone();
        std::thread::Builder::new().name("run".to_owned()).spawn(move || {
            let sender = events.clone();
            let sink = move |event: RunEvent| drop(sender.send(Event::Run(event)));
            let result = catch_panic("the run", || match choice.job {
                None => {
                    engine::process(&databases, &options, &*clock, &cancel, &sink).map_err(|error| error.to_string())
                }
                Some(job_id) => {
                    let (operator, host) = (&options.requested_by, &options.host);
                    let private =
                        PrivateRun { databases: &databases, operator, host, job_id, clock: &*clock, cancel: &cancel };
                    private_run::run(&private, &sink)
                }
            });
            let _ = events.send(Event::RunEnded(Box::new(result)));
        })?;
        Ok(())
    }

    /// A change on a thread of its own, for it may wait for a lock.
    fn act(&mut self, act: Mutation) -> io::Result<()> {
        let (databases, operator) = (self.console.databases.clone(), self.console.settings.operator.clone());
        let cancel = Cancel::new();
        self.act_cancel = Some(cancel.clone());
        let events = self.events.clone();
        std::thread::Builder::new().name("change".to_owned()).spawn(move || {
            let result = catch_panic("the change", || mutations::perform(&databases, &operator, &act, &cancel));
            let _ = events.send(Event::Acted(result));
        })?;
        Ok(())
    }

    /// On a thread of its own, and one at a time.
    fn tell_overdue(&mut self) -> io::Result<()> {
        if self.teller.as_ref().is_some_and(|teller| !teller.is_finished()) {
            return Ok(());
        }
        let databases = self.console.databases.clone();
        let tell = move || batch_mutations::tell_overdue(&databases);
        self.teller = Some(std::thread::Builder::new().name("overdue".to_owned()).spawn(tell)?);
        Ok(())
    }

    /// Asks the run to end, or a batch server to go on with it, and waits for that, but not longer than `patience`: what it has made durable stays either way.
    pub async fn stop_run(&mut self, inbox: &mut UnboundedReceiver<Event>, patience: Duration) {
        let Some((cancel, choice)) = self.run.take() else { return };
        // A private job is nobody else's; it stays due for the next time.
        if choice.job.is_some() {
            self.successor = None;
            cancel.hand_over();
        } else if self.successor.is_some() {
            cancel.hand_over();
        } else {
            cancel.trip();
        }
        let end = async {
            while let Some(event) = inbox.recv().await {
                if let Event::RunEnded(result) = event {
                    return Some(result);
                }
            }
            None
        };
        let ended = tokio::time::timeout(patience, end).await;
        // What ended by itself in the meantime leaves nothing to hand over; what does not answer is asked for all the same.
        let is_over = |run: &Run| run.outcome != Some(Outcome::Interrupted);
        let over = matches!(&ended, Ok(Some(result)) if result.as_ref().as_ref().is_ok_and(is_over));
        if let Some(server) = self.successor.take().filter(|_| !over) {
            mutations::hand_over(&self.console.databases, &self.console.settings.operator, choice, &server);
        }
    }
}

/// A thread that reads what the terminal sends, until there is no terminal.
pub fn read_keys(events: UnboundedSender<Event>) -> io::Result<()> {
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
        let mut buffer = [0; 4_096];
        loop {
            let event = match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
                Ok(0) => Event::HungUp,
                Ok(length) => Event::Bytes(buffer[..length].to_vec(), Instant::now()),
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => Event::HungUp,
            };
            let last = matches!(event, Event::HungUp);
            if events.send(event).is_err() || last {
                return;
            }
        }
    })?;
    Ok(())
}

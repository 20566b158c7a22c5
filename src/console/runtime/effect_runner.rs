//! Performs the effects that the app returns, and starts the threads that send events to the loop.

use crate::cancel::Cancel;
use crate::console::app::RuntimeEffect;
use crate::console::backend::batch_mutations;
use crate::console::backend::console_run::ConsoleRun;
use crate::console::backend::export::{self};
use crate::console::backend::mutations::{self};
use crate::console::backend::panic_guard::catch_panic;
use crate::console::backend::query_worker::QueryWorker;
use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::export::{ExportProgress, ExportSource};
use crate::console::protocol::mutation::Mutation;
use crate::console::runtime::Console;
use crate::console::runtime::event::Event;
use crate::console::runtime::key_reader::KeyReader;
use crate::console::runtime::pager::Pager;
use crate::console::runtime::terminal::{self, Terminal};
use crate::domain::{Outcome, Run};
use crate::engine::{Databases, RunEvent};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// Performs effects and owns the handles of the background threads.
pub struct EffectRunner<'c> {
    /// Settings, clock and databases.
    pub console: &'c Console,
    /// The head office that the screen shows: runs and changes are refused at another one.
    pub shown_head_office: Option<String>,
    /// Answers the screens' queries.
    pub queries: QueryWorker,
    /// Where background threads report.
    pub events: UnboundedSender<Event>,
    /// How to stop the run in this console, and what was requested of it.
    pub run: Option<(Cancel, RunRequest)>,
    /// The batch server that is to complete that run.
    pub successor: Option<String>,
    /// Cancels the running export.
    pub export: Option<Cancel>,
    /// Cancels the mutation that was started last.
    pub mutation: Option<Cancel>,
    /// Reads the terminal.
    pub keys: KeyReader,
    /// Has the terminal while it runs.
    pub pager: Pager,
    /// The thread that writes notifications of overdue starts.
    pub overdue_notifier: Option<JoinHandle<()>>,
}

impl EffectRunner<'_> {
    /// Performs effects in order; `true` if the console is to quit.
    pub fn perform(&mut self, effects: Vec<RuntimeEffect>, screen: &mut Terminal) -> io::Result<bool> {
        for effect in effects {
            match effect {
                RuntimeEffect::Ask(number, query) => self.queries.ask(number, query),
                RuntimeEffect::Forget(number) => self.queries.forget(number),
                RuntimeEffect::Start(request) => self.start(request)?,
                RuntimeEffect::CancelRun => self.run.iter().for_each(|(cancel, _)| cancel.trip()),
                RuntimeEffect::HandOver(server) => self.successor = Some(server),
                RuntimeEffect::CancelAct => self.mutation.iter().for_each(Cancel::trip),
                RuntimeEffect::Mutation(mutation) => self.mutate(mutation)?,
                RuntimeEffect::Export(source, name, overwrite) => self.export(source, name, overwrite)?,
                RuntimeEffect::StopExport => self.export.iter().for_each(Cancel::trip),
                RuntimeEffect::Page(command, text) => self.pager.open(&command, &text, &self.keys, &self.events)?,
                RuntimeEffect::Copy(text) => terminal::copy(&text)?,
                RuntimeEffect::Mouse(is_on) => terminal::use_mouse(is_on)?,
                RuntimeEffect::Bell => terminal::ring()?,
                RuntimeEffect::TellOverdue => self.notify_overdue()?,
                RuntimeEffect::Repaint => screen.repaint()?,
                RuntimeEffect::Suspend => screen.suspend()?,
                RuntimeEffect::Quit => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Both databases, where only the head office that the screen shows may be changed.
    fn databases(&self) -> Databases {
        self.console.databases.knowing(self.shown_head_office.clone())
    }

    /// Starts an export on a thread of its own.
    fn export(&mut self, source: ExportSource, name: String, overwrite: bool) -> io::Result<()> {
        let cancel = Cancel::new();
        self.export = Some(cancel.clone());
        let (databases, events) = (self.console.databases.clone(), self.events.clone());
        std::thread::Builder::new().name("export".to_owned()).spawn(move || {
            let report = |progress| _ = events.send(Event::ExportProgress(progress));
            let result =
                catch_panic("the export", || Ok(export::write(&databases, source, &name, overwrite, &cancel, &report)));
            report(result.unwrap_or_else(ExportProgress::Fault));
        })?;
        Ok(())
    }

    /// Starts a run on a thread of its own; its events are sent to the loop.
    fn start(&mut self, request: RunRequest) -> io::Result<()> {
        let cancel = Cancel::new();
        self.run = Some((cancel.clone(), request.clone()));
        let (databases, clock) = (self.databases(), Arc::clone(&self.console.clock));
        let (operator, host) = (self.console.settings.operator.clone(), self.console.host.clone());
        let events = self.events.clone();
        std::thread::Builder::new().name("run".to_owned()).spawn(move || {
            let sender = events.clone();
            let sink = move |event: RunEvent| drop(sender.send(Event::Run(event)));
            let run =
                ConsoleRun { databases: &databases, operator: &operator, host: &host, clock: &*clock, cancel: &cancel };
            let result = catch_panic("the run", || run.perform(&request, &sink));
            let _ = events.send(Event::RunEnded(Box::new(result)));
        })?;
        Ok(())
    }

    /// Starts a mutation on a thread of its own, since it may wait for a lock.
    fn mutate(&mut self, mutation: Mutation) -> io::Result<()> {
        let (databases, operator) = (self.databases(), self.console.settings.operator.clone());
        let keymap = self.console.settings.keymap.clone();
        let cancel = Cancel::new();
        self.mutation = Some(cancel.clone());
        let events = self.events.clone();
        std::thread::Builder::new().name("change".to_owned()).spawn(move || {
            let result =
                catch_panic("the change", || mutations::perform(&databases, &operator, &mutation, &keymap, &cancel));
            let _ = events.send(Event::MutationDone(result));
        })?;
        Ok(())
    }

    /// Starts the thread that writes notifications of overdue starts, unless it is still running.
    fn notify_overdue(&mut self) -> io::Result<()> {
        if self.overdue_notifier.as_ref().is_some_and(|notifier| !notifier.is_finished()) {
            return Ok(());
        }
        let databases = self.console.databases.clone();
        let notify = move || batch_mutations::notify_overdue(&databases);
        self.overdue_notifier = Some(std::thread::Builder::new().name("overdue".to_owned()).spawn(notify)?);
        Ok(())
    }

    /// Cancels the run or hands it to a batch server, waiting at most `timeout`. Committed chunks
    /// are kept.
    pub async fn stop_run(&mut self, inbox: &mut UnboundedReceiver<Event>, timeout: Duration) {
        let Some((cancel, request)) = self.run.take() else { return };
        // A batch server may not run a private job; it stays due.
        if request.job.is_some() {
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
        let ended = tokio::time::timeout(timeout, end).await;
        // A run that ended in the meantime needs no successor; one that did not end in time does.
        let is_complete = |run: &Run| run.outcome != Some(Outcome::Interrupted);
        let complete = matches!(&ended, Ok(Some(result)) if result.as_ref().as_ref().is_ok_and(is_complete));
        if let Some(server) = self.successor.take().filter(|_| !complete) {
            mutations::hand_over(&self.databases(), &self.console.settings.operator, &request, &server);
        }
    }
}

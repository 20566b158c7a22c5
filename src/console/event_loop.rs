//! The loop: keys, answers, the run's events, signals and time in; frames out, one for each drained batch.

use super::acts::{self, Act, Done};
use super::app::{App, Effect, Input, Settings};
use super::input::Decoder;
use super::query::{Desk, Reply};
use super::screen::{Choice, REST, Target};
use super::terminal::{self, Screen};
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Outcome, Run, Trigger};
use crate::engine::{self, Databases, ProcessOptions, RunEvent};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep_until;

/// Between two looks at how fresh the status is, idle and while a run lives.
const LOOK: Duration = Duration::from_secs(5);
/// The same while a screen shows a run that lives elsewhere.
const WATCH: Duration = Duration::from_secs(1);
/// How often a living run is drawn at the most.
const RUN_FRAME: Duration = Duration::from_millis(250);
/// How long the run may take to reach the end of its chunk when the terminal is gone.
const LAST_CHUNK: Duration = Duration::from_millis(900);

/// What a console works with.
pub struct Console {
    /// The two databases.
    pub databases: Databases,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Its looks and manners.
    pub settings: Settings,
    /// How long the rest of an escape sequence is waited for.
    pub escape: Duration,
    /// The machine's name, for the books.
    pub host: String,
}

/// How a console ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator left.
    Quit,
    /// The terminal is gone, or somebody asked the process to end; a run of this console was asked to stop at its chunk.
    Gone,
}

enum Event {
    Bytes(Vec<u8>),
    HungUp,
    Reply(Reply),
    Run(RunEvent),
    RunEnded(Box<Result<Run, String>>),
    Acted(Result<Done, String>),
}

/// Takes the terminal and runs until the operator leaves or the terminal is gone.
pub fn run(console: &Console) -> io::Result<Ended> {
    terminal::restore_on_panic();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let ended = runtime.block_on(live(console));
    // The reader of keys may stand in a read that never returns; it is left behind.
    runtime.shutdown_background();
    ended
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    resize: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            resize: signal(SignalKind::window_change())?,
        })
    }
}

async fn live(console: &Console) -> io::Result<Ended> {
    let mut signals = Signals::listen()?;
    let (events, mut inbox) = unbounded_channel();
    let replies = events.clone();
    let may_migrate = !console.settings.read_only;
    let desk = Desk::open(console.databases.clone(), may_migrate, Arc::clone(&console.clock), move |reply| {
        let _ = replies.send(Event::Reply(reply));
    })?;
    let mut screen = Screen::take()?;
    read_keys(events.clone())?;
    let now = || console.clock.now();
    let (mut app, effects) = App::new(console.settings.clone(), Target::Overview, now());
    let mut hands = Hands { console, desk, events, run: None, heir: None };
    let mut decoder = Decoder::new(console.escape);
    screen.draw(|buffer| app.draw(buffer, now()))?;
    let mut over = hands.perform(effects, &mut screen)?;
    let mut look = Instant::now() + LOOK;
    let mut drawn = Instant::now();
    let mut settled: Option<Instant> = None;
    while !over {
        let mut inputs = Vec::new();
        let wake = [decoder.deadline(), settled].into_iter().flatten().fold(look, Instant::min);
        tokio::select! {
            event = inbox.recv() => inputs.extend(event.map(Ok).into_iter()),
            () = sleep_until(wake.into()) => {}
            _ = signals.resize.recv() => inputs.push(Err(Input::Redraw)),
            _ = signals.terminate.recv() => return Ok(leave(hands, app.heir(), &mut inbox).await),
            _ = signals.hang_up.recv() => return Ok(leave(hands, app.heir(), &mut inbox).await),
            _ = signals.interrupt.recv() => return Ok(leave(hands, app.heir(), &mut inbox).await),
        }
        while let Ok(event) = inbox.try_recv() {
            inputs.push(Ok(event));
        }
        let at = Instant::now();
        let mut taken: Vec<Input> = decoder.expire(at).into_iter().map(Input::Key).collect();
        let mut only_progress = !inputs.is_empty();
        for input in inputs {
            only_progress &= matches!(&input, Ok(Event::Run(RunEvent::Progress(_))));
            match input {
                Err(input) => taken.push(input),
                Ok(Event::Bytes(bytes)) => taken.extend(decoder.feed(&bytes, at).into_iter().map(Input::Key)),
                Ok(Event::HungUp) => return Ok(leave(hands, app.heir(), &mut inbox).await),
                Ok(Event::Reply(reply)) => taken.push(Input::Reply(reply)),
                Ok(Event::Run(event)) => taken.push(Input::Run(event)),
                Ok(Event::Acted(result)) => taken.push(Input::Acted(result)),
                Ok(Event::RunEnded(result)) => {
                    hands.run = None;
                    taken.push(Input::RunEnded(*result));
                }
            }
        }
        if at >= look {
            look = at + if app.watches() { WATCH } else { LOOK };
            taken.push(Input::Tick);
        }
        if settled.is_some_and(|settled| at >= settled) {
            settled = None;
            only_progress = false;
            taken.push(Input::Rested);
        }
        for input in taken {
            if matches!(input, Input::Key(_)) {
                settled = Some(at + REST + Duration::from_millis(5));
            }
            let effects = app.update(input, now());
            over |= hands.perform(effects, &mut screen)?;
        }
        if !over && (!only_progress || drawn.elapsed() >= RUN_FRAME) {
            drawn = Instant::now();
            screen.draw(|buffer| app.draw(buffer, now()))?;
        }
    }
    drop(screen);
    if app.runs() {
        hands.stop_run(&mut inbox, Duration::from_mins(1)).await;
    }
    Ok(Ended::Quit)
}

/// The way out when the terminal is gone: the run stops at its chunk, or a batch server goes on with it; nothing is drawn any more.
async fn leave(mut hands: Hands<'_>, heir: Option<String>, inbox: &mut UnboundedReceiver<Event>) -> Ended {
    hands.heir = heir;
    hands.stop_run(inbox, LAST_CHUNK).await;
    Ended::Gone
}

/// Performs what the app asks for.
struct Hands<'c> {
    console: &'c Console,
    desk: Desk,
    events: UnboundedSender<Event>,
    /// The run that lives here: how to stop it, and what it was to do.
    run: Option<(Cancel, Choice)>,
    /// The batch server that is to go on with it.
    heir: Option<String>,
}

impl Hands<'_> {
    /// Whether the console is over.
    fn perform(&mut self, effects: Vec<Effect>, screen: &mut Screen) -> io::Result<bool> {
        for effect in effects {
            match effect {
                Effect::Ask(number, query) => self.desk.ask(number, query),
                Effect::Interrupt => self.desk.interrupt(),
                Effect::Start(choice) => self.start(choice)?,
                Effect::CancelRun => self.run.iter().for_each(|(cancel, _)| cancel.trip()),
                Effect::HandOver(server) => self.heir = Some(server),
                Effect::Act(act) => self.act(act)?,
                Effect::Copy(text) => terminal::copy(&text)?,
                Effect::Repaint => screen.repaint()?,
                Effect::Suspend => screen.suspend()?,
                Effect::Quit => return Ok(true),
            }
        }
        Ok(false)
    }

    /// A run on a thread of its own; what it tells comes back as events.
    fn start(&mut self, choice: Choice) -> io::Result<()> {
        let cancel = Cancel::new();
        self.run = Some((cancel.clone(), choice));
        let (databases, clock) = (self.console.databases.clone(), Arc::clone(&self.console.clock));
        let options = ProcessOptions {
            transfer: choice.transfer,
            purge: choice.purge,
            confirm_purge: choice.confirm_purge,
            force: false,
            trigger: Trigger::Console,
            requested_by: self.console.settings.operator.clone(),
            host: self.console.host.clone(),
        };
        let events = self.events.clone();
        std::thread::Builder::new().name("run".to_owned()).spawn(move || {
            let told = events.clone();
            let sink = move |event: RunEvent| drop(told.send(Event::Run(event)));
            let result = terminal::guarded("the run", || {
                engine::process(&databases, &options, &*clock, &cancel, &sink).map_err(|error| error.to_string())
            });
            let _ = events.send(Event::RunEnded(Box::new(result)));
        })?;
        Ok(())
    }

    /// A change on a thread of its own, for it may wait for a lock.
    fn act(&self, act: Act) -> io::Result<()> {
        let (databases, operator) = (self.console.databases.clone(), self.console.settings.operator.clone());
        let events = self.events.clone();
        std::thread::Builder::new().name("change".to_owned()).spawn(move || {
            let result = terminal::guarded("the change", || acts::perform(&databases, &operator, &act));
            let _ = events.send(Event::Acted(result));
        })?;
        Ok(())
    }

    /// Asks the run to end and waits for it, but not longer than `patience`: what it has made durable stays either way.
    async fn stop_run(&mut self, inbox: &mut UnboundedReceiver<Event>, patience: Duration) {
        let Some((cancel, choice)) = self.run.take() else { return };
        if self.heir.is_some() {
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
        if let Some(server) = self.heir.take().filter(|_| !over) {
            acts::hand_over(&self.console.databases, &self.console.settings.operator, choice, &server);
        }
    }
}

/// A thread that reads what the terminal sends, until there is no terminal.
fn read_keys(events: UnboundedSender<Event>) -> io::Result<()> {
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
        let mut buffer = [0; 4_096];
        loop {
            let event = match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
                Ok(0) => Event::HungUp,
                Ok(length) => Event::Bytes(buffer[..length].to_vec()),
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

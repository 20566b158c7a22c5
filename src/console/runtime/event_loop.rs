//! The loop: keys, answers, the run's events, signals and time in; frames out, one for each drained batch.

use crate::console::app::{App, Input, RuntimeEffect};
use crate::console::backend::query_worker::QueryWorker;
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::SavedState;
use crate::console::runtime::effect_runner::{EffectRunner, Event, read_keys};
use crate::console::runtime::input::{Decoded, Decoder};
use crate::console::runtime::signals::{Signaled, Signals};
use crate::console::runtime::terminal::{self, Terminal};
use crate::console::runtime::{Console, Ended};
use crate::console::screens::screen::DEBOUNCE;
use crate::engine::RunEvent;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep_until;

/// Between two looks at how fresh the status is, idle and while a run lives.
const LOOK: Duration = Duration::from_secs(5);
/// The same while a screen shows a run that lives elsewhere.
const WATCH: Duration = Duration::from_secs(1);
/// How often a living run is drawn at the most.
const RUN_FRAME: Duration = Duration::from_millis(250);
/// How long the run may take to reach the end of its chunk when the terminal is gone. It is there in less than a second where the disk
/// is sound; what is cut off on a worse one is as safe, but looks like a run that was killed.
const LAST_CHUNK: Duration = Duration::from_secs(3);
/// How long it may take when the operator leaves and waits for it.
const QUIT: Duration = Duration::from_mins(1);

/// Takes the terminal and runs until the operator leaves or the terminal is gone.
pub fn run(console: &Console) -> io::Result<Ended> {
    let (events, inbox) = unbounded_channel();
    let broken = events.clone();
    terminal::restore_on_panic(move || _ = broken.send(Event::Broken));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let ended = runtime.block_on(live(console, events, inbox));
    // The reader of keys may stand in a read that never returns; it is left behind.
    runtime.shutdown_background();
    ended
}

async fn live(console: &Console, events: UnboundedSender<Event>, inbox: UnboundedReceiver<Event>) -> io::Result<Ended> {
    let mut signals = Signals::listen()?;
    let replies = events.clone();
    let may_migrate = !console.settings.read_only;
    let desk = QueryWorker::open(console.databases.clone(), may_migrate, Arc::clone(&console.clock), move |reply| {
        let _ = replies.send(Event::Reply(reply));
    })?;
    let screen = Terminal::take()?;
    read_keys(events.clone())?;
    let (app, effects) = App::new(console.settings.clone(), remembered(console), Route::Overview, console.clock.now());
    let runner = EffectRunner {
        console,
        desk,
        events,
        run: None,
        successor: None,
        export: None,
        act_cancel: None,
        teller: None,
    };
    let mut stage = Runtime { app, runner, inbox, screen };
    let ended = stage.play(effects, &mut signals).await;
    let Runtime { mut app, mut runner, mut inbox, screen } = stage;
    let patience = if matches!(ended, Ok(Ended::Quit)) {
        // Who leaves reads meanwhile what was on the screen before.
        drop(screen);
        QUIT
    } else {
        runner.successor = app.successor();
        LAST_CHUNK
    };
    remember(console, &mut app);
    runner.stop_run(&mut inbox, patience).await;
    match ended {
        // A terminal that takes no frame any more may be noticed before the signal that tells of it.
        Err(error) if terminal::is_gone(&error) => Ok(Ended::Gone),
        ended => ended,
    }
}

/// What the loop works with.
struct Runtime<'c> {
    app: App,
    runner: EffectRunner<'c>,
    inbox: UnboundedReceiver<Event>,
    screen: Terminal,
}

impl Runtime<'_> {
    /// Goes on until the operator leaves or the terminal is gone. However it ends, a run may still live.
    async fn play(&mut self, effects: Vec<RuntimeEffect>, signals: &mut Signals) -> io::Result<Ended> {
        let Self { app, runner, inbox, screen } = self;
        let console = runner.console;
        let now = || console.clock.now();
        let mut decoder = Decoder::new(console.escape);
        screen.draw(|buffer| app.draw(buffer, now()))?;
        let mut over = runner.perform(effects, screen)?;
        let mut look = Instant::now() + LOOK;
        let mut drawn = Instant::now();
        let mut settled: Option<Instant> = None;
        while !over {
            let mut inputs = Vec::new();
            let wake = [decoder.deadline(), settled].into_iter().flatten().fold(look, Instant::min);
            tokio::select! {
                event = inbox.recv() => inputs.extend(event.map(Ok).into_iter()),
                () = sleep_until(wake.into()) => {}
                signaled = signals.next() => match signaled {
                    Signaled::Resize => inputs.push(Err(Input::Redraw)),
                    Signaled::Continue => screen.resume()?,
                    Signaled::End => return Ok(Ended::Gone),
                },
            }
            while let Ok(event) = inbox.try_recv() {
                inputs.push(Ok(event));
            }
            let at = Instant::now();
            let mut taken: Vec<Input> = Vec::new();
            let mut only_progress = !inputs.is_empty();
            for input in inputs {
                only_progress &= matches!(&input, Ok(Event::Run(RunEvent::Progress(_))));
                match input {
                    Err(input) => taken.push(input),
                    Ok(Event::Bytes(bytes, read_at)) => taken.extend(decoded(decoder.feed(&bytes, read_at))),
                    Ok(Event::HungUp) => return Ok(Ended::Gone),
                    Ok(Event::Broken) => return Ok(Ended::Broken),
                    Ok(Event::Reply(reply)) => taken.push(Input::Reply(reply)),
                    Ok(Event::Run(event)) => taken.push(Input::Run(event)),
                    Ok(Event::ExportProgress(exported)) => taken.push(Input::ExportProgress(exported)),
                    Ok(Event::Acted(result)) => taken.push(Input::Acted(result)),
                    Ok(Event::RunEnded(result)) => {
                        runner.run = None;
                        taken.push(Input::RunEnded(*result));
                    }
                }
            }
            taken.extend(decoded(decoder.expire(at)));
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
                    settled = Some(at + DEBOUNCE + Duration::from_millis(5));
                }
                let effects = app.update(input, now());
                over |= runner.perform(effects, screen)?;
            }
            if app.watches() {
                look = look.min(at + WATCH);
            }
            if !over && (!only_progress || drawn.elapsed() >= RUN_FRAME) {
                drawn = Instant::now();
                screen.draw(|buffer| app.draw(buffer, now()))?;
            }
        }
        Ok(Ended::Quit)
    }
}

/// What was decoded, as the app takes it.
fn decoded(decoded: Vec<Decoded>) -> impl Iterator<Item = Input> {
    decoded.into_iter().map(|one| match one {
        Decoded::Key(key) => Input::Key(key),
        Decoded::Notice(words) => Input::Notice(words),
    })
}

fn remembered(console: &Console) -> SavedState {
    console.memory.as_deref().map(SavedState::read).unwrap_or_default()
}

/// Keeps for the next console how things looked; that it cannot be kept is no reason to stay.
fn remember(console: &Console, app: &mut App) {
    if let Some(path) = &console.memory {
        let _ = app.memory().write(path);
    }
}

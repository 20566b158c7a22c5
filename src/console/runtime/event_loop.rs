//! The event loop: drains keys, replies, run events, signals and timers into the app, then draws
//! one frame.

use crate::console::app::{App, Input, RuntimeEffect};
use crate::console::backend::query_worker::QueryWorker;
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::SavedState;
use crate::console::runtime::effect_runner::EffectRunner;
use crate::console::runtime::event::Event;
use crate::console::runtime::input::{Decoded, Decoder};
use crate::console::runtime::key_reader::KeyReader;
use crate::console::runtime::pager::Pager;
use crate::console::runtime::signals::{Signaled, Signals};
use crate::console::runtime::terminal::{self, Terminal};
use crate::console::runtime::{Console, ConsoleEnd};
use crate::console::screens::screen::DEBOUNCE;
use crate::engine::RunEvent;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep_until;

/// Poll interval of the freshness query.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// Poll interval while a screen shows a run of another process.
const FAST_POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Minimum interval between frames that only show progress of a run.
const PROGRESS_FRAME_INTERVAL: Duration = Duration::from_millis(250);
/// How long to wait for the run to complete its chunk after the terminal is gone. A chunk usually
/// takes less than a second. A run cut off later loses nothing, but is shown as Interrupted.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait for the run when the operator quits.
const QUIT_TIMEOUT: Duration = Duration::from_mins(1);

/// Runs the console on the terminal until the operator quits or the terminal is gone.
pub fn run(console: &Console) -> io::Result<ConsoleEnd> {
    let (events, inbox) = unbounded_channel();
    let panicked = events.clone();
    terminal::restore_on_panic(move || _ = panicked.send(Event::Panicked));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let ended = runtime.block_on(run_console(console, events, inbox));
    // The thread that reads the terminal may be blocked in a read that never returns.
    runtime.shutdown_background();
    ended
}

async fn run_console(
    console: &Console,
    events: UnboundedSender<Event>,
    inbox: UnboundedReceiver<Event>,
) -> io::Result<ConsoleEnd> {
    let mut signals = Signals::listen()?;
    let replies = events.clone();
    let may_write = console.settings.read_only.is_none();
    let queries = QueryWorker::open(console.databases.clone(), may_write, Arc::clone(&console.clock), move |reply| {
        let _ = replies.send(Event::Reply(reply));
    })?;
    let screen = Terminal::take()?;
    let keys = KeyReader::start(events.clone())?;
    let (app, effects) = App::new(console.settings.clone(), saved_state(console), Route::Overview, console.clock.now());
    let runner = EffectRunner {
        console,
        shown_head_office: None,
        queries,
        events,
        run: None,
        successor: None,
        export: None,
        mutation: None,
        keys,
        pager: Pager::default(),
        overdue_notifier: None,
    };
    let mut runtime = Runtime { app, runner, inbox, screen };
    let ended = runtime.run(effects, &mut signals).await;
    let Runtime { mut app, mut runner, mut inbox, screen } = runtime;
    runner.pager.stop();
    let timeout = if matches!(ended, Ok(ConsoleEnd::Quit)) {
        // Restore the terminal before waiting for the run.
        drop(screen);
        QUIT_TIMEOUT
    } else {
        runner.successor = app.successor();
        DISCONNECT_TIMEOUT
    };
    save_state(console, &mut app);
    runner.stop_run(&mut inbox, timeout).await;
    match ended {
        // Writing to a closed terminal may fail before the hang-up signal arrives.
        Err(error) if terminal::is_gone(&error) => Ok(ConsoleEnd::Gone),
        ended => ended,
    }
}

/// The state of the loop.
struct Runtime<'c> {
    app: App,
    runner: EffectRunner<'c>,
    inbox: UnboundedReceiver<Event>,
    screen: Terminal,
}

impl Runtime<'_> {
    /// Loops until the operator quits or the terminal is gone. A run may still be executing then.
    async fn run(&mut self, effects: Vec<RuntimeEffect>, signals: &mut Signals) -> io::Result<ConsoleEnd> {
        let Self { app, runner, inbox, screen } = self;
        let console = runner.console;
        let now = || console.clock.now();
        let mut decoder = Decoder::new(console.escape);
        screen.draw(|buffer| app.draw(buffer, now()))?;
        let mut quit = runner.perform(effects, screen)?;
        let mut next_poll = Instant::now() + POLL_INTERVAL;
        let mut drawn = Instant::now();
        let mut debounce: Option<Instant> = None;
        while !quit {
            let mut inputs = Vec::new();
            let wake = [decoder.deadline(), debounce].into_iter().flatten().fold(next_poll, Instant::min);
            tokio::select! {
                event = inbox.recv() => inputs.extend(event.map(Ok).into_iter()),
                () = sleep_until(wake.into()) => {}
                signaled = signals.next() => match signaled {
                    Signaled::Resize => inputs.push(Err(Input::Redraw)),
                    // The pager has the terminal, and takes its keys.
                    Signaled::Continue | Signaled::Interrupt if runner.pager.has_terminal() => {}
                    Signaled::Continue => screen.resume()?,
                    Signaled::Interrupt | Signaled::End => return Ok(ConsoleEnd::Gone),
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
                    Ok(Event::Bytes(..)) if runner.pager.key(screen)? => {}
                    Ok(Event::PagerEnded(ended)) => {
                        taken.extend(runner.pager.ended(ended, &runner.keys, screen)?.map(Input::Notice));
                    }
                    Ok(Event::Bytes(bytes, read_at)) => taken.extend(decoded_inputs(decoder.feed(&bytes, read_at))),
                    Ok(Event::HungUp) => return Ok(ConsoleEnd::Gone),
                    Ok(Event::Panicked) => return Ok(ConsoleEnd::Panicked),
                    Ok(Event::Reply(reply)) => taken.push(Input::Reply(reply)),
                    Ok(Event::Run(event)) => taken.push(Input::Run(event)),
                    Ok(Event::ExportProgress(progress)) => taken.push(Input::ExportProgress(progress)),
                    Ok(Event::MutationDone(result)) => taken.push(Input::MutationDone(result)),
                    Ok(Event::RunEnded(result)) => {
                        runner.run = None;
                        taken.push(Input::RunEnded(*result));
                    }
                }
            }
            taken.extend(decoded_inputs(decoder.expire(at)));
            if at >= next_poll {
                next_poll = at + if app.watches() { FAST_POLL_INTERVAL } else { POLL_INTERVAL };
                taken.push(Input::Tick);
            }
            if debounce.is_some_and(|debounce| at >= debounce) {
                debounce = None;
                only_progress = false;
                taken.push(Input::Debounced);
            }
            for input in taken {
                if matches!(input, Input::Key(_) | Input::Mouse(_) | Input::Redraw) {
                    debounce = Some(at + DEBOUNCE + Duration::from_millis(5));
                }
                let effects = app.update(input, now());
                runner.shown_head_office = app.shown_head_office();
                quit |= runner.perform(effects, screen)?;
            }
            if app.watches() {
                next_poll = next_poll.min(at + FAST_POLL_INTERVAL);
            }
            if !quit && (!only_progress || drawn.elapsed() >= PROGRESS_FRAME_INTERVAL) {
                drawn = Instant::now();
                screen.draw(|buffer| app.draw(buffer, now()))?;
            }
        }
        Ok(ConsoleEnd::Quit)
    }
}

/// Converts decoded keys and notices to inputs of the app.
fn decoded_inputs(decoded: Vec<Decoded>) -> impl Iterator<Item = Input> {
    decoded.into_iter().map(|decoded| match decoded {
        Decoded::Key(key) => Input::Key(key),
        Decoded::Mouse(mouse) => Input::Mouse(mouse),
        Decoded::Notice(text) => Input::Notice(text),
    })
}

fn saved_state(console: &Console) -> SavedState {
    console.memory.as_deref().map(SavedState::read).unwrap_or_default()
}

/// Saves the state of the lists for the next console. Errors are ignored: they must not keep the
/// console from ending.
fn save_state(console: &Console, app: &mut App) {
    if let Some(path) = &console.memory {
        let _ = app.memory().write(path);
    }
}

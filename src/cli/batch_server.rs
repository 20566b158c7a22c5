//! `cdx batch-server`: runs due batch jobs without a terminal.

use crate::cli::args::{BatchServerArgs, LogForm};
use crate::cli::context::{Context, host, local_zone};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::metrics_endpoint::{self, Health};
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags, ProcessEnvironment};
use crate::domain::{clean_line, grouped};
use crate::server::{self, EventListener, Options, ServerError, ServerEvent, Wake};
use color_eyre::eyre::{Context as _, Result};
use std::io::Write;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Maximum time from the signal to stop until the process exits.
const EXIT_TIMEOUT: Duration = Duration::from_millis(4_800);

/// Runs until SIGTERM or SIGINT; SIGHUP reloads the configuration.
pub fn run(context: &Context, args: &BatchServerArgs, flags: &Flags) -> CommandResult {
    context.refuse_if_read_only("batch-server")?;
    let name = args.name.clone().unwrap_or_else(host);
    if name.trim().is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(Failure::usage("--name must be 1 to 60 printable characters"));
    }
    let options = Options {
        name,
        databases: context.databases(),
        clock: Arc::new(SystemClock),
        host: host(),
        zone: local_zone()?.name().to_owned(),
        once: args.once,
        delivery: context.config.delivery(),
        sweep: server::SWEEP,
    };
    let (wake, woken) = channel();
    let form = args.log;
    watch(wake.clone(), flags.clone(), form).map_err(Failure::Unforeseen)?;
    let health = Arc::new(Mutex::new(Health::new()));
    if let Some(address) = args.metrics {
        let address = metrics_endpoint::serve(address, context.databases(), Arc::clone(&health))?;
        print_message(&format!("metrics at http://{address}/metrics"));
    }
    let listener: EventListener = Arc::new(move |event: ServerEvent| {
        health.lock().unwrap_or_else(PoisonError::into_inner).follow(&event);
        log(form, &event);
    });
    let ended = match server::serve(&options, (wake, woken), &listener) {
        Ok(ended) => ended,
        Err(ServerError::Store(error)) => return Err(error.into()),
        Err(error @ ServerError::Runs(_)) => return Err(Failure::Message(Exit::Held, error.to_string())),
        Err(error @ (ServerError::Replaced(_) | ServerError::Thread(_))) => {
            return Err(Failure::Message(Exit::Failed, error.to_string()));
        }
    };
    if args.once {
        let (jobs, failed) = (ended.jobs.cast_signed(), ended.failed.cast_signed());
        print_message(&format!("{} batch jobs ran, {} of them failed", grouped(jobs), grouped(failed)));
        return Ok(if ended.failed > 0 { Exit::Failed } else { Exit::Done });
    }
    Ok(Exit::Done)
}

/// Writes a log line and notifies systemd.
fn log(form: LogForm, event: &ServerEvent) {
    // Fails outside of systemd.
    let _ = match event {
        ServerEvent::Started { .. } => sd_notify::notify(&[sd_notify::NotifyState::Ready]),
        ServerEvent::Alive => sd_notify::notify(&[sd_notify::NotifyState::Watchdog]),
        _ => Ok(()),
    };
    if !event.is_logged() {
        return;
    }
    let at = SystemClock.now().to_rfc3339();
    let line = match form {
        LogForm::Text => {
            let run = event.run_id().map_or_else(String::new, |run_id| format!(" run={run_id}"));
            format!("{at}{run} {}", clean_line(&event.text()))
        }
        LogForm::Json => {
            let mut object = event.to_json();
            object["at"] = at.into();
            object.to_string()
        }
    };
    // A closed standard error must not stop the work.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Starts the thread that turns signals into wakes.
fn watch(wake: Sender<Wake>, flags: Flags, form: LogForm) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .wrap_err("cannot start the thread that waits for signals")?;
    let guard = runtime.enter();
    let listen = |kind| signal(kind).wrap_err("cannot wait for signals");
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    drop(guard);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            loop {
                let stops = tokio::select! {
                    _ = terminate.recv() => true,
                    _ = interrupt.recv() => true,
                    _ = hang_up.recv() => false,
                };
                let news = if stops {
                    // Fails outside of systemd.
                    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
                    Some(Wake::Stop)
                } else {
                    // An invalid configuration is reported and does not replace the current one.
                    match Config::load(&flags, &ProcessEnvironment) {
                        Ok(config) => Some(Wake::Reload(Box::new(config.delivery()))),
                        Err(error) => {
                            print_message(&format!("cdx: the configuration was not reloaded: {error}"));
                            None
                        }
                    }
                };
                if news.is_some_and(|news| wake.send(news).is_err()) {
                    return;
                }
                if stops {
                    // A database locked by another process must not delay the exit. Committed
                    // chunks are durable, and the next server continues the jobs.
                    tokio::time::sleep(EXIT_TIMEOUT).await;
                    log(form, &ServerEvent::GaveUp);
                    std::process::exit(0);
                }
            }
        });
    })?;
    Ok(())
}

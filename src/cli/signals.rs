//! Signals: the first asks the engine to stop at the next chunk, the second does not wait.

use crate::cancel::Cancel;
use color_eyre::eyre::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Starts a thread that trips `cancel` at SIGINT, SIGTERM or hang-up. Whatever a second signal cuts off heals by the next run.
pub fn watch(cancel: &Cancel) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .wrap_err("cannot start the thread that waits for signals")?;
    let guard = runtime.enter();
    let listen = |kind| signal(kind).wrap_err("cannot wait for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    drop(guard);
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hang_up.recv() => {}
                }
                if cancel.is_tripped() {
                    std::process::exit(130);
                }
                cancel.trip();
            }
        });
    });
    Ok(())
}

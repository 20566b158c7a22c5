//! Signals: the first stops the engine after its chunk, the second exits immediately.

use crate::cancel::Cancel;
use color_eyre::eyre::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Starts a thread that trips `cancel` on SIGINT, SIGTERM or SIGHUP. A second signal exits; the
/// next run continues after the last committed chunk.
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

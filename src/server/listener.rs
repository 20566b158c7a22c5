//! Listens for notifications of the database about changes at head office, on a thread of its own,
//! and wakes the loop.

use crate::cancel::Cancel;
use crate::server::{FIRST_PAUSE, LONGEST_PAUSE, Options, Wake};
use crate::store::{Changes, Location};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// The interval at which the thread checks whether the server has stopped.
const STOP_CHECK: Duration = Duration::from_millis(500);

/// The handle of the thread, which ends within half a second after this is dropped.
pub(super) struct Listener {
    listens: Arc<AtomicBool>,
    stop: Cancel,
}

impl Listener {
    /// Starts the thread; there is none if the database sends no notifications.
    pub(super) fn start(options: &Options, wake: Sender<Wake>) -> Result<Self, std::io::Error> {
        let (listens, stop) = (Arc::new(AtomicBool::new(false)), Cancel::new());
        let location = options.databases.head_office.clone();
        if location.file().is_none() {
            let (listens, stop) = (Arc::clone(&listens), stop.clone());
            let thread = std::thread::Builder::new().name("listener".to_owned());
            thread.spawn(move || listen(&location, &listens, &stop, &wake))?;
        }
        Ok(Self { listens, stop })
    }

    /// Whether notifications arrive; if not, the loop must poll.
    pub(super) fn listens(&self) -> bool {
        self.listens.load(Ordering::SeqCst)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.trip();
    }
}

fn listen(location: &Location, listens: &AtomicBool, stop: &Cancel, wake: &Sender<Wake>) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_tripped() {
        // The loop reports errors of head office; here they only mean that the loop has to poll.
        if let Ok(Some(mut changes)) = Changes::open(location) {
            listens.store(true, Ordering::SeqCst);
            // Changes before this moment were not notified.
            let mut has_changed = true;
            while !stop.is_tripped() {
                if has_changed && wake.send(Wake::Changed).is_err() {
                    return;
                }
                match changes.wait(STOP_CHECK) {
                    Ok(news) => has_changed = news,
                    Err(_) => break,
                }
                pause = FIRST_PAUSE;
            }
            listens.store(false, Ordering::SeqCst);
        }
        if stop.sleep(pause) {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

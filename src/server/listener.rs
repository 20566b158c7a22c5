//! The thread that hears of changes at head office where its database tells them, and wakes the loop.

use crate::cancel::Cancel;
use crate::server::{FIRST_PAUSE, LONGEST_PAUSE, Options, Wake};
use crate::store::{Changes, Location};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// Between two looks whether the server has ended.
const LOOK: Duration = Duration::from_millis(500);

/// Ends with its value, within half a second.
pub(super) struct Listener {
    listens: Arc<AtomicBool>,
    stop: Cancel,
}

impl Listener {
    /// Starts it; where the database tells nothing there is no thread.
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

    /// Whether changes are told now; while not, the loop must look for them.
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
        // The loop tells faults of head office; here they only mean that it has to look by itself.
        if let Ok(Some(mut changes)) = Changes::open(location) {
            listens.store(true, Ordering::SeqCst);
            // What changed before is not told.
            let mut told = true;
            while !stop.is_tripped() {
                if told && wake.send(Wake::Changed).is_err() {
                    return;
                }
                match changes.wait(LOOK) {
                    Ok(news) => told = news,
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

//! The messenger: takes alerts out of the house, by e-mail or by the operator's own command, on a thread of its own.

use super::mail::{self, Smtp};
use super::{Options, ServerEvent, Teller, command};
use crate::engine::Databases;
use crate::store::head_office::{Delivery, Way};
use crate::store::{Access, HeadOffice, Opening, StoreError};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Deliveries taken at once.
const MOST: i64 = 20;

/// By which ways alerts can leave the house.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ways {
    /// The mail server; `None` if none is configured.
    pub smtp: Option<Smtp>,
    /// The operator's own command, run by the shell; `None` if none is configured.
    pub command: Option<String>,
}

enum Errand {
    Look,
    Reload(Ways),
    Stop,
}

/// The messenger as the server sees it.
pub(super) struct Messenger {
    errands: Sender<Errand>,
    thread: Option<JoinHandle<()>>,
}

impl Messenger {
    pub(super) fn start(options: &Options, tell: &Teller) -> std::io::Result<Self> {
        let (errands, inbox) = channel();
        let (databases, ways, tell) = (options.databases.clone(), options.ways.clone(), Teller::clone(tell));
        let thread = std::thread::Builder::new()
            .name("messenger".to_owned())
            .spawn(move || serve(&databases, ways, &inbox, &tell))?;
        Ok(Self { errands, thread: Some(thread) })
    }

    /// Says that there may be something to take.
    pub(super) fn ring(&self) {
        let _ = self.errands.send(Errand::Look);
    }

    pub(super) fn reload(&self, ways: Ways) {
        let _ = self.errands.send(Errand::Reload(ways));
    }

    /// Lets it finish what it has in hand; what waits is taken by the next server.
    pub(super) fn stop(&mut self) {
        let _ = self.errands.send(Errand::Look);
        let _ = self.errands.send(Errand::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(databases: &Databases, mut ways: Ways, inbox: &Receiver<Errand>, tell: &Teller) {
    let mut office = None;
    while let Ok(errand) = inbox.recv() {
        match errand {
            Errand::Reload(new) => ways = new,
            Errand::Stop => return,
            Errand::Look => {
                if deliver(databases, &ways, &mut office, tell).is_err() {
                    // Whatever is wrong with this connection, the next round gets a new one; nothing is lost.
                    office = None;
                }
            }
        }
    }
}

fn deliver(
    databases: &Databases,
    ways: &Ways,
    office: &mut Option<HeadOffice>,
    tell: &Teller,
) -> Result<(), StoreError> {
    let office = if let Some(office) = office {
        office
    } else {
        let allow_network_file_system = databases.allow_network_file_system;
        let opening = Opening { access: Access::Existing, allow_network_file_system };
        office.insert(HeadOffice::open(&databases.head_office, opening)?)
    };
    for delivery in office.take_deliveries(MOST)? {
        let result = attempt(ways, &delivery);
        office.note_delivery(delivery.delivery_id, result.as_ref().copied().map_err(String::as_str))?;
        tell(ServerEvent::Delivered { way: delivery.way.word(), fault: result.err() });
    }
    Ok(())
}

fn attempt(ways: &Ways, delivery: &Delivery) -> Result<(), String> {
    match (delivery.way, &ways.smtp, &ways.command) {
        (Way::Email, Some(smtp), _) => mail::send(smtp, delivery),
        (Way::Email, None, _) => {
            Err("no mail server is configured where this batch server runs (smtp_host)".to_owned())
        }
        (Way::Command, _, Some(line)) => command::run(line, delivery),
        (Way::Command, _, None) => {
            Err("no command is configured where this batch server runs (alert_command)".to_owned())
        }
    }
}

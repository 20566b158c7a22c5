//! Delivers alerts and pings on a thread of its own, because each may take long.

use crate::batch::DeliveryConfig;
use crate::cancel::Cancel;
use crate::engine::Databases;
use crate::server::delivery_error::DeliveryError;
use crate::server::mail::first_words;
use crate::server::{EventListener, Options, ServerEvent, command_alerts, mail, ping, syslog, webhook};
use crate::store::head_office::{Delivery, DeliveryChannel};
use crate::store::{Access, HeadOffice, StoreError};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

enum Message {
    Deliver,
    Ping,
    Reload(Box<DeliveryConfig>),
}

/// The handle of the thread.
pub(super) struct Messenger {
    /// `None` once it was stopped.
    messages: Option<Sender<Message>>,
    stop: Cancel,
    /// Disconnected when the thread has finished.
    finished: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Messenger {
    pub(super) fn start(options: &Options, tell: &EventListener) -> std::io::Result<Self> {
        let (messages, inbox) = channel();
        let (databases, ways, tell) = (options.databases.clone(), options.ways.clone(), Arc::clone(tell));
        let host = options.host.clone();
        let stop = Cancel::new();
        let stopped = stop.clone();
        let (alive, finished) = channel::<()>();
        let thread = std::thread::Builder::new().name("messenger".to_owned()).spawn(move || {
            let _alive = alive;
            serve(&databases, &host, ways, &inbox, &tell, &stopped);
        })?;
        Ok(Self { messages: Some(messages), stop, finished, thread: Some(thread) })
    }

    /// Wakes it because there may be alerts to deliver.
    pub(super) fn wake(&self) {
        self.send(Message::Deliver);
    }

    /// Calls the configured address because a run was good.
    pub(super) fn ping(&self) {
        self.send(Message::Ping);
    }

    pub(super) fn reload(&self, ways: Box<DeliveryConfig>) {
        self.send(Message::Reload(ways));
    }

    fn send(&self, message: Message) {
        if let Some(messages) = &self.messages {
            // A thread that has finished has nothing to deliver.
            let _ = messages.send(message);
        }
    }

    /// Lets it deliver the latest alerts until `until`: a mail server that does not answer must not
    /// delay the stop. Another server delivers the rest, and what is being delivered now after five
    /// minutes.
    pub(super) fn stop(&mut self, until: Instant) {
        self.wake();
        self.messages = None;
        let Some(thread) = self.thread.take() else { return };
        if self.finished.recv_timeout(until.saturating_duration_since(Instant::now())) == Err(RecvTimeoutError::Timeout)
        {
            self.stop.trip();
            return;
        }
        let _ = thread.join();
    }
}

fn serve(
    databases: &Databases,
    host: &str,
    mut ways: DeliveryConfig,
    inbox: &Receiver<Message>,
    tell: &EventListener,
    stop: &Cancel,
) {
    let mut office = None;
    let mut more = false;
    while !stop.is_tripped() {
        // One delivery at a time, and between them the messages that arrived.
        let message = if more { inbox.try_recv().ok() } else { inbox.recv().ok() };
        match message {
            Some(Message::Reload(new)) => ways = *new,
            Some(Message::Deliver) => more = true,
            Some(Message::Ping) => {
                if let Some(error) = ways.ping.as_ref().and_then(|address| ping::ping(address).err()) {
                    tell(ServerEvent::PingFailed { fault: error.to_string() });
                }
            }
            None if !more => return,
            None => {}
        }
        if more {
            // After any error the next round opens a new connection; nothing is lost.
            more = deliver_one(databases, host, &ways, &mut office, tell).unwrap_or_else(|_| {
                office = None;
                false
            });
        }
    }
}

/// Delivers one alert; returns whether there was one.
fn deliver_one(
    databases: &Databases,
    host: &str,
    ways: &DeliveryConfig,
    office: &mut Option<HeadOffice>,
    tell: &EventListener,
) -> Result<bool, StoreError> {
    let office = if let Some(office) = office {
        office
    } else {
        office.insert(HeadOffice::open(&databases.head_office, databases.opening(Access::Existing))?)
    };
    let Some(delivery) = office.take_delivery(&channels(ways))? else { return Ok(false) };
    let Some(result) = attempt(ways, host, &delivery) else { return Ok(false) };
    let fault = result.err().map(|error| error.to_string());
    office.note_delivery(&delivery, fault.as_deref())?;
    tell(ServerEvent::Delivered {
        way: delivery.way.word(),
        delivery_id: delivery.delivery_id,
        subject: first_words(&delivery.text),
        fault,
    });
    Ok(true)
}

/// The channels that the configuration has; other servers may have the others.
fn channels(ways: &DeliveryConfig) -> Vec<DeliveryChannel> {
    let has = |channel: &DeliveryChannel| match channel {
        DeliveryChannel::Email => ways.smtp.is_some(),
        DeliveryChannel::Command => ways.command.is_some(),
        DeliveryChannel::Webhook => ways.webhook.is_some(),
        DeliveryChannel::Syslog => ways.syslog_socket.is_some(),
    };
    DeliveryChannel::ALL.into_iter().filter(has).collect()
}

/// Tries a delivery; `None` if the configuration does not have its channel.
fn attempt(ways: &DeliveryConfig, host: &str, delivery: &Delivery) -> Option<Result<(), DeliveryError>> {
    let label = ways.label.as_deref();
    Some(match delivery.way {
        DeliveryChannel::Email => mail::send(ways.smtp.as_ref()?, label, delivery),
        DeliveryChannel::Command => command_alerts::run(ways.command.as_ref()?, label, delivery),
        DeliveryChannel::Webhook => webhook::send(ways.webhook.as_ref()?, label, delivery),
        DeliveryChannel::Syslog => syslog::send(ways.syslog_socket.as_ref()?, host, label, delivery),
    })
}

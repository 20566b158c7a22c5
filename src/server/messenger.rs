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
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, channel};
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
    messages: Option<mpsc::Sender<Message>>,
    stop: Cancel,
    /// Disconnected when the thread has finished.
    finished: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Messenger {
    pub(super) fn start(options: &Options, tell: &EventListener) -> std::io::Result<Self> {
        let (messages, inbox) = channel();
        let (databases, config, tell) = (options.databases.clone(), options.delivery.clone(), Arc::clone(tell));
        let host = options.host.clone();
        let stop = Cancel::new();
        let stopped = stop.clone();
        let (alive, finished) = channel::<()>();
        let thread = std::thread::Builder::new().name("messenger".to_owned()).spawn(move || {
            let _alive = alive;
            serve(&databases, &host, config, &inbox, &tell, &stopped);
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

    pub(super) fn reload(&self, config: Box<DeliveryConfig>) {
        self.send(Message::Reload(config));
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
    mut config: DeliveryConfig,
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
            Some(Message::Reload(new)) => config = *new,
            Some(Message::Deliver) => more = true,
            Some(Message::Ping) => {
                if let Some(error) = config.ping.as_ref().and_then(|address| ping::ping(address).err()) {
                    tell(ServerEvent::PingFailed { fault: error.to_string() });
                }
            }
            None if !more => return,
            None => {}
        }
        if more {
            // After any error the next round opens a new connection; nothing is lost.
            more = deliver_one(databases, host, &config, &mut office, tell).unwrap_or_else(|_| {
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
    config: &DeliveryConfig,
    office: &mut Option<HeadOffice>,
    tell: &EventListener,
) -> Result<bool, StoreError> {
    let office = if let Some(office) = office {
        office
    } else {
        office.insert(HeadOffice::open(&databases.head_office, databases.opening(Access::Existing))?)
    };
    let Some(delivery) = office.take_delivery(&channels(config))? else { return Ok(false) };
    let Some(send) = sender(config, host, delivery.channel) else { return Ok(false) };
    let fault = send(&delivery).err().map(|error| error.to_string());
    office.note_delivery(&delivery, fault.as_deref())?;
    tell(ServerEvent::Delivered {
        channel: delivery.channel.word(),
        delivery_id: delivery.delivery_id,
        subject: first_words(&delivery.text),
        fault,
    });
    Ok(true)
}

/// The channels that the configuration has; other servers may have the others.
pub(super) fn channels(config: &DeliveryConfig) -> Vec<DeliveryChannel> {
    DeliveryChannel::ALL.into_iter().filter(|channel| sender(config, "", *channel).is_some()).collect()
}

/// Sends a delivery.
type Sender<'a> = Box<dyn Fn(&Delivery) -> Result<(), DeliveryError> + 'a>;

/// What sends through a channel; `None` if the configuration does not have it.
fn sender<'a>(config: &'a DeliveryConfig, host: &'a str, channel: DeliveryChannel) -> Option<Sender<'a>> {
    let label = config.label.as_deref();
    Some(match channel {
        DeliveryChannel::Email => {
            let smtp = config.smtp.as_ref()?;
            Box::new(move |delivery| mail::send(smtp, label, delivery))
        }
        DeliveryChannel::Command => {
            let command = config.command.as_deref()?;
            Box::new(move |delivery| command_alerts::run(command, label, delivery))
        }
        DeliveryChannel::Webhook => {
            let webhook = config.webhook.as_ref()?;
            Box::new(move |delivery| webhook::send(webhook, label, delivery))
        }
        DeliveryChannel::Syslog => {
            let socket = config.syslog_socket.as_deref()?;
            Box::new(move |delivery| syslog::send(socket, host, label, delivery))
        }
    })
}

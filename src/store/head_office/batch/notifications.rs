//! Notifications of operators, and their deliveries.

use crate::batch::{AlertEvent, AlertRule, AlertSettings, AlertSubject};
use crate::domain::Timestamp;
use crate::filter::{FieldValue, Subject};
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::delivery_channel::DeliveryChannel;
use crate::store::value::values;
use serde::Serialize;

/// What a notification is about, which decides whether a silence holds it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About<'a> {
    /// A test, which no silence holds back.
    Test,
    /// Conditions of an alert rule, by number, which no silence holds back any more.
    Rule(AlertRule, &'a [i64]),
    /// A batch job.
    #[allow(missing_docs)]
    Job { description: &'a str, group: &'a str },
}

/// A new notification for one operator.
#[derive(Debug, Clone, Copy)]
pub struct NewNotification<'a> {
    /// The operator and the channels.
    pub settings: &'a AlertSettings,
    /// The event.
    pub event: AlertEvent,
    /// The job, rule or exchange that the event is about.
    pub about: About<'a>,
    /// The batch job; `None` for alerts of the exchange.
    pub job_id: Option<i64>,
    /// The row of the history.
    pub history_id: Option<i64>,
    /// The text of the alert.
    pub text: &'a str,
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct Notification {
    pub notification_id: i64,
    pub at: Timestamp,
    pub event: Option<AlertEvent>,
    pub job_id: Option<i64>,
    pub history_id: Option<i64>,
    pub text: String,
    pub read_at: Option<Timestamp>,
    /// The silence that held it back.
    pub silence_id: Option<i64>,
    /// Why a delivery of it has failed so far.
    pub fault: Option<String>,
}

impl Notification {
    /// Whether it was sent to the operator and not read yet.
    pub fn is_unread(&self) -> bool {
        self.read_at.is_none() && self.silence_id.is_none()
    }
}

impl Subject for Notification {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "event" => self.event.map_or(FieldValue::Empty, |event| FieldValue::Choice(event.word())),
            "job" => FieldValue::number(self.job_id),
            "text" => FieldValue::text(Some(&self.text)),
            "unread" => FieldValue::Choice(if self.is_unread() { "yes" } else { "no" }),
            "silence" => FieldValue::number(self.silence_id),
            "at" => FieldValue::Number(self.at.0),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        is_wanted(&self.text) || self.fault.as_deref().is_some_and(is_wanted)
    }
}

impl HeadOffice {
    /// Writes a notification and its deliveries in a transaction of its own; durable when it
    /// returns.
    pub fn notify_now(&self, new: &NewNotification) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let notification_id = self.notify(new)?;
        transaction.commit()?;
        Ok(notification_id)
    }

    /// Writes a notification and its deliveries, unless a silence holds it back; durable with the
    /// caller's transaction.
    pub fn notify(&self, new: &NewNotification) -> Result<i64, StoreError> {
        let sql = format!(
            "insert into notification (at, operator, event, job_id, history_id, text, popup, silence_id, rule)
             values ({NOW}, $1, $2, $3, $4, $5, $6, $7, $8) returning notification_id"
        );
        let NewNotification { settings, event, about, job_id, history_id, text } = *new;
        let silence_id = match about {
            About::Test | About::Rule(..) => None,
            About::Job { description, group } => {
                let operator = &settings.operator;
                let (rule, store, cause) = (None, None, None);
                self.hold_back(&AlertSubject { event, rule, job_id, description, group, store, cause, text, operator })?
            }
        };
        let (rule, conditions) =
            if let About::Rule(rule, conditions) = about { (Some(rule.word()), conditions) } else { (None, &[][..]) };
        let values =
            values![&settings.operator, event.word(), job_id, history_id, text, settings.popup, silence_id, rule];
        let notification_id = self.connection.integer(&sql, values)?;
        for condition_id in conditions {
            let sql = "insert into notification_condition (condition_id, notification_id) values ($1, $2)";
            self.connection.execute(sql, values![*condition_id, notification_id])?;
        }
        if silence_id.is_some() {
            return Ok(notification_id);
        }
        let operator = |on: bool| on.then_some(settings.operator.as_str());
        let channels = [
            (DeliveryChannel::Email, settings.email.as_deref()),
            (DeliveryChannel::Command, operator(settings.command)),
            (DeliveryChannel::Webhook, operator(settings.webhook)),
            (DeliveryChannel::Syslog, operator(settings.syslog)),
        ];
        for (channel, target) in channels {
            if let Some(target) = target {
                let sql = format!(
                    "insert into delivery (notification_id, way, target, next_try_at) values ($1, $2, $3, {NOW})"
                );
                self.connection.execute(&sql, values![notification_id, channel.word(), target])?;
            }
        }
        Ok(notification_id)
    }

    /// An operator's notifications, newest first.
    pub fn notifications(&self, operator: &str, limit: i64) -> Result<Vec<Notification>, StoreError> {
        self.list_notifications(operator, "", limit)
    }

    /// The notifications that an operator has not read and no silence held back, newest first.
    pub fn unread_notifications(&self, operator: &str, limit: i64) -> Result<Vec<Notification>, StoreError> {
        self.list_notifications(operator, "and read_at is null and silence_id is null", limit)
    }

    fn list_notifications(&self, operator: &str, condition: &str, limit: i64) -> Result<Vec<Notification>, StoreError> {
        let sql = format!(
            "select notification_id, at, event, job_id, history_id, text, read_at, silence_id,
                (select max(error) from delivery where delivery.notification_id = notification.notification_id
                    and delivered_at is null) as fault
            from notification where operator = $1 and popup = 1 {condition} order by notification_id desc limit $2"
        );
        self.connection.query(&sql, values![operator, limit], |row| {
            Ok(Notification {
                notification_id: row.int("notification_id")?,
                at: row.time("at")?,
                event: AlertEvent::from_word(&row.text("event")?),
                job_id: row.opt_int("job_id")?,
                history_id: row.opt_int("history_id")?,
                text: row.text("text")?,
                read_at: row.opt_time("read_at")?,
                silence_id: row.opt_int("silence_id")?,
                fault: row.opt_text("fault")?,
            })
        })
    }

    /// The number of an operator's unread notifications that no silence held back, counted up to
    /// `most`.
    pub fn count_unread(&self, operator: &str, most: i64) -> Result<i64, StoreError> {
        let sql =
            "select count(*) from (select 1 from notification where operator = $1 and popup = 1 and read_at is null
            and silence_id is null limit $2) as counted";
        self.connection.integer(sql, values![operator, most])
    }

    /// The newest unread notification of an operator that no silence held back, with its number.
    pub fn newest_unread(&self, operator: &str) -> Result<Option<(i64, String)>, StoreError> {
        let sql = "select notification_id, text from notification where operator = $1 and popup = 1 and read_at is null
            and silence_id is null order by notification_id desc limit 1";
        self.connection.first(sql, values![operator], |row| Ok((row.int("notification_id")?, row.text("text")?)))
    }

    /// Marks an operator's notifications as read up to one; durable when it returns.
    pub fn note_read(&self, operator: &str, up_to: i64) -> Result<(), StoreError> {
        let sql = format!(
            "update notification set read_at = {NOW} where operator = $1 and notification_id <= $2 and read_at is null"
        );
        self.connection.execute(&sql, values![operator, up_to])?;
        Ok(())
    }
}

//! What was told to whom, and what is on its way.

use crate::batch::{AlertEvent, AlertSettings};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;

/// Tries of an e-mail or a command before it is given up.
const MOST_TRIES: i64 = 10;
/// Pause before the first repeated try, in milliseconds; it doubles each time, up to an hour.
const FIRST_PAUSE: i64 = 30_000;
const LONGEST_PAUSE: i64 = 3_600_000;
/// How long a delivery is its taker's, in milliseconds; longer than any try takes.
const TAKEN_FOR: i64 = 300_000;

/// By which way something is told, besides the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// E-mail through SMTP.
    Email,
    /// The command of the batch server's configuration.
    Command,
}

/// Something to be told to one operator.
#[derive(Debug, Clone, Copy)]
pub struct NewNotification<'a> {
    /// Who, and by which ways.
    pub settings: &'a AlertSettings,
    /// What it is about.
    pub event: AlertEvent,
    /// Which job.
    pub job_id: Option<i64>,
    /// Which row of the history.
    pub history_id: Option<i64>,
    /// The sentence.
    pub text: &'a str,
}

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct Notification {
    pub notification_id: i64,
    pub at: Timestamp,
    pub event: Option<AlertEvent>,
    pub job_id: Option<i64>,
    pub history_id: Option<i64>,
    pub text: String,
    pub read_at: Option<Timestamp>,
    /// Why an e-mail or a command of it has not arrived yet, or never will.
    pub fault: Option<String>,
}

/// An e-mail or a command on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct Delivery {
    pub delivery_id: i64,
    pub way: Way,
    pub target: String,
    pub tries: i64,
    pub operator: String,
    pub event: Option<AlertEvent>,
    pub job_id: Option<i64>,
    pub history_id: Option<i64>,
    pub at: Timestamp,
    pub text: String,
}

/// How a way has worked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastDelivery {
    /// When something last arrived by it.
    pub arrived_at: Option<Timestamp>,
    /// What the last failure said, if nothing has arrived since.
    pub fault: Option<String>,
}

impl Way {
    /// Its word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Command => "command",
        }
    }
}

impl HeadOffice {
    /// Writes down what is to be told and puts it on its ways; durable with the caller's transaction, or when it returns.
    pub fn notify(&self, new: &NewNotification) -> Result<i64, StoreError> {
        let sql = format!(
            "insert into notification (at, operator, event, job_id, history_id, text, popup)
             values ({NOW}, $1, $2, $3, $4, $5, $6) returning notification_id"
        );
        let NewNotification { settings, event, job_id, history_id, text } = *new;
        let values = values![&settings.operator, event.word(), job_id, history_id, text, settings.popup];
        let notification_id = self.connection.integer(&sql, values)?;
        let ways = [
            (Way::Email, settings.email.as_deref()),
            (Way::Command, settings.command.then_some(settings.operator.as_str())),
        ];
        for (way, target) in ways {
            if let Some(target) = target {
                let sql = format!(
                    "insert into delivery (notification_id, way, target, next_try_at) values ($1, $2, $3, {NOW})"
                );
                self.connection.execute(&sql, values![notification_id, way.word(), target])?;
            }
        }
        Ok(notification_id)
    }

    /// An operator's notifications, newest first.
    pub fn notifications(&self, operator: &str, limit: i64) -> Result<Vec<Notification>, StoreError> {
        let sql = "select notification_id, at, event, job_id, history_id, text, read_at,
                (select max(error) from delivery where delivery.notification_id = notification.notification_id
                    and delivered_at is null)
            from notification where operator = $1 and popup = 1 order by notification_id desc limit $2";
        self.connection.query(sql, values![operator, limit], |row| {
            Ok(Notification {
                notification_id: row.int(0)?,
                at: row.time(1)?,
                event: AlertEvent::from_word(&row.text(2)?),
                job_id: row.opt_int(3)?,
                history_id: row.opt_int(4)?,
                text: row.text(5)?,
                read_at: row.opt_time(6)?,
                fault: row.opt_text(7)?,
            })
        })
    }

    /// How many of an operator's notifications nobody has read, counted up to `most`.
    pub fn count_unread(&self, operator: &str, most: i64) -> Result<i64, StoreError> {
        let sql =
            "select count(*) from (select 1 from notification where operator = $1 and popup = 1 and read_at is null
            limit $2) as counted";
        self.connection.integer(sql, values![operator, most])
    }

    /// The newest notification that an operator has not read, with its number.
    pub fn newest_unread(&self, operator: &str) -> Result<Option<(i64, String)>, StoreError> {
        let sql = "select notification_id, text from notification where operator = $1 and popup = 1 and read_at is null
            order by notification_id desc limit 1";
        self.connection.first(sql, values![operator], |row| Ok((row.int(0)?, row.text(1)?)))
    }

    /// Notes that an operator has read all up to one; durable when it returns.
    pub fn note_read(&self, operator: &str, up_to: i64) -> Result<(), StoreError> {
        let sql = format!(
            "update notification set read_at = {NOW} where operator = $1 and notification_id <= $2 and read_at is null"
        );
        self.connection.execute(&sql, values![operator, up_to])?;
        Ok(())
    }

    /// Whether anything is to be tried now.
    pub fn has_deliveries(&self) -> Result<bool, StoreError> {
        let sql = format!("select 1 from delivery where next_try_at <= {NOW} limit 1");
        Ok(self.connection.first(&sql, &[], |_| Ok(()))?.is_some())
    }

    /// Takes what is to be tried next, if anything is due, so that no other server tries it for the next five minutes; durable when it
    /// returns. One at a time: what stands behind a slow mail server is not lost with this process.
    pub fn take_delivery(&self) -> Result<Option<Delivery>, StoreError> {
        if !self.has_deliveries()? {
            return Ok(None);
        }
        let transaction = self.connection.begin()?;
        let sql = format!(
            "select d.delivery_id, d.way, d.target, d.tries, n.operator, n.event, n.job_id, n.history_id, n.at, n.text
             from delivery as d join notification as n on n.notification_id = d.notification_id
             where d.next_try_at <= {NOW} order by d.next_try_at limit 1"
        );
        let taken = self.connection.first(&sql, &[], |row| {
            Ok(Delivery {
                delivery_id: row.int(0)?,
                way: if row.text(1)? == Way::Email.word() { Way::Email } else { Way::Command },
                target: row.text(2)?,
                tries: row.int(3)? + 1,
                operator: row.text(4)?,
                event: AlertEvent::from_word(&row.text(5)?),
                job_id: row.opt_int(6)?,
                history_id: row.opt_int(7)?,
                at: row.time(8)?,
                text: row.text(9)?,
            })
        })?;
        if let Some(delivery) = &taken {
            let sql = format!(
                "update delivery set tries = tries + 1, next_try_at = {NOW} + {TAKEN_FOR} where delivery_id = $1"
            );
            self.connection.execute(&sql, values![delivery.delivery_id])?;
        }
        transaction.commit()?;
        Ok(taken)
    }

    /// Notes what came of a try; after the last one it is given up. Durable when it returns.
    pub fn note_delivery(&self, delivery: &Delivery, result: Result<(), &str>) -> Result<(), StoreError> {
        let delivery_id = delivery.delivery_id;
        match result {
            Ok(()) => self.connection.execute(
                &format!(
                    "update delivery set delivered_at = {NOW}, next_try_at = null, error = null where delivery_id = $1"
                ),
                values![delivery_id],
            )?,
            Err(fault) => {
                let pause = FIRST_PAUSE.saturating_mul(1 << (delivery.tries - 1).clamp(0, 20)).min(LONGEST_PAUSE);
                let sql = format!(
                    "update delivery set error = $1, next_try_at = case when tries >= {MOST_TRIES} then null else {NOW} + $2 end
                     where delivery_id = $3"
                );
                self.connection.execute(&sql, values![fault, pause, delivery_id])?
            }
        };
        Ok(())
    }

    /// How a way has worked lately.
    pub fn last_delivery(&self, way: Way) -> Result<LastDelivery, StoreError> {
        let sql = "select max(delivered_at) from delivery where way = $1";
        let arrived_at = self.connection.first(sql, values![way.word()], |row| row.opt_time(0))?.flatten();
        // A later one that arrived shows that the way is open again.
        let sql = "select error from delivery where way = $1 and error is not null and delivered_at is null
                and delivery_id > (select coalesce(max(delivery_id), 0) from delivery where way = $2 and delivered_at is not null)
            order by delivery_id desc limit 1";
        let values = values![way.word(), way.word()];
        let fault = self.connection.first(sql, values, |row| row.opt_text(0))?.flatten();
        Ok(LastDelivery { arrived_at, fault })
    }
}

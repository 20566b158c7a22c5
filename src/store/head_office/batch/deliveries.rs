//! Deliveries of notifications: which is due, its tries, and the latest results of each channel.

use crate::batch::AlertEvent;
use crate::domain::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::delivery_channel::DeliveryChannel;
use crate::store::value::values;
use std::collections::BTreeSet;

/// Tries of a delivery before it is given up.
const MAX_TRIES: i64 = 10;
/// The pause before the first retry, in milliseconds; it doubles each time, up to an hour.
const FIRST_PAUSE_MS: i64 = 30_000;
const LONGEST_PAUSE_MS: i64 = HOUR_MS;
/// Milliseconds after which a due delivery that no batch server has taken is reported.
const UNTAKEN_AFTER_MS: i64 = MINUTE_MS;
/// Milliseconds after which a due delivery that no batch server has taken is given up.
const GIVEN_UP_AFTER_MS: i64 = 7 * DAY_MS;
/// The most conditions that a delivery lists.
const MAX_CONDITIONS: i64 = 10_000;
/// Milliseconds for which one batch server reserves a delivery; longer than any try takes.
const RESERVED_MS: i64 = 5 * MINUTE_MS;

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct Delivery {
    pub delivery_id: i64,
    pub channel: DeliveryChannel,
    pub target: String,
    pub tries: i64,
    pub operator: String,
    pub event: Option<AlertEvent>,
    pub rule: Option<String>,
    pub job_id: Option<i64>,
    pub history_id: Option<i64>,
    pub at: Timestamp,
    pub text: String,
    pub about: NoticedConditions,
}

/// The conditions that a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticedConditions {
    /// Their numbers, ascending.
    pub condition_ids: Vec<i64>,
    /// Their channel databases, by name.
    pub stores: Vec<String>,
}

/// The latest results of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastDelivery {
    /// When a delivery last succeeded.
    pub arrived_at: Option<Timestamp>,
    /// Why alerts do not arrive, if no delivery has succeeded since.
    pub fault: Option<DeliveryFault>,
}

/// Why alerts do not arrive through a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryFault {
    /// The last try failed with this error.
    Failed(String),
    /// A delivery has been due since then and no batch server has taken it: none has the channel,
    /// or it is slow.
    NotTaken(Timestamp),
}

/// The words of channels as a list in SQL.
fn in_sql(channels: &[DeliveryChannel]) -> String {
    channels.iter().map(|channel| format!("'{}'", channel.word())).collect::<Vec<_>>().join(", ")
}

impl HeadOffice {
    /// Whether a delivery by one of the channels is due.
    pub fn has_deliveries(&self, channels: &[DeliveryChannel]) -> Result<bool, StoreError> {
        if channels.is_empty() {
            return Ok(false);
        }
        let words = in_sql(channels);
        let sql = format!("select 1 from delivery where next_try_at <= {NOW} and way in ({words}) limit 1");
        self.connection.exists(&sql, &[])
    }

    /// Takes the next due delivery by one of the channels, reserved for five minutes; durable when
    /// it returns. Those of one condition to one target are made in their order: the end of a
    /// condition does not overtake its beginning. One at a time, so that a crash behind a slow mail
    /// server delays only that one.
    pub fn take_delivery(&self, channels: &[DeliveryChannel]) -> Result<Option<Delivery>, StoreError> {
        if !self.has_deliveries(channels)? {
            return Ok(None);
        }
        let words = in_sql(channels);
        let transaction = self.connection.begin()?;
        let sql = format!(
            "select d.delivery_id, n.notification_id, d.way, d.target, d.tries, n.operator, n.event, n.rule, n.job_id, n.history_id, n.at, n.text
             from delivery as d join notification as n on n.notification_id = d.notification_id
             where d.next_try_at <= {NOW} and d.way in ({words}) and not exists (select 1
                from notification_condition as own
                join notification_condition as other on other.condition_id = own.condition_id
                    and other.notification_id < own.notification_id
                join delivery as before on before.notification_id = other.notification_id
                where own.notification_id = d.notification_id and before.way = d.way and before.target = d.target
                    and before.next_try_at is not null)
             order by d.next_try_at limit 1"
        );
        let mut taken = self.connection.first(&sql, &[], |row| {
            let word = row.text("way")?;
            let delivery = Delivery {
                delivery_id: row.int("delivery_id")?,
                channel: DeliveryChannel::from_word(&word)
                    .ok_or_else(|| row.damaged(format!("the channel {word:?}")))?,
                target: row.text("target")?,
                tries: row.int("tries")? + 1,
                operator: row.text("operator")?,
                event: AlertEvent::from_word(&row.text("event")?),
                rule: row.opt_text("rule")?,
                job_id: row.opt_int("job_id")?,
                history_id: row.opt_int("history_id")?,
                at: row.time("at")?,
                text: row.text("text")?,
                about: NoticedConditions::default(),
            };
            Ok((delivery, row.int("notification_id")?))
        })?;
        if let Some((delivery, notification_id)) = &mut taken {
            delivery.about = self.noticed_conditions(*notification_id)?;
            let sql = format!(
                "update delivery set tries = tries + 1, next_try_at = {NOW} + {RESERVED_MS} where delivery_id = $1"
            );
            self.connection.execute(&sql, values![delivery.delivery_id])?;
        }
        transaction.commit()?;
        Ok(taken.map(|(delivery, _)| delivery))
    }

    /// The conditions that a notice is about, at most the first 10,000.
    pub(in crate::store::head_office) fn noticed_conditions(
        &self,
        notification_id: i64,
    ) -> Result<NoticedConditions, StoreError> {
        let sql = "select n.condition_id, c.store from notification_condition as n
            left join alert_condition as c on c.condition_id = n.condition_id
            where n.notification_id = $1 order by n.condition_id limit $2";
        let rows = self.connection.query(sql, values![notification_id, MAX_CONDITIONS], |row| {
            Ok((row.int("condition_id")?, row.opt_text("store")?))
        })?;
        let (condition_ids, stores): (_, Vec<_>) = rows.into_iter().unzip();
        let stores: BTreeSet<_> = stores.into_iter().flatten().collect();
        Ok(NoticedConditions { condition_ids, stores: stores.into_iter().collect() })
    }

    /// Records the result of a try, `fault` if it failed; after the last try it is given up. A
    /// failure is ignored if the delivery was taken again or made meanwhile. Durable when it
    /// returns.
    pub fn note_delivery(&self, delivery: &Delivery, fault: Option<&str>) -> Result<(), StoreError> {
        let delivery_id = delivery.delivery_id;
        match fault {
            None => self.connection.execute(
                &format!(
                    "update delivery set delivered_at = {NOW}, next_try_at = null, error = null where delivery_id = $1"
                ),
                values![delivery_id],
            )?,
            Some(fault) => {
                let pause = FIRST_PAUSE_MS.saturating_mul(1 << (delivery.tries - 1).clamp(0, 20)).min(LONGEST_PAUSE_MS);
                let sql = format!(
                    "update delivery set error = $1, next_try_at = case when tries >= {MAX_TRIES} then null else {NOW} + $2 end
                     where delivery_id = $3 and tries = $4 and delivered_at is null"
                );
                self.connection.execute(&sql, values![fault, pause, delivery_id, delivery.tries])?
            }
        };
        Ok(())
    }

    /// The latest results of a channel.
    pub fn last_delivery(&self, channel: DeliveryChannel) -> Result<LastDelivery, StoreError> {
        let sql = "select max(delivered_at) from delivery where way = $1";
        let arrived_at = self.connection.scalar::<Option<Timestamp>>(sql, values![channel.word()])?.flatten();
        // A later success shows that the channel works again.
        let sql = "select error from delivery where way = $1 and error is not null and delivered_at is null
                and delivery_id > (select coalesce(max(delivery_id), 0) from delivery where way = $2 and delivered_at is not null)
            order by delivery_id desc limit 1";
        let values = values![channel.word(), channel.word()];
        let failed = self.connection.scalar::<Option<String>>(sql, values)?.flatten();
        let fault = match failed {
            Some(error) => Some(DeliveryFault::Failed(error)),
            None => self.not_taken_since(channel, arrived_at)?.map(DeliveryFault::NotTaken),
        };
        Ok(LastDelivery { arrived_at, fault })
    }

    /// Since when deliveries by a channel wait although none has failed; `None` if none waits long.
    fn not_taken_since(
        &self,
        channel: DeliveryChannel,
        arrived_at: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = format!(
            "select next_try_at from (select next_try_at from delivery where way = $1 and next_try_at is not null
             order by delivery_id limit 1) as oldest where next_try_at < {NOW} - {UNTAKEN_AFTER_MS}"
        );
        let since = self.connection.scalar::<Timestamp>(&sql, values![channel.word()])?;
        Ok(since.filter(|since| arrived_at.is_none_or(|arrived| arrived < *since)))
    }

    /// Gives up deliveries that no batch server has taken for a week, so that a server that gets
    /// the channel later does not send old alerts.
    pub fn give_up_deliveries(&self) -> Result<(), StoreError> {
        let sql = format!(
            "update delivery set next_try_at = null, error = coalesce(error, 'no batch server took it within a week')
             where next_try_at < {NOW} - {GIVEN_UP_AFTER_MS}"
        );
        self.connection.execute(&sql, &[])?;
        Ok(())
    }
}

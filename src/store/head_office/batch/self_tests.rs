//! Regular tests of the channels, so that one that fails is found before it is needed.

use crate::batch::{AlertEvent, AlertSettings};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::notifications::{About, NewNotification};
use crate::store::value::values;
use std::collections::{BTreeMap, BTreeSet};

/// The most alert settings that are read.
const MAX_SETTINGS: i64 = 100_000;

/// The text of a test.
const TEXT: &str = "This is a regular test of the alerts of cdx: they arrive. Nothing needs to be done.";

/// The channels that a login uses.
#[derive(Default)]
struct Channels {
    emails: BTreeSet<String>,
    command: bool,
    webhook: bool,
    syslog: bool,
}

impl HeadOffice {
    /// Sends each login a test by every channel that its alerts use, if the last round was
    /// this many days ago; 0 days never tests. Any batch server calls it; durable when it returns.
    /// Returns the number of tests.
    pub fn test_deliveries(&self, now: Timestamp, days: i64) -> Result<usize, StoreError> {
        let tested = self.connection.scalar::<Option<Timestamp>>("select tested_at from alert_check", &[])?.flatten();
        if days <= 0 || tested.is_some_and(|tested| tested > now.minus_days(days) && tested <= now) {
            return Ok(0);
        }
        let transaction = self.connection.begin()?;
        let sql = "update alert_check set tested_at = $1 where coalesce(tested_at, -1) = $2";
        if self.connection.execute(sql, values![now, tested.map_or(-1, |tested| tested.0)])? == 0 {
            // Another server was first.
            return Ok(0);
        }
        // The first round follows a whole interval after the installation. After a clock that was
        // ahead, the interval begins again.
        let is_due = tested.is_some_and(|tested| tested <= now);
        let logins = if is_due { self.used_channels()? } else { BTreeMap::new() };
        let mut tests = 0;
        for (operator, channels) in logins {
            for settings in channels.settings(&operator) {
                let event = AlertEvent::SelfTest;
                let (about, job_id, history_id) = (About::Test, None, None);
                self.notify(&NewNotification { settings: &settings, event, about, job_id, history_id, text: TEXT })?;
                tests += 1;
            }
        }
        transaction.commit()?;
        Ok(tests)
    }

    fn used_channels(&self) -> Result<BTreeMap<String, Channels>, StoreError> {
        let sql = "select operator, email, command, webhook, syslog from batch_alert limit $1";
        let mut logins: BTreeMap<String, Channels> = BTreeMap::new();
        self.connection.query(sql, values![MAX_SETTINGS], |row| {
            let channels = logins.entry(row.text("operator")?).or_default();
            channels.emails.extend(row.opt_text("email")?);
            channels.command |= row.flag("command")?;
            channels.webhook |= row.flag("webhook")?;
            channels.syslog |= row.flag("syslog")?;
            Ok(())
        })?;
        Ok(logins)
    }
}

impl Channels {
    /// Settings that together use each channel once.
    fn settings(self, operator: &str) -> Vec<AlertSettings> {
        let Self { emails, command, webhook, syslog } = self;
        let mut emails = emails.into_iter();
        let login = || AlertSettings { operator: operator.to_owned(), ..AlertSettings::default() };
        let first = AlertSettings { email: emails.next(), command, webhook, syslog, ..login() };
        let others = emails.map(|email| AlertSettings { email: Some(email), ..login() });
        std::iter::once(first).chain(others).filter(AlertSettings::needs_batch_server).collect()
    }
}

//! Conditions that alert rules found: which fire, which were notified, which are resolved.

use crate::batch::{
    AlertCondition, AlertEvent, AlertRule, AlertSettings, AlertSubject, EXCHANGE, Finding, FoundCondition, notice,
};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::notifications::{About, NewNotification};
use crate::store::row::columns;
use crate::store::value::values;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The least time between two checks, by any servers, in milliseconds.
const CHECK_INTERVAL: i64 = 55_000;
/// The most conditions that fire.
const MOST: i64 = 50_000;

columns!(mod column:
    condition_id, rule, subject, store, job_id, cause, text, since, level, silence_id, notified_at, resolved_at,
);
use column::LIST as COLUMNS;

/// What a check changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckedRules {
    /// Conditions that began.
    pub fired: usize,
    /// Conditions that were resolved.
    pub resolved: usize,
    /// Notices to operators.
    pub notices: usize,
}

impl HeadOffice {
    /// Claims a check of the rules: false if a server has checked them within the last minute.
    /// Durable when it returns.
    pub fn claim_rule_check(&self, now: Timestamp) -> Result<bool, StoreError> {
        // A clock that was set back does not stop the checks.
        let sql = "update alert_check set checked_at = $1
                   where checked_at is null or checked_at > $1 or checked_at <= $1 - $2";
        Ok(self.connection.execute(sql, values![now, CHECK_INTERVAL])? > 0)
    }

    /// When the rules were last checked.
    pub fn rules_checked_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.connection.scalar::<Option<Timestamp>>("select checked_at from alert_check", &[])?.flatten())
    }

    /// The conditions that fire, the newest first.
    pub fn firing_conditions(&self, limit: i64) -> Result<Vec<AlertCondition>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from alert_condition where resolved_at is null order by since desc, condition_id desc limit $1"
        );
        self.connection.query(&sql, values![limit], condition)
    }

    /// The conditions resolved since an instant, the last first.
    pub fn resolved_conditions(&self, since: Timestamp, limit: i64) -> Result<Vec<AlertCondition>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from alert_condition where resolved_at >= $1
             order by resolved_at desc, condition_id desc limit $2"
        );
        self.connection.query(&sql, values![since, limit], condition)
    }

    /// The number of firing conditions of each rule.
    pub fn count_firing(&self) -> Result<Vec<(AlertRule, i64)>, StoreError> {
        let sql = "select rule, count(*) as firing from alert_condition where resolved_at is null group by rule";
        let counts = self.connection.query(sql, &[], |row| Ok((row.text("rule")?, row.int("firing")?)))?;
        let counts: HashMap<_, _> = counts.into_iter().collect();
        Ok(AlertRule::ALL.map(|rule| (rule, counts.get(rule.word()).copied().unwrap_or(0))).to_vec())
    }

    /// Stores what a check found and notifies operators of what changed: once when a condition
    /// begins, once when it is resolved. Conditions of one rule and cause share a notice. Durable
    /// when it returns.
    pub fn take_findings(&self, findings: &[Finding], now: Timestamp) -> Result<CheckedRules, StoreError> {
        let transaction = self.connection.begin()?;
        let firing = self.firing_conditions(MOST)?;
        let mut checked = CheckedRules::default();
        let mut resolved = Vec::new();
        for finding in findings {
            let known: HashMap<_, _> = firing
                .iter()
                .filter(|condition| condition.rule == Some(finding.rule))
                .map(|condition| (condition.subject.as_str(), condition))
                .collect();
            let found: HashSet<_> = finding.conditions.iter().map(|found| found.subject.as_str()).collect();
            for found in &finding.conditions {
                match known.get(found.subject.as_str()) {
                    Some(known) => self.refresh_condition(known, found)?,
                    None => checked.fired += self.insert_condition(finding.rule, found, now)?,
                }
            }
            for condition in known.values().filter(|condition| !found.contains(condition.subject.as_str())) {
                let sql = "update alert_condition set resolved_at = $2 where condition_id = $1";
                self.connection.execute(sql, values![condition.condition_id, now])?;
                resolved.push((*condition).clone());
            }
        }
        checked.resolved = resolved.len();
        let begun = self.connection.query(
            &format!(
                "select {COLUMNS} from alert_condition where resolved_at is null and notified_at is null limit $1"
            ),
            values![MOST],
            condition,
        )?;
        resolved.retain(|condition| condition.notified_at.is_some());
        if !begun.is_empty() || !resolved.is_empty() {
            checked.notices =
                self.notify_conditions(&begun, false, now)? + self.notify_conditions(&resolved, true, now)?;
        }
        transaction.commit()?;
        Ok(checked)
    }

    fn insert_condition(&self, rule: AlertRule, found: &FoundCondition, now: Timestamp) -> Result<usize, StoreError> {
        let sql = "insert into alert_condition (rule, subject, store, job_id, cause, text, since, level)
                   values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
        let FoundCondition { subject, store, job_id, cause, text, level } = found;
        self.connection.execute(sql, values![rule.word(), subject, store, *job_id, *cause, text, now, *level])
    }

    fn refresh_condition(&self, known: &AlertCondition, found: &FoundCondition) -> Result<(), StoreError> {
        if known.text == found.text && known.level == found.level {
            return Ok(());
        }
        let again = if found.level > known.level { ", notified_at = null, silence_id = null" } else { "" };
        let sql = format!("update alert_condition set text = $2, level = $3{again} where condition_id = $1");
        self.connection.execute(&sql, values![known.condition_id, &found.text, found.level])?;
        Ok(())
    }

    /// Notifies the logins whose rules these conditions are of, unless a silence holds them back;
    /// returns the number of notices. In the caller's transaction.
    fn notify_conditions(
        &self,
        conditions: &[AlertCondition],
        is_resolved: bool,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let logins = self.alerts(EXCHANGE)?;
        let silences = self.open_filters()?;
        // What each login gets: the conditions of a rule and a cause.
        let mut notices: BTreeMap<(usize, AlertRule, Option<i64>), Vec<&AlertCondition>> = BTreeMap::new();
        for condition in conditions {
            let Some(rule) = condition.rule else { continue };
            let subscribed = logins.iter().enumerate().filter(|(_, login)| login.rules.contains(&rule));
            let (mut sends, mut held) = (false, None);
            let job = match condition.job_id {
                Some(job_id) => self.job_words(job_id)?,
                None => (String::new(), String::new()),
            };
            for (at, login) in subscribed {
                let silence = silences.first_match(&subject(condition, rule, login, &job, is_resolved));
                if silence.is_none() {
                    sends = true;
                    notices.entry((at, rule, condition.cause)).or_default().push(condition);
                }
                held = held.or(silence);
            }
            if !is_resolved {
                self.note_notified(condition, sends, held, now)?;
            }
        }
        let event = if is_resolved { AlertEvent::Resolved } else { AlertEvent::Firing };
        let count = notices.len();
        for ((at, rule, cause), conditions) in notices {
            let Some(settings) = logins.get(at) else { continue };
            let cause = match cause {
                Some(digest) => self.masked_text(digest)?,
                None => None,
            };
            let text = notice(rule, &conditions, cause.as_deref(), is_resolved);
            let job_id = if let [condition] = conditions[..] { condition.job_id } else { None };
            let about = About::Rule(rule);
            self.notify(&NewNotification { settings, event, about, job_id, history_id: None, text: &text })?;
        }
        Ok(count)
    }

    fn note_notified(
        &self,
        condition: &AlertCondition,
        sends: bool,
        held: Option<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let silence_id = if sends { None } else { held };
        if !sends && silence_id == condition.silence_id {
            return Ok(());
        }
        if let Some(silence_id) = silence_id {
            self.count_held_back(silence_id)?;
        }
        let sql = "update alert_condition set notified_at = $2, silence_id = $3 where condition_id = $1";
        self.connection.execute(sql, values![condition.condition_id, sends.then_some(now), silence_id])?;
        Ok(())
    }

    /// The description and the batch group of a job; empty if it was deleted.
    fn job_words(&self, job_id: i64) -> Result<(String, String), StoreError> {
        let sql = "select description, batch_group from batch_job where job_id = $1";
        let read = |row: &Row| Ok((row.text("description")?, row.text("batch_group")?));
        Ok(self.connection.first(sql, values![job_id], read)?.unwrap_or_default())
    }

    fn masked_text(&self, digest: i64) -> Result<Option<String>, StoreError> {
        self.connection.scalar::<String>("select masked from cause where digest = $1", values![digest])
    }
}

fn subject<'a>(
    condition: &'a AlertCondition,
    rule: AlertRule,
    login: &'a AlertSettings,
    job: &'a (String, String),
    is_resolved: bool,
) -> AlertSubject<'a> {
    AlertSubject {
        event: if is_resolved { AlertEvent::Resolved } else { AlertEvent::Firing },
        rule: Some(rule),
        job_id: condition.job_id,
        description: &job.0,
        group: &job.1,
        store: condition.store.as_deref(),
        cause: condition.cause,
        text: &condition.text,
        operator: &login.operator,
    }
}

fn condition(row: &Row) -> Result<AlertCondition, StoreError> {
    Ok(AlertCondition {
        condition_id: row.int(column::condition_id)?,
        rule: AlertRule::from_word(&row.text(column::rule)?),
        subject: row.text(column::subject)?,
        store: row.opt_text(column::store)?,
        job_id: row.opt_int(column::job_id)?,
        cause: row.opt_int(column::cause)?,
        text: row.text(column::text)?,
        since: row.time(column::since)?,
        level: row.int(column::level)?,
        silence_id: row.opt_int(column::silence_id)?,
        notified_at: row.opt_time(column::notified_at)?,
        resolved_at: row.opt_time(column::resolved_at)?,
    })
}

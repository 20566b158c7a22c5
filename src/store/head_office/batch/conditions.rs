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
const CHECK_INTERVAL_MS: i64 = 55_000;
/// The most conditions that fire.
const MAX_FIRING: i64 = 50_000;

columns!(mod column:
    condition_id, rule, subject, store, job_id, cause, text, since, level, silence_id, notified_at, resolved_at,
    ended,
);
use column::LIST as COLUMNS;

/// The text of the cause, which a condition has by its number.
const CAUSE_TEXT: &str = "(select known.masked from cause as known where known.digest = alert_condition.cause)";

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
        Ok(self.connection.execute(sql, values![now, CHECK_INTERVAL_MS])? > 0)
    }

    /// When the rules were last checked.
    pub fn rules_checked_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.connection.scalar::<Option<Timestamp>>("select checked_at from alert_check", &[])?.flatten())
    }

    /// The conditions that fire, the newest first.
    pub fn firing_conditions(&self, limit: i64) -> Result<Vec<AlertCondition>, StoreError> {
        let sql = format!(
            "select {COLUMNS}, {CAUSE_TEXT} as cause_text from alert_condition where resolved_at is null order by since desc, condition_id desc limit $1"
        );
        self.connection.query(&sql, values![limit], condition)
    }

    /// The conditions resolved since an instant, the last first.
    pub fn resolved_conditions(&self, since: Timestamp, limit: i64) -> Result<Vec<AlertCondition>, StoreError> {
        let sql = format!(
            "select {COLUMNS}, {CAUSE_TEXT} as cause_text from alert_condition where resolved_at >= $1
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
        let firing = self.firing_conditions(MAX_FIRING)?;
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
                let ended = match finding.endings.get(&condition.subject) {
                    Some(why) => Some(why.clone()),
                    None => self.is_of_deleted_job(condition)?.then(|| "the batch job was deleted".to_owned()),
                };
                let sql = "update alert_condition set resolved_at = $2, ended = $3 where condition_id = $1";
                self.connection.execute(sql, values![condition.condition_id, now, ended.as_deref()])?;
                resolved.push(AlertCondition { ended, ..(*condition).clone() });
            }
        }
        checked.resolved = resolved.len();
        let begun = self.connection.query(
            &format!(
                "select {COLUMNS}, {CAUSE_TEXT} as cause_text from alert_condition where resolved_at is null and notified_at is null
                 order by condition_id limit $1"
            ),
            values![MAX_FIRING],
            condition,
        )?;
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

    fn is_of_deleted_job(&self, condition: &AlertCondition) -> Result<bool, StoreError> {
        let Some(job_id) = condition.job_id else { return Ok(false) };
        Ok(!self.connection.exists("select 1 from batch_job where job_id = $1", values![job_id])?)
    }

    /// Notifies the logins whose rules these conditions are of, unless a silence holds them back;
    /// of the end, those that were notified of the beginning. Returns the number of notices. In the
    /// caller's transaction.
    fn notify_conditions(
        &self,
        conditions: &[AlertCondition],
        is_resolved: bool,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let logins = self.alerts(EXCHANGE)?;
        let silences = self.open_filters()?;
        // What each login gets: the conditions of a rule and a cause, which end in the same way.
        let mut notices: BTreeMap<_, Vec<&AlertCondition>> = BTreeMap::new();
        for condition in conditions {
            let Some(rule) = condition.rule else { continue };
            let key = |at: usize| (at, rule, condition.cause, condition.ended.clone());
            if is_resolved {
                let notified = self.notified_logins(condition)?;
                for (at, login) in logins.iter().enumerate() {
                    let is_notified = match &notified {
                        Some(notified) => notified.contains(&login.operator),
                        None => login.rules.contains(&rule),
                    };
                    if is_notified {
                        notices.entry(key(at)).or_default().push(condition);
                    }
                }
                continue;
            }
            let subscribed = logins.iter().enumerate().filter(|(_, login)| login.rules.contains(&rule));
            let (mut sends, mut held) = (false, None);
            let job = match condition.job_id {
                Some(job_id) => self.job_words(job_id)?,
                None => (String::new(), String::new()),
            };
            for (at, login) in subscribed {
                let silence = silences.first_match(&subject(condition, rule, login, &job));
                if silence.is_none() {
                    sends = true;
                    notices.entry(key(at)).or_default().push(condition);
                }
                held = held.or(silence);
            }
            self.note_notified(condition, sends, held, now)?;
        }
        let event = if is_resolved { AlertEvent::Resolved } else { AlertEvent::Firing };
        let count = notices.len();
        for ((at, rule, cause, _), mut conditions) in notices {
            let Some(settings) = logins.get(at) else { continue };
            let cause = match cause {
                Some(digest) => self.masked_text(digest)?,
                None => None,
            };
            conditions.sort_by(|one, other| one.subject.cmp(&other.subject));
            let text = notice(rule, &conditions, cause.as_deref(), is_resolved);
            let job_id = if let [condition] = conditions[..] { condition.job_id } else { None };
            let numbers: Vec<_> = conditions.iter().map(|condition| condition.condition_id).collect();
            let about = About::Rule(rule, &numbers);
            self.notify(&NewNotification { settings, event, about, job_id, history_id: None, text: &text })?;
        }
        Ok(count)
    }

    /// The logins that were notified of a condition; `None` of one that a former version notified
    /// of, which did not record whom.
    fn notified_logins(&self, condition: &AlertCondition) -> Result<Option<HashSet<String>>, StoreError> {
        let sql = "select distinct n.operator from notification_condition as c
            join notification as n on n.notification_id = c.notification_id where c.condition_id = $1";
        let logins = self.connection.scalars::<String>(sql, values![condition.condition_id])?;
        let is_unknown = logins.is_empty() && condition.notified_at.is_some();
        Ok((!is_unknown).then(|| logins.into_iter().collect()))
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

    /// The masked text of a cause; `None` if head office does not have it.
    pub fn masked_text(&self, digest: i64) -> Result<Option<String>, StoreError> {
        self.connection.scalar::<String>("select masked from cause where digest = $1", values![digest])
    }
}

fn subject<'a>(
    condition: &'a AlertCondition,
    rule: AlertRule,
    login: &'a AlertSettings,
    job: &'a (String, String),
) -> AlertSubject<'a> {
    AlertSubject {
        event: AlertEvent::Firing,
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
        cause_text: row.opt_text("cause_text")?,
        text: row.text(column::text)?,
        since: row.time(column::since)?,
        level: row.int(column::level)?,
        silence_id: row.opt_int(column::silence_id)?,
        notified_at: row.opt_time(column::notified_at)?,
        resolved_at: row.opt_time(column::resolved_at)?,
        ended: row.opt_text(column::ended)?,
    })
}

//! The rule about deadlines: a job must be applied in all stores in time. A deadline is at risk as
//! soon as a session of usual length would end after it.

use crate::batch::{AlertRule, Finding, FoundCondition};
use crate::domain::{HOUR_MS, Status, Timestamp, counted};
use crate::filter::{lists, parse};
use crate::recurrence::Rule;
use crate::store::head_office::{ChannelDatabase, Deadline, DeadlineSession};
use crate::store::{HeadOffice, StoreError};
use crate::text::time::Zone;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The most deadlines and channel databases that are read.
const MAX_DEADLINES: i64 = 1_000;
const MAX_STORES: i64 = 20_000;
/// The most firing conditions among which those of deadlines are searched.
const MAX_FIRING: i64 = 50_000;
/// A channel database without a message for this many days is closed.
const CLOSED_AFTER_DAYS: i64 = 30;
/// The longest time before a deadline in which its sessions are created, in days.
const LONGEST_LEAD_DAYS: i64 = 7;
/// A deadline that has passed is checked for so long, and longer while it is missed.
const CHECKED_FOR_MS: i64 = HOUR_MS;
/// Channel databases named in a text.
const MAX_NAMED_STORES: usize = 5;

/// Deadlines that are missed, or at risk.
pub(super) fn check(office: &HeadOffice, now: Timestamp) -> Result<Finding, StoreError> {
    let mut conditions = Vec::new();
    let deadlines = office.deadlines(MAX_DEADLINES)?;
    let firing = office.firing_conditions(MAX_FIRING)?.into_iter();
    let firing: HashSet<_> = firing
        .filter(|condition| condition.rule == Some(AlertRule::Deadline))
        .map(|condition| condition.subject)
        .collect();
    let has_work = !deadlines.is_empty() || !firing.is_empty();
    let stores = if has_work { office.channel_databases(MAX_STORES)? } else { Vec::new() };
    for deadline in &deadlines {
        let rule = &deadline.recurrence;
        let last = rule.last_until(now).filter(|last| *last > deadline.created_at);
        if let Some(last) = last
            && (now.since(last) < CHECKED_FOR_MS || firing.contains(&subject(deadline.deadline_id, last)))
        {
            let missing = missing(office, deadline, &stores, last, None, now)?;
            conditions.extend(missing.map(|missing| missing.condition(deadline, last, false)));
        }
        let next = rule.next_after(now);
        let usual = if next.is_some() { office.usual_course(&deadline.job_name)? } else { None };
        if let (Some(next), Some(usual)) = (next, usual)
            && now.0.saturating_add(usual) > next.0
        {
            let missing = missing(office, deadline, &stores, next, Some(usual), now)?;
            conditions.extend(missing.map(|missing| missing.condition(deadline, next, true)));
        }
    }
    let found: HashSet<_> = conditions.iter().map(|condition: &FoundCondition| condition.subject.clone()).collect();
    let mut endings = BTreeMap::new();
    for subject in firing.difference(&found) {
        if let Some(why) = ending(office, &deadlines, &stores, subject, now)? {
            endings.insert(subject.clone(), why);
        }
    }
    Ok(Finding { endings, ..Finding::new(AlertRule::Deadline, conditions) })
}

/// Why a condition ends although its occurrence was not met; `None` if it was.
fn ending(
    office: &HeadOffice,
    deadlines: &[Deadline],
    stores: &[ChannelDatabase],
    subject: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some((number, at)) = subject.split_once(' ') else { return Ok(None) };
    let number: Option<i64> = number.parse().ok();
    let Some(deadline) = deadlines.iter().find(|deadline| Some(deadline.deadline_id) == number) else {
        return Ok(Some("the deadline was removed".to_owned()));
    };
    let Some(at) = Timestamp::parse_rfc3339(at).ok().filter(|at| *at <= now) else { return Ok(None) };
    let missing = missing(office, deadline, stores, at, None, now)?;
    Ok(missing.map(|missing| format!("{} when the next one was due", missing.count())))
}

/// The instant from which sessions count for an occurrence: the occurrence before it, also for the
/// first one of a new deadline.
fn sessions_begin(rule: &Rule, at: Timestamp) -> Timestamp {
    let earliest = at.minus_days(LONGEST_LEAD_DAYS);
    let before = rule.begun_earlier(LONGEST_LEAD_DAYS + 1).last_until(Timestamp(at.0 - 1));
    before.map_or(earliest, |before| before.max(earliest))
}

fn subject(deadline_id: i64, at: Timestamp) -> String {
    format!("{deadline_id} {}", at.to_rfc3339())
}

/// Stores in which an occurrence of a deadline is not applied, of all that it is about.
struct Missing {
    stores: Vec<String>,
    all: usize,
}

impl Missing {
    fn count(&self) -> String {
        format!("not applied in {} of {}", self.stores.len(), counted(self.all, "store"))
    }

    fn condition(&self, deadline: &Deadline, at: Timestamp, is_at_risk: bool) -> FoundCondition {
        let state = if is_at_risk { "at risk" } else { "missed" };
        let more = match self.stores.len().saturating_sub(MAX_NAMED_STORES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let text = format!(
            "job {} by {} {state}: {}: {}{more}",
            deadline.job_name,
            deadline.recurrence.wall_clock(at),
            self.count(),
            self.stores.iter().take(MAX_NAMED_STORES).map(String::as_str).collect::<Vec<_>>().join(", "),
        );
        let (subject, level) = (subject(deadline.deadline_id, at), i64::from(!is_at_risk));
        FoundCondition { subject, text, level, ..FoundCondition::default() }
    }
}

/// The stores in which an occurrence of a deadline is not applied; `None` if it is in all. Before
/// it has passed, with the `usual` course, only stores at risk count.
fn missing(
    office: &HeadOffice,
    deadline: &Deadline,
    stores: &[ChannelDatabase],
    at: Timestamp,
    usual: Option<i64>,
    now: Timestamp,
) -> Result<Option<Missing>, StoreError> {
    // A filter with a field of a newer program names no store.
    let Ok(filter) = parse(&deadline.stores, lists::STORES, Zone::Utc, now) else { return Ok(None) };
    let closed = now.minus_days(CLOSED_AFTER_DAYS);
    let wanted: Vec<_> = stores
        .iter()
        .filter(|store| !store.name.is_empty() && store.presence.last_seen_at >= closed && filter.matches(*store))
        .collect();
    let mut sessions: HashMap<String, Vec<DeadlineSession>> = HashMap::new();
    for session in office.deadline_sessions(&deadline.job_name, sessions_begin(&deadline.recurrence, at))? {
        sessions.entry(session.store.clone()).or_default().push(session);
    }
    let is_missing = |store: &&&ChannelDatabase| {
        let of_it = sessions.get(&store.name).map_or(&[][..], Vec::as_slice);
        usual.map_or_else(|| !is_applied(of_it), |usual| is_at_risk(of_it, usual, at, now))
    };
    let missing: Vec<_> = wanted.iter().filter(is_missing).map(|store| store.name.clone()).collect();
    Ok((!missing.is_empty()).then_some(Missing { stores: missing, all: wanted.len() }))
}

/// Whether a store has everything: also if there was nothing for it.
fn is_applied(sessions: &[DeadlineSession]) -> bool {
    sessions.iter().any(|session| matches!(session.status, Status::Applied | Status::NoData))
}

/// Whether a store is applied too late by the usual course: of the session in progress, or of a new
/// one if that failed or takes too long.
fn is_at_risk(sessions: &[DeadlineSession], usual: i64, deadline: Timestamp, now: Timestamp) -> bool {
    let in_progress = sessions
        .iter()
        .filter(|session| session.status.is_in_progress())
        .map(|session| session.created_at.0.saturating_add(usual))
        .filter(|expected| *expected >= now.0)
        .min();
    !is_applied(sessions) && in_progress.unwrap_or(now.0.saturating_add(usual)) > deadline.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(status: Status, created_at: i64) -> DeadlineSession {
        DeadlineSession { store: "S0001".to_owned(), status, created_at: Timestamp(created_at) }
    }

    #[test]
    fn a_store_is_at_risk_from_when_its_usual_course_ends_too_late() {
        let (usual, deadline) = (2 * HOUR_MS, Timestamp(10 * HOUR_MS));
        let at_risk = |sessions: &[DeadlineSession], now: i64| is_at_risk(sessions, usual, deadline, Timestamp(now));
        assert!(!at_risk(&[], 8 * HOUR_MS) && at_risk(&[], 8 * HOUR_MS + 1), "a new session takes two hours");
        let in_progress = [session(Status::Downloaded, 7 * HOUR_MS)];
        assert!(!at_risk(&in_progress, 9 * HOUR_MS), "it is expected at nine");
        assert!(at_risk(&in_progress, 9 * HOUR_MS + 1), "it takes longer than usual");
        assert!(at_risk(&[session(Status::Available, 8 * HOUR_MS + 1)], 8 * HOUR_MS + 2), "it was created too late");
        assert!(at_risk(&[session(Status::ApplyFailed, 7 * HOUR_MS)], 8 * HOUR_MS + 1), "it must be repeated");
        assert!(!at_risk(&[session(Status::Applied, 7 * HOUR_MS)], 10 * HOUR_MS));
    }

    #[test]
    fn sessions_of_the_first_occurrence_are_those_since_the_one_before() {
        let now = Timestamp(1_795_000_000_000);
        for (words, gap) in
            [("daily 06:00", 24 * HOUR_MS), ("every 5 minutes", HOUR_MS / 12), ("every 2 days", 48 * HOUR_MS)]
        {
            let rule = Rule::from_words(words, now, chrono_tz::Tz::UTC).expect("a rule");
            let first = rule.first_from(now).expect("there is one");
            assert_eq!(first.since(sessions_begin(&rule, first)), gap, "{words}");
        }
        let rule = Rule::from_words("monthly day 1 06:00", now, chrono_tz::Tz::UTC).expect("a rule");
        let first = rule.first_from(now).expect("there is one");
        assert_eq!(first.since(sessions_begin(&rule, first)), 7 * 24 * HOUR_MS, "no longer than a week");
    }
}

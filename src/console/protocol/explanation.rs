//! What the explanation of a session is made of: its steps, and what is usual for its job and
//! store.

use crate::domain::{Session, Status};
use crate::store::head_office::{Remedies, SessionStep, TransferredMessage};

/// Earlier sessions that one is compared with.
pub const MAX_COMPARED_SESSIONS: usize = 50;
/// Durations below which nothing is called usual.
pub const MIN_DURATIONS: usize = 3;

/// Everything that explains a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The session.
    pub session: Session,
    /// Its newest messages, oldest first.
    pub messages: Vec<TransferredMessage>,
    /// What is usual.
    pub usual: UsualSteps,
    /// What was done about earlier failures of its cause; `None` if it has not failed.
    pub remedies: Option<Remedies>,
}

/// What is usual of the sessions of one job on one channel database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsualSteps {
    /// Sessions that were compared.
    pub sessions: usize,
    /// The session number down to which they were searched; `None` if the search found enough or
    /// reached the first one.
    pub reached: Option<i64>,
    steps: Vec<UsualStep>,
    /// Milliseconds between a failure and the next one of the same stage, ascending.
    retries: Vec<i64>,
}

/// How long a session usually takes from one status to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsualStep {
    /// The status that it leaves.
    pub from: Status,
    /// The status that it reaches.
    pub to: Status,
    /// The durations in milliseconds, ascending.
    took: Vec<i64>,
}

impl UsualSteps {
    /// What is usual of sessions with these steps, each session's in order.
    pub fn of(steps: &[SessionStep], sessions: usize, reached: Option<i64>) -> Self {
        let mut usual = Self { sessions, reached, ..Self::default() };
        for pair in steps.windows(2) {
            let [before, after] = pair else { continue };
            if (before.session_number, before.round) == (after.session_number, after.round) {
                let took = after.occurred_at.since(before.occurred_at).max(0);
                usual.add(before.status, after.status, took);
            }
        }
        usual.steps.iter_mut().for_each(|step| step.took.sort_unstable());
        usual.retries.sort_unstable();
        usual
    }

    fn add(&mut self, from: Status, to: Status, took: i64) {
        if from == to && to.is_failed() {
            self.retries.push(took);
        }
        if from == to || from.is_failed() || to.is_failed() {
            return;
        }
        match self.steps.iter_mut().find(|step| (step.from, step.to) == (from, to)) {
            Some(step) => step.took.push(took),
            None => self.steps.push(UsualStep { from, to, took: vec![took] }),
        }
    }

    /// How long the step between two statuses usually takes; `None` if that is not known.
    pub fn step(&self, from: Status, to: Status) -> Option<&UsualStep> {
        self.known().find(|step| (step.from, step.to) == (from, to))
    }

    /// The step that usually follows a status.
    pub fn after(&self, from: Status) -> Option<&UsualStep> {
        self.known().filter(|step| step.from == from && step.to != Status::Canceled).max_by_key(|step| step.took.len())
    }

    fn known(&self) -> impl Iterator<Item = &UsualStep> {
        self.steps.iter().filter(|step| step.took.len() >= MIN_DURATIONS)
    }

    /// Whether anything is usual.
    pub fn is_known(&self) -> bool {
        self.known().next().is_some()
    }

    /// The median time between two tries of a stage, and of how many; `None` if that is not known.
    pub fn retry(&self) -> Option<(i64, usize)> {
        (self.retries.len() >= MIN_DURATIONS).then(|| (median(&self.retries), self.retries.len()))
    }
}

impl UsualStep {
    /// The median duration in milliseconds.
    pub fn median(&self) -> i64 {
        median(&self.took)
    }

    /// The number of durations.
    pub fn count(&self) -> usize {
        self.took.len()
    }

    /// Whether a duration is longer than twice the median and than nine of ten.
    pub fn is_slow(&self, took: i64) -> bool {
        let tenth = self.took.get((self.took.len() * 9).div_ceil(10).saturating_sub(1)).copied().unwrap_or(0);
        took > self.median().saturating_mul(2) && took > tenth
    }
}

/// The middle of ascending values, the lower one of two.
pub fn median(ascending: &[i64]) -> i64 {
    ascending.get(ascending.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    /// Steps of one session: statuses with the seconds at which they happened.
    fn steps(session_number: i64, steps: &[(Status, i64)]) -> Vec<SessionStep> {
        let step = |(message_key, (status, second)): (i64, &(Status, i64))| SessionStep {
            session_number,
            round: 0,
            status: *status,
            occurred_at: Timestamp(second * 1_000),
            message_key,
        };
        (0..).zip(steps).map(step).collect()
    }

    #[test]
    fn a_step_is_usual_from_three_sessions_on_and_failures_do_not_count() {
        use Status::{Applied, ApplyFailed, Downloaded, Requested};
        let of = |seconds: &[i64]| {
            let sessions = (1..).zip(seconds).flat_map(|(number, second)| {
                let failed = if *second > 100 { vec![(ApplyFailed, 90)] } else { Vec::new() };
                let steps_of = [vec![(Requested, 0), (Downloaded, 2)], failed, vec![(Applied, 2 + second)]];
                steps(number, &steps_of.concat())
            });
            UsualSteps::of(&sessions.collect::<Vec<_>>(), seconds.len(), None)
        };
        assert_eq!(of(&[4, 5]).step(Downloaded, Applied), None, "too few");
        let usual = of(&[4, 9, 5, 600, 5]);
        let step = usual.step(Downloaded, Applied).expect("known");
        assert_eq!((step.median(), step.count()), (5_000, 4));
        assert_eq!(usual.after(Requested).map(|step| step.to), Some(Downloaded));
        assert_eq!(usual.after(Applied), None);
        assert!(step.is_slow(11_000) && !step.is_slow(10_000) && !step.is_slow(9_000));
    }

    #[test]
    fn steps_of_different_sessions_or_rounds_are_no_pair() {
        use Status::{Available, Downloaded, Requested};
        let mut all = [steps(1, &[(Requested, 0)]), steps(2, &[(Downloaded, 5)])].concat();
        all.extend(steps(3, &[(Available, 0)]));
        all.extend(steps(3, &[(Requested, 9)]).into_iter().map(|step| SessionStep { round: 1, ..step }));
        assert_eq!(UsualSteps::of(&all, 3, None).steps, []);
    }

    #[test]
    fn tries_of_a_stage_have_a_usual_distance() {
        let tries = steps(1, &[(Status::ApplyFailed, 0), (Status::ApplyFailed, 300), (Status::ApplyFailed, 620)]);
        let usual = |tries: &[SessionStep]| UsualSteps::of(tries, 1, None).retry();
        assert_eq!(usual(&tries), None);
        let more = [tries, steps(2, &[(Status::ApplyFailed, 0), (Status::ApplyFailed, 310)])].concat();
        assert_eq!(usual(&more), Some((310_000, 3)));
    }
}

//! The steps between two states: transactions of the program, and failures.

use super::state::{CONSOLE, Claim, Lease, Outcome, Process, STARTS, State, Step};
use crate::store::head_office::{LeaseRow, refusal};

/// A rule of the program, with the functions that keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// `hold_lease`: a chunk checks the lease's fencing token.
    ChunkChecksLease,
    /// `hold_lease`: it also checks that the job still has the run.
    ChunkChecksClaim,
    /// `end_run`: a run whose job was taken over ends as interrupted.
    EndChecksClaim,
    /// `end_job`, `end_abandoned_claim`: they check the claim's fencing token.
    JobChecksToken,
    /// `end_abandoned_claim`: a run that had ended is not repeated.
    ReaperReadsRun,
    /// `begin_run`: the table at the head of `lease.rs`; otherwise any lease may be taken.
    LeaseIsExclusive,
}

/// The rules that are kept: all but these.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) without: &'static [Rule],
}

impl Rules {
    fn keep(self, rule: Rule) -> bool {
        !self.without.contains(&rule)
    }
}

/// What must never happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A run wrote after a later run had begun.
    Overlap,
    /// A run wrote for a job that was taken over.
    WroteWithoutClaim,
    /// Two runs of one start ended.
    MadeTwice,
    /// A start has no final row or two although the job has moved on.
    Lost,
    /// From some state no course leads to an end of all starts.
    Stuck,
}

impl State {
    /// Every state that one step leads to, with the fault that the step commits.
    pub(super) fn steps(&self, rules: Rules) -> Vec<(State, Option<Fault>)> {
        let mut found = Vec::new();
        for (me, process) in self.processes.iter().enumerate() {
            if !process.is_alive {
                let mut next = self.clone();
                next.processes[me] =
                    Process { is_alive: true, incarnation: process.incarnation + 1, step: Step::Idle, ..*process };
                if me != CONSOLE {
                    next.servers[me] = (process.incarnation + 1, true);
                }
                found.push((next, None));
            } else if process.is_suspended {
                let mut next = self.clone();
                next.processes[me].is_suspended = false;
                found.push((next, None));
            } else {
                self.transactions(me, rules, &mut found);
            }
            if self.failures > 0 {
                self.failures_of(me, &mut found);
            }
        }
        if self.now + 1 < STARTS {
            found.push((Self { now: self.now + 1, ..self.clone() }, None));
        }
        if let Some(lease) = self.lease.filter(|lease| !lease.is_expired) {
            // No process renews it, or its holder is slow.
            let is_free = !self.is_executed(lease.run);
            if is_free || self.failures > 0 {
                let lease = Some(Lease { is_expired: true, ..lease });
                found.push((Self { lease, failures: self.failures - u8::from(!is_free), ..self.clone() }, None));
            }
        }
        found
    }

    fn failures_of(&self, me: usize, found: &mut Vec<(State, Option<Fault>)>) {
        let mut next = Self { failures: self.failures - 1, ..self.clone() };
        if self.processes[me].is_alive {
            let mut suspended = next.clone();
            suspended.processes[me].is_suspended = true;
            if !self.processes[me].is_suspended {
                found.push((suspended, None));
            }
            next.processes[me] =
                Process { is_alive: false, is_suspended: false, step: Step::Idle, ..next.processes[me] };
            next.os_lock = next.os_lock.filter(|holder| *holder != me);
            found.push((next.clone(), None));
        }
        // A heartbeat gets old even while its process is running: a clock may jump.
        if me != CONSOLE && self.servers[me].1 {
            let mut next = Self { failures: self.failures - 1, ..self.clone() };
            next.servers[me].1 = false;
            found.push((next, None));
        }
    }

    fn transactions(&self, me: usize, rules: Rules, found: &mut Vec<(State, Option<Fault>)>) {
        let process = self.processes[me];
        let mut next = self.clone();
        match process.step {
            Step::Idle if me == CONSOLE => self.begin_run(me, None, rules, found),
            Step::Idle => {
                if self.servers[me].0 == process.incarnation && !self.servers[me].1 {
                    next.servers[me].1 = true;
                    found.push((next.clone(), None));
                }
                next = self.clone();
                match self.claim {
                    None if self.start < STARTS && self.start <= self.now => {
                        let token = self.next_token;
                        next.claim = Some(Claim { token, server: me, incarnation: process.incarnation, run: None });
                        next.next_token += 1;
                        next.processes[me].step = Step::Claimed { token };
                        found.push((next, None));
                    }
                    Some(claim) if self.has_exited(me, claim) => {
                        next.processes[me].step = Step::Reaping { token: claim.token };
                        found.push((next, None));
                    }
                    _ => {}
                }
            }
            Step::Claimed { token } => self.begin_run(me, Some(token), rules, found),
            Step::Running { run, token } => self.run_steps(me, run, token, rules, found),
            Step::RunEnded { token, ended } => {
                if self.has_claim(token) || !rules.keep(Rule::JobChecksToken) {
                    next.end_job(ended);
                }
                next.processes[me].step = Step::Idle;
                found.push((next, None));
            }
            Step::Reaping { token } => {
                if self.has_claim(token) || (!rules.keep(Rule::JobChecksToken) && self.claim.is_some()) {
                    let run = self.claim.and_then(|claim| claim.run);
                    let had_ended = run.is_some_and(|run| *next.outcome(run) == Outcome::Ended);
                    next.end_job(had_ended && rules.keep(Rule::ReaperReadsRun));
                }
                next.processes[me].step = Step::Idle;
                found.push((next, None));
            }
        }
    }

    /// `Server::has_exited`, on the machine of the other server or on another one.
    fn has_exited(&self, me: usize, claim: Claim) -> bool {
        let (incarnation, is_fresh) = self.servers[claim.server];
        if claim.server == me {
            return claim.incarnation != self.processes[me].incarnation || self.processes[me].step == Step::Idle;
        }
        incarnation != claim.incarnation || !is_fresh || !self.processes[claim.server].is_alive
    }

    fn begin_run(&self, me: usize, token: Option<u8>, rules: Rules, found: &mut Vec<(State, Option<Fault>)>) {
        let mut next = self.clone();
        let has_lock = self.os_lock.is_none();
        let lease = LeaseRow::of(
            self.lease.is_some(),
            i64::from(self.lease.is_some_and(|lease| lease.holds_os_lock)),
            self.lease.is_none_or(|lease| lease.is_expired),
        );
        if rules.keep(Rule::LeaseIsExclusive) && refusal(&lease, i64::from(has_lock), false).is_some() {
            // `return_claim`: as if the claim had not been made.
            if token.is_some_and(|token| self.has_claim(token)) {
                next.claim = None;
            }
            next.processes[me].step = Step::Idle;
            found.push((next, None));
            return;
        }
        if token.is_some_and(|token| !self.has_claim(token)) {
            next.processes[me].step = Step::Idle;
            found.push((next, None));
            return;
        }
        for (_, outcome) in &mut next.runs {
            if *outcome == Outcome::Open {
                *outcome = Outcome::Interrupted;
            }
        }
        let run = self.next_run;
        next.next_run += 1;
        next.runs.push((run, Outcome::Open));
        next.lease = Some(Lease { run, holds_os_lock: has_lock, is_expired: false });
        if has_lock {
            next.os_lock = Some(me);
        }
        if let Some(claim) = next.claim.as_mut().filter(|_| token.is_some()) {
            claim.run = Some(run);
        }
        next.processes[me].step = Step::Running { run, token };
        found.push((next, None));
    }

    /// A chunk and the end of a run.
    fn run_steps(&self, me: usize, run: u8, token: Option<u8>, rules: Rules, found: &mut Vec<(State, Option<Fault>)>) {
        let has_lease = self.lease.is_some_and(|lease| lease.run == run);
        let has_claim = token.is_none_or(|token| self.has_claim(token));
        let mut next = self.clone();
        if (has_lease || !rules.keep(Rule::ChunkChecksLease)) && (has_claim || !rules.keep(Rule::ChunkChecksClaim)) {
            if let Some(lease) = next.lease.as_mut().filter(|lease| lease.run == run) {
                lease.is_expired = false;
            }
            let fault = if run + 1 != self.next_run {
                Some(Fault::Overlap)
            } else if has_claim {
                None
            } else {
                Some(Fault::WroteWithoutClaim)
            };
            found.push((next, fault));
        }
        let mut next = self.clone();
        let is_its = has_claim || !rules.keep(Rule::EndChecksClaim);
        let mut ended = false;
        if *next.outcome(run) == Outcome::Open {
            *next.outcome(run) = if is_its { Outcome::Ended } else { Outcome::Interrupted };
            ended = is_its;
        }
        if has_lease {
            next.lease = None;
        }
        next.os_lock = next.os_lock.filter(|holder| *holder != me);
        let mut fault = None;
        if ended && token.is_some() && self.start < STARTS {
            next.ended[self.start] += 1;
            fault = (next.ended[self.start] > 1).then_some(Fault::MadeTwice);
        }
        next.processes[me].step = token.map_or(Step::Idle, |token| Step::RunEnded { token, ended });
        found.push((next, fault));
    }
}

//! The states of the exploration.

use std::collections::BTreeSet;

/// Starts of the job; the clock reaches one after the other.
pub(super) const STARTS: usize = 2;
/// Kills, suspensions and expiries in one course.
pub(super) const FAILURES: u8 = 3;
/// Two batch servers, and a console that only takes the lease.
pub(super) const PROCESSES: usize = 3;
pub(super) const CONSOLE: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Idle,
    /// Has the claim with this token; its run has not begun.
    Claimed {
        token: u8,
    },
    /// Its run, for the claim with this token; a console's run has none.
    Running {
        run: u8,
        token: Option<u8>,
    },
    /// Its run has ended; the end of the job is not written.
    RunEnded {
        token: u8,
        ended: bool,
    },
    /// Found that the holder of this claim has exited.
    Reaping {
        token: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) is_alive: bool,
    pub(super) is_suspended: bool,
    /// Grows with each start of the process.
    pub(super) incarnation: u8,
    pub(super) step: Step,
}

/// The claim on the job, with its run once that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Claim {
    pub(super) token: u8,
    pub(super) server: usize,
    pub(super) incarnation: u8,
    pub(super) run: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Lease {
    pub(super) run: u8,
    pub(super) holds_os_lock: bool,
    pub(super) is_expired: bool,
}

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Open,
    Ended,
    Interrupted,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) now: usize,
    /// The start that the job waits for or executes.
    pub(super) start: usize,
    pub(super) claim: Option<Claim>,
    pub(super) next_token: u8,
    pub(super) lease: Option<Lease>,
    pub(super) next_run: u8,
    /// The runs that matter still: of the claim, the lease or a process.
    pub(super) runs: Vec<(u8, Outcome)>,
    pub(super) os_lock: Option<usize>,
    /// Registered incarnation and whether its heartbeat is fresh.
    pub(super) servers: [(u8, bool); 2],
    pub(super) processes: [Process; PROCESSES],
    pub(super) failures: u8,
    /// For each start: final rows in the history, and runs that ended.
    pub(super) rows: [u8; STARTS],
    pub(super) ended: [u8; STARTS],
}

impl State {
    pub(super) fn new() -> Self {
        let idle = Process { is_alive: true, is_suspended: false, incarnation: 0, step: Step::Idle };
        Self {
            now: 0,
            start: 0,
            claim: None,
            next_token: 0,
            lease: None,
            next_run: 0,
            runs: Vec::new(),
            os_lock: None,
            servers: [(0, true); 2],
            processes: [idle; PROCESSES],
            failures: FAILURES,
            rows: [0; STARTS],
            ended: [0; STARTS],
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.start == STARTS && self.claim.is_none() && self.lease.is_none_or(|lease| !self.is_executed(lease.run))
    }

    /// Whether a process that is not suspended executes this run.
    pub(super) fn is_executed(&self, wanted: u8) -> bool {
        let is_it = |step| matches!(step, Step::Running { run, .. } if run == wanted);
        self.processes.iter().any(|process| !process.is_suspended && is_it(process.step))
    }

    pub(super) fn outcome(&mut self, run: u8) -> &mut Outcome {
        let at = self.runs.iter().position(|(known, _)| *known == run).expect("a known run");
        &mut self.runs[at].1
    }

    pub(super) fn has_claim(&self, token: u8) -> bool {
        self.claim.is_some_and(|claim| claim.token == token)
    }

    /// The job's end or its return to waiting, in the transaction of the caller.
    pub(super) fn end_job(&mut self, is_final: bool) {
        self.claim = None;
        if is_final && self.start < STARTS {
            self.rows[self.start] += 1;
            self.start += 1;
        }
    }

    /// Renames tokens, runs and incarnations by their order, and forgets runs that do not matter.
    pub(super) fn renamed(mut self) -> Self {
        let mut tokens = BTreeSet::new();
        let mut runs = BTreeSet::new();
        tokens.extend(self.claim.map(|claim| claim.token));
        runs.extend(self.claim.and_then(|claim| claim.run));
        runs.extend(self.lease.map(|lease| lease.run));
        for process in &self.processes {
            match process.step {
                Step::Idle => {}
                Step::Claimed { token } | Step::RunEnded { token, .. } | Step::Reaping { token } => {
                    tokens.insert(token);
                }
                Step::Running { run, token } => {
                    runs.insert(run);
                    tokens.extend(token);
                }
            }
        }
        // The newest run counts even if nothing refers to it.
        runs.extend(self.next_run.checked_sub(1));
        let rank = |all: &BTreeSet<u8>, number: u8| u8::try_from(all.range(..number).count()).unwrap_or(u8::MAX);
        let (token, run) = (|number| rank(&tokens, number), |number| rank(&runs, number));
        if let Some(claim) = &mut self.claim {
            claim.token = token(claim.token);
            claim.run = claim.run.map(run);
        }
        if let Some(lease) = &mut self.lease {
            lease.run = run(lease.run);
        }
        for process in &mut self.processes {
            process.step = match process.step {
                Step::Idle => Step::Idle,
                Step::Claimed { token: number } => Step::Claimed { token: token(number) },
                Step::RunEnded { token: number, ended } => Step::RunEnded { token: token(number), ended },
                Step::Reaping { token: number } => Step::Reaping { token: token(number) },
                Step::Running { run: number, token: of } => Step::Running { run: run(number), token: of.map(token) },
            };
        }
        self.runs.retain(|(number, _)| runs.contains(number));
        for (number, _) in &mut self.runs {
            *number = run(*number);
        }
        self.next_token = token(self.next_token);
        self.next_run = run(self.next_run);
        for (server, (registered, _)) in self.servers.iter_mut().enumerate() {
            let mut known = BTreeSet::from([*registered, self.processes[server].incarnation]);
            known.extend(self.claim.filter(|claim| claim.server == server).map(|claim| claim.incarnation));
            *registered = rank(&known, *registered);
            self.processes[server].incarnation = rank(&known, self.processes[server].incarnation);
            if let Some(claim) = self.claim.as_mut().filter(|claim| claim.server == server) {
                claim.incarnation = rank(&known, claim.incarnation);
            }
        }
        self.processes[CONSOLE].incarnation = 0;
        self
    }
}

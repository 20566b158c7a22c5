//! Explores every course of two batch servers and a console that share one job and the lease, with
//! kills, suspensions and expiries between any two transactions.
//!
//! A step is one transaction of the program, one decision from what it read before, or one failure.
//! Numbers that only grow are renamed by their order after each step, so that the states are
//! finite. Each rule that protects the protocol can be switched off: then the exploration must find
//! the fault that the rule prevents.

mod state;
mod steps;

use state::State;
use std::collections::{HashMap, VecDeque};
use steps::{Fault, Rules};

const ALL: Rules = Rules {
    chunk_checks_lease: true,
    chunk_checks_claim: true,
    end_checks_claim: true,
    job_checks_token: true,
    reaper_reads_run: true,
    lease_is_exclusive: true,
};

/// Explores every state; returns their number and the first fault found.
fn explore(rules: Rules) -> (usize, Option<Fault>) {
    let mut known = HashMap::from([(State::new(), 0_usize)]);
    let mut waiting = VecDeque::from([State::new()]);
    let mut before: Vec<Vec<usize>> = vec![Vec::new()];
    let mut done = Vec::new();
    while let Some(state) = waiting.pop_front() {
        let from = known[&state];
        if state.is_done() {
            done.push(from);
        }
        if state.rows[..state.start].iter().any(|rows| *rows != 1) {
            return (known.len(), Some(Fault::Lost));
        }
        for (next, fault) in state.steps(rules) {
            if fault.is_some() {
                return (known.len(), fault);
            }
            let next = next.renamed();
            let number = known.len();
            let at = *known.entry(next.clone()).or_insert(number);
            if at == number {
                waiting.push_back(next);
                before.push(Vec::new());
            }
            before[at].push(from);
        }
    }
    // Backwards from the ends: every state must be reached.
    let mut leads = vec![false; known.len()];
    while let Some(at) = done.pop() {
        if !std::mem::replace(&mut leads[at], true) {
            done.extend(&before[at]);
        }
    }
    (known.len(), leads.contains(&false).then_some(Fault::Stuck))
}

#[test]
fn no_course_overlaps_loses_or_repeats_a_start_or_gets_stuck() {
    let (states, fault) = explore(ALL);
    assert_eq!(fault, None);
    assert!(states > 10_000, "only {states} states");
}

#[test]
fn without_any_one_rule_the_exploration_finds_its_fault() {
    for (rules, expected) in [
        (Rules { chunk_checks_lease: false, ..ALL }, Fault::Overlap),
        (Rules { chunk_checks_claim: false, ..ALL }, Fault::WroteWithoutClaim),
        (Rules { end_checks_claim: false, ..ALL }, Fault::MadeTwice),
        (Rules { job_checks_token: false, ..ALL }, Fault::MadeTwice),
        (Rules { reaper_reads_run: false, ..ALL }, Fault::MadeTwice),
        (Rules { lease_is_exclusive: false, chunk_checks_lease: false, ..ALL }, Fault::Overlap),
    ] {
        assert_eq!(explore(rules).1, Some(expected), "{rules:?}");
    }
}

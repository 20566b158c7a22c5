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
use steps::{Fault, Rule, Rules};

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
    let (states, fault) = explore(Rules { without: &[] });
    assert_eq!(fault, None);
    assert!(states > 10_000, "only {states} states");
}

#[test]
fn without_any_one_rule_the_exploration_finds_its_fault() {
    let broken: [(&[Rule], Fault); 6] = [
        (&[Rule::ChunkChecksLease], Fault::Overlap),
        (&[Rule::ChunkChecksClaim], Fault::WroteWithoutClaim),
        (&[Rule::EndChecksClaim], Fault::MadeTwice),
        (&[Rule::JobChecksToken], Fault::MadeTwice),
        (&[Rule::ReaperReadsRun], Fault::MadeTwice),
        // The fencing token makes up for a lease that is taken wrongly.
        (&[Rule::LeaseIsExclusive, Rule::ChunkChecksLease], Fault::Overlap),
    ];
    for (without, expected) in broken {
        assert_eq!(explore(Rules { without }).1, Some(expected), "{without:?}");
    }
}

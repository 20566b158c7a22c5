//! Everything that is true only of the whole: the real binary, real files, real signals.
#![allow(missing_docs)] // a test's name is its documentation
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // in tests that is how a fault is reported

mod support;

mod acts;
mod batch;
mod batch_console;
mod batch_screens;
mod batch_server;
mod claims;
mod console;
mod console_manners;
mod console_outages;
mod copying;
mod corpora;
mod crash;
mod currency;
mod databases;
mod demo;
mod edits;
mod failover;
mod faults;
mod fold_case;
mod hostile;
mod hostile_screens;
mod hosts;
mod intruders;
mod layers;
mod lists;
mod locks;
mod manners;
mod next_error;
mod obstacles;
mod outages;
mod pooled;
mod post;
mod process;
mod prose;
mod purge;
mod readme;
mod reasons;
mod recurrence;
mod refusals;
mod requests;
mod remote;
mod restarts;
mod roles;
mod runners;
mod said;
mod schema;
mod screens;
mod served;
mod session;
mod short_lists;
mod turmoil;
mod walk;

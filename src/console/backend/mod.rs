//! Executors, each on a thread of its own: they answer queries, apply mutations, export lists and
//! run private batch jobs.

pub mod activity_query;
pub mod batch_mutations;
pub mod batch_query;
pub mod console_run;
pub mod explain_query;
pub mod export;
pub mod group_query;
mod journal_query;
pub mod mutations;
mod palette_query;
pub mod panic_guard;
mod preview_query;
pub mod private_run;
mod query_queue;
pub mod query_worker;
pub mod saved_views;
mod trash_mutations;

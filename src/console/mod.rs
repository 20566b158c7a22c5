//! The console: the retail menu, Process status messages with live progress, and what became of every session.
//!
//! [`app`] is the whole of it as a value, inputs in and effects out; the loop and the terminal are its hands.

pub mod app;
pub mod backend;
pub mod forms;
mod overlay;
pub mod protocol;
pub mod runtime;
mod screens;
pub mod view;
pub mod widgets;

pub use app::Settings;
pub use protocol::export::{ExportProgress, ExportSource};
pub use protocol::mutation::{AfterMutation, BatchMutation, Mutation, MutationResult};
pub use runtime::event_loop::run;
pub use runtime::{Console, Ended};

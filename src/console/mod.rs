//! The console, a terminal user interface: sessions, errors, runs with live progress, batch jobs.
//!
//! [`app`] is a state machine, inputs in and effects out; [`runtime`] performs the effects and owns
//! the terminal.

pub mod app;
pub mod backend;
pub mod forms;
mod overlay;
pub mod protocol;
pub mod runtime;
mod screens;
pub mod view;
pub mod widgets;

pub use app::{Settings, ThemeSettings};
pub use protocol::export::{ExportProgress, ExportSource};
pub use protocol::mutation::{AfterMutation, BatchMutation, Mutation, MutationResult};
pub use runtime::event_loop::run;
pub use runtime::{Console, ConsoleEnd};

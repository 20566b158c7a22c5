//! The console: the retail menu, Process status messages with live progress, and what became of every session.
//!
//! [`app`] is the whole of it as a value, inputs in and effects out; the loop and the terminal are its hands.

pub mod acts;
pub mod app;
mod attention;
mod batch_acts;
pub mod batch_query;
mod event_loop;
mod export;
mod filter;
pub mod forms;
mod frame;
mod freshness;
mod hands;
pub mod input;
pub mod keymap;
pub mod keys;
mod live;
mod look;
pub mod memory;
mod overlay;
mod painter;
mod places;
mod private_job;
pub mod query;
pub mod screen;
mod screens;
mod scroll;
mod search;
mod terminal;
pub mod theme;
pub mod time;
pub mod usual;
pub mod widgets;
mod wire;

pub use acts::{Act, Done, Leads};
pub use app::Settings;
pub use batch_acts::BatchAct;
pub use event_loop::{Console, Ended, run};
pub use export::{Exported, What};

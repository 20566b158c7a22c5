//! The event loop and everything that touches the terminal: decoder, encoder, effect runner.

pub mod ansi_encoder;
pub mod effect_runner;
pub mod event_loop;
pub mod input;
pub mod scroll;
pub mod terminal;

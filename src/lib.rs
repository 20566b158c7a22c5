//! The exchange console: transfers status messages of Commerce Data Exchange from the message
//! database to head office, purges expired rows from both, and shows what happened.
//!
//! Layers, lowest first; a layer uses only those before it, which `tests/it/layers.rs` checks:
//! [`clock`], [`cancel`] → [`domain`] → [`text`] → [`filter`] → [`recurrence`], [`guard`] →
//! [`batch`] → [`store`] → [`engine`] → [`config`], [`demo`] → [`server`], [`console`] → [`cli`] →
//! the binary.

pub mod batch;
pub mod cancel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod filter;
pub mod guard;
pub mod recurrence;
pub mod server;
pub mod store;
pub mod text;

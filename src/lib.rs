//! The exchange console: brings status messages of Commerce Data Exchange from the message database to head office,
//! purges what has expired from both, and shows what happened.
//!
//! Layers, ground floor first; arrows point only downward and a test holds them:
//! [`clock`], [`cancel`] → [`domain`] → [`text`] → [`recurrence`] → [`batch`] → [`store`] → [`engine`] → [`server`], [`console`] →
//! [`config`] → [`cli`] → the binary.

pub mod batch;
pub mod cancel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod domain;
pub mod engine;
pub mod recurrence;
pub mod server;
pub mod store;
pub mod text;

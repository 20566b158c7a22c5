//! Shared by all screens for drawing: painter, theme, freshness line, help texts.

pub mod colors;
pub mod command_line;
pub mod context;
pub mod explain;
pub mod filter_help;
pub mod freshness;
pub mod hits;
pub mod layout;
pub mod legend;
pub mod painter;
pub mod pane;
pub mod role;
pub mod theme;

//! What screens draw with: painter, theme, the freshness line.

pub mod command_line;
pub mod context;
pub mod explain;
pub mod freshness;
pub mod legend;
pub mod painter;
pub mod theme;

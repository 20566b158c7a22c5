//! What screens draw with: painter, theme, the freshness line.

pub mod context;
pub mod freshness;
pub mod painter;
pub mod theme;

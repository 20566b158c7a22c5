//! Parts that screens are made of.

pub mod input;
pub mod list;
pub mod table;

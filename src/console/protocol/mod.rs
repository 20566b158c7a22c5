//! Plain types that the parts of the console exchange. Nothing here performs I/O.

pub mod batch_query;
pub mod column_layout;
pub mod effect;
pub mod explanation;
pub mod export;
pub mod export_columns;
pub mod filter;
pub mod groups;
pub mod journal;
pub mod key;
pub mod key_table;
pub mod keymap;
pub mod mouse;
pub mod mutation;
pub mod palette;
pub mod query;
pub mod route;
pub mod run_baseline;
pub mod run_progress;
pub mod saved_state;
pub mod saved_view;
pub mod step_progress;
pub mod theme_choice;
pub use crate::text::time;

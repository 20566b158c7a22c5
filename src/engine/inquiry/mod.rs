//! Queries that the console and the commands share, and the types of their rows.

mod attention;
mod connections;
mod freshness;
mod matrix;
pub mod search;
mod store_card;
mod totals;

pub use attention::{AVAILABLE_LIMIT_MS, Attention, attention};
pub use connections::{Connection, Connections, DatabaseFacts, connections, zone_named};
pub use freshness::{CLOCK_TOLERANCE_MS, COUNT_LIMIT, Coming, Freshness, freshness, runs};
pub use matrix::{MAX_EXAMINED_SESSIONS, MAX_MATRIX_STORES, MatrixPiece, matrix};
pub use search::{PAGE_ROWS, Piece};
pub use store_card::{Found, StoreCard, store_card};
pub use totals::{GroupQuery, MAX_COUNTED_ROWS, STRETCH_ROWS, Totals, count_stretch, merge, totals};

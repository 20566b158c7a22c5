//! Queries that the console and the commands share, and the types of their rows.

mod attention;
mod connections;
mod freshness;
mod matrix;
pub mod search;
mod store_card;
mod totals;

pub use attention::{Attention, attention};
pub use connections::{Connection, Connections, DatabaseFacts, connections, zone_named};
pub use freshness::{CLOCK_TOLERANCE, COUNT_LIMIT, Coming, Freshness, freshness, runs};
pub use matrix::{EXAMINED, MatrixPiece, STORES, matrix};
pub use search::{PAGE_ROWS, Piece};
pub use store_card::{Found, StoreCard, store_card};
pub use totals::{COUNTED, GroupQuery, STRETCH, Totals, merge, stretch, totals};

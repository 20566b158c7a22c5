//! The scheduler jobs that the chain runs.

use fastrand::Rng;
use std::ops::Range;

/// A scheduler job and the properties of its packages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) schedule: &'static str,
    /// Percentage of runs that find no data.
    no_data: u32,
    /// Percentage of all runs that are of this job.
    share: u32,
    rows: Range<i64>,
    bytes_a_row: i64,
}

/// Channel transactions, the only upload job.
pub(super) const TRANSACTIONS: Job =
    Job { name: "P-0001", schedule: "Channel transactions", no_data: 0, share: 0, rows: 40..2_800, bytes_a_row: 164 };

const fn job(
    name: &'static str,
    schedule: &'static str,
    no_data: u32,
    share: u32,
    rows: Range<i64>,
    bytes_a_row: i64,
) -> Job {
    Job { name, schedule, no_data, share, rows, bytes_a_row }
}

/// Products, prices and bar codes: the largest packages.
pub(super) const PRODUCTS: Job = job("1040", "Products and prices", 40, 18, 1_200..64_000, 97);
/// Prices.
pub(super) const PRICES: Job = job("1020", "Products and prices", 50, 16, 200..22_000, 71);
/// Customers.
pub(super) const CUSTOMERS: Job = job("1010", "Customers", 55, 20, 12..3_600, 212);

const DOWNLOADS: [Job; 8] = [
    PRODUCTS,
    PRICES,
    CUSTOMERS,
    job("1000", "Currencies", 85, 12, 4..90, 58),
    job("1060", "Staff", 88, 12, 1..160, 143),
    job("1070", "Channel configuration", 92, 8, 2..420, 188),
    job("1090", "Channel configuration", 92, 7, 1..300, 120),
    job("1110", "Channel configuration", 94, 7, 1..60, 131),
];

impl Job {
    /// Picks a download job, by its share.
    pub(super) fn pick(rng: &mut Rng) -> &'static Self {
        let mut left = rng.u32(0..100);
        for job in &DOWNLOADS {
            if left < job.share {
                return job;
            }
            left -= job.share;
        }
        &PRODUCTS
    }

    /// Draws whether a run finds data.
    pub(super) fn has_data(&self, rng: &mut Rng) -> bool {
        rng.u32(0..100) >= self.no_data
    }

    /// Draws rows and bytes of a package; small packages are more frequent.
    pub(super) fn size(&self, rng: &mut Rng) -> (i64, i64) {
        let most = rng.i64(self.rows.clone());
        let rows = rng.i64(self.rows.start..=most);
        (rows, 2_048 + rows * self.bytes_a_row + rng.i64(0..rows.max(1) * 9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_of_a_hundred_is_of_some_job() {
        assert_eq!(DOWNLOADS.iter().map(|job| job.share).sum::<u32>(), 100);
    }
}

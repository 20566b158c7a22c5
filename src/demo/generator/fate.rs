//! How a session ends, and its failures on the way.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::fault::Fault;
use crate::demo::generator::report::DemoSession;
use crate::demo::generator::{DAY, HOUR, MINUTE};
use crate::domain::Direction;
use fastrand::Rng;

/// The fate of a session on one channel database.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// No failure.
    Smooth,
    /// An upload that reaches head office and is never applied.
    NeverApplied,
    /// Canceled at the start, with a remark.
    Remark(Fault),
    /// One or more failures.
    Trouble(Trouble),
}

/// Failures of a session and their end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trouble {
    pub(super) stage: Stage,
    pub(super) fault: Fault,
    /// Number of failures.
    pub(super) failures: i64,
    pub(super) end: End,
    /// Minimum and maximum milliseconds until the next try.
    pub(super) pause: (i64, i64),
}

/// The stage that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// When the package is fetched or sent.
    Carry,
    /// When the data is written.
    Apply,
}

/// How failures end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The next try succeeds.
    Recovered,
    /// Given up after too many tries.
    Canceled,
    /// Still open.
    Open,
}

/// Number of tries before an agent gives up.
const MAX_TRIES: i64 = 3;
const USUAL_PAUSE: (i64, i64) = (10 * MINUTE, 25 * MINUTE);

/// How many failures in a thousand recover and how many are canceled.
struct Odds {
    recovered: u32,
    canceled: u32,
}

/// The fate of one store's session.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoreFate {
    pub(super) store: usize,
    pub(super) fate: Fate,
}

impl Fate {
    /// Returns failures with this end.
    pub(super) fn trouble(stage: Stage, fault: Fault, end: End) -> Self {
        let failures = if end == End::Recovered { 1 } else { MAX_TRIES };
        Self::Trouble(Trouble { stage, fault, failures, end, pause: USUAL_PAUSE })
    }

    /// Returns a first failure whose next try is due.
    pub(super) fn failed_once(stage: Stage, fault: Fault) -> Self {
        Self::Trouble(Trouble { stage, fault, failures: 1, end: End::Open, pause: USUAL_PAUSE })
    }

    /// Draws the fate of a session that started `age` milliseconds before now.
    pub(super) fn draw(rng: &mut Rng, chain: &Chain, session: &DemoSession, age: i64) -> Self {
        let chance = rng.u32(0..10_000);
        let upload = session.direction == Direction::Upload;
        if session.store.is_some() && session.store == chain.bad && chance < 2_500 {
            let (stage, fault) = if upload { (Stage::Carry, Fault::Reading) } else { (Stage::Apply, Fault::Full) };
            return ending(rng, stage, fault, &Odds { recovered: 820, canceled: 140 });
        }
        if let Some((share, stage, fault)) = episode(chain, session, age)
            && chance < share
        {
            return ending(rng, stage, fault, &Odds { recovered: 850, canceled: 145 });
        }
        let (stage, fault) = match (chance, upload) {
            (0..50, false) => (Stage::Carry, Fault::Connection),
            (50..90, false) => (Stage::Apply, Fault::Timeout),
            (0..50, true) => (Stage::Carry, Fault::Reading),
            (50..90, true) => (Stage::Apply, Fault::Duplicate),
            (90..93, true) => return Self::NeverApplied,
            _ => return Self::Smooth,
        };
        // Old failures were handled; those of today may be open.
        let recovered = if age < DAY { 900 } else { 930 };
        ending(rng, stage, fault, &Odds { recovered, canceled: 50 })
    }

    /// Draws the fate of a session in the night of failures.
    pub(super) fn draw_at_night(rng: &mut Rng) -> Self {
        if rng.u32(0..100) >= 78 {
            return Self::Smooth;
        }
        let fault = if rng.u32(0..100) < 70 { Fault::Deadlock } else { Fault::Timeout };
        let (failures, end) = match rng.u32(0..100) {
            0..30 => (1, End::Recovered),
            30..60 => (2, End::Recovered),
            60..86 => (MAX_TRIES, End::Recovered),
            86..92 => (MAX_TRIES, End::Canceled),
            _ => (MAX_TRIES, End::Open),
        };
        let pause = (30 * MINUTE, HOUR);
        Self::Trouble(Trouble { stage: Stage::Apply, fault, failures, end, pause })
    }
}

/// Returns past episodes of failures: affected sessions per ten thousand, stage and fault.
fn episode(chain: &Chain, session: &DemoSession, age: i64) -> Option<(u32, Stage, Fault)> {
    let region = session.store.and_then(|store| chain.stores.get(store)).map(|store| store.region)?;
    match (age / DAY, session.direction) {
        (9..12, Direction::Download) if session.job.name == "1040" => Some((500, Stage::Apply, Fault::Truncation)),
        (19..21, Direction::Download) => Some((250, Stage::Carry, Fault::PackageAddress)),
        (5..6, Direction::Upload) if chain.german == Some(region) => Some((3_000, Stage::Carry, Fault::Login)),
        (25..27, Direction::Upload) => Some((250, Stage::Apply, Fault::Missing)),
        _ => None,
    }
}

fn ending(rng: &mut Rng, stage: Stage, fault: Fault, odds: &Odds) -> Fate {
    let chance = rng.u32(0..1_000);
    let (failures, end) = match chance {
        chance if chance < odds.recovered => (if rng.u32(0..4) == 0 { 2 } else { 1 }, End::Recovered),
        chance if chance < odds.recovered + odds.canceled => (MAX_TRIES, End::Canceled),
        _ => (MAX_TRIES, End::Open),
    };
    Fate::Trouble(Trouble { stage, fault, failures, end, pause: USUAL_PAUSE })
}

//! Runs the fuzz targets on their seeds and on a bounded number of pseudo-random mutations.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::panic::catch_unwind;
use std::path::Path;

/// Mutations of each seed unless `CDX_TEST_MUTATIONS` is set.
const MUTATIONS: usize = 400;

fn mutated(seed: &[u8], others: &[Vec<u8>], rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(0..=bytes.len());
        match rng.u8(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            3 => {
                // A part of any seed.
                let other = rng.choice(others).expect("there are seeds");
                let from = rng.usize(0..=other.len());
                let to = rng.usize(from..=other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            4 => {
                let random: Vec<u8> = (0..rng.usize(0..24)).map(|_| rng.u8(..)).collect();
                bytes.splice(at..at, random);
            }
            _ => bytes.insert(at, *rng.choice(b"\x1b\"\\{}[]:,0-9 \r\n\t@%/=*\xff").expect("there are bytes")),
        }
    }
    bytes
}

fn run(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("seeds").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).expect("a seed")).collect();
    let wanted = std::env::var("CDX_TEST_MUTATIONS").ok().and_then(|number| number.parse().ok());
    let mut rng = fastrand::Rng::with_seed(20_261_128);
    let check = |input: &[u8]| {
        assert!(catch_unwind(|| target(input)).is_ok(), "{name} fails on \"{}\"", input.escape_ascii());
    };
    for seed in &seeds {
        check(seed);
        for _ in 0..wanted.unwrap_or(MUTATIONS) {
            check(&mutated(seed, &seeds, &mut rng));
        }
    }
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name), targets::$name);
            }
        )*
    };
}

targets!(posted_line, recurrence_json, quick_line, cron, filter_line, configuration, location, terminal_bytes);

//! Looks up time zones by what operators type: a city or a whole name, case-insensitively.

use crate::recurrence::words::city;
use chrono_tz::{TZ_VARIANTS, Tz};

/// Whether the zone is UTC under any of its names.
pub fn is_utc(zone: Tz) -> bool {
    let name = zone.name();
    matches!(name.strip_prefix("Etc/").unwrap_or(name), "UTC" | "UCT" | "Universal" | "Zulu")
}

/// Returns the zone with this name or city, case-insensitively, with blanks or underscores.
pub fn zone_named(text: &str) -> Option<Tz> {
    let text = text.trim().replace(' ', "_");
    let whole = || TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&text));
    // Several zones can share a city; the shortest name is the common one.
    let city = || {
        let of_city = |zone: &&Tz| zone.name().rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case(&text));
        TZ_VARIANTS.iter().filter(of_city).min_by_key(|zone| zone.name().len())
    };
    whole().or_else(city).copied()
}

/// Returns the zones whose name contains every word of the text, those whose city begins with it
/// first.
pub fn zones_like(text: &str) -> Vec<Tz> {
    let text = text.trim().to_lowercase().replace('_', " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found: Vec<Tz> = TZ_VARIANTS
        .into_iter()
        .filter(|zone| {
            let name = zone.name().to_lowercase().replace('_', " ");
            words.iter().all(|word| name.contains(word))
        })
        .collect();
    let is_it = |zone: &Tz| zone.name().eq_ignore_ascii_case(&text);
    let is_place = |zone: &Tz| zone.name().contains('/') && !zone.name().starts_with("Etc/");
    found.sort_by_key(|zone| (!is_it(zone), !city(*zone).to_lowercase().starts_with(&text), !is_place(zone)));
    found
}

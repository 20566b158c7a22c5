//! The retail chain: its stores, their channel data groups, and the stores with special behavior.

use crate::demo::generator::DemoPlan;
use fastrand::Rng;
use std::ops::Range;

/// Code in the stores' names, name of the group, and relative number of stores.
const REGIONS: [(&str, &str, usize); 12] = [
    ("LON", "London", 4),
    ("PAR", "Paris", 3),
    ("MAN", "Manchester", 2),
    ("AMS", "Amsterdam", 2),
    ("BER", "Berlin", 2),
    ("BHM", "Birmingham", 2),
    ("MUC", "Munich", 2),
    ("DUB", "Dublin", 1),
    ("GLA", "Glasgow", 1),
    ("BRU", "Brussels", 1),
    ("HAM", "Hamburg", 1),
    ("LYS", "Lyon", 1),
];
/// Minimum number of stores per region.
const MIN_REGION_STORES: usize = 25;
/// Messages of the plan for each store that a group may have: a package sends messages of every
/// store in its group, which must not exceed the plan.
const ONE_GROUP_PACKAGE_IN: u64 = 800;
/// Maximum number of stores in a group.
const MAX_GROUP_STORES: u64 = 400;

/// A store, named by its channel database.
pub(super) struct Store {
    pub(super) name: String,
    /// The agent that posts its reports.
    pub(super) agent: String,
    pub(super) group: usize,
    pub(super) region: usize,
}

/// A channel data group: the stores that share a package.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) stores: Range<usize>,
}

/// All stores, and the special ones among them by index.
pub(super) struct Chain {
    pub(super) stores: Vec<Store>,
    pub(super) groups: Vec<Group>,
    /// The store that often fails.
    pub(super) bad: Option<usize>,
    /// The store that has been silent recently.
    pub(super) quiet: Option<usize>,
    /// The store that posts hostile texts.
    pub(super) hostile: usize,
    /// The region whose clocks are ahead.
    pub(super) skewed: Option<usize>,
    /// The region whose servers report errors in German.
    pub(super) german: Option<usize>,
}

impl Chain {
    pub(super) fn new(plan: &DemoPlan) -> Self {
        let wanted = usize::try_from(plan.stores.max(1)).unwrap_or(1);
        let most = usize::try_from((plan.messages / ONE_GROUP_PACKAGE_IN).clamp(1, MAX_GROUP_STORES)).unwrap_or(1);
        let regions = &REGIONS[..(wanted / MIN_REGION_STORES).clamp(1, REGIONS.len())];
        let weights: usize = regions.iter().map(|region| region.2).sum();
        let mut chain = Self {
            stores: Vec::with_capacity(wanted),
            groups: Vec::new(),
            bad: None,
            quiet: None,
            hostile: 0,
            skewed: (regions.len() > 1).then_some(1),
            german: regions.iter().position(|region| region.0 == "BER"),
        };
        let mut passed = 0;
        let mut ranges = Vec::with_capacity(regions.len());
        for (region, (code, name, weight)) in regions.iter().enumerate() {
            passed += weight;
            let stores = chain.stores.len()..wanted * passed / weights;
            ranges.push(stores.clone());
            chain.add_region(region, code, name, stores, most);
        }
        chain.choose_special(&ranges);
        chain
    }

    fn add_region(&mut self, region: usize, code: &str, name: &str, stores: Range<usize>, most: usize) {
        let count = stores.len().div_ceil(most).max(1);
        for part in 0..count {
            let share = stores.start + stores.len() * part / count..stores.start + stores.len() * (part + 1) / count;
            for index in share.clone() {
                let name = format!("{code}-S{:04}", index + 1);
                let agent = format!("AsyncClient-{name}");
                self.stores.push(Store { name, agent, group: self.groups.len(), region });
            }
            let name = if count == 1 { name.to_owned() } else { format!("{name} {}", part + 1) };
            self.groups.push(Group { name, stores: share });
        }
    }

    /// Chooses the special stores, in different regions if possible, no store twice.
    fn choose_special(&mut self, regions: &[Range<usize>]) {
        let region = |wanted: usize| regions.get(wanted % regions.len().max(1)).cloned().unwrap_or(0..1);
        let middle = |range: Range<usize>| range.start + range.len() / 2;
        self.hostile = region(4).start;
        let last = region(3).end.saturating_sub(1);
        self.quiet = (self.stores.len() >= 2).then_some(last);
        self.bad = (self.stores.len() >= 3).then_some(middle(region(2)));
    }

    /// Picks a store of the range, an ordinary one if 20 tries find one.
    pub(super) fn ordinary(&self, rng: &mut Rng, range: Range<usize>) -> usize {
        let any = |rng: &mut Rng| if range.is_empty() { 0 } else { rng.usize(range.clone()) };
        let special = |store| [self.bad, self.quiet, Some(self.hostile)].contains(&Some(store));
        (0..20).map(|_| any(rng)).find(|store| !special(*store)).unwrap_or_else(|| {
            // Few stores, all of them special: any but the quiet one.
            range.clone().find(|store| Some(*store) != self.quiet).unwrap_or(range.start)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use std::collections::HashSet;

    fn chain(stores: u32, messages: u64) -> Chain {
        Chain::new(&DemoPlan { stores, messages, seed: 1, now: Timestamp(0), days: 45 })
    }

    #[test]
    fn every_store_is_in_one_group_under_a_name_of_its_own() {
        for (stores, messages) in
            [(1, 100), (2, 100), (7, 50_000), (300, 50_000), (10_000, 5_000), (10_000, 50_000_000)]
        {
            let chain = chain(stores, messages);
            let names: HashSet<&str> = chain.stores.iter().map(|store| store.name.as_str()).collect();
            assert_eq!(names.len(), usize::try_from(stores).expect("it fits"));
            for (index, group) in chain.groups.iter().enumerate() {
                assert!(!group.stores.is_empty(), "{} of {stores} has no stores", group.name);
                assert!(group.stores.clone().all(|store| chain.stores[store].group == index));
            }
        }
    }

    #[test]
    fn no_store_has_two_parts() {
        for stores in (3..120).chain([300, 10_000]) {
            let chain = chain(stores, 50_000);
            let special = HashSet::from([chain.bad, chain.quiet, Some(chain.hostile)]);
            assert_eq!(special.len(), 3, "{stores} stores");
        }
        assert_eq!(chain(1, 100).quiet, None);
    }
}

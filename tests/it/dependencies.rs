//! What `deny.toml` allows: licenses, sources and duplicate versions of the dependencies, checked
//! without a network. The bill of materials of the packages lists the same dependencies.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    sources: Sources,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Returns the rules of `deny.toml`.
fn deny() -> Deny {
    toml::from_str(include_str!("../../deny.toml")).expect("deny.toml is understood")
}

/// Returns every package that a build on this platform uses, including those of the tests.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a list");
    let used: BTreeSet<String> = nodes.iter().map(|node| node["id"].as_str().expect("a name").to_owned()).collect();
    let all: Vec<Package> = serde_json::from_value(metadata["packages"].take()).expect("packages");
    let used: Vec<Package> = all.into_iter().filter(|package| used.contains(&package.id)).collect();
    assert!(used.len() > 100, "only {} packages", used.len());
    used
}

#[test]
fn every_license_is_allowed_and_every_allowed_license_is_used() {
    let allowed = deny().licenses.allow;
    let mut accepted = BTreeSet::new();
    for package in packages() {
        let license = package.license.unwrap_or_else(|| panic!("{} has no license", package.name));
        let expression = spdx::Expression::parse_mode(&license, spdx::ParseMode::LAX).expect("a license");
        let is_allowed = expression.evaluate(|required| {
            let name = required.to_string();
            let is_listed = allowed.contains(&name);
            accepted.extend(is_listed.then_some(name));
            is_listed
        });
        assert!(is_allowed, "{} {} has the license {license}", package.name, package.version);
    }
    assert_eq!(accepted.into_iter().collect::<Vec<_>>(), allowed, "deny.toml allows a license that nothing has");
}

#[test]
fn every_dependency_comes_from_the_registry() {
    let allowed: Vec<String> =
        deny().sources.allow_registry.iter().map(|address| format!("registry+{address}")).collect();
    for package in packages() {
        let is_own = package.name == env!("CARGO_PKG_NAME");
        let is_allowed = package.source.as_ref().map_or(is_own, |source| allowed.contains(source));
        assert!(is_allowed, "{} {} comes from {:?}", package.name, package.version, package.source);
    }
}

#[test]
fn a_second_version_of_a_dependency_is_listed_with_its_reason() {
    let mut versions = BTreeMap::<String, BTreeSet<String>>::new();
    for package in packages() {
        versions.entry(package.name).or_default().insert(package.version);
    }
    let mut skipped = BTreeSet::new();
    for skip in deny().bans.skip {
        let (name, version) = skip.name.split_once('@').expect("a name and a version");
        assert!(!skip.reason.is_empty(), "{} has no reason", skip.name);
        let is_second = versions.get_mut(name).is_some_and(|found| found.len() > 1 && found.remove(version));
        assert!(is_second, "deny.toml skips {}, of which there is no second version", skip.name);
        assert!(skipped.insert(skip.name.clone()), "{} is listed twice", skip.name);
    }
    versions.retain(|_, found| found.len() > 1);
    assert_eq!(versions, BTreeMap::new(), "these have several versions");
}

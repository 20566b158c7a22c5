use super::*;
use crate::domain::Timestamp;
use crate::filter::{Filter, lists, parse};
use crate::text::time::Zone;
use proptest::prelude::*;
use std::collections::BTreeMap;

const CANCEL: &str = "cancel session";

fn scope(text: &str) -> Filter {
    parse(text, lists::GUARDED_SESSIONS, Zone::Utc, Timestamp(0)).expect("a valid filter")
}

fn rail(action: &str, scope: Option<Filter>, demands: &[Demand]) -> Guardrail {
    let (action, sentence) = (action.to_owned(), "Ask the store first".to_owned());
    Guardrail { action, scope, demands: demands.to_vec(), sentence, line: 1 }
}

fn authority(guardrails: Vec<Guardrail>, consent: Consent) -> Authority {
    Authority { rules: Arc::new(Rules { guardrails, roles: Roles::default() }), consent }
}

fn session(store: &str, job: &str) -> Guarded {
    Guarded { store: store.to_owned(), job: job.to_owned(), direction: "download", ..Guarded::default() }
}

fn unmet(decision: &Decision) -> Option<&Unmet> {
    if let Decision::Refused(refusal) = decision { Some(&refusal.unmet) } else { None }
}

#[test]
fn a_guardrail_is_about_the_rows_in_its_scope() {
    let authority =
        authority(vec![rail(CANCEL, Some(scope("store:LON* job:1040")), &[Demand::MaxRows(1)])], Consent::default());
    let sessions = [session("LON1", "1040"), session("LON2", "1040"), session("LON3", "1070"), session("AMS", "1040")];
    let decided = |subjects: &[Guarded]| {
        let rows = i64::try_from(subjects.len()).expect("few");
        let attempt = Attempt { rows, subjects, ..Attempt::new("r.vermeer", CANCEL, "sessions") };
        decide(&authority, &attempt)
    };
    assert_eq!(decided(&sessions[1..]), Decision::Allowed);
    let refused = decided(&sessions);
    assert_eq!(unmet(&refused), Some(&Unmet::TooMany(1)));
    let Decision::Refused(refusal) = refused else { panic!("it is refused") };
    assert_eq!(
        refusal.to_string(),
        "cancel session refused: Ask the store first; at most 1 at once, and these are 2: choose fewer"
    );
}

#[test]
fn roles_allow_what_lesser_ones_do() {
    let logins = BTreeMap::from([("m.jansen".to_owned(), Role::Admin), ("r.vermeer".to_owned(), Role::Operator)]);
    let roles = Roles { logins, default: Some(Role::Viewer), line: None };
    let authority = Authority { rules: Arc::new(Rules { guardrails: Vec::new(), roles }), consent: Consent::default() };
    for (login, action, is_allowed) in [
        ("m.jansen", "set parameter", true),
        ("m.jansen", CANCEL, true),
        ("r.vermeer", "set parameter", false),
        ("r.vermeer", CANCEL, true),
        ("guest", CANCEL, false),
        ("guest", PROCESS, false),
        ("guest", "save view", true),
        ("guest", "an action of a newer program", false),
    ] {
        let decision = decide(&authority, &Attempt::new(login, action, "it"));
        assert_eq!(decision == Decision::Allowed, is_allowed, "{login} {action}");
    }
    let scheduled = Attempt { is_scheduled: true, ..Attempt::new("guest", PURGE, "it") };
    assert_eq!(decide(&authority, &scheduled), Decision::Allowed, "the job was submitted by a role that may");
}

fn demand() -> impl Strategy<Value = Demand> {
    prop_oneof![
        Just(Demand::Deny),
        (0..6_i64).prop_map(Demand::MaxRows),
        Just(Demand::Reason),
        Just(Demand::Count),
        Just(Demand::Approval),
    ]
}

proptest! {
    /// A change passes only if it meets every demand of every guardrail about it, in any order.
    #[test]
    fn a_change_passes_only_if_it_meets_each_demand(
        rails in proptest::collection::vec((any::<bool>(), proptest::collection::vec(demand(), 1..4)), 0..4),
        rows in 1..8_i64,
        reason in proptest::option::of("[ a]{0,2}"),
        confirmed in proptest::option::of(0..8_i64),
    ) {
        let guardrails: Vec<_> =
            rails.iter().map(|(is_about, demands)| rail(if *is_about { CANCEL } else { "undo" }, None, demands)).collect();
        let has_reason = reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        let about = rails.iter().filter(|(is_about, _)| *is_about).flat_map(|(_, demands)| demands);
        let lacks = |demand: &Demand| match demand {
            Demand::Deny => true,
            Demand::MaxRows(most) => rows > *most,
            Demand::Reason => !has_reason,
            Demand::Count => confirmed != Some(rows),
            Demand::Approval => false,
        };
        let (is_refused, is_approved) =
            (about.clone().any(lacks), about.clone().any(|demand| *demand == Demand::Approval));
        let attempt = Attempt { rows, ..Attempt::new("r.vermeer", CANCEL, "sessions") };
        let decide = |guardrails: Vec<Guardrail>| {
            let consent = Consent { reason: reason.clone(), confirmed, can_ask: false };
            decide(&authority(guardrails, consent), &attempt)
        };
        let decision = decide(guardrails.clone());
        prop_assert_eq!(unmet(&decision).is_some(), is_refused);
        prop_assert_eq!(matches!(decision, Decision::NeedsApproval(_)), !is_refused && is_approved);
        let mut reversed = guardrails;
        reversed.reverse();
        let again = decide(reversed);
        prop_assert_eq!(unmet(&again).map(std::mem::discriminant), unmet(&decision).map(std::mem::discriminant));
    }
}

#[test]
fn what_was_given_since_comes_first() {
    let (reason, count) = (|text: &str| Some(text.to_owned()), Some(7));
    let before = Consent { reason: reason("before"), confirmed: Some(3), can_ask: true };
    let given = Consent { reason: reason("since"), confirmed: count, can_ask: false };
    assert_eq!(before.with(given), Consent { reason: reason("since"), confirmed: count, can_ask: true });
    assert_eq!(before.with(Consent::default()), before);
    assert_eq!(Consent::default().with(before.clone()), before);
    assert!(!Consent::default().with(Consent::default()).can_ask);
}

#[test]
fn an_authority_is_empty_without_guardrails_and_roles() {
    let guarded = |rails: Vec<Guardrail>| authority(rails, Consent::default());
    assert!(guarded(Vec::new()).is_empty());
    assert!(!guarded(vec![rail(CANCEL, None, &[Demand::Deny])]).is_empty());
    let roles = Roles { default: Some(Role::Viewer), ..Roles::default() };
    let rules = Arc::new(Rules { guardrails: Vec::new(), roles });
    assert!(!Authority { rules, consent: Consent::default() }.is_empty());
    let scoped = guarded(vec![rail(CANCEL, Some(scope("store:LON1")), &[Demand::Deny])]);
    assert!(scoped.has_scope(&[CANCEL]) && !scoped.has_scope(&["rerun session"]));
    assert!(!guarded(vec![rail(CANCEL, None, &[Demand::Deny])]).has_scope(&[CANCEL]));
}

#[test]
fn a_scope_matches_each_field_of_a_session_and_of_a_batch_job() {
    let session = Guarded {
        store: "LON1".to_owned(),
        job: "1040".to_owned(),
        group: "Stores".to_owned(),
        schedule: "Hourly".to_owned(),
        direction: "download",
        ..Guarded::default()
    };
    for text in ["store:LON1", "job:1040", "group:Stores", "schedule:Hourly", "direction:download", "hour"] {
        assert!(scope(text).matches(&session), "{text}");
    }
    for text in ["store:AMS1", "job:1070", "group:Other", "schedule:Daily", "direction:upload", "daily"] {
        assert!(!scope(text).matches(&session), "{text}");
    }
    let job = Guarded {
        job_id: Some(3),
        description: "Night".to_owned(),
        group: "EU".to_owned(),
        job: "not a session's".to_owned(),
        ..Guarded::default()
    };
    let of_jobs = |text: &str| parse(text, lists::GUARDED_JOBS, Zone::Utc, Timestamp(0)).expect("a valid filter");
    for (text, is_match) in
        [("job:3", true), ("job>2", true), ("job:4", false), ("description:night", true), ("description:day", false)]
    {
        assert_eq!(of_jobs(text).matches(&job), is_match, "{text}");
    }
}

//! Properties of the generated exchange for any seed.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::{DAY, DemoPlan, HOUR, hostile, messages};
use crate::domain::{
    Cause, Cutoffs, Fold, Parameters, Presence, RawMessage, Reason, SessionKey, Status, StatusMessage, Timestamp,
};
use crate::store::message_database::NewMessage;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// 2026-11-24 at 14:23:05 UTC.
const NOW: Timestamp = Timestamp(1_795_530_185_000);
const USUAL: DemoPlan = DemoPlan { stores: 300, messages: 50_000, seed: 2012, now: NOW, days: 45 };

fn raw<'a>((message, posted_at): &'a (NewMessage, Timestamp)) -> RawMessage<'a> {
    let bytes = |text: &'a str| Cow::Borrowed(text.as_bytes());
    RawMessage {
        message_guid: bytes(&message.message_guid),
        direction: message.direction,
        session_number: message.session_number,
        channel_database: bytes(&message.channel_database),
        job_name: bytes(&message.job_name),
        channel_data_group: message.channel_data_group.as_deref().map(bytes),
        distribution_schedule: message.distribution_schedule.as_deref().map(bytes),
        status: message.status,
        occurred_at: message.occurred_at.0,
        posted_at: posted_at.0,
        posted_by: message.posted_by.as_deref().map(bytes),
        round: message.round,
        rerun_for: message.rerun_for,
        try_count: message.try_count,
        rows_affected: message.rows_affected,
        file_size: message.file_size,
        row_version: message.row_version,
        data_path: message.data_path.as_deref().map(bytes),
        message: message.message.as_deref().map(bytes),
        ..RawMessage::default()
    }
}

fn valid_messages(posted: &[(NewMessage, Timestamp)]) -> Vec<StatusMessage> {
    posted.iter().filter_map(|message| raw(message).check().ok()).collect()
}

fn sessions(posted: &[(NewMessage, Timestamp)]) -> HashMap<SessionKey, Fold> {
    let mut sessions: HashMap<SessionKey, Fold> = HashMap::new();
    for message in valid_messages(posted) {
        sessions
            .entry(message.key.clone())
            .and_modify(|fold| fold.absorb(&message))
            .or_insert_with(|| Fold::of(&message));
    }
    sessions
}

/// Whether two messages differ only in their dates, which are `shift` milliseconds apart.
fn same_but_for(shift: i64, (a, at): &(NewMessage, Timestamp), (b, bt): &(NewMessage, Timestamp)) -> bool {
    let mut moved = b.clone();
    moved.message_guid.clone_from(&a.message_guid);
    moved.occurred_at = if a.occurred_at == b.occurred_at { b.occurred_at } else { Timestamp(b.occurred_at.0 - shift) };
    moved == *a && bt.0 - at.0 == shift && (shift != 0 || a.message_guid == b.message_guid)
}

#[test]
fn the_same_seed_makes_the_same_exchange_but_for_the_dates() {
    let usual: Vec<_> = messages(&USUAL).collect();
    for shift in [0, 3 * DAY] {
        let again: Vec<_> = messages(&DemoPlan { now: Timestamp(NOW.0 + shift), ..USUAL }).collect();
        assert_eq!(usual.len(), again.len());
        let differ = usual.iter().zip(&again).position(|(a, b)| !same_but_for(shift, a, b));
        assert_eq!(differ, None, "shifted by {shift} ms");
    }
    let other = messages(&DemoPlan { seed: 7, ..USUAL }).take(100);
    assert!(other.zip(&usual).any(|(a, b)| a != *b));
}

#[test]
fn every_size_has_about_its_number_of_messages_in_order_and_none_after_now() {
    for (stores, wanted, days) in
        [(300, 50_000, 45), (1, 100, 45), (10_000, 5_000, 45), (2, 1_000, 3), (17, 20_000, 1), (10_000, 150_000, 45)]
    {
        for (seed, now) in [(1, NOW), (2, Timestamp(NOW.0 + 11 * HOUR))] {
            let plan = DemoPlan { stores, messages: wanted, seed, now, days };
            let posted: Vec<_> = messages(&plan).map(|message| message.1).collect();
            let count = u64::try_from(posted.len()).expect("it fits");
            assert!((wanted * 98 / 100..=wanted * 101 / 100).contains(&count), "{count} of {plan:?}");
            assert!(posted.is_sorted(), "{plan:?}");
            let begin = now.minus_days(i64::from(days));
            assert!(posted[0] > begin && posted[posted.len() - 1] <= now, "{plan:?}");
            assert!(posted[0] < Timestamp(begin.0 + i64::from(days) * DAY / 20), "{plan:?} begins at {:?}", posted[0]);
        }
    }
}

#[test]
fn only_malformed_messages_are_rejected_and_they_are_few() {
    let posted: Vec<_> = messages(&USUAL).collect();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for message in &posted {
        let kind = match raw(message).check() {
            Ok(_) => continue,
            Err(Reason::Guid) => "guid",
            Err(Reason::Status(..)) => "status",
            Err(Reason::SessionNumber(_)) => "number",
            Err(Reason::Instant("occurred_at", _)) => "instant",
            Err(reason) => panic!("{reason} was not meant"),
        };
        *reasons.entry(kind).or_default() += 1;
    }
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    assert_eq!(reasons.values().sum::<usize>(), 10);
    let distinct: HashSet<_> = posted.iter().map(|message| &message.0.message_guid).collect();
    let repeated = posted.len() - distinct.len();
    assert!((50..200).contains(&repeated), "{repeated} repeated");
}

#[test]
fn every_kind_of_malformed_message_and_hostile_text_is_among_the_newest() {
    for (stores, wanted) in [(300, 20_000), (1, 20_000), (10_000, 30_000), (300, 200_000)] {
        let plan = DemoPlan { stores, messages: wanted, ..USUAL };
        let history = usize::try_from(wanted * 97 / 100).expect("it fits");
        let newest: Vec<_> = messages(&plan).skip(history).collect();
        let rejected = newest.iter().filter(|message| raw(message).check().is_err()).count();
        assert_eq!(rejected, 4, "{plan:?}");
        for number in 0..hostile::TEXTS {
            let text = hostile::text(number);
            assert!(newest.iter().any(|message| message.0.message.as_deref() == Some(&text)), "{number} of {plan:?}");
        }
    }
}

#[test]
fn the_quiet_store_alone_is_quiet_at_every_hour_of_the_last_week() {
    let plan = DemoPlan { messages: 130_000, ..USUAL };
    let chain = Chain::new(&plan);
    let quiet = &chain.stores[chain.quiet.expect("there is one")].name;
    let mut known: HashMap<String, Presence> = HashMap::new();
    let mut found = false;
    let mut hour = NOW.0 - 7 * 24 * HOUR;
    let end = (String::new(), NOW);
    for (name, at) in messages(&plan).map(|(message, at)| (message.channel_database, at)).chain([end]) {
        // Look once an hour during the last week.
        while hour <= at.0 {
            for (name, presence) in known.iter().filter(|(_, presence)| presence.is_quiet(Timestamp(hour))) {
                assert_eq!(name, quiet, "{presence:?} is quiet {} h before the end", NOW.since(Timestamp(hour)) / HOUR);
                if !found {
                    let gaps = Timestamp(hour).since(presence.last_seen_at) / presence.usual_gap.expect("a rhythm");
                    assert!(gaps < 3, "found after {gaps} of its usual gaps");
                }
                found = true;
            }
            hour += HOUR;
        }
        if !name.is_empty() {
            known.entry(name).or_insert_with(|| Presence::of(at)).absorb(at);
        }
    }
    assert!(found, "{quiet} is not found: {:?}", known[quiet]);
}

#[test]
fn most_sessions_are_applied_and_a_few_are_open_or_in_progress() {
    let posted: Vec<_> = messages(&USUAL).collect();
    let sessions = sessions(&posted);
    let count = |wanted: &dyn Fn(&Fold) -> bool| sessions.values().filter(|fold| wanted(fold)).count();
    let all = sessions.len();
    let applied = count(&|fold| fold.winner.status == Status::Applied);
    assert!(applied * 100 > all * 85, "{applied} of {all} applied");
    let open = count(&|fold| fold.winner.status.is_failed());
    assert!((8..all / 200).contains(&open), "{open} of {all} open");
    let recovered = count(&|fold| fold.winner.status == Status::Applied && fold.last_error.is_some());
    assert!(recovered > 2 * open, "{recovered} failed first and applied then");
    let fresh = NOW.0 - HOUR;
    let in_progress = count(&|fold| fold.created_at.0 > fresh && fold.winner.status.is_in_progress());
    assert!(in_progress >= 5, "{in_progress} in progress");
    for status in [Status::NoData, Status::Canceled, Status::Uploaded, Status::CreateFailed, Status::ApplyFailed] {
        assert!(count(&|fold| fold.winner.status == status) > 0, "none is {status}");
    }
    assert!(count(&|fold| fold.round > 0) > 0 && count(&|fold| fold.rerun_for.is_some()) > 0);
}

#[test]
fn the_last_day_has_several_causes_and_the_night_another() {
    let posted: Vec<_> = messages(&USUAL).collect();
    let causes = |from: i64, to: i64| {
        let within = |message: &&StatusMessage| (NOW.0 - from..NOW.0 - to).contains(&message.occurred_at.0);
        let failed = valid_messages(&posted).into_iter().filter(|message| message.status.is_failed());
        let failed: Vec<_> = failed.collect();
        let mut causes: BTreeMap<String, usize> = BTreeMap::new();
        for message in failed.iter().filter(within) {
            *causes.entry(Cause::of(message.message.as_deref().unwrap_or("")).masked).or_default() += 1;
        }
        causes
    };
    let today = causes(DAY, 0);
    assert!((4..=8).contains(&today.len()), "{today:#?}");
    let night = causes(3 * DAY, 2 * DAY);
    let deadlocks = night.iter().find(|(text, _)| text.contains("deadlock")).map_or(0, |cause| *cause.1);
    assert!(deadlocks > 30, "{night:#?}");
}

#[test]
fn uploads_never_applied_stay_beyond_the_retention() {
    let posted: Vec<_> = messages(&USUAL).collect();
    let cutoff = Cutoffs::new(&Parameters::default(), NOW).resolved.expect("there is a retention");
    let sessions = sessions(&posted);
    let left = |fold: &&Fold| fold.winner.status == Status::Uploaded && fold.last_posted_at < cutoff;
    assert!(sessions.values().filter(left).count() >= 3);
}

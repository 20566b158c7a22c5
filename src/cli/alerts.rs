//! `cdx alerts`: lists what alert rules found, and sets the rules that a login is notified of.

use crate::batch::{AlertCondition, AlertRule, AlertSettings};
use crate::cli::args::{AlertSettingsArgs, AlertsAction, AlertsArgs};
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{List, one_more, print_json, print_table, report};
use crate::cli::terminal::print_message;
use crate::cli::{batch, filter, since};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Timestamp, to_json};
use crate::filter::lists;
use crate::store::head_office::DeliveryChannel;
use crate::store::{Access, HeadOffice, StoreError};
use serde_json::{Map, Value};

const LIST: List<AlertCondition> = List {
    columns: &["State", "Since (UTC)", "Resolved (UTC)", "Notified (UTC)", "Silence", "Rule", "What"],
    cells: |condition| {
        vec![
            condition.state().into(),
            condition.since.to_table().into(),
            condition.resolved_at.map(Timestamp::to_table).into(),
            condition.notified_at.map(Timestamp::to_table).into(),
            condition.silence_id.into(),
            condition.rule.map(AlertRule::word).into(),
            condition.text.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists the conditions, or sets this login's rules.
pub fn run(context: &Context, args: &AlertsArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(AlertsAction::Set(args)) => set(context, args),
        Some(AlertsAction::Settings { json }) => settings(context, *json),
        Some(AlertsAction::Test(format)) => test(context, format.json),
    }
}

fn list(context: &Context, args: &AlertsArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    let since = since::parse(&args.since, SystemClock.now())?;
    let (listing, format) = (args.listing.listing(), args.listing.format);
    let read = |limit: i64| {
        let mut rows = office.firing_conditions(limit)?;
        rows.extend(office.resolved_conditions(since, limit)?);
        Ok(rows)
    };
    let rows = filter::keep(args.filter.as_deref(), lists::CONDITIONS, one_more(&listing), read)?;
    LIST.print(rows, &listing, context.style())?;
    if !format.json && !format.csv {
        match office.rules_checked_at()? {
            Some(at) => print_message(&format!("the rules were last checked {}", at.in_utc())),
            None => print_message("no batch server has checked the rules yet; cdx batch-server does, once a minute"),
        }
    }
    Ok(Exit::Done)
}

fn set(context: &Context, args: &AlertSettingsArgs) -> CommandResult {
    context.refuse_if_read_only("alerts set")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let known = office.exchange_alerts()?;
    let mut settings = batch::own_settings(&known);
    let is_new = !known.iter().any(|known| known.operator == settings.operator);
    match &args.rules {
        Some(words) => settings.rules = rules(words)?,
        None if is_new => settings.rules = AlertRule::USUAL.to_vec(),
        None => {}
    }
    batch::set_channels(&mut settings, &args.channels)?;
    office.set_exchange_alerts(&settings)?;
    let sentence = format!("alerts of the exchange for {}: {}", settings.operator, settings.summary());
    report(args.json, &row(&settings, &last_delivered(&office)?), &sentence)?;
    Ok(Exit::Done)
}

/// The settings of a login as JSON, with the instants of [`last_delivered`].
fn row(settings: &AlertSettings, last_delivered: &Map<String, Value>) -> Value {
    let mut row = to_json(settings);
    row["last_delivered"] = last_delivered.clone().into();
    row
}

/// When each channel last delivered.
fn last_delivered(office: &HeadOffice) -> Result<Map<String, Value>, StoreError> {
    let last = |channel: DeliveryChannel| {
        let arrived_at = office.last_delivery(channel)?.arrived_at;
        Ok((channel.word().to_owned(), to_json(&arrived_at)))
    };
    DeliveryChannel::ALL.into_iter().map(last).collect()
}

fn rules(words: &[String]) -> Result<Vec<AlertRule>, Failure> {
    let words: Vec<_> = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
    match words[..] {
        ["all"] => Ok(AlertRule::ALL.to_vec()),
        ["none"] => Ok(Vec::new()),
        [] => Err(Failure::usage("--rules must not be empty; none is for no rules")),
        _ => {
            let known = |word: &&str| {
                AlertRule::from_word(word).ok_or_else(|| {
                    let shown: String = word.chars().take(40).collect();
                    let all = AlertRule::ALL.map(AlertRule::word).join(", ");
                    Failure::usage(format!("{shown:?} is not a rule; use all, none, or some of {all}"))
                })
            };
            let mut rules: Vec<_> = words.iter().map(known).collect::<Result<_, _>>()?;
            rules.sort_unstable();
            rules.dedup();
            Ok(rules)
        }
    }
}

fn test(context: &Context, json: bool) -> CommandResult {
    context.refuse_if_read_only("alerts test")?;
    let office = context.head_office_to_change(Access::Existing)?;
    batch::test(&office, None, &office.exchange_alerts()?, json)?;
    Ok(Exit::Done)
}

fn settings(context: &Context, json: bool) -> CommandResult {
    let office = context.head_office_to_read()?;
    let alerts = office.exchange_alerts()?;
    if json {
        let last_delivered = last_delivered(&office)?;
        alerts.iter().try_for_each(|settings| print_json(&row(settings, &last_delivered)))?;
        return Ok(Exit::Done);
    }
    let rows = alerts.iter().map(|settings| vec![settings.operator.clone().into(), settings.summary().into()]);
    print_table(&["Login", "Alerts"], rows.collect(), context.style())?;
    batch::say_last_deliveries(&office)?;
    Ok(Exit::Done)
}

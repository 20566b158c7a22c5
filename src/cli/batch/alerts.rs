//! `cdx batch alerts`: shows and sets the alerts of a batch job.

use crate::batch::{AlertEvent, AlertSettings, BatchServer, address_fault, why_never_sent};
use crate::cli::args::{BatchAlertsArgs, ChannelArgs};
use crate::cli::batch::refusal_failure;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table, report};
use crate::cli::terminal::print_message;
use crate::domain::Timestamp;
use crate::engine::delivery_fault;
use crate::store::head_office::{About, DeliveryChannel, NewNotification, Refusal};
use crate::store::{Access, HeadOffice};
use serde_json::json;

/// Lists the alerts of all logins, or sets those of this login.
pub fn run(context: &Context, args: &BatchAlertsArgs) -> CommandResult {
    let sets =
        args.on.is_some() || args.not_started.is_some() || args.runs_long.is_some() || args.channels.names_channel();
    if !sets && !args.test {
        return show(context, args);
    }
    context.refuse_if_read_only("batch alerts")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let Some(job) = office.job(args.job)? else { return Err(refusal_failure(Refusal::Unknown(args.job))) };
    if sets {
        let settings = settings(args, own_settings(&office.alerts(args.job)?))?;
        office.set_alerts(args.job, &settings).map_err(refusal_failure)?;
        let sentence = format!("alerts of batch job {} for {}: {}", args.job, settings.operator, settings.summary());
        report(args.json, &settings, &sentence)?;
        if let Some(why) = why_never_sent(&settings, job.settings.save_history) {
            print_message(&format!("note: {why}"));
        }
    }
    if args.test {
        test(&office, Some(args.job), &office.alerts(args.job)?, args.json)?;
    }
    Ok(Exit::Done)
}

/// The alerts of this login among those of all; none if it has none yet.
pub fn own_settings(alerts: &[AlertSettings]) -> AlertSettings {
    let operator = operator();
    let own = alerts.iter().find(|settings| settings.operator == operator).cloned();
    own.unwrap_or_else(|| AlertSettings { operator, popup: true, ..AlertSettings::default() })
}

/// Changes the channels that are named.
pub fn set_channels(settings: &mut AlertSettings, args: &ChannelArgs) -> Result<(), Failure> {
    if let Some(address) = &args.email {
        if let Some(fault) = address_fault(address) {
            let shown: String = address.chars().take(60).collect();
            return Err(Failure::usage(format!("--email {shown:?} {fault}")));
        }
        settings.email = Some(address.clone());
    }
    if args.no_email {
        settings.email = None;
    }
    settings.command = (settings.command || args.command) && !args.no_command;
    settings.webhook = (settings.webhook || args.webhook) && !args.no_webhook;
    settings.syslog = (settings.syslog || args.syslog) && !args.no_syslog;
    Ok(())
}

/// The settings with what is named; 0 minutes are never.
fn settings(args: &BatchAlertsArgs, mut settings: AlertSettings) -> Result<AlertSettings, Failure> {
    set_channels(&mut settings, &args.channels)?;
    let minutes =
        |named: Option<i64>, before| named.map_or(before, |minutes| Some(minutes).filter(|minutes| *minutes > 0));
    settings.not_started_minutes = minutes(args.not_started, settings.not_started_minutes);
    settings.runs_long_minutes = minutes(args.runs_long, settings.runs_long_minutes);
    let Some(events) = &args.on else { return Ok(settings) };
    (settings.on_ended, settings.on_error, settings.on_canceled) = (false, false, false);
    for event in events {
        match event.as_str() {
            "ended" => settings.on_ended = true,
            "error" => settings.on_error = true,
            "canceled" => settings.on_canceled = true,
            "none" | "" => {}
            other => {
                let shown: String = other.chars().take(40).collect();
                return Err(Failure::usage(format!("{shown:?} is not an event; use ended, error, canceled or none")));
            }
        }
    }
    Ok(settings)
}

/// Sends a test by each channel that this login's alerts among these use; those of a job, or of the
/// exchange.
pub fn test(office: &HeadOffice, job_id: Option<i64>, alerts: &[AlertSettings], json: bool) -> Result<(), Failure> {
    let mine = operator();
    let (command, what) = match job_id {
        Some(_) => ("--on, --not-started or --runs-long", "a batch job"),
        None => ("cdx alerts set", "the exchange"),
    };
    let Some(settings) = alerts.iter().find(|settings| settings.operator == mine) else {
        return Err(Failure::usage(format!("this login has no alerts of {what} yet; set some with {command}")));
    };
    let notification_id = office.notify_now(&NewNotification {
        settings,
        event: AlertEvent::SelfTest,
        about: About::Test,
        job_id,
        history_id: None,
        text: &format!("This is a test of the alerts of {what}."),
    })?;
    let sentence = match (settings.needs_batch_server(), office.servers()?.iter().any(BatchServer::is_alive)) {
        (true, true) => "test queued; a batch server sends it within five seconds",
        (true, false) => "test queued; no batch server is running to send it",
        (false, _) => "test added to the notifications of your consoles (!)",
    };
    report(json, &json!({"notification_id": notification_id, "is_sent": settings.needs_batch_server()}), sentence)
}

fn show(context: &Context, args: &BatchAlertsArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    if office.job(args.job)?.is_none() {
        return Err(refusal_failure(Refusal::Unknown(args.job)));
    }
    let alerts = office.alerts(args.job)?;
    if args.json {
        for settings in &alerts {
            print_json(settings)?;
        }
        return Ok(Exit::Done);
    }
    let rows = alerts.iter().map(|settings| vec![settings.operator.clone().into(), settings.summary().into()]);
    print_table(&["Login", "Alerts"], rows.collect(), context.style())?;
    say_last_deliveries(&office)?;
    Ok(Exit::Done)
}

/// Prints when each channel last worked, and why it does not.
pub fn say_last_deliveries(office: &HeadOffice) -> Result<(), Failure> {
    for channel in DeliveryChannel::ALL {
        let (last, word) = (office.last_delivery(channel)?, channel.word());
        if let Some(at) = last.arrived_at {
            print_message(&format!("last {word} delivered {}", at.in_utc()));
        }
        if let Some(fault) = last.fault {
            let fault = delivery_fault(channel, &fault, Timestamp::in_utc);
            print_message(&format!("{word} does not work: {fault}"));
        }
    }
    Ok(())
}

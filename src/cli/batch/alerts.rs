//! `cdx batch alerts`: shows and sets the alerts of a batch job.

use crate::batch::{AlertEvent, AlertSettings, BatchServer, address_fault, never_sent};
use crate::cli::args::{BatchAlertsArgs, ChannelArgs};
use crate::cli::batch::refused;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{print_json, print_table};
use crate::cli::terminal::say;
use crate::store::head_office::{About, DeliveryChannel, NewNotification, Refusal};
use crate::store::{Access, HeadOffice};

/// Lists the alerts of all logins, or sets those of this login.
pub fn run(context: &Context, args: &BatchAlertsArgs) -> Outcome {
    let sets = args.on.is_some() || args.not_started.is_some() || args.runs_long.is_some();
    if !sets && !args.test {
        return show(context, args);
    }
    context.refuse_if_read_only("batch alerts")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let Some(job) = office.job(args.job)? else { return Err(refused(Refusal::Unknown(args.job))) };
    if sets {
        let settings = settings(args)?;
        office.set_alerts(args.job, &settings).map_err(refused)?;
        say(&format!("alerts of batch job {} for {}: {}", args.job, settings.operator, settings.words()));
        if let Some(why) = never_sent(&settings, job.settings.save_history) {
            say(&format!("note: {why}"));
        }
    }
    if args.test {
        test(&office, args.job)?;
    }
    Ok(Exit::Done)
}

/// The settings of this login for its channels, which notify of nothing yet.
pub fn channels(args: &ChannelArgs) -> Result<AlertSettings, Failure> {
    let ChannelArgs { email, command, webhook, syslog } = args;
    if let Some(address) = email
        && let Some(fault) = address_fault(address)
    {
        let shown: String = address.chars().take(60).collect();
        return Err(Failure::usage(format!("--email {shown:?} {fault}")));
    }
    Ok(AlertSettings {
        operator: operator(),
        popup: true,
        email: email.clone(),
        command: *command,
        webhook: *webhook,
        syslog: *syslog,
        ..AlertSettings::default()
    })
}

fn settings(args: &BatchAlertsArgs) -> Result<AlertSettings, Failure> {
    let mut settings = AlertSettings {
        not_started_minutes: args.not_started,
        runs_long_minutes: args.runs_long,
        ..channels(&args.channels)?
    };
    for event in args.on.iter().flatten() {
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

fn test(office: &HeadOffice, job_id: i64) -> Result<(), Failure> {
    let mine = operator();
    let alerts = office.alerts(job_id)?;
    let Some(settings) = alerts.iter().find(|settings| settings.operator == mine) else {
        return Err(Failure::usage(
            "this login has no alerts for that batch job; set some with --on, --not-started or --runs-long",
        ));
    };
    office.notify_now(&NewNotification {
        settings,
        event: AlertEvent::SelfTest,
        about: About::Test,
        job_id: Some(job_id),
        history_id: None,
        text: "This is a test of the alerts of a batch job.",
    })?;
    say(match (settings.is_sent(), office.servers()?.iter().any(BatchServer::is_alive)) {
        (true, true) => "test queued; a batch server sends it within five seconds",
        (true, false) => "test queued; no batch server is running to send it",
        (false, _) => "test added to the notifications of your consoles (!)",
    });
    Ok(())
}

fn show(context: &Context, args: &BatchAlertsArgs) -> Outcome {
    let office = context.head_office_to_read()?;
    if office.job(args.job)?.is_none() {
        return Err(refused(Refusal::Unknown(args.job)));
    }
    let alerts = office.alerts(args.job)?;
    if args.json {
        for settings in &alerts {
            print_json(settings)?;
        }
        return Ok(Exit::Done);
    }
    let rows = alerts.iter().map(|settings| vec![settings.operator.clone().into(), settings.words().into()]);
    print_table(&["Login", "Alerts"], rows.collect(), context.style())?;
    say_last_deliveries(&office)?;
    Ok(Exit::Done)
}

/// Prints when each way of delivery last worked, and why it does not.
pub fn say_last_deliveries(office: &HeadOffice) -> Result<(), Failure> {
    for way in DeliveryChannel::ALL {
        let last = office.last_delivery(way)?;
        if let Some(at) = last.arrived_at {
            say(&format!("last {} delivered {} UTC", way.word(), at.to_table()));
        }
        if let Some(fault) = last.fault {
            say(&format!("last {} that failed: {fault}", way.word()));
        }
    }
    Ok(())
}

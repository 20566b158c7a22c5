//! `cdx batch servers`, `server`, `groups` and `group`.

use crate::batch::{BatchServer, MAX_GROUP_NAME_CHARS, Window, WindowError};
use crate::cli::args::{GroupArgs, JsonLinesArgs, ServerArgs};
use crate::cli::batch::edit_failure;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table, report};
use crate::store::head_office::{BatchGroup, Edit};
use crate::store::{Access, HeadOffice};
use serde::Serialize;

/// Lists batch servers.
pub fn list(context: &Context, args: &JsonLinesArgs) -> CommandResult {
    let servers = context.head_office_to_read()?.servers()?;
    if args.json {
        servers.iter().try_for_each(print_json)?;
        return Ok(Exit::Done);
    }
    let rows = servers.iter().map(|server| {
        let state = match (server.is_alive(), server.stopped_at) {
            (true, _) => "running",
            (false, Some(_)) => "stopped",
            (false, None) => "silent",
        };
        let groups: Vec<_> = server.groups.iter().map(|group| group_text(group)).collect();
        vec![
            server.name.clone().into(),
            state.into(),
            (server.silent_ms / 1_000).into(),
            server.executing.into(),
            server.windows.iter().map(Window::to_string).collect::<Vec<_>>().join(" ").into(),
            server.zone.clone().into(),
            groups.join(", ").into(),
            server.version.clone().into(),
        ]
    });
    let columns = ["Server", "State", "Heartbeat s ago", "Executing", "Windows", "Zone", "Groups", "Version"];
    print_table(&columns, rows.collect(), context.style())?;
    Ok(Exit::Done)
}

fn group_text(group: &str) -> &str {
    if group.is_empty() { "(empty)" } else { group }
}

/// Changes the windows, groups and zone of a server, and whether it runs batch jobs.
pub fn set(context: &Context, args: &ServerArgs) -> CommandResult {
    context.refuse_if_read_only("batch server")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let mut server = office.servers()?.into_iter().find(|server| server.name == args.name).ok_or_else(|| {
        Failure::Message(
            Exit::Failed,
            format!("there is no batch server {:?}; start it once with cdx batch-server --name", args.name),
        )
    })?;
    change(&mut server, args)?;
    let known = office.groups()?;
    if let Some(group) = server.groups.iter().find(|group| !known.iter().any(|known| known.name == **group)) {
        return Err(Failure::usage(format!("there is no batch group {group:?}; create it with cdx batch group")));
    }
    // Settings without an option keep the values just read; the version guards against concurrent
    // edits.
    let version = args.if_version.unwrap_or(server.settings_version);
    office.change_server(&server, Edit::of_version(&operator(), Some(version))).map_err(edit_failure)?;
    let changed = office.servers()?.into_iter().find(|changed| changed.name == server.name);
    report(args.format.json, &changed, &format!("batch server {} changed", server.name))?;
    Ok(Exit::Done)
}

fn change(server: &mut BatchServer, args: &ServerArgs) -> Result<(), Failure> {
    if let Some(groups) = &args.groups {
        server.groups.clone_from(groups);
        server.groups.sort();
        server.groups.dedup();
    }
    if let Some(windows) = &args.windows {
        let parsed: Result<Vec<Window>, WindowError> = windows.iter().map(|text| text.parse()).collect();
        server.windows = parsed.map_err(|error| Failure::usage(error.to_string()))?;
    }
    if let Some(zone) = &args.zone {
        if zone.parse::<chrono_tz::Tz>().is_err() {
            return Err(Failure::usage(format!("{zone:?} is not a time zone; use one such as Europe/Amsterdam")));
        }
        server.zone.clone_from(zone);
    }
    if let Some(is_batch_server) = args.is_batch_server {
        server.is_batch_server = is_batch_server;
    }
    Ok(())
}

/// A batch group as JSON.
#[derive(Serialize)]
struct GroupRow<'a> {
    batch_group: &'a str,
    description: &'a str,
    version: i64,
}

impl<'a> GroupRow<'a> {
    fn of(group: &'a BatchGroup) -> Self {
        Self { batch_group: &group.name, description: &group.description, version: group.version }
    }
}

/// Lists batch groups.
pub fn groups(context: &Context, args: &JsonLinesArgs) -> CommandResult {
    let groups = context.head_office_to_read()?.groups()?;
    if args.json {
        for group in &groups {
            print_json(&GroupRow::of(group))?;
        }
        return Ok(Exit::Done);
    }
    let rows = groups.iter().map(|group| vec![group_text(&group.name).into(), group.description.clone().into()]);
    print_table(&["Group", "Description"], rows.collect(), context.style())?;
    Ok(Exit::Done)
}

/// Creates, describes or deletes a group.
pub fn group(context: &Context, args: &GroupArgs) -> CommandResult {
    context.refuse_if_read_only("batch group")?;
    let office = context.head_office_to_change(Access::Create)?;
    let operator = operator();
    let edit = Edit::of_version(&operator, args.if_version);
    let saved_group = |office: &HeadOffice| -> Result<Option<BatchGroup>, Failure> {
        Ok(office.groups()?.into_iter().find(|group| group.name == args.name))
    };
    if args.delete {
        let deleted = saved_group(&office)?;
        if !office.delete_group(&args.name, edit).map_err(edit_failure)? {
            let sentence =
                format!("batch group {:?} was not deleted: it contains a batch job or is the default group", args.name);
            return Err(Failure::Message(Exit::Failed, sentence));
        }
        let sentence = format!("batch group {:?} deleted", args.name);
        report(args.format.json, &deleted.as_ref().map(GroupRow::of), &sentence)?;
        return Ok(Exit::Done);
    }
    let is_wrong = args.name.is_empty() || args.name.contains(',') || args.name.trim() != args.name;
    if is_wrong || args.name.chars().count() > MAX_GROUP_NAME_CHARS {
        let rule =
            format!("a group's name has 1 to {MAX_GROUP_NAME_CHARS} characters, no comma, and no spaces around it");
        return Err(Failure::usage(rule));
    }
    office.save_group(&args.name, &args.description, edit).map_err(edit_failure)?;
    let sentence = format!("batch group {:?} saved", args.name);
    report(args.format.json, &saved_group(&office)?.as_ref().map(GroupRow::of), &sentence)?;
    Ok(Exit::Done)
}

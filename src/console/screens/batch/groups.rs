//! Batch group: the groups, with the servers and waiting jobs of each.

use crate::batch::{BatchStatus, MAX_GROUP_NAME_CHARS};
use crate::console::protocol::batch_query::{BatchAnswer, BatchGroup, BatchQuery, Setup};
use crate::console::protocol::effect::{Action, Confirm, Effect, Prompt};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::{BatchMutation, Mutation};
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{self, Column, column};
use crate::domain::{counted, to_json};
use crate::filter::{FieldSet, FieldValue, lists};
use serde::Serialize;

/// The longest description of a group that is taken, in characters.
const MAX_DESCRIPTION_CHARS: usize = 60;

/// A group in the list.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    #[serde(rename = "batch_group")]
    group: String,
    description: String,
    version: i64,
    #[serde(rename = "batch_servers")]
    servers: Vec<String>,
    jobs: usize,
    #[serde(rename = "waiting_jobs")]
    waiting: usize,
}

impl Keyed for GroupRow {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&self.group)
    }
}

static ORDERS: [SortOrder<GroupRow>; 4] = [
    ("Group", |row| words(&row.group)),
    ("Description", |row| words(&row.description)),
    ("Jobs", |row| Rank::Number(number(row.jobs))),
    ("Batch servers", |row| words(&row.servers.join(", "))),
];

static COLUMNS: [Column<GroupRow>; 4] = [
    column("Group", 10).up_to(20).cut_in_middle().cell(|row, _| (name(&row.group).to_owned(), Role::Text)),
    column("Description", 20).up_to(34).drop(1).cell(|row, _| (row.description.clone(), Role::Text)),
    column("Jobs", 4).up_to(6).align_right().cell(|row, _| (row.jobs.to_string(), Role::Text)),
    column("Batch servers", 13).cell(|row, _| {
        if row.servers.is_empty() {
            ("× no server serves it".to_owned(), Role::Bad)
        } else {
            (row.servers.join(", "), Role::Text)
        }
    }),
];

fn name(group: &str) -> &str {
    if group.is_empty() { "(default)" } else { group }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Row for GroupRow {
    const NAME: &'static str = "batch groups";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Group, the default one first", "Group");
    const ASCENDS: bool = true;
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &ORDERS;
    const FIELDS: &'static FieldSet = lists::BATCH_GROUPS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        self.servers.is_empty()
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "group" => FieldValue::text(Some(&self.group)),
            "description" => FieldValue::text(Some(&self.description)),
            "server" => FieldValue::Texts(self.servers.iter().map(|server| server.as_str().into()).collect()),
            "jobs" => FieldValue::Number(number(self.jobs)),
            "waiting" => FieldValue::Number(number(self.waiting)),
            _ => FieldValue::Empty,
        }
    }
}

/// Batch group.
pub struct Groups {
    wanted: Option<String>,
}

impl Groups {
    /// The list, the cursor on that group.
    pub fn new(wanted: Option<String>) -> Self {
        Self { wanted }
    }
}

/// The groups with their servers and jobs.
fn rows(setup: &Setup) -> Vec<GroupRow> {
    let row = |group: &BatchGroup| {
        let BatchGroup { name: group, description, version } = group;
        let serving = setup.scheduling.servers.iter().filter(|server| server.serves(group));
        let of_group = || setup.jobs.iter().filter(|job| job.settings.batch_group == *group);
        GroupRow {
            group: group.clone(),
            description: description.clone(),
            version: *version,
            servers: serving.map(|server| server.name.clone()).collect(),
            jobs: of_group().count(),
            waiting: of_group().filter(|job| job.status == BatchStatus::Waiting).count(),
        }
    };
    setup.groups.iter().map(row).collect()
}

/// Asks for the name of a new group, then for its description.
fn prompt_new(list: &SmallList<GroupRow>) -> Effect {
    let known: Vec<_> = list.rows().iter().map(|row| row.group.clone()).collect();
    Prompt::line("Name of the new group:", "", move |typed| {
        let name = typed.text.trim();
        let is_name = name.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
        if name.is_empty() || name.chars().count() > MAX_GROUP_NAME_CHARS || !is_name {
            return Err(format!("a name has 1 to {MAX_GROUP_NAME_CHARS} letters, digits, - _ . or blanks"));
        }
        if known.iter().any(|group| group.eq_ignore_ascii_case(name)) {
            return Err(format!("there is a batch group {name} already"));
        }
        Ok(vec![describe(name.to_owned(), "", 0)])
    })
}

fn actions(list: &SmallList<GroupRow>, view: &ViewContext) -> Vec<Action> {
    let row = list.current();
    let refuse = |reason: Option<String>| view.refusal().or(reason);
    let none = || "there is none".to_owned();
    let not_deleted = match row {
        None => Some(none()),
        Some(row) if row.group.is_empty() => Some("the default group stays".to_owned()),
        Some(row) if row.jobs > 0 => Some(format!("it contains {}", counted(row.jobs, "batch job"))),
        Some(_) => None,
    };
    let edit = row.map(|row| describe(row.group.clone(), &row.description, row.version));
    let delete = row.map(|row| {
        let change = BatchMutation::DeleteGroup(row.group.clone(), Some(row.version));
        let line = "No batch job is in it; servers stop serving it.";
        let title = format!("Delete batch group {}?", row.group);
        Confirm::yes(title, line, vec![Effect::Mutation(Mutation::Batch(change))])
    });
    vec![
        Action::new('n', "New group…", vec![prompt_new(list)]).refused(refuse(None)),
        Action::new('e', "Edit description…", edit.into_iter().collect()).refused(refuse(row.is_none().then(none))),
        Action::new('d', "Delete…", delete.into_iter().collect()).refused(refuse(not_deleted)),
    ]
}

/// Asks for the description of a group, based on a version; 0 is a new group.
fn describe(group: String, description: &str, version: i64) -> Effect {
    Prompt::line("Description:", description, move |typed| {
        let text = typed.text.trim();
        if text.is_empty() || text.chars().count() > MAX_DESCRIPTION_CHARS {
            return Err(format!("a description has 1 to {MAX_DESCRIPTION_CHARS} characters"));
        }
        let change = BatchMutation::SaveGroup(group.clone(), text.to_owned(), Some(version));
        Ok(vec![Effect::Mutation(Mutation::Batch(change))])
    })
}

impl RowSource for Groups {
    type Row = GroupRow;
    const PATH: &'static [&'static str] = &["System administration", "Setup", "Batch group"];
    const COMMANDS: &'static [Command] = &[Command::Open, Command::Actions];

    fn route(&self, _: &str) -> Route {
        Route::BatchGroups(None)
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Batch(BatchQuery::Setup)
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<GroupRow>> {
        let Answer::Batch(answer) = answer else { return None };
        let BatchAnswer::Setup(setup) = *answer else { return None };
        Some(rows(&setup))
    }

    fn loaded(&mut self, list: &mut SmallList<GroupRow>) -> Vec<Effect> {
        if let Some(group) = self.wanted.take() {
            list.place(|row| row.group == group);
        }
        Vec::new()
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx batch groups", false))
    }

    fn actions(&self, list: &SmallList<GroupRow>, view: &ViewContext) -> Option<ActionMenu> {
        Some(("Actions on batch groups".to_owned(), actions(list, view)))
    }

    fn perform_command(&mut self, _: Command, _: &mut SmallList<GroupRow>, _: &ViewContext) -> Option<Vec<Effect>> {
        Some(vec![Effect::Go(Route::Servers(None))])
    }

    fn copied(&self, row: &GroupRow) -> String {
        name(&row.group).to_owned()
    }

    fn frame(&self, rows: &[GroupRow], _: &ViewContext) -> ListFrame<'static> {
        ListFrame {
            title: "Batch group",
            remark: counted(rows.len(), "group"),
            empty: ("No batch groups.".to_owned(), Role::Dim),
            detail: |_| 5,
        }
    }

    fn describe(&self, row: &GroupRow, _: usize, view: &ViewContext) -> Details {
        describe_row(row, view)
    }

    fn notice(&self, _: Option<&GroupRow>, _: &ViewContext) -> String {
        "A job runs only on servers of its group, a server only jobs of its groups.".to_owned()
    }
}

/// The group in words, for the pane.
fn describe_row(row: &GroupRow, view: &ViewContext) -> Details {
    let waiting = match row.waiting {
        0 => "none waits".to_owned(),
        more => format!("{} waiting", counted(more, "job")),
    };
    let served = if row.servers.is_empty() {
        view.keys("! No batch server serves it. Add it to one in Server configuration ({open}).")
    } else {
        let opens = view.keys("{open} opens Server configuration.");
        format!("Served by {}; {opens}", row.servers.join(", "))
    };
    let jobs = format!("{}; {waiting}.", counted(row.jobs, "batch job"));
    (name(&row.group).to_owned(), vec![(jobs, Role::Text), (served, Role::Text)])
}

//! Batch group: the groups, who serves each, and what waits in it.

use crate::batch::BatchStatus;
use crate::console::protocol::batch_query::BatchGroup;
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, Setup};
use crate::console::protocol::dialog::{Action, Question};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::keys::Command;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::Role;
use crate::console::widgets::list::{Keyed, List, Move};
use crate::console::widgets::table::{self, Column, column, growing};

/// The longest name and description that are taken, in characters.
const NAME: usize = 20;
const DESCRIPTION: usize = 60;

/// A group in the list.
#[derive(Debug, Clone)]
pub struct GroupRow {
    group: String,
    description: String,
    version: i64,
    servers: String,
    jobs: usize,
    waiting: usize,
}

impl Keyed for GroupRow {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&self.group)
    }
}

static COLUMNS: [Column<GroupRow>; 4] = [
    growing("Group", [10, 20], false, 0, |row, _| (name(&row.group).to_owned(), Role::Text)),
    growing("Description", [20, 34], false, 1, |row, _| (row.description.clone(), Role::Text)),
    growing("Jobs", [4, 6], true, 0, |row, _| (row.jobs.to_string(), Role::Text)),
    column("Batch servers", 13, false, 0, |row, _| {
        if row.servers.is_empty() {
            ("× nobody serves it".to_owned(), Role::Bad)
        } else {
            (row.servers.clone(), Role::Text)
        }
    }),
];

fn name(group: &str) -> &str {
    if group.is_empty() { "(default)" } else { group }
}

/// What the line at the bottom is being typed for, or what is asked.
enum Doing {
    Nothing,
    /// The name of a new group.
    Name,
    /// The description of a group, based on this version; 0 of a new one.
    Description(String, i64),
    /// To delete this one, as it was seen.
    Delete(String, i64),
}

/// The screen.
pub struct Groups {
    wanted: Option<String>,
    list: List<GroupRow>,
    doing: Doing,
    fault: Option<String>,
}

impl Groups {
    /// The list, the cursor on that group.
    pub fn new(wanted: Option<String>) -> Self {
        Self { wanted, list: List::default(), doing: Doing::Nothing, fault: None }
    }

    fn take(&mut self, setup: &Setup) {
        let row = |group: &BatchGroup| {
            let BatchGroup { name: group, description, version } = group;
            let serving = setup.world.servers.iter().filter(|server| server.serves(group));
            let of_group = || setup.jobs.iter().filter(|job| job.settings.batch_group == *group);
            GroupRow {
                group: group.clone(),
                description: description.clone(),
                version: *version,
                servers: serving.map(|server| server.name.as_str()).collect::<Vec<_>>().join(", "),
                jobs: of_group().count(),
                waiting: of_group().filter(|job| job.status == BatchStatus::Waiting).count(),
            }
        };
        self.list.take_whole(setup.groups.iter().map(row).collect());
        if let Some(group) = self.wanted.take() {
            self.list.find(true, |row| row.group == group);
        }
    }

    fn describe(&mut self, group: String, description: &str, version: i64) -> Effect {
        self.doing = Doing::Description(group, version);
        Effect::Prompt("Description:", description.to_owned())
    }
}

impl Screen for Groups {
    fn path(&self) -> Vec<&'static str> {
        vec!["System administration", "Setup", "Batch group"]
    }

    fn target(&self) -> Route {
        Route::BatchGroups(None)
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Batch(BatchQuery::Setup))]
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    fn offers(&self, command: Command) -> bool {
        Move::of(command).is_some() || matches!(command, Command::Actions | Command::Open)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(step) = Move::of(command) {
            self.list.step(step);
            return Some(Vec::new());
        }
        match command {
            Command::Open => Some(vec![Effect::Go(Route::Servers(None))]),
            Command::Actions => {
                let row = self.list.current();
                let read_only = view.read_only.then(|| "this console is read-only".to_owned());
                let delete = match row {
                    None => Some("there is none".to_owned()),
                    Some(row) if row.group.is_empty() => Some("the default group stays".to_owned()),
                    Some(row) if row.jobs > 0 => Some(format!("{} batch jobs are in it", row.jobs)),
                    Some(_) => None,
                };
                let action = |letter, label, refused: Option<String>| Action {
                    letter,
                    label,
                    remark: String::new(),
                    refused: read_only.clone().or(refused),
                };
                let actions = vec![
                    action('n', "New group…", None),
                    action('e', "Describe it anew…", row.is_none().then(|| "there is none".to_owned())),
                    action('d', "Delete…", delete),
                ];
                Some(vec![Effect::Actions("Actions on batch groups".to_owned(), actions)])
            }
            _ => None,
        }
    }

    fn acted(&mut self, letter: char, _: &ViewContext) -> Vec<Effect> {
        let row = self.list.current().cloned();
        match (letter, row) {
            ('n', _) => {
                self.doing = Doing::Name;
                vec![Effect::Prompt("Name of the new group:", String::new())]
            }
            ('e', Some(row)) => vec![self.describe(row.group, &row.description, row.version)],
            ('d', Some(row)) => {
                let title = format!("Delete batch group {}?", row.group);
                self.doing = Doing::Delete(row.group, row.version);
                let lines = vec!["No batch job is in it; servers do not serve it any more.".to_owned()];
                vec![Effect::Question(Question { title, lines, word: "y".to_owned() })]
            }
            _ => Vec::new(),
        }
    }

    fn typed(&mut self, text: &str, _: &ViewContext) -> Result<Vec<Effect>, String> {
        let text = text.trim();
        match &self.doing {
            Doing::Name => {
                let is_name = text.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
                if text.is_empty() || text.chars().count() > NAME || !is_name {
                    return Err(format!("a name has 1 to {NAME} letters, digits, - _ . or blanks"));
                }
                if self.list.window().any(|row| row.group.eq_ignore_ascii_case(text)) {
                    return Err(format!("there is a batch group {text} already"));
                }
                Ok(vec![self.describe(text.to_owned(), "", 0)])
            }
            Doing::Description(group, version) => {
                if text.is_empty() || text.chars().count() > DESCRIPTION {
                    return Err(format!("a description has 1 to {DESCRIPTION} characters"));
                }
                // Should it be refused, the line is typed again.
                let act = BatchMutation::SaveGroup(group.clone(), text.to_owned(), Some(*version));
                Ok(vec![Effect::Mutation(Mutation::Batch(act))])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn confirmed(&mut self, _: &ViewContext) -> Vec<Effect> {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Delete(group, version) => {
                vec![Effect::Mutation(Mutation::Batch(BatchMutation::DeleteGroup(group, Some(version))))]
            }
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Batch(answer)) => {
                if let BatchAnswer::Setup(setup) = *answer {
                    self.take(&setup);
                    self.fault = None;
                }
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let above = height.saturating_sub(5).max(4);
        let remark = self.list.known_length().map_or_else(
            || "reading …".to_owned(),
            |groups| if groups == 1 { "1 group".to_owned() } else { format!("{groups} groups") },
        );
        painter.rule(0, "Batch group", &remark, true);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        table::draw(&mut part, &mut self.list, &COLUMNS, true, view);
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        }
        let Some(row) = self.list.current() else { return };
        let mut part = painter.part(0, above, width, height - above);
        part.rule(0, name(&row.group), "", false);
        let waiting = match row.waiting {
            0 => "nothing waits in it".to_owned(),
            1 => "1 job waits in it".to_owned(),
            more => format!("{more} jobs wait in it"),
        };
        let jobs = if row.jobs == 1 { "1 batch job".to_owned() } else { format!("{} batch jobs", row.jobs) };
        let mut lines = vec![format!("{jobs}; {waiting}.")];
        if row.servers.is_empty() {
            lines.push("! No batch server serves it. Put it on one in Server configuration (Enter).".to_owned());
        } else {
            lines.push(format!("Served by {}; Enter leads to Server configuration.", row.servers));
        }
        let lines = lines.iter().flat_map(|line| wrap(line, usize::from(width.saturating_sub(2))));
        for (y, line) in (1..).zip(lines) {
            part.text(1, y, width, &line, Role::Text);
        }
    }

    fn notice(&self, _: &ViewContext) -> String {
        "A job runs only on servers of its group, a server only jobs of its groups.".to_owned()
    }
}

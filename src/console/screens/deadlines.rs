//! Deadlines: by when a job is to be applied, and in which stores.

use crate::console::protocol::effect::{Action, Confirm, Effect, Prompt};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Deadline, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::related;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::to_json;
use crate::filter::{FieldSet, FieldValue, lists, parse};
use crate::recurrence::Rule;

impl Keyed for Deadline {
    type Key = i64;
    fn key(&self) -> i64 {
        self.deadline_id
    }
}

static COLUMNS: [Column<Deadline>; 5] = [
    column("No.", 4).align_right().cell(|row, _| plain(row.deadline_id.to_string())),
    column("Job", 8).up_to(16).cell(|row, _| plain(&row.job_name)),
    column("Due", 20).up_to(50).cell(|row, _| plain(row.recurrence.words_with_end())),
    column("Stores", 10).up_to(40).cell(|row, _| plain(stores(row))),
    column("Made by", 9).up_to(16).drop(1).cell(|row, _| plain(&row.created_by)),
];

fn stores(row: &Deadline) -> &str {
    if row.stores.is_empty() { "all" } else { &row.stores }
}

impl Row for Deadline {
    const NAME: &'static str = "deadlines";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Oldest first", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("No.", |row| Rank::Number(row.deadline_id)),
        ("Job", |row| words(&row.job_name)),
        ("Due", |row| words(&row.recurrence.words())),
        ("Stores", |row| words(&row.stores)),
        ("Made by", |row| words(&row.created_by)),
    ];
    const FIELDS: &'static FieldSet = lists::DEADLINES;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "job" => FieldValue::text(Some(&self.job_name)),
            "store" => FieldValue::text(Some(&self.stores)),
            "by" => FieldValue::Text(self.recurrence.words_with_end().into()),
            "made_by" => FieldValue::text(Some(&self.created_by)),
            "deadline" => FieldValue::Number(self.deadline_id),
            "created" => FieldValue::Number(self.created_at.0),
            _ => FieldValue::Empty,
        }
    }
}

/// The source of its rows.
pub struct Deadlines;

fn actions(row: Option<&Deadline>, view: &ViewContext) -> Vec<Action> {
    let refused = view.refusal();
    let mut actions = vec![Action::new('n', "Add a deadline…", vec![add(view)]).refused(refused.clone())];
    if let Some(row) = row {
        let id = row.deadline_id;
        let line = format!("Job {} by {} is no longer watched.", row.job_name, row.recurrence.words_with_end());
        let change = vec![Effect::Mutation(Mutation::RemoveDeadline(id))];
        let ask = Confirm::yes(format!("Remove deadline {id}?"), line, change);
        actions.push(Action::new('d', "Remove it…", vec![ask]).refused(refused));
        actions.push(related::changes_action(format!("on:\"deadline {id}\"")));
    }
    actions
}

/// Asks for the job, the time and the stores of a deadline.
fn add(view: &ViewContext) -> Effect {
    let zone = view.home;
    Prompt::line("Deadline of which job (1020):", "", move |typed| {
        let job = typed.text.trim().to_owned();
        if job.is_empty() {
            return Err("type the name of a job, such as 1020".to_owned());
        }
        Ok(vec![Prompt::line("Due when (06:00 = daily; weekdays 06:00; fri 18:00):", "", move |typed| {
            let rule = Rule::from_words(typed.text, typed.now, zone).map_err(|fault| fault.to_string())?;
            if rule.next_after(typed.now).is_none() {
                return Err("that never occurs".to_owned());
            }
            let (job, rule) = (job.clone(), Box::new(rule));
            Ok(vec![Prompt::line("In which stores (store:BER*; empty for all):", "", move |typed| {
                let terms =
                    parse(typed.text, lists::STORES, typed.zone, typed.now).map_err(|fault| fault.to_string())?;
                Ok(vec![Effect::Mutation(Mutation::AddDeadline(job.clone(), terms.to_string(), rule.clone()))])
            })])
        })])
    })
}

/// The deadline in words, for the pane.
fn details(row: &Deadline, view: &ViewContext) -> Vec<(String, Role)> {
    let next = row.recurrence.next_after(view.now);
    let next = next.map_or_else(|| "never".to_owned(), |at| row.recurrence.wall_clock(at));
    let text = |text: String| (text, Role::Text);
    vec![
        text(format!("Job      {}", row.job_name)),
        text(format!("Due      {}", row.recurrence.words_with_end())),
        text(format!("Next     {next}")),
        text(format!("Stores   {}", stores(row))),
        text(format!("Made by  {} {}", row.created_by, view.zone.short(row.created_at, view.now))),
    ]
}

impl RowSource for Deadlines {
    type Row = Deadline;
    const PATH: &'static [&'static str] = &["Home", "Alerts", "Deadlines"];
    const COMMANDS: &'static [Command] = &[Command::Actions];

    fn route(&self, _: &str) -> Route {
        Route::Deadlines
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Deadlines
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<Deadline>> {
        let Answer::Deadlines(rows) = answer else { return None };
        Some(rows)
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx deadlines", false))
    }

    fn actions(&self, list: &SmallList<Deadline>, view: &ViewContext) -> Option<ActionMenu> {
        Some(("Deadlines".to_owned(), actions(list.current(), view)))
    }

    fn copied(&self, row: &Deadline) -> String {
        row.job_name.clone()
    }

    fn frame(&self, _: &[Deadline], view: &ViewContext) -> ListFrame<'static> {
        ListFrame {
            title: "Deadlines",
            remark: String::new(),
            empty: (view.keys("No deadlines. {actions}, n adds one: a job, a time, stores."), Role::Dim),
            detail: |_| 7,
        }
    }

    fn describe(&self, row: &Deadline, _: usize, view: &ViewContext) -> Details {
        (format!("Deadline {}", row.deadline_id), details(row, view))
    }

    fn notice(&self, _: Option<&Deadline>, _: &ViewContext) -> String {
        "A deadline that is at risk or missed is listed in Alerts.".to_owned()
    }
}

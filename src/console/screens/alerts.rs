//! Alerts: the conditions that alert rules found, which fire now and which were resolved lately.

use crate::batch::AlertCondition;
use crate::console::protocol::effect::{Action, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::screens::{related, silences};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Timestamp, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists, quoted};

impl Keyed for AlertCondition {
    type Key = i64;
    fn key(&self) -> i64 {
        self.condition_id
    }
}

static COLUMNS: [Column<AlertCondition>; 4] = [
    column("Since", 12).cell(|row, view| plain(view.zone.day(row.since, view.now))),
    column("State", 10).drop(1).cell(|row, _| state(row)),
    column("Rule", 17).drop(2).cell(|row, _| plain(label(row))),
    column("What", 20).up_to(60).cell(|row, _| plain(&row.text)),
];

fn state(row: &AlertCondition) -> (String, Role) {
    match row.state() {
        "firing" => ("! firing".to_owned(), Role::Warn),
        "silenced" => ("z silenced".to_owned(), Role::Dim),
        resolved => plain(resolved),
    }
}

fn label(row: &AlertCondition) -> &'static str {
    row.rule.map_or("", crate::batch::AlertRule::label)
}

impl Row for AlertCondition {
    const NAME: &'static str = "alerts";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Firing ones, then newest first", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Since", |row| Rank::Number(row.since.0)),
        ("State", |row| words(row.state())),
        ("Rule", |row| words(label(row))),
        ("What", |row| words(&row.text)),
    ];
    const FIELDS: &'static FieldSet = lists::CONDITIONS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }
}

/// The source of its rows.
#[derive(Default)]
pub struct Alerts {
    checked_at: Option<Timestamp>,
}

fn actions(row: Option<&AlertCondition>, view: &ViewContext) -> Vec<Action> {
    let go = |key, label, route| Action::new(key, label, vec![Effect::Go(route)]);
    vec![
        silences::start(&row.map(terms).unwrap_or_default(), view),
        go('t', "Rules that you are notified of…", Route::AlertRules),
        go('d', "Deadlines", Route::Deadlines),
        go('l', "List the silences", Route::Silences),
    ]
}

/// Opens what the condition is about.
fn open(row: &AlertCondition) -> Effect {
    match (&row.store, row.job_id) {
        (Some(store), _) => Effect::Go(Route::Store(store.clone())),
        (None, Some(job_id)) => Effect::Go(Route::BatchJob(job_id)),
        (None, None) => Effect::Say("about the whole exchange: nothing to open".to_owned()),
    }
}

/// The filter of a silence of a condition.
fn terms(row: &AlertCondition) -> String {
    let rule = row.rule.map(|rule| format!("rule:{}", rule.word()));
    let store = row.store.as_ref().map(|store| format!("store:{}", quoted(store)));
    let job = row.job_id.map(|job_id| format!("job:{job_id}"));
    [rule, store, job].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The condition in words, for the pane.
fn details(row: &AlertCondition, view: &ViewContext) -> Vec<(String, Role)> {
    let at = |at: Timestamp| view.zone.short(at, view.now);
    let text = |text: String| (text, Role::Text);
    let notified = match (row.notified_at, row.silence_id) {
        (Some(notified), _) => format!("{}; once more when it is resolved", at(notified)),
        (None, Some(silence_id)) => format!("not yet: silence {silence_id} holds it back"),
        (None, None) => "no login has this rule".to_owned(),
    };
    let mut lines = vec![
        text(row.text.clone()),
        text(format!("Since     {}", at(row.since))),
        text(format!("Notified  {notified}")),
    ];
    lines.extend(row.cause_text.as_ref().map(|cause| text(format!("Cause     {cause}"))));
    lines.extend(row.resolved_at.map(|resolved| text(format!("Resolved  {}", at(resolved)))));
    lines
}

impl RowSource for Alerts {
    type Row = AlertCondition;
    const PATH: &'static [&'static str] = &["Home", "Alerts"];
    const COMMANDS: &'static [Command] = &[Command::Actions, Command::Open, Command::Related];

    fn route(&self, _: &str) -> Route {
        Route::Alerts
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Conditions
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<AlertCondition>> {
        let Answer::Conditions(conditions, checked_at) = answer else { return None };
        self.checked_at = checked_at;
        Some(conditions)
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx alerts", true))
    }

    fn actions(&self, list: &SmallList<AlertCondition>, view: &ViewContext) -> Option<ActionMenu> {
        Some(("Alerts".to_owned(), actions(list.current(), view)))
    }

    fn perform_command(
        &mut self,
        command: Command,
        list: &mut SmallList<AlertCondition>,
        _: &ViewContext,
    ) -> Option<Vec<Effect>> {
        let row = list.current()?;
        Some(match command {
            Command::Open => vec![open(row)],
            _ => related::offer(related::of_condition(row)),
        })
    }

    fn copied(&self, row: &AlertCondition) -> String {
        row.text.clone()
    }

    fn frame(&self, rows: &[AlertCondition], view: &ViewContext) -> ListFrame<'static> {
        let firing = rows.iter().filter(|row| row.resolved_at.is_none()).count();
        let empty = "No alert rule found anything. {actions}, t chooses the rules you are notified of.";
        ListFrame {
            title: "Alerts",
            remark: format!("{firing} firing"),
            empty: (view.keys(empty), Role::Dim),
            detail: |_| 6,
        }
    }

    fn describe(&self, row: &AlertCondition, _: usize, view: &ViewContext) -> Details {
        (label(row).to_owned(), details(row, view))
    }

    fn notice(&self, _: Option<&AlertCondition>, view: &ViewContext) -> String {
        self.checked_at.map_or_else(
            || "No batch server has checked the alert rules yet.".to_owned(),
            |at| {
                let at = view.zone.short(at, view.now);
                format!("The rules were last checked {at}; one notice begins, one resolves.")
            },
        )
    }
}

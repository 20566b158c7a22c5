//! Alerts: the conditions that alert rules found, which fire now and which were resolved lately.

use crate::batch::AlertCondition;
use crate::console::protocol::effect::{Action, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::screen::Screen;
use crate::console::screens::silences;
use crate::console::screens::small_list::{Around, Rank, Row, SmallList, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Timestamp, to_json};
use crate::filter::{FieldSet, FieldValue, lists, quoted};

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

    fn columns() -> &'static [Column<Self>] {
        &COLUMNS
    }

    fn orders() -> &'static [SortOrder<Self>] {
        &[
            ("Since", |row| Rank::Number(row.since.0)),
            ("State", |row| words(row.state())),
            ("Rule", |row| words(label(row))),
            ("What", |row| words(&row.text)),
        ]
    }

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn fields() -> &'static FieldSet {
        lists::CONDITIONS
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "state" => FieldValue::Choice(self.state()),
            "rule" => self.rule.map_or(FieldValue::Empty, |rule| FieldValue::Choice(rule.word())),
            "store" => FieldValue::text(self.store.as_deref()),
            "job" => FieldValue::number(self.job_id),
            "cause" => FieldValue::number(self.cause),
            "text" => FieldValue::text(Some(&self.text)),
            "since" => FieldValue::Number(self.since.0),
            _ => FieldValue::Empty,
        }
    }
}

/// The screen.
pub struct Alerts {
    list: SmallList<AlertCondition>,
    checked_at: Option<Timestamp>,
}

impl Alerts {
    /// The screen in its saved state, before its first answer.
    pub fn new(memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), checked_at: None }
    }

    fn actions(&self, view: &ViewContext) -> Vec<Effect> {
        let terms = self.list.current().map(terms).unwrap_or_default();
        let go = |key, label, route| Action::new(key, label, vec![Effect::Go(route)]);
        let actions = vec![
            silences::start(&terms, view),
            go('t', "Rules that you are notified of…", Route::AlertRules),
            go('d', "Deadlines", Route::Deadlines),
            go('l', "List the silences", Route::Silences),
        ];
        vec![Effect::Actions("Alerts".to_owned(), actions)]
    }

    fn open(&self) -> Option<Vec<Effect>> {
        let row = self.list.current()?;
        let route = match (&row.store, row.job_id) {
            (Some(store), _) => Route::Store(store.clone()),
            (None, Some(job_id)) => Route::BatchJob(job_id),
            (None, None) => return Some(vec![Effect::Say("about the whole exchange: nothing to open".to_owned())]),
        };
        Some(vec![Effect::Go(route)])
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
    lines.extend(row.resolved_at.map(|resolved| text(format!("Resolved  {}", at(resolved)))));
    lines
}

impl Screen for Alerts {
    fn path(&self) -> Vec<&'static str> {
        vec!["Home", "Alerts"]
    }

    fn target(&self) -> Route {
        Route::Alerts
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Conditions)]
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<AlertCondition>::offers(command)
            || matches!(command, Command::Actions | Command::CopyCommand | Command::Open)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::Actions => Some(self.actions(view)),
            Command::Open => self.open(),
            Command::Copy => Some(self.list.current().map(|row| Effect::Copy(row.text.clone())).into_iter().collect()),
            Command::CopyCommand => Some(vec![Effect::Copy("cdx alerts".to_owned())]),
            _ => self.list.obey(command, view),
        }
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Conditions(conditions, checked_at)) => {
                self.checked_at = checked_at;
                self.list.take(Ok(conditions), view);
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let firing = self.list.rows().iter().filter(|row| row.resolved_at.is_none()).count();
        let around = Around {
            title: "Alerts",
            remark: format!("{firing} firing"),
            empty: (
                view.keys("No alert rule found anything. {actions}, t chooses the rules you are notified of."),
                Role::Dim,
            ),
            detail: |_| 6,
        };
        self.list.draw(painter, view, &around, |_| ' ', |row, _| (label(row).to_owned(), details(row, view)));
    }

    fn notice(&self, view: &ViewContext) -> String {
        let checked = self.checked_at.map_or_else(
            || "No batch server has checked the alert rules yet.".to_owned(),
            |at| {
                format!(
                    "The rules were last checked {}; one notice begins, one resolves.",
                    view.zone.short(at, view.now)
                )
            },
        );
        self.list.notice(checked, view)
    }
}

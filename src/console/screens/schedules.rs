//! Distribution schedule: which schedules send and fetch packages, and what their last sessions
//! came to.

use crate::console::protocol::effect::{Action, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Choose, Query, ScheduleLine};
use crate::console::protocol::route::Route;
use crate::console::screens::open_sessions;
use crate::console::screens::session_actions::Target;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{cells, cut};
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{self, Column, column, plain};
use crate::domain::{Direction, Session, counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};

impl Keyed for ScheduleLine {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&self.name)
    }
}

static COLUMNS: [Column<ScheduleLine>; 6] = [
    column("Last heard", 11).cell(|row, view| plain(view.zone.short(row.last_seen_at, view.now))),
    column("Schedule", 14).up_to(40).cut_in_middle().cell(|row, _| plain(&row.name)),
    column("Open", 6)
        .align_right()
        .cell(|row, _| (grouped(row.open), if row.open > 0 { Role::Bad } else { Role::Text })),
    column("Session", 8).align_right().drop(2).cell(|row, _| {
        plain(row.newest.first().map(|session| session.key.session_number.to_string()).unwrap_or_default())
    }),
    column("Job", 6)
        .drop(3)
        .cut_in_middle()
        .cell(|row, _| plain(row.newest.first().map(|session| session.fold.job_name.clone()).unwrap_or_default())),
    column("Status", 17).drop(1).cell(|row, _| {
        row.newest.first().map_or_else(
            || plain(""),
            |session| {
                let (shape, role) = status_glyph(session.status());
                (format!("{shape} {}", session.status()), role)
            },
        )
    }),
];

impl Row for ScheduleLine {
    const NAME: &'static str = "distribution schedules";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Last heard, newest first", "Last heard");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Last heard", |row| Rank::Number(row.last_seen_at.0)),
        ("Schedule", |row| words(&row.name)),
        ("Open", |row| Rank::Number(row.open)),
        ("Session", |row| Rank::Number(row.newest.first().map_or(0, |session| session.key.session_number))),
        ("Job", |row| words(row.newest.first().map_or("", |session| session.fold.job_name.as_str()))),
        ("Status", |row| words(row.newest.first().map_or("", |session| session.status().label()))),
    ];
    const FIELDS: &'static FieldSet = lists::SCHEDULES;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        self.open > 0
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }
}

/// The source of its rows.
pub struct Schedules;

/// The facts of a schedule, and its newest sessions.
fn details(line: &ScheduleLine, room: usize, view: &ViewContext) -> Vec<(String, Role)> {
    let at = |at| view.zone.short(at, view.now);
    let open = match line.open {
        0 => "none".to_owned(),
        1 => format!("1 session failed; {} reruns it", view.keys("{actions}, r")),
        open => format!("{} failed; {} reruns them", counted(open, "session"), view.keys("{actions}, r")),
    };
    let seen = format!("Messages   first {}, last {}", at(line.first_seen_at), at(line.last_seen_at));
    let mut lines = vec![(seen, Role::Text), (format!("Open       {open}"), Role::Text), (String::new(), Role::Text)];
    let longest = |text: fn(&Session) -> String| line.newest.iter().map(text).map(|text| cells(&text)).max();
    let status_width = longest(|session| session.status().to_string()).unwrap_or(0);
    let dates = line.newest.iter().map(|session| cells(&at(session.fold.modified_at)));
    let at_width = dates.max().unwrap_or(0);
    lines.extend(line.newest.iter().map(|session| {
        let (shape, role) = status_glyph(session.status());
        let place = match session.key.channel_database.as_str() {
            "" => "the package",
            store => store,
        };
        let text = format!(
            "{:<at_width$} {shape} {:<status_width$} {} {place} job {}  {}",
            at(session.fold.modified_at),
            session.status().to_string(),
            session.key.session_number,
            session.fold.job_name,
            session.fold.winner.message.as_deref().unwrap_or("").lines().next().unwrap_or("")
        );
        (cut(&text, room), role)
    }));
    lines
}

impl RowSource for Schedules {
    type Row = ScheduleLine;
    const PATH: &'static [&'static str] = &["Retail", "Periodic", "Data distribution", "Distribution schedule"];
    const COMMANDS: &'static [Command] =
        &[Command::NextError, Command::PreviousError, Command::Open, Command::Related, Command::Actions];
    const NO_ERROR: &'static str = "no schedule with open sessions";

    fn route(&self, _: &str) -> Route {
        Route::Schedules
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Schedules
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<ScheduleLine>> {
        let Answer::Schedules(lines) = answer else { return None };
        Some(lines)
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx schedules", true))
    }

    fn actions(&self, list: &SmallList<ScheduleLine>, view: &ViewContext) -> Option<ActionMenu> {
        let line = list.current()?;
        let open = usize::try_from(line.open).unwrap_or(0);
        let choose = Choose::OpenOfSchedule(line.name.clone());
        let target = Target { one: None, count: open, choose, can_cancel: false };
        let copy = Action::copy('y', "Copy the command line", command_of(line));
        Some((format!("Actions on {}", line.name), vec![copy, target.rerun(view)]))
    }

    fn perform_command(
        &mut self,
        command: Command,
        list: &mut SmallList<ScheduleLine>,
        _: &ViewContext,
    ) -> Option<Vec<Effect>> {
        let line = list.current()?;
        if command == Command::Open {
            return Some(vec![Effect::Go(history(line, line.direction(), ""))]);
        }
        let failed = |direction| history(line, direction, "status:failed");
        Some(open_sessions::open(line.open_by_direction(), line.direction(), failed))
    }

    fn copied(&self, line: &ScheduleLine) -> String {
        line.name.clone()
    }

    fn frame(&self, lines: &[ScheduleLine], _: &ViewContext) -> ListFrame<'static> {
        let length = lines.len();
        ListFrame {
            title: "Distribution schedule",
            remark: if length == 0 { String::new() } else { format!("{length} in the messages") },
            empty: ("No message has named a schedule yet.".to_owned(), Role::Dim),
            detail: |height| 10.min(height / 2),
        }
    }

    fn describe(&self, line: &ScheduleLine, room: usize, view: &ViewContext) -> Details {
        let title = format!("{} · {}", line.name, view.keys("{open} history · {related} open sessions"));
        (title, details(line, room, view))
    }

    fn notice(&self, _: Option<&ScheduleLine>, _: &ViewContext) -> String {
        String::new()
    }
}

/// Its sessions of one direction that a filter finds.
fn history(line: &ScheduleLine, direction: Direction, filter: &str) -> Route {
    Route::History(direction, line.name.clone(), filter.to_owned())
}

/// The command that lists the sessions of a schedule.
fn command_of(line: &ScheduleLine) -> String {
    format!("cdx sessions {} --schedule {}", line.direction(), shell_quoted(&line.name))
}

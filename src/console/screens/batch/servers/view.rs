//! Draws Server configuration: the list, and below it the form.

use crate::batch::BatchServer;
use crate::console::protocol::time::short_span;
use crate::console::screens::batch::servers::form_view;
use crate::console::screens::batch::servers::{ServerRow, Servers};
use crate::console::screens::small_list::{ListFrame, Rank, Row, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::table::{Column, column};
use crate::domain::{counted, to_json};
use crate::filter::{FieldSet, FieldValue, lists};

impl Row for ServerRow {
    const NAME: &'static str = "batch servers";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Server, by name", "Server");
    const ASCENDS: bool = true;
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &ORDERS;
    const FIELDS: &'static FieldSet = lists::BATCH_SERVERS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        state(&self.server).0 == "silent"
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let server = &self.server;
        match field {
            "server" => FieldValue::text(Some(&server.name)),
            "state" => FieldValue::Choice(state(server).0),
            "silent" => FieldValue::Number(server.silent_ms),
            "threads" => FieldValue::Number(server.executing),
            "open" => FieldValue::Choice(if server.threads_at(self.now) > 0 { "yes" } else { "no" }),
            "group" => FieldValue::Texts(server.groups.iter().map(|group| group.as_str().into()).collect()),
            "version" => FieldValue::text(Some(&server.version)),
            _ => FieldValue::Empty,
        }
    }
}

static ORDERS: [SortOrder<ServerRow>; 7] = [
    ("Server", |row| words(&row.server.name)),
    ("State", |row| words(state(&row.server).0)),
    ("Heartbeat", |row| Rank::Number(if row.server.is_alive() { 0 } else { row.server.silent_ms })),
    ("Threads", |row| Rank::Number(row.server.executing)),
    ("Window now", |row| Rank::Number(row.server.threads_at(row.now))),
    ("Groups", |row| words(&groups(&row.server.groups))),
    ("Version", |row| words(&row.server.version)),
];

static COLUMNS: [Column<ServerRow>; 7] = [
    column("Server", 8).up_to(16).cell(|row, _| (row.server.name.clone(), Role::Text)),
    column("State", 11).cell(|row, _| {
        let (word, shape, role) = state(&row.server);
        (format!("{shape} {word}"), role)
    }),
    column("Heartbeat", 9).drop(2).cell(|row, _| (heartbeat(&row.server), Role::Text)),
    column("Threads", 7).up_to(9).cell(|row, _| (threads(row), Role::Text)),
    column("Window now", 18).cell(|row, view| (window(row, view), Role::Text)),
    column("Groups", 10).up_to(20).drop(3).cell(|row, _| (groups(&row.server.groups), Role::Text)),
    column("Version", 7).up_to(10).drop(4).cell(|row, _| (row.server.version.clone(), Role::Text)),
];

fn state(server: &BatchServer) -> (&'static str, char, Role) {
    if !server.is_batch_server {
        ("off", '■', Role::Warn)
    } else if server.is_alive() {
        ("running", '●', Role::Good)
    } else if server.stopped_at.is_some() {
        ("stopped", '–', Role::Text)
    } else {
        ("silent", '×', Role::Bad)
    }
}

fn heartbeat(server: &BatchServer) -> String {
    // The seconds of a running server would flicker without information.
    if server.is_alive() { "now".to_owned() } else { format!("{} ago", short_span(server.silent_ms)) }
}

fn threads(row: &ServerRow) -> String {
    let most = row.server.windows.iter().map(|window| window.max_threads).max().unwrap_or(0);
    if row.server.is_alive() { format!("{} of {most}", row.server.executing) } else { format!("- of {most}") }
}

fn window(row: &ServerRow, view: &ViewContext) -> String {
    if row.server.is_always_open() {
        return "open all day".to_owned();
    }
    if row.server.threads_at(row.now) > 0 {
        return "open".to_owned();
    }
    match row.server.opens_after(row.now) {
        Some(at) => {
            let at = view.zone.short(at, view.now);
            format!("closed to {}", if at.len() == 8 { &at[..5] } else { &at })
        }
        None => "never open".to_owned(),
    }
}

fn groups(groups: &[String]) -> String {
    let name = |group: &String| if group.is_empty() { "(default)".to_owned() } else { group.clone() };
    groups.iter().map(name).collect::<Vec<_>>().join(" ")
}

impl Servers {
    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let count = self.list.rows().len();
        let rows = u16::try_from(count).unwrap_or(4).clamp(1, 6);
        let above = if height < 16 && self.in_form { 0 } else { (rows + 2).min(height / 3).max(4) };
        if above > 0 {
            let none = "No batch server has run yet; cdx batch-server starts one.";
            let frame = ListFrame {
                title: "Server configuration",
                remark: counted(count, "batch server"),
                empty: (none.to_owned(), Role::Dim),
                detail: |_| 0,
            };
            self.list.focus(u8::from(self.in_form));
            let mut part = painter.part(0, 0, width, above);
            self.list.draw_rows(&mut part, view, &frame);
        }
        let (Some(fields), Some(setup)) = (&self.fields, &self.setup) else { return };
        let warnings = fields.warnings(setup, view);
        let mut part = painter.part(0, above, width, height - above);
        form_view::draw(&mut part, fields, &warnings, self.in_form);
    }
}

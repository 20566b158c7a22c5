//! Draws Server configuration.

use crate::batch::BatchServer;
use crate::console::screens::batch::glyphs::distance;
use crate::console::screens::batch::servers::fields::{FieldId, ServerFields};
use crate::console::screens::batch::servers::{ServerRow, Servers};
use crate::console::screens::small_list::{Around, Rank, Row, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::pane;
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::field::Field;
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
    if server.is_alive() { "now".to_owned() } else { format!("{} ago", distance(server.silent_ms)) }
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
            let around = Around {
                title: "Server configuration",
                remark: counted(count, "batch server"),
                empty: (none.to_owned(), Role::Dim),
                detail: |_| 0,
            };
            self.list.focus(u8::from(self.in_form));
            let mut part = painter.part(0, 0, width, above);
            self.list.draw_rows(&mut part, view, &around);
        }
        let (Some(fields), Some(setup)) = (&self.fields, &self.setup) else { return };
        let warnings = fields.warnings(setup, view);
        let mut part = painter.part(0, above, width, height - above);
        draw_form(&mut part, fields, &warnings, self.in_form);
    }
}

/// The form; on a low screen what has the focus is in sight.
fn draw_form(painter: &mut Painter, fields: &ServerFields, warnings: &[String], focused: bool) {
    let (width, height) = (painter.width(), painter.height());
    let server = &fields.server;
    let runs = match server.executing {
        0 => "idle".to_owned(),
        some => format!("{} running", counted(some, "job")),
    };
    let remark = format!("{runs} · process {} on {}", server.process_id, server.host);
    painter.rule(0, &server.name, &remark, focused);
    let rows = u16::try_from(fields.windows.len().max(fields.groups.len())).unwrap_or(6).max(2) + 5;
    let below = (u16::try_from(warnings.len()).unwrap_or(2) + 2).min(4);
    let room = height.saturating_sub(1 + below).max(1);
    let row = row(fields, fields.slot());
    let top = if focused { (row + 1).saturating_sub(room) } else { 0 };
    let mut part = painter.part(0, 1, width, room.min(rows));
    draw_fields(&mut part, fields, top, focused);
    pane::mark_form(&mut part, top, room.min(rows), rows - 1);
    let bottom = height.saturating_sub(1);
    let day = bottom.saturating_sub(below - 1);
    if let Some(threads) = fields.day() {
        let most = threads.iter().copied().max().unwrap_or(0);
        let cell = |threads: &i64| match *threads {
            0 => '░',
            some if some < most => '▄',
            _ => '█',
        };
        let bar: String = threads.iter().map(cell).collect();
        painter.text(1, day, width, &format!("Threads by hour  00 {bar} 24"), Role::Text);
    }
    for (y, warning) in (day + 1..bottom).zip(warnings) {
        painter.text(0, y, width, &format!("! {warning}"), Role::Warn);
    }
    let x = width.saturating_sub(29);
    let close = x + button::width(" Save ") + 2;
    for (x, slot, button) in
        [(x, FieldId::Save, Button::new(" Save ")), (close, FieldId::Close, Button::new("Close").by_click())]
    {
        let used = button.draw(painter, x, bottom, focused && fields.slot() == slot);
        painter.hit_field((x, bottom), used, &slot, &fields.order());
    }
}

/// The groups as the original has them: those selected at the left, those that remain at the right;
/// Space moves one over.
fn draw_groups(painter: &mut Painter, fields: &ServerFields, split: u16, top: u16, focused: bool) {
    let half = (painter.width() - split - 2) / 2;
    for (list, (x, heading)) in
        fields.group_lists().iter().zip([(split + 2, "Selected"), (split + 2 + half, "Remaining")])
    {
        if let Some(y) = 2_u16.checked_sub(top) {
            painter.text(x + 1, y, half - 1, heading, Role::Dim);
        }
        if let (true, Some(y)) = (list.is_empty(), 3_u16.checked_sub(top)) {
            painter.text(x + 1, y, half - 1, "none", Role::Dim);
        }
        for index in list {
            let Some(y) = row(fields, FieldId::Group(*index)).checked_sub(top) else { continue };
            let Some((group, _)) = fields.groups.get(*index) else { continue };
            let name = if group.is_empty() { "(default)" } else { group };
            painter.hit_field((x, y), half.saturating_sub(1), &FieldId::Group(*index), &fields.order());
            if focused && fields.slot() == FieldId::Group(*index) {
                let shown = u16::try_from(cells(name)).unwrap_or(u16::MAX).min(half.saturating_sub(3));
                painter.text(x, y, 1, "►", Role::Text);
                painter.text(x + 1, y, shown, name, Role::Text);
                painter.cover(x + 1, y, shown, Surface::Cursor);
                painter.text(x + 1 + shown, y, 1, "◄", Role::Text);
            } else {
                painter.text(x + 1, y, half.saturating_sub(2), name, Role::Text);
            }
        }
    }
}

/// The row of a field below the heading.
fn row(fields: &ServerFields, slot: FieldId) -> u16 {
    let windows = fields.windows.len();
    let at = |index: usize| u16::try_from(index).unwrap_or(0);
    match slot {
        FieldId::IsServer | FieldId::Zone => 0,
        FieldId::Threads(index) | FieldId::From(index) | FieldId::To(index) => 3 + at(index),
        FieldId::Add | FieldId::Remove => 3 + at(windows),
        FieldId::Group(index) => {
            let lists = fields.group_lists();
            let rank = lists.iter().find_map(|list| list.iter().position(|found| *found == index));
            3 + at(rank.unwrap_or(0))
        }
        FieldId::Save | FieldId::Close => 0,
    }
}

fn draw_fields(painter: &mut Painter, fields: &ServerFields, top: u16, focused: bool) {
    let width = painter.width();
    let split = width * 9 / 16;
    let (has, order) = (|slot| focused && fields.slot() == slot, fields.order());
    let draw = |painter: &mut Painter, field: &dyn Field, (x, y): (u16, u16), slot: FieldId| {
        let used = field.draw(painter, x, y, has(slot));
        painter.hit_field((x, y), used, &slot, &order);
    };
    let at = |slot| row(fields, slot).checked_sub(top);
    if let Some(y) = at(FieldId::IsServer) {
        painter.text(3, y, 18, "Is batch server", Role::Text);
        draw(painter, &fields.is_server, (19, y), FieldId::IsServer);
        painter.text(split.saturating_sub(10), y, 10, "Time zone", Role::Text);
        draw(painter, &fields.zone, (split, y), FieldId::Zone);
    }
    if let Some(y) = 1_u16.checked_sub(top) {
        painter.part(0, y, split, 1).rule(0, "Batch server schedule", "", false);
        painter.part(split, y, width - split, 1).rule(0, "Batch server groups", "", false);
    }
    if let Some(y) = 2_u16.checked_sub(top) {
        painter.text(3, y, split, "Threads  Start    End", Role::Dim);
    }
    for (index, window) in fields.windows.iter().enumerate() {
        let Some(y) = at(FieldId::Threads(index)) else { continue };
        draw(painter, &window.threads, (2, y), FieldId::Threads(index));
        draw(painter, &window.from, (11, y), FieldId::From(index));
        draw(painter, &window.to, (20, y), FieldId::To(index));
        let (note, role) = match fields.window(index) {
            Ok(window) if window.is_all_day() => ("all day", Role::Dim),
            Ok(window) if window.from >= window.to => ("over midnight", Role::Dim),
            Ok(_) => ("", Role::Dim),
            Err((_, fault)) => (fault, Role::Bad),
        };
        painter.text(30, y, split.saturating_sub(31), note, role);
    }
    if let Some(y) = at(FieldId::Add) {
        let used = Button::new("Add").by_click().draw(painter, 2, y, has(FieldId::Add));
        painter.hit_field((2, y), used, &FieldId::Add, &order);
        let x = 2 + used + 1;
        let used = Button::new("Remove").by_click().draw(painter, x, y, has(FieldId::Remove));
        painter.hit_field((x, y), used, &FieldId::Remove, &order);
    }
    draw_groups(painter, fields, split, top, focused);
    if let Some(y) = 1_u16.checked_sub(top) {
        painter.text(split, y, 1, "┬", Role::Dim);
    }
    for y in 2_u16.saturating_sub(top)..painter.height() {
        painter.text(split, y, 1, "│", Role::Dim);
    }
    if fields.is_list_open() {
        fields.zone.draw_list(painter, split, 0);
    }
}

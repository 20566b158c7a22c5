//! Draws the form of a batch server: its windows and groups, the threads by hour, the warnings.

use crate::console::screens::batch::servers::fields::{FieldId, ServerFields};
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::field::Field;
use crate::domain::counted;

/// Rows that threads and warnings keep while the form does not have the focus.
const MAX_ROWS_BELOW: u16 = 3;
/// The width from which fields stand apart.
const ROOMY_WIDTH: u16 = 70;

/// Draws the form. Where it has not room for all, what has the focus is in sight: with the buttons
/// the end, where the warnings are.
pub(super) fn draw(painter: &mut Painter, fields: &ServerFields, warnings: &[String], focused: bool) {
    let (width, height) = (painter.width(), painter.height());
    let server = &fields.server;
    let runs = match server.executing {
        0 => "idle".to_owned(),
        some => format!("{} running", counted(some, "job")),
    };
    let remark = format!("{runs} · process {} on {}", server.process_id, server.host);
    painter.rule(0, &server.name, &remark, focused);
    let count = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
    let rows = count(fields.windows.len().max(fields.groups.len())).max(2) + 4;
    let below = lines_below(fields, warnings, usize::from(width.saturating_sub(2)));
    let room = height.saturating_sub(2).max(1);
    let all = rows + count(below.len());
    let top = match fields.focused() {
        _ if !focused => 0,
        FieldId::Save | FieldId::Close => all.saturating_sub(room),
        id => (row(fields, id) + 1).saturating_sub(room),
    };
    // Where the form does not have the focus, the warnings keep their rows.
    let kept = if focused { 0 } else { count(below.len()).min(MAX_ROWS_BELOW) };
    let shown = (rows.saturating_sub(top)).min(room - kept.min(room));
    draw_fields(&mut painter.part(0, 1, width, shown), fields, top, focused);
    let buttons = [(FieldId::Save, Button::new(" Save ")), (FieldId::Close, Button::new("Close").by_click())];
    let focus = Some(fields.focused()).filter(|_| focused);
    let bottom = button::draw_row(painter, all + 1, buttons, focus.as_ref(), &fields.order());
    // Above the buttons, unless the fields need the room.
    let first = (1 + shown).max(bottom.saturating_sub(count(below.len())));
    for (y, (text, role)) in (first..bottom).zip(below.iter().skip(usize::from(top.saturating_sub(rows)))) {
        painter.text(0, y, width, text, *role);
    }
    let is_more_below = top + room < all;
    if top > 0 {
        painter.text(0, 1, 1, "▲", Role::Key);
    }
    if is_more_below {
        painter.text(0, bottom.saturating_sub(1 + kept).max(1), 1, "▼", Role::Key);
    }
}

/// The threads by hour, and the warnings in lines of this many cells.
fn lines_below(fields: &ServerFields, warnings: &[String], width: usize) -> Vec<(String, Role)> {
    let mut lines: Vec<_> = fields.day().map(|day| (day_bar(&day, width), Role::Text)).into_iter().collect();
    for warning in warnings {
        let wrapped = wrap(warning, width.saturating_sub(1));
        let mark = |at| if at == 0 { "!" } else { " " };
        lines.extend(wrapped.iter().enumerate().map(|(at, line)| (format!("{} {line}", mark(at)), Role::Warn)));
    }
    lines
}

/// The threads of each half hour of the day, or where there is no room, of each hour.
fn day_bar(day: &[i64; 48], width: usize) -> String {
    let most = day.iter().copied().max().unwrap_or(0);
    let cell = |threads: i64| match threads {
        0 => '░',
        some if some < most => '▄',
        _ => '█',
    };
    let label = |bar: String| format!(" Threads by hour  00 {bar} 24");
    let whole = label(day.iter().map(|threads| cell(*threads)).collect());
    if cells(&whole) <= width {
        return whole;
    }
    label(day.chunks(2).map(|hour| cell(hour.iter().copied().max().unwrap_or(0))).collect())
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
            if focused && fields.focused() == FieldId::Group(*index) {
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
fn row(fields: &ServerFields, id: FieldId) -> u16 {
    let windows = fields.windows.len();
    let at = |index: usize| u16::try_from(index).unwrap_or(0);
    match id {
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
    let (from, to) = if width < ROOMY_WIDTH { (10, 18) } else { (11, 20) };
    let (has, order) = (|id| focused && fields.focused() == id, fields.order());
    let draw = |painter: &mut Painter, field: &dyn Field, (x, y): (u16, u16), id: FieldId| {
        let used = field.draw(painter, x, y, has(id));
        painter.hit_field((x, y), used, &id, &order);
    };
    let at = |id| row(fields, id).checked_sub(top);
    if let Some(y) = at(FieldId::IsServer) {
        let x = if width < ROOMY_WIDTH { 1 } else { 3 };
        painter.text(x, y, 18, "Is batch server", Role::Text);
        draw(painter, &fields.is_server, (x + 16, y), FieldId::IsServer);
        painter.text(split.saturating_sub(10), y, 10, "Time zone", Role::Text);
        draw(painter, &fields.zone, (split, y), FieldId::Zone);
    }
    if let Some(y) = 1_u16.checked_sub(top) {
        painter.part(0, y, split, 1).rule(0, "Batch server schedule", "", false);
        painter.part(split, y, width - split, 1).rule(0, "Batch server groups", "", false);
    }
    if let Some(y) = 2_u16.checked_sub(top) {
        for (x, heading) in [(3, "Threads"), (from + 1, "Start"), (to + 1, "End")] {
            painter.text(x, y, split, heading, Role::Dim);
        }
    }
    for (index, window) in fields.windows.iter().enumerate() {
        let Some(y) = at(FieldId::Threads(index)) else { continue };
        draw(painter, &window.threads, (2, y), FieldId::Threads(index));
        draw(painter, &window.from, (from, y), FieldId::From(index));
        draw(painter, &window.to, (to, y), FieldId::To(index));
        let window = fields.window(index);
        let ([note, short], role) = match &window {
            Ok(window) if window.is_all_day() => (["all day", "24 h"], Role::Dim),
            Ok(window) if window.from >= window.to => (["over midnight", "+1 d"], Role::Dim),
            Ok(_) => ([""; 2], Role::Dim),
            // The fault is among the warnings, too.
            Err((_, fault)) => ([fault.as_str(), "!"], Role::Bad),
        };
        let room = split.saturating_sub(to + 10);
        let note = if cells(note) > usize::from(room) { short } else { note };
        painter.text(to + 10, y, room, note, role);
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

//! The rows of a list counted by a field: one row for each value, the most frequent first.

mod line;

use crate::console::overlay::{OverlayOutcome, PromptLine};
use crate::console::protocol::effect::{Effect, GroupSource, Groups, Prompt, Typed};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::groups::{GroupCount, MAX_COUNTED_ROWS, merge, term};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::query::{Place, Query};
use crate::console::protocol::time::Zone;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::{Keyed, List, Move};
use crate::console::widgets::table::{self, Column, Layout, column, plain};
use crate::domain::{Seek, Timestamp, counted, grouped};
use crate::filter::{Filter, Highlights};
use std::cmp::Reverse;
use std::collections::BTreeMap;

impl Keyed for GroupCount {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&self.value)
    }
}

static COLUMNS: [Column<GroupCount>; 4] = [
    column("Value", 16).up_to(60).cell(|group, _| match group.label.as_ref().unwrap_or(&group.value) {
        text if text.is_empty() => ("(none)".to_owned(), Role::Dim),
        text => plain(text),
    }),
    column("Rows", 10).align_right().cell(|group, _| plain(grouped(group.rows))),
    column("Errors", 9)
        .align_right()
        .cell(|group, _| (grouped(group.errors), if group.errors > 0 { Role::Bad } else { Role::Text })),
    column("Last seen", 11)
        .drop(1)
        .cell(|group, view| plain(group.last_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())),
];

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// How far a long list is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Still counting; the place reached.
    Counting(Option<Place>),
    /// All rows.
    Complete,
    /// The newest rows down to this place.
    Capped(Place),
}

/// The groups, with a cursor.
#[derive(Debug)]
pub struct GroupList {
    groups: Groups,
    counted: BTreeMap<String, GroupCount>,
    list: List<GroupCount>,
    /// The filter of the groups, and the one before another is typed in the line.
    shown: Filter,
    former: Filter,
    line: Option<PromptLine>,
    progress: Progress,
    fault: Option<String>,
    zone: Zone,
    now: Timestamp,
}

impl GroupList {
    /// The groups before the first count of a long list, or those of a short one.
    pub fn new(mut groups: Groups, zone: Zone, now: Timestamp) -> Self {
        let known = match &mut groups.source {
            GroupSource::Counted(counted) => Some(std::mem::take(counted)),
            GroupSource::Query(_) => None,
        };
        let progress = if known.is_some() { Progress::Complete } else { Progress::Counting(None) };
        let mut list = Self {
            groups,
            counted: BTreeMap::new(),
            list: List::default(),
            shown: Filter::default(),
            former: Filter::default(),
            line: None,
            progress,
            fault: None,
            zone,
            now,
        };
        if let Some(counted) = known {
            list.add(counted);
        }
        list
    }

    fn add(&mut self, counted: Vec<GroupCount>) {
        merge(&mut self.counted, counted);
        self.list.take_whole(self.rows());
    }

    /// The groups that match the filter, the most frequent first.
    fn rows(&self) -> Vec<GroupCount> {
        let mut rows: Vec<_> = self.counted.values().filter(|group| self.shown.matches(*group)).cloned().collect();
        rows.sort_by_cached_key(|group| (Reverse(group.rows), group.value.clone()));
        rows
    }

    /// The first query of a long list.
    pub fn query(&self) -> Option<Query> {
        self.query_from(Seek::First, 0)
    }

    fn query_from(&self, seek: Seek<Place>, examined: i64) -> Option<Query> {
        match &self.groups.source {
            GroupSource::Counted(_) => None,
            GroupSource::Query(query) => Some(Query::Groups(query.clone(), self.groups.by, seek, examined)),
        }
    }

    /// Takes the counts of a piece, and returns the query for the next.
    pub fn take(&mut self, counted: Vec<GroupCount>, reached: Option<Place>, examined: i64) -> Option<Query> {
        self.add(counted);
        self.progress = match reached {
            None => Progress::Complete,
            Some(place) if examined >= MAX_COUNTED_ROWS => Progress::Capped(place),
            Some(place) => Progress::Counting(Some(place)),
        };
        match self.progress {
            Progress::Counting(Some(place)) => self.query_from(Seek::After(place), examined),
            _ => None,
        }
    }

    /// Takes the reason why it cannot be counted.
    pub fn failed(&mut self, fault: String) {
        self.fault = Some(fault);
    }

    /// Moves the cursor by this many rows.
    pub fn step(&mut self, rows: i16) {
        if let Some(step) = Move::of(Command::Rows(rows)) {
            self.list.step(step);
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if let Some(line) = self.line.take() {
            self.key_of_line(line, key);
            return OverlayOutcome::Stay;
        }
        let Some(command) = keymap.command(key) else { return OverlayOutcome::Stay };
        if let Some(step) = Move::of(command) {
            self.list.step(step);
            return OverlayOutcome::Stay;
        }
        match command {
            Command::Open => self.filtered(),
            Command::Export => OverlayOutcome::Perform(vec![self.export()]),
            Command::Filter => {
                self.prompt();
                OverlayOutcome::Stay
            }
            Command::Back if !self.shown.is_empty() => {
                self.filter(Filter::default());
                OverlayOutcome::Stay
            }
            Command::Back | Command::Totals => OverlayOutcome::Close,
            _ => OverlayOutcome::Stay,
        }
    }

    /// The field in words.
    fn field(&self) -> &'static str {
        match (self.groups.by, self.groups.list) {
            ("by", "journal") => "login",
            ("by", _) => "origin",
            (by, _) => by,
        }
    }

    /// Filters the list by the value under the cursor.
    fn filtered(&self) -> OverlayOutcome {
        let Some(group) = self.list.current() else { return OverlayOutcome::Stay };
        let Some(term) = term(self.groups.filter.fields, self.groups.by, &group.value) else {
            let none = format!("no filter finds rows without a {}", self.field());
            return OverlayOutcome::Perform(vec![Effect::Say(none)]);
        };
        let text = format!("{} {term}", self.groups.typed);
        let typed = Typed { text: text.trim(), zone: self.zone, now: self.now };
        let change = (self.groups.filter.change)(typed);
        OverlayOutcome::Perform(vec![match change {
            Ok(change) => Effect::Screen(change),
            Err(fault) => Effect::Say(format!("! {fault}")),
        }])
    }

    fn export(&self) -> Effect {
        let by = self.groups.by;
        let rows = self.list.window().map(|group| {
            serde_json::json!({
                by: group.value,
                "label": group.label,
                "rows": group.rows,
                "errors": group.errors,
                "last_seen_at": group.last_at.map(Timestamp::to_rfc3339),
            })
        });
        let rows: Vec<_> = rows.collect();
        let name = format!("{}-by-{by}.csv", self.groups.list.to_lowercase().replace(' ', "-"));
        Prompt::export(name, move || ExportSource::Rows("", rows.clone()))
    }

    /// The sentence of the notice row.
    pub fn notice(&self, width: usize, keymap: &Keymap) -> String {
        match &self.line {
            Some(line) => line.notice(width),
            None if self.shown.is_empty() => format!("One row for each {} in the list.", self.field()),
            None => keymap.named(&format!("Filter: {}  ({{back}} clears it)", self.shown)),
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self, keymap: &Keymap) -> String {
        let keys = " {open} filter by it  {filter} filter  {export} to a file  {back} close";
        self.line.as_ref().map_or_else(|| keymap.named(keys), PromptLine::hints)
    }

    /// `301 stores`; values of a field that no word counts are values.
    fn values_words(&self) -> String {
        // Rows without a value are a group, but no value.
        let count = self.counted.keys().filter(|value| !value.is_empty()).count();
        match self.field() {
            "status" | "open" | "muted" | "taken" | "quiet" | "private" | "unread" | "made_by" | "approved_by" => {
                counted(count, "value")
            }
            field => counted(count, field),
        }
    }

    fn remark(&self) -> String {
        let rows: i64 = self.counted.values().map(|group| group.rows).sum();
        let values = self.values_words();
        let values = match self.list.length() {
            _ if self.shown.is_empty() => values,
            shown => format!("{} of {values}", grouped(shown)),
        };
        let back = |(at, _): Place| self.zone.short(Timestamp(at), self.now);
        let is_search = matches!(&self.groups.source, GroupSource::Query(query) if query.is_search());
        match self.progress {
            Progress::Counting(None) => "counting …".to_owned(),
            Progress::Counting(Some(place)) => format!("counting …, back to {}", back(place)),
            Progress::Complete => format!("{values} · {}", counted(rows, "row")),
            Progress::Capped(place) if is_search => format!("{values}, searched back to {}", back(place)),
            Progress::Capped(_) => format!("{values} of the newest {} rows", grouped(rows)),
        }
    }

    /// Draws it over the screen.
    pub fn draw(&mut self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        for y in 0..height {
            painter.fill(y, ' ', Role::Text);
        }
        let view = ViewContext { now: self.now, ..ViewContext::empty(self.zone) };
        let title = format!("{} by {}", capitalized(self.groups.list), self.field());
        painter.list_rule(0, &title, &self.groups.typed, &self.remark(), true);
        let mut part = painter.part(0, 1, width, height.saturating_sub(1));
        let highlights = Highlights::of(&self.shown.terms);
        let layout = Layout { sorted: None, columns: None, highlights: Some(&highlights) };
        table::draw_with(&mut part, &mut self.list, &COLUMNS, true, &view, (layout, |_: &GroupCount| ' '));
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.progress == Progress::Complete && self.counted.is_empty() {
            painter.text(2, 2, width, "The list has no rows.", Role::Dim);
        } else if self.list.length() == 0 && !self.shown.is_empty() {
            let none = format!("0 of {}: no value matches the filter.", self.counted.len());
            painter.text(2, 2, width, &none, Role::Dim);
        }
    }
}

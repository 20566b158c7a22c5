//! The to-do list: what needs attention, worst first, with where it leads.

use crate::console::protocol::query::{
    ATTENTION_LIMIT, CauseLine, QuietDatabase, SessionFigures, Silence, delivery_fault,
};
use crate::console::protocol::route::{Concern, JobScope, Route};
use crate::console::protocol::time::age;
use crate::console::screens::overview::Overview;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Direction, grouped};

/// A cause is new for so long, in days.
const NEW_DAYS: i64 = 1;

/// One line of the list.
pub struct Item {
    /// The glyph in front.
    pub shape: char,
    /// The role of the glyph in the theme.
    pub role: Role,
    /// What needs attention, such as `Job withheld`.
    pub what: &'static str,
    /// The number or the name shown behind it.
    pub detail: String,
    /// The screen that Enter opens.
    pub target: Route,
}

fn item(shape: char, what: &'static str, detail: String, target: Route) -> Item {
    let role = if shape == '×' { Role::Bad } else { Role::Warn };
    Item { shape, role, what, detail, target }
}

impl Overview {
    /// Its lines.
    pub fn items(&self, view: &ViewContext) -> Vec<Item> {
        let mut items = Vec::new();
        let Some(freshness) = view.freshness else { return items };
        if let Some(why) = freshness.why_stale(view.now) {
            let detail = match &freshness.coming.withheld {
                Some(job) if freshness.coming.next_start.is_none() => {
                    format!("{}, withheld {} by {}", job.description, view.zone.day(job.at, view.now), job.by)
                }
                _ => format!("{why}; {}", view.keys("{process} updates it")),
            };
            items.push(item('!', "Status is stale", detail, Route::Process));
        }
        if let Some(job) = &freshness.coming.withheld
            && (freshness.coming.next_start.is_some() || freshness.why_stale(view.now).is_none())
        {
            let detail = format!("{}, since {} by {}", job.description, view.zone.day(job.at, view.now), job.by);
            items.push(item('■', "Job withheld", detail, Route::BatchJobs(JobScope::All)));
        }
        if let Some(fault) = &freshness.messages_fault {
            items.push(item('!', "Messages unreadable", fault.clone(), Route::Parameters));
        }
        if let Some(run) = self.runs.as_ref().and_then(|runs| runs.first())
            && let Some(error) = &run.error
        {
            items.push(item('×', "Last run failed", error.clone(), Route::Run(run.run_id)));
        }
        let Some(attention) = &self.attention else { return items };
        if let Some(held) = &attention.held_purge {
            items.push(item('!', "Purge held", held.why.clone(), Route::Process));
        }
        for (channel, fault) in &attention.alert_faults {
            let fault = delivery_fault(*channel, fault, |at| view.zone.short(at, view.now));
            let detail = format!("{}: {fault}", channel.label());
            items.push(item('!', "Alerts not sent", detail, Route::Notifications));
        }
        if let Some(first) = attention.approvals.first() {
            let more = attention.approvals.len() - 1;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let detail = format!("{}{more}: {}", first.requested_by, first.change());
            items.push(item('!', "Waits for approval", detail, Route::Approvals));
        }
        if !attention.firing.is_empty() {
            let firing = attention.firing.iter().map(|(rule, count)| format!("{} {}", rule.label(), grouped(*count)));
            let detail = firing.collect::<Vec<_>>().join(", ");
            items.push(item('!', "Alerts firing", detail, Route::Alerts));
        }
        if let Some(first) = attention.silences.first() {
            items.push(item('!', "Alerts silenced", silenced(first, &attention.silences, view), Route::Silences));
        }
        if attention.uploads.sessions > 0 {
            let target = Route::Sessions(Direction::Upload, "status:failed repeated:no".to_owned());
            items.push(item('×', "Uploads not applied", figures(&attention.uploads, true, view), target));
        }
        if attention.downloads.sessions > 0 {
            let mut detail = figures(&attention.downloads, false, view);
            let fresh = view.now.minus_days(NEW_DAYS);
            let is_new =
                |cause: &&CauseLine| cause.first_seen_at > fresh && cause.last_direction == Direction::Download;
            let new = self.causes.iter().flatten().filter(is_new).count();
            match new {
                0 => {}
                1 => detail.push_str(", 1 cause new since yesterday"),
                new => detail = format!("{detail}, {new} causes new since yesterday"),
            }
            let target = Route::Sessions(Direction::Download, "status:failed".to_owned());
            items.push(item('×', "Downloads failed", detail, target));
        }
        if attention.available.sessions > 0 {
            // The instant itself: an age would be another one by the time it is typed in.
            let before = attention.available_before.to_rfc3339();
            let filter = format!("status:available packages:no to:{before}");
            let target = Route::Sessions(Direction::Download, filter);
            items.push(item('○', "Available over 1 h", figures(&attention.available, false, view), target));
        }
        if attention.quiet.1 > 0 {
            let detail = quiet(&attention.quiet.0, attention.quiet.1, view);
            items.push(item('!', "Quiet databases", detail, Route::ConnectionsOf(Concern::Quiet)));
        }
        if let (Some(first), total) = (attention.fast_clocks.0.first(), attention.fast_clocks.1) {
            let more = if total > 1 { format!(", and {} more", grouped(total - 1)) } else { String::new() };
            let detail = format!("{} by {}{more}", first.name, age(first.ahead_ms));
            items.push(item('!', "Clocks ahead", detail, Route::ConnectionsOf(Concern::ClockAhead)));
        }
        if freshness.rejected > 0 {
            let detail = format!("{} invalid", grouped(freshness.rejected));
            items.push(item('!', "Rejected messages", detail, Route::Rejected));
        }
        items
    }
}

fn counted(count: i64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(count)) }
}

/// `9 sessions, 3 stores, 31,077 rows, oldest 3 d 4 h`.
fn figures(figures: &SessionFigures, with_rows: bool, view: &ViewContext) -> String {
    let more = if figures.sessions >= ATTENTION_LIMIT { "more than " } else { "" };
    let mut parts = vec![
        format!("{more}{}", counted(figures.sessions, "session", "sessions")),
        counted(figures.channel_databases, "store", "stores"),
    ];
    if with_rows && figures.rows > 0 {
        parts.push(counted(figures.rows, "row", "rows"));
    }
    parts.extend(figures.oldest.map(|at| format!("oldest {}", age(view.now.since(at)))));
    parts.join(", ")
}

/// `job:3 until 06:00 by m.jansen, 2 alerts held back, and 1 more`.
fn silenced(first: &Silence, all: &[Silence], view: &ViewContext) -> String {
    let until = view.zone.short(first.until, view.now);
    let held = counted(all.iter().map(|silence| silence.held_back).sum(), "alert", "alerts");
    let more = if all.len() > 1 { format!(", and {} more", all.len() - 1) } else { String::new() };
    format!("{} until {until} by {}{more}, {held} held back", first.filter, first.created_by)
}

fn quiet(named: &[QuietDatabase], total: i64, view: &ViewContext) -> String {
    let name = |quiet: &QuietDatabase| {
        let name = if quiet.name.is_empty() { "the package" } else { &quiet.name };
        let usual = quiet.usual_gap.map_or_else(String::new, |gap| format!(" (usually at most {})", age(gap)));
        format!("{name} for {}{usual}", age(view.now.since(quiet.last_seen_at)))
    };
    let mut text: Vec<_> = named.iter().take(2).map(name).collect();
    let rest = total - i64::try_from(text.len()).unwrap_or(0);
    if rest > 0 {
        text.push(format!("and {} more", grouped(rest)));
    }
    text.join(", ")
}

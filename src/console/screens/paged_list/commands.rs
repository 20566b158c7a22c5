//! The commands of a long list.

use crate::console::protocol::effect::{Effect, Prompt};
use crate::console::protocol::filter::Terms;
use crate::console::protocol::key_table::Command;
use crate::console::screens::arrangement::pick_columns;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::paged_list::{Move, PagedList};
use crate::console::screens::related;
use crate::console::screens::screen::Screen;
use crate::console::view::command_line::listing;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::List;
use crate::domain::{By, Order, Seek};

impl<S: ListSource> PagedList<S> {
    /// Whether the list uses the command.
    pub(super) fn is_offered(&self, command: Command) -> bool {
        match command {
            Command::ShowAll => self.source.hides_rows(),
            Command::Actions => self.source.can_change(),
            Command::NextError | Command::PreviousError => self.source.has_failures(),
            Command::Left | Command::Right => self.histogram.as_ref().is_some_and(|histogram| histogram.is_focused),
            Command::Numbered(_) => false,
            Command::NextHit | Command::PreviousHit => !self.find.is_empty() || self.terms.searches_text(),
            _ => true,
        }
    }

    /// Performs a command; `None` if a list does not use it.
    pub(super) fn perform_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(effects) = self.perform_histogram_command(command, view) {
            return Some(effects);
        }
        if matches!(command, Command::First | Command::Last) && !self.in_detail && self.list.known_length().is_none() {
            return Some(self.jump(command == Command::Last));
        }
        if let Some(step) = Move::of(command) {
            return Some(self.step(step));
        }
        Some(match command {
            Command::Histogram => self.turn_histogram(view),
            Command::NextPane | Command::PreviousPane => {
                self.focus_next_pane(command == Command::NextPane);
                Vec::new()
            }
            Command::Back => return self.one_layer_back(view),
            Command::Mark => self.mark(),
            Command::MarkRange => self.mark_range(view),
            Command::MarkAll => self.mark_all(view),
            Command::Open => self.with_row(|row| Effect::Go(self.source.open(row))),
            Command::Related => {
                self.list.current().map(|row| related::offer(self.source.related(row))).unwrap_or_default()
            }
            Command::Record => self.with_row(|row| Effect::ShowRecord {
                title: self.source.detail_title(row),
                record: self.source.record(row),
            }),
            Command::Copy => self.with_row(|row| Effect::Copy(self.source.copy_texts(row).0)),
            Command::CopyCommand => self.copy_command(),
            Command::Explain if Screen::session(self).is_some() => return None,
            Command::Explain => {
                self.list.current().and_then(|row| self.source.explain(row, view)).into_iter().collect()
            }
            Command::NextError | Command::PreviousError if self.source.has_failures() => {
                self.find_failure(command == Command::NextError)
            }
            Command::NextHit => self.next_hit(true, view),
            Command::PreviousHit => self.next_hit(false, view),
            Command::Actions => self.actions(view)?,
            Command::Filter if self.in_detail => vec![self.prompt_find()],
            Command::Filter => vec![self.prompt_filter()],
            Command::GoTo if self.order.by != By::Time || self.sort.shown().is_some() => {
                vec![Effect::Say(view.keys("Go to time needs the time order; {sort} restores it."))]
            }
            Command::GoTo => vec![Prompt::instant()],
            Command::Dates => vec![self.prompt_dates()],
            Command::Export => vec![self.prompt_export()],
            Command::Sort => vec![self.pick_order()],
            Command::Columns => vec![pick_columns(self.source.columns(), &self.columns, &self.list)],
            Command::Totals => vec![self.pick_groups()],
            Command::Follow => self.follow(view),
            Command::ShowAll if self.source.hides_rows() => {
                self.all = !self.all;
                self.restart_list()
            }
            Command::Grow | Command::Shrink if self.layout.widen(command == Command::Grow) => Vec::new(),
            Command::Grow => {
                self.detail_height = (self.detail_shown + 1).min(40);
                Vec::new()
            }
            Command::Shrink => {
                self.detail_height = self.detail_shown.saturating_sub(1).max(2);
                Vec::new()
            }
            _ => return None,
        })
    }

    /// Copies the command that prints what is shown: the list, or in the pane the row.
    fn copy_command(&self) -> Vec<Effect> {
        let Some(command) = self.source.list_command(self.all).filter(|_| !self.in_detail) else {
            return self.with_row(|row| Effect::Copy(self.source.copy_texts(row).1));
        };
        let own = self.source.own_term().unwrap_or_default();
        let typed = format!("{own} {}", self.terms.typed);
        let count = self.count.rows().and_then(|count| usize::try_from(count).ok()).or(self.list.known_length());
        let command = listing(&command, typed.trim(), count.unwrap_or(0));
        if self.order == Order::default() && self.sort.shown().is_none() {
            return vec![Effect::Copy(command)];
        }
        let remark = format!("Copied without the sort order, which commands do not have: {command}");
        vec![Effect::Copy(command), Effect::Say(remark)]
    }

    fn jump(&mut self, to_the_end: bool) -> Vec<Effect> {
        self.following = false;
        if to_the_end {
            return self.start(Seek::Last);
        }
        self.list = List::default();
        self.start(Seek::First)
    }

    pub(super) fn step(&mut self, step: Move) -> Vec<Effect> {
        if self.layout.scroll(|page| step.rows(page)) {
            return Vec::new();
        }
        if self.in_detail {
            let page = isize::try_from(self.detail_shown.saturating_sub(2).max(1)).unwrap_or(1);
            self.detail_top = self.detail_top.saturating_add_signed(step.rows(page));
            return Vec::new();
        }
        self.detail_top = 0;
        self.hit = None;
        self.following = false;
        let need = self.list.step(step);
        need.map(|seek| self.ask_piece(seek)).into_iter().collect()
    }

    fn with_row(&self, effect: impl Fn(&S::Row) -> Effect) -> Vec<Effect> {
        self.list.current().map(effect).into_iter().collect()
    }

    fn one_layer_back(&mut self, view: &ViewContext) -> Option<Vec<Effect>> {
        if self.sort.stop() {
            return Some(vec![Effect::Say("The order stays as it was.".to_owned())]);
        }
        if self.list.pause_search() {
            return Some(vec![Effect::Say(view.keys("The search has paused; {down} on the last row continues it."))]);
        }
        if self.in_detail {
            self.leave_panes();
        } else if !self.marks.is_empty() {
            self.marks.clear();
        } else if self.following {
            self.following = false;
        } else if !self.terms.typed.is_empty() && !self.is_visit {
            self.terms = Terms::default();
            return Some(self.restart_list());
        } else {
            return None;
        }
        Some(Vec::new())
    }

    fn next_hit(&mut self, forward: bool, view: &ViewContext) -> Vec<Effect> {
        if !self.in_detail && self.terms.searches_text() {
            // Every row of the list is a hit.
            return self.step(Move::Rows(if forward { 1 } else { -1 }));
        }
        if self.find.is_empty() {
            return vec![Effect::Say(view.keys(
                "nothing to search for; {next_pane} and {filter} find in the pane, {filter} text:… in the list",
            ))];
        }
        self.find_in_pane(self.hit, forward)
    }

    /// Finds the text in the pane.
    pub(super) fn find_in_pane(&mut self, from: Option<usize>, forward: bool) -> Vec<Effect> {
        let (pane, top) = self.layout.searched().unwrap_or((&self.detail, &mut self.detail_top));
        match pane.find(&self.find, from, forward) {
            Some(at) => {
                self.hit = Some(at);
                *top = at.saturating_sub(1);
                Vec::new()
            }
            None => vec![Effect::Say(format!("no further {} in the pane", self.find))],
        }
    }

    fn follow(&mut self, view: &ViewContext) -> Vec<Effect> {
        if self.order != Order::default() || self.sort.shown().is_some() {
            return vec![Effect::Say(view.keys("{follow} follows a list sorted newest first; {sort} sorts it"))];
        }
        self.following = !self.following;
        if !self.following {
            return vec![Effect::Say("Follow is off.".to_owned())];
        }
        self.list = List::default();
        let mut effects = self.start(Seek::First);
        effects.push(Effect::Say(
            "Follow is on: the newest rows appear by themselves. Moving the cursor turns it off.".to_owned(),
        ));
        effects
    }

    fn actions(&self, view: &ViewContext) -> Option<Vec<Effect>> {
        let row = self.list.current()?;
        let actions = self.source.actions(row, self.chosen(), self.marks.matching(), view);
        if actions.is_empty() {
            return Some(vec![Effect::Say("No actions on this screen".to_owned())]);
        }
        let title = match self.marks.len() {
            0 => format!("Actions on {}", self.source.detail_title(row)),
            marked => format!("Actions on {marked} marked rows"),
        };
        Some(vec![Effect::Actions(title, actions)])
    }
}

//! What the commands of the key table do in a list.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::keys::Command;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::paged_list::typed::Typing;
use crate::console::screens::paged_list::{Move, PagedList};
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::List;
use crate::domain::{By, Order, Seek};

impl<S: ListSource> PagedList<S> {
    /// Whether the command can do something here.
    pub(super) fn is_offered(&self, command: Command) -> bool {
        match command {
            Command::ShowAll => self.source.hides(),
            Command::Actions => self.source.can_change(),
            Command::Left | Command::Right => self.bars.as_ref().is_some_and(|bars| bars.focused),
            Command::Numbered(_) => false,
            Command::NextHit | Command::PreviousHit => !self.find.is_empty() || self.terms.text().is_some(),
            _ => true,
        }
    }

    /// Obeys; `None` if it is not one for a list.
    pub(super) fn obey(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(effects) = self.obey_bars(command, view) {
            return Some(effects);
        }
        if matches!(command, Command::First | Command::Last) && !self.in_detail && self.list.known_length().is_none() {
            return Some(self.jump(command == Command::Last));
        }
        if let Some(step) = Move::of(command) {
            return Some(self.step(step));
        }
        Some(match command {
            Command::Histogram => self.turn_bars(view),
            Command::NextPane | Command::PreviousPane => {
                self.in_detail = !self.in_detail;
                Vec::new()
            }
            Command::Back => return self.one_layer_back(),
            Command::Mark => self.mark(),
            Command::MarkRange => self.mark_range(),
            Command::MarkAll => self.mark_all(),
            Command::Open => self.with_row(|row| Effect::Go(self.source.open(row))),
            Command::Related => self.with_row(|row| Effect::Go(self.source.related(row))),
            Command::Copy => self.with_row(|row| Effect::Copy(self.source.copies(row).0)),
            Command::CopyCommand => self.with_row(|row| Effect::Copy(self.source.copies(row).1)),
            Command::Explain => {
                self.with_row(|row| Effect::Tell(self.source.detail_title(row), self.source.explain(row, view)))
            }
            Command::NextError => self.find_failure(true),
            Command::PreviousError => self.find_failure(false),
            Command::NextHit => self.next_hit(true),
            Command::PreviousHit => self.next_hit(false),
            Command::Actions => self.actions(view)?,
            Command::Filter if self.in_detail => self.prompt(Typing::Find, self.find.clone()),
            Command::Filter => self.prompt(Typing::Filter, self.terms.typed.clone()),
            Command::GoTo if self.order.by != By::Time => {
                vec![Effect::Say("the list is ordered by session number; s orders it by time".to_owned())]
            }
            Command::GoTo => self.prompt(Typing::Time, String::new()),
            Command::Dates => self.prompt(Typing::Dates, String::new()),
            Command::Export => {
                let name = self.source.name().unwrap_or("sessions").replace(' ', "-");
                self.prompt(Typing::Export, format!("{name}.csv"))
            }
            Command::Sort => self.pick_order(),
            Command::Columns => self.pick_columns(),
            Command::Follow => self.follow(),
            Command::ShowAll if self.source.hides() => {
                self.all = !self.all;
                self.anew()
            }
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

    fn jump(&mut self, to_the_end: bool) -> Vec<Effect> {
        self.following = false;
        if to_the_end {
            return self.start(Seek::Last);
        }
        self.list = List::default();
        self.start(Seek::First)
    }

    fn one_layer_back(&mut self) -> Option<Vec<Effect>> {
        if self.list.rest() {
            return Some(vec![Effect::Say("The search rests; Down at the last row goes on.".to_owned())]);
        }
        if self.in_detail {
            (self.in_detail, self.hit) = (false, None);
        } else if !self.marks.is_empty() {
            self.marks.clear();
        } else if self.following {
            self.following = false;
        } else if !self.terms.typed.is_empty() && !self.is_visit {
            self.terms = Terms::default();
            return Some(self.anew());
        } else {
            return None;
        }
        Some(Vec::new())
    }

    fn next_hit(&mut self, forward: bool) -> Vec<Effect> {
        if !self.in_detail && self.terms.text().is_some() {
            // Every row of the list is a hit.
            return self.step(Move::Rows(if forward { 1 } else { -1 }));
        }
        if self.find.is_empty() {
            return vec![Effect::Say(
                "nothing was searched for; Tab and / find in the pane, / text:… in the list".to_owned(),
            )];
        }
        self.look_for(self.hit, forward)
    }

    /// Finds the text in the pane.
    pub(super) fn look_for(&mut self, from: Option<usize>, forward: bool) -> Vec<Effect> {
        match self.detail.find(&self.find, from, forward) {
            Some(at) => {
                self.hit = Some(at);
                self.detail_top = at.saturating_sub(1);
                Vec::new()
            }
            None => vec![Effect::Say(format!("no further {} in the pane", self.find))],
        }
    }

    fn follow(&mut self) -> Vec<Effect> {
        if self.order != Order::default() {
            return vec![Effect::Say("f follows a list whose newest rows come first; s orders it so".to_owned())];
        }
        self.following = !self.following;
        if !self.following {
            return vec![Effect::Say("It is not followed any more.".to_owned())];
        }
        self.list = List::default();
        let mut effects = self.start(Seek::First);
        effects.push(Effect::Say("The newest rows come in by themselves; any move ends that.".to_owned()));
        effects
    }

    fn actions(&self, view: &ViewContext) -> Option<Vec<Effect>> {
        let row = self.list.current()?;
        let actions = self.source.actions(row, &self.chosen(), view);
        if actions.is_empty() {
            return Some(vec![Effect::Say("nothing here is changed by hand".to_owned())]);
        }
        let title = match self.marks.len() {
            0 => format!("Actions on {}", self.source.detail_title(row)),
            marked => format!("Actions on {marked} marked rows"),
        };
        Some(vec![Effect::Actions(title, actions)])
    }
}

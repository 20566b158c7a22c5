//! Re-queries the visible rows of the history; finds the next failed row.

use crate::console::protocol::batch_query::{
    BatchQuery, HistoryPlace, HistoryRow, LogLine, RunBaseline, Severity, went_wrong,
};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::{Place, Query};
use crate::console::screens::batch::history::History;
use crate::console::screens::memory_sort::SortsInMemory;
use crate::console::screens::no_match;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::Keyed;
use crate::domain::{Seek, Timestamp};

impl History {
    /// Takes rows; shows the last ones if the time that the operator asked for is beyond them.
    pub(super) fn take_rows(
        &mut self,
        seek: Seek<HistoryPlace>,
        rows: Vec<HistoryRow>,
        reached: Option<HistoryPlace>,
        view: &ViewContext,
    ) -> Vec<Effect> {
        self.list.take(seek, rows, reached);
        if !std::mem::take(&mut self.goes_to) {
            return Vec::new();
        }
        if self.list.is_past_end() {
            self.goes_to = true;
            return self.start(Seek::Last);
        }
        let oldest = self.list.current().filter(|_| seek == Seek::Last).map(|row| row.key().0);
        oldest.map(|at| no_match::of_that_time(at, false, view)).into_iter().collect()
    }

    pub(super) fn own_log(&self) -> Option<&[LogLine]> {
        let row = self.list.current()?;
        self.log.as_ref().filter(|(history_id, ..)| *history_id == row.history_id).map(|(_, log, _)| log.as_slice())
    }

    pub(super) fn own_usual(&self) -> Option<&RunBaseline> {
        let row = self.list.current()?;
        self.log.as_ref().filter(|(history_id, ..)| *history_id == row.history_id)?.2.as_ref()
    }

    /// Reads the visible rows again.
    pub(super) fn read_visible(&mut self) -> Vec<Effect> {
        if let Some((typed, filter)) = self.awaited.take() {
            return self.preview(typed, filter);
        }
        if let Some(effects) = self.sort_again() {
            return effects;
        }
        let seek = self.list.refresh(|(at, id)| (at, id.saturating_add(1)));
        let mut effects = vec![self.piece(seek)];
        let newer = |head| Effect::Ask(Query::Batch(BatchQuery::NewerHistory(self.filter.clone(), head)));
        effects.extend(self.list.head().map(newer));
        effects.extend(self.ask_count_again());
        effects.extend(self.ask_log());
        effects
    }

    /// In the log to the next line that is an error, in the list to the next row that did not go
    /// well.
    pub(super) fn find(&mut self, forward: bool) -> Vec<Effect> {
        if self.in_log {
            let graves = |line: &LogLine| line.severity != Severity::Information;
            let found = self.own_log().and_then(|log| {
                let here = self.top.saturating_sub(2);
                if forward {
                    log.iter().skip(here + 1).position(graves).map(|at| here + 1 + at)
                } else {
                    log.iter().take(here).rposition(graves)
                }
            });
            return match found {
                Some(at) => {
                    self.top = at + 2;
                    Vec::new()
                }
                None => vec![Effect::Say("no further error in this log".to_owned())],
            };
        }
        self.find_wrong(forward)
    }

    /// Moves the cursor to the next failed row, wrapping around.
    fn find_wrong(&mut self, forward: bool) -> Vec<Effect> {
        if self.list.find(forward, went_wrong) {
            self.top = 0;
            return self.list.need().map(|seek| self.piece(seek)).into_iter().collect();
        }
        if self.sort.shown().is_some() {
            let said = self.list.find_wrapping(forward, "every start went well", went_wrong);
            return said.map(Effect::Say).into_iter().collect();
        }
        let Some(place) = self.list.current().map(Keyed::key) else { return Vec::new() };
        self.looking = Some((forward, false));
        vec![self.next_wrong(if forward { Seek::After(place) } else { Seek::Before(place) })]
    }

    fn next_wrong(&self, seek: Seek<(Timestamp, i64)>) -> Effect {
        Effect::Ask(Query::Batch(BatchQuery::NextWrong(self.filter.clone(), seek)))
    }

    /// Takes the place of the next failed row, or where the search continues.
    pub(super) fn take_wrong(&mut self, found: Option<Place>, reached: Option<Place>) -> Vec<Effect> {
        let Some((forward, wrapped)) = self.looking.take() else { return Vec::new() };
        let say = |text: &str| Effect::Say(text.to_owned());
        match (found, reached) {
            (Some((at, id)), _) => {
                self.top = 0;
                let mut effects = self.start(Seek::After((Timestamp(at), id.saturating_add(1))));
                match (wrapped, forward) {
                    (true, true) => effects.push(say("no more below: continued from the top")),
                    (true, false) => effects.push(say("no more above: continued from the end")),
                    (false, _) => {}
                }
                effects
            }
            (None, Some((at, id))) => {
                self.looking = Some((forward, wrapped));
                let place = (Timestamp(at), id);
                vec![self.next_wrong(if forward { Seek::After(place) } else { Seek::Before(place) })]
            }
            (None, None) if !wrapped => {
                self.looking = Some((forward, true));
                vec![self.next_wrong(if forward { Seek::First } else { Seek::Last })]
            }
            (None, None) => vec![say("every start went well")],
        }
    }
}

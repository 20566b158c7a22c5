//! Pending queries: which screen each belongs to, which are outdated.

use crate::console::app::{App, RuntimeEffect};
use crate::console::backend::query_worker::Reply;
use crate::console::overlay::Overlay;
use crate::console::protocol::journal::JournalQuery;
use crate::console::protocol::query::{Answer, Freshness, Query};
use crate::console::protocol::time::age;
use crate::domain::{MINUTE_MS, Timestamp};

/// Milliseconds without an answer after which the databases count as silent.
const SILENT_AFTER_MS: i64 = 8_000;

/// A pending query, and the screen that it is for; `None` is the frame: freshness, theme.
pub(super) struct Pending {
    number: u64,
    screen: Option<u64>,
    query: Query,
    stale: bool,
    asked_at: Timestamp,
}

impl Pending {
    /// Whether it is for the screen of this visit and still wanted.
    pub(super) fn is_of(&self, visit: u64) -> bool {
        !self.stale && self.screen == Some(visit)
    }

    /// Whether its answer opens a question over the screen and is still wanted.
    pub(super) fn opens_question(&self) -> bool {
        !self.stale
            && matches!(
                self.query,
                Query::SelectedSessions(..)
                    | Query::Undoable
                    | Query::Journal(JournalQuery::Handover)
                    | Query::CauseRemarks(..)
                    | Query::Explain(_)
            )
    }

    /// Whether its answer explains a session and is still wanted.
    pub(super) fn explains(&self) -> bool {
        !self.stale && matches!(self.query, Query::Explain(_))
    }

    /// Whether the answer to a query is awaited.
    pub(super) fn awaits(&self, query: &Query) -> bool {
        !self.stale && self.query == *query
    }

    /// Marks it outdated: its answer will be ignored.
    pub(super) fn forget(&mut self) {
        self.stale = true;
    }
}

impl App {
    /// A message that the databases are silent, if the freshness query has been pending for too
    /// long.
    pub(super) fn silence(&self) -> Option<String> {
        // Counting what a purge would delete may take long; the screen shows that itself.
        let counts = |pending: &Pending| matches!(pending.query, Query::Preview | Query::WhatIf(_));
        let at = self.pending.iter().position(|pending| pending.screen.is_none())?;
        let list_state = self.pending.get(at).filter(|_| !self.pending.iter().take(at).any(counts))?;
        let waited = self.now.since(list_state.asked_at);
        (waited >= SILENT_AFTER_MS)
            .then(|| format!("no answer from the databases for {}; the keys still work", age(waited)))
    }

    /// Queries the freshness that every screen shows in its second line.
    pub(super) fn ask_freshness(&mut self) -> Vec<RuntimeEffect> {
        let operator = self.settings.operator.clone();
        self.ask(None, Query::Freshness(operator))
    }

    /// Runs a query. An older query of the same kind for the same screen becomes outdated.
    pub(super) fn ask(&mut self, screen: Option<u64>, query: Query) -> Vec<RuntimeEffect> {
        let asked = kind(&query);
        let mut effects = Vec::new();
        let same = |pending: &Pending| pending.screen == screen && kind(&pending.query) == asked;
        if screen.is_none() && self.pending.iter().any(same) {
            // A freshness query is pending already.
            return effects;
        }
        let mut replaced = Vec::new();
        for pending in &mut self.pending {
            let gone = pending.screen.is_some_and(|id| self.visits.last().is_none_or(|visit| visit.id != id));
            if !pending.stale && (gone || (pending.screen == screen && kind(&pending.query) == asked)) {
                pending.stale = true;
                replaced.push(pending.number);
                effects.push(RuntimeEffect::Forget(pending.number));
            }
        }
        let number = self.next_number;
        self.next_number += 1;
        if let Some(visit) = self.visits.last_mut().filter(|visit| screen == Some(visit.id)) {
            visit.refresh.replaced(&replaced, number);
            if matches!(query, Query::ToSort(_)) {
                // The rows are as new as the first piece, and the list shows them after the last.
                visit.refresh.awaits(number);
            }
        }
        effects.push(RuntimeEffect::Ask(number, query.clone()));
        self.pending.push_back(Pending { number, screen, query, stale: false, asked_at: self.now });
        effects
    }

    /// Reacts to a new freshness: shows an alert that has arrived since in the notice row, and
    /// reports overdue starts when no batch server is running.
    fn news(&mut self, before: Option<&Freshness>) -> Vec<RuntimeEffect> {
        let Some(coming) = self.freshness.as_ref().map(|(_, freshness)| &freshness.coming) else { return Vec::new() };
        let mut effects = Vec::new();
        if coming.overdue && coming.servers.is_empty() && self.settings.read_only.is_none() {
            effects.push(RuntimeEffect::TellOverdue);
        }
        let seen = before.map(|before| before.coming.newest.as_ref().map_or(0, |(id, _)| *id));
        if let (Some(seen), Some((id, text))) = (seen, &coming.newest)
            && *id > seen
        {
            if self.said.is_none() {
                self.said = Some(format!("! {text}  {}", self.settings.keymap.named("({notifications} lists it)")));
            }
            if self.settings.bell {
                effects.push(RuntimeEffect::Bell);
            }
        }
        effects
    }

    /// Warns until the next key that another head office was put in place of the one shown before,
    /// and names it in the second line for an hour.
    fn warn_of_another(&mut self, before: Option<&Freshness>) {
        self.replaced_at = self.replaced_at.filter(|at| self.now.since(*at) < 60 * MINUTE_MS);
        let now = self.freshness.as_ref().map(|(_, freshness)| &freshness.head_office_id);
        let is_another = before.zip(now).is_some_and(|(before, now)| {
            !before.head_office_id.is_empty() && !now.is_empty() && before.head_office_id != *now
        });
        if is_another {
            self.warned = Some("! this is another head office than before; close and reopen open forms".to_owned());
            self.replaced_at = Some(self.now);
            self.memory.forget_places();
        }
    }

    /// Delivers an answer to its screen; an answer to an outdated query is ignored.
    pub(super) fn reply(&mut self, reply: Reply) -> Vec<RuntimeEffect> {
        let number = reply.number;
        let has_failed = matches!(reply.result, Some(Err(_)));
        let mut effects = self.take_reply(reply);
        self.last_answered = self.last_answered.max(number);
        if has_failed {
            self.held.clear();
        }
        // The screen that asked may have been left since.
        for visit in &mut self.visits {
            if has_failed {
                visit.refresh.failed(number, self.last_answered);
            }
            visit.refresh.answered(number);
        }
        effects.extend(self.keep_current());
        effects.extend(self.release_held());
        effects
    }

    fn take_reply(&mut self, reply: Reply) -> Vec<RuntimeEffect> {
        let Some(at) = self.pending.iter().position(|pending| pending.number == reply.number) else {
            return Vec::new();
        };
        let Some(pending) = self.pending.remove(at) else { return Vec::new() };
        let Some(result) = reply.result else {
            // Interrupted: the interrupt was meant for the query before it, unless this one is
            // outdated.
            if pending.stale {
                return Vec::new();
            }
            if let Some(visit) = self.visits.last_mut() {
                visit.refresh.replaced(&[pending.number], self.next_number);
            }
            return self.ask(pending.screen, pending.query);
        };
        if pending.stale {
            return Vec::new();
        }
        match (pending.screen, result) {
            (None, Ok(Answer::Freshness(freshness))) => {
                let answered = self.last_answered.max(pending.number);
                let before = self.freshness.replace((answered, *freshness));
                self.fault = None;
                self.warn_of_another(before.as_ref().map(|(_, freshness)| freshness));
                self.news(before.as_ref().map(|(_, freshness)| freshness))
            }
            (None, Ok(Answer::Views(saved))) => {
                self.take_theme(&saved);
                Vec::new()
            }
            (None, Ok(_)) => Vec::new(),
            // The theme that the settings choose stays.
            (None, Err(_)) if matches!(pending.query, Query::Views(..)) => Vec::new(),
            (None, Err(sentence)) => {
                self.fault = Some(sentence);
                Vec::new()
            }
            (Some(_), Ok(Answer::Names(names, text, known))) => self.complete_filter(names, &text, &known),
            (Some(_), Ok(Answer::LookedUp(found))) => self.looked_up(&found),
            // The palette still has what this console knows.
            (Some(_), Err(_)) if matches!(pending.query, Query::LookUp(_) | Query::Names(..)) => Vec::new(),
            // The screen is current; only its question has no data.
            (Some(_), Err(sentence)) if pending.opens_question() => {
                self.said = Some(format!("! {sentence}"));
                Vec::new()
            }
            (Some(id), result) if matches!(pending.query, Query::Groups(..)) => {
                let Some(Overlay::Groups(list)) = self.overlays.last_mut() else { return Vec::new() };
                let next = match result {
                    Ok(Answer::Groups { groups, reached, examined }) => list.take(groups, reached, examined),
                    Ok(_) => None,
                    Err(sentence) => {
                        list.failed(sentence);
                        None
                    }
                };
                next.map_or_else(Vec::new, |query| self.ask(Some(id), query))
            }
            (Some(_), result) if matches!(pending.query, Query::Views(..)) => {
                let Some(result) = self.take_views(result) else { return Vec::new() };
                let requested = self.with_screen(|screen, view| screen.answer(result, view)).unwrap_or_default();
                self.perform(requested)
            }
            (Some(id), result) => {
                if self.visits.last().is_none_or(|visit| visit.id != id) {
                    return Vec::new();
                }
                let Some(result) = self.asked_for(result) else { return Vec::new() };
                let requested = self.with_screen(|screen, view| screen.answer(result, view)).unwrap_or_default();
                let mut effects = self.perform(requested);
                effects.extend(self.explain_current());
                effects
            }
        }
    }
}

/// The kind of a query. For each screen, the newest query of a kind replaces older ones.
fn kind(query: &Query) -> impl PartialEq + use<> {
    let (batch, journal) = match query {
        Query::Batch(query) => (Some(std::mem::discriminant(query)), None),
        Query::Journal(query) => (None, Some(std::mem::discriminant(query))),
        _ => (None, None),
    };
    (std::mem::discriminant(query), batch, journal)
}

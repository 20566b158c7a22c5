//! The keys of the dialog: its two tabs, the forms over it, OK.

use crate::batch::{JobSettings, SaveHistory};
use crate::console::forms::alerts::{AlertsEnd, AlertsForm};
use crate::console::forms::recurrence::{FormEnd, RecurrenceForm};
use crate::console::protocol::batch_query::BatchQuery;
use crate::console::protocol::effect::{Confirm, Effect};
use crate::console::protocol::key::Key;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::Query;
use crate::console::screens::process::general::FieldId as G;
use crate::console::screens::process::job_fields::FieldId as J;
use crate::console::screens::process::submit_preview;
use crate::console::screens::process::{OpenForm, Process, Tab};
use crate::console::view::context::ViewContext;
use crate::console::widgets::field::LocalNow;

impl Process {
    /// Takes a key; `None` if the dialog has no use for it.
    pub(super) fn take_key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        match &mut self.open_form {
            Some(OpenForm::Recurrence(form)) => {
                match form.key(key, view) {
                    FormEnd::Stay => {}
                    FormEnd::Pass => return None,
                    FormEnd::Cancel => self.open_form = None,
                    FormEnd::Ok(rule) => {
                        self.open_form = None;
                        self.job.set_recurrence(rule, view);
                        self.job.step(false);
                    }
                }
                return Some(Vec::new());
            }
            Some(OpenForm::Alerts(form)) => {
                match form.key(key) {
                    AlertsEnd::Stay => {}
                    AlertsEnd::Pass => return None,
                    AlertsEnd::Cancel => self.open_form = None,
                    AlertsEnd::Test(settings) => {
                        return Some(vec![Effect::Mutation(Mutation::Batch(BatchMutation::TestAlerts(
                            None, settings,
                        )))]);
                    }
                    AlertsEnd::Ok(settings) => {
                        self.open_form = None;
                        self.job.set_alerts(settings);
                        self.job.step(false);
                    }
                }
                return Some(Vec::new());
            }
            None => {}
        }
        match key {
            Key::PageDown | Key::PageUp if self.edited.is_some() => {}
            Key::PageDown => self.tab = Tab::Batch,
            Key::PageUp => self.tab = Tab::General,
            Key::Esc => return Some(self.leave()),
            _ if self.tab == Tab::General => return self.general_key(key, view),
            _ => return self.batch_key(key, view),
        }
        Some(Vec::new())
    }

    fn general_key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let servers = self.server(view).is_some();
        let general = &mut self.general;
        match (key, general.focused) {
            (Key::Tab | Key::Down, _) => general.step(false, servers),
            (Key::BackTab | Key::Up, _) => general.step(true, servers),
            (Key::Left | Key::Right, G::Ok) => general.focused = G::Cancel,
            (Key::Left | Key::Right, G::Cancel) => general.focused = G::Ok,
            (Key::Left | Key::Right | Key::Char(' '), G::Where) => general.on_server = !general.on_server,
            (Key::Char(' '), G::Transfer) => general.transfer = !general.transfer,
            (Key::Char(' '), G::Purge) => general.purge = !general.purge,
            (Key::Char(' '), _) => {}
            (Key::Enter, G::Ok) => return Some(self.press(view)),
            (Key::Enter, G::Cancel) => return Some(self.leave()),
            (Key::Enter, _) => general.focused = G::Ok,
            _ => return None,
        }
        Some(Vec::new())
    }

    fn batch_key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let focused = self.job.focused();
        let long = view.zone.long(view.now);
        let now = LocalNow {
            today: long.get(..10).and_then(|day| day.parse().ok()).unwrap_or_default(),
            time: long.get(11..).and_then(|time| time.parse().ok()).unwrap_or_default(),
        };
        match (key, focused) {
            (Key::Tab | Key::Down, _) => self.job.step(false),
            (Key::BackTab | Key::Up, _) => self.job.step(true),
            (Key::Enter | Key::Char(' '), J::Recurrence) => self.open_recurrence(view),
            (Key::Enter | Key::Char(' '), J::Alerts) => return Some(self.open_alerts(view)),
            (Key::Enter, J::Ok) => return Some(self.press(view)),
            (Key::Enter, J::Cancel) => return Some(self.leave()),
            (Key::Enter, _) => self.job.go(J::Ok),
            (Key::Left | Key::Right, J::Ok) => self.job.go(J::Cancel),
            (Key::Left | Key::Right, J::Cancel) => self.job.go(J::Ok),
            (key, _) => {
                let was_on = self.job.batch.on;
                if !self.job.key(key, &now) {
                    return None;
                }
                // The description has a default; group and recurrence are usually set next.
                if self.job.batch.on && !was_on {
                    self.job.go(J::Group);
                }
            }
        }
        Some(Vec::new())
    }

    /// Leaves; asks first if something was changed.
    fn leave(&self) -> Vec<Effect> {
        let is_changed = self.job.is_changed() || self.general.is_changed();
        vec![if is_changed { Confirm::discard(vec![Effect::Back]) } else { Effect::Back }]
    }

    fn open_recurrence(&mut self, view: &ViewContext) {
        let recent = self.setup.as_ref().and_then(|setup| setup.recent_runs);
        let (title, rule) = (self.job.description.text(), self.job.recurrence.as_ref());
        let form = RecurrenceForm::new(&title, rule, view.now, view.home, recent);
        self.open_form = Some(OpenForm::Recurrence(Box::new(form)));
    }

    fn open_alerts(&mut self, view: &ViewContext) -> Vec<Effect> {
        let form = AlertsForm::new(&self.job.description.text(), &self.job.alerts, self.job.save_history());
        self.open_form = Some(OpenForm::Alerts(Box::new(form)));
        vec![Effect::Ask(Query::Batch(BatchQuery::Alerts(None, view.operator.to_owned())))]
    }

    /// OK: submits, or runs now, or asks first.
    fn press(&mut self, view: &ViewContext) -> Vec<Effect> {
        if let Some(why) = view.read_only {
            return vec![Effect::Say(format!("nothing can be run: {why}"))];
        }
        if self.job.batch.on {
            return match self.job.settings(self.task(), view) {
                Err((id, fault)) => {
                    self.tab = Tab::Batch;
                    self.job.go(id);
                    vec![Effect::Say(format!("Not yet: {fault}."))]
                }
                Ok(settings) if self.edited.is_some() => self.save(settings),
                Ok(settings) => {
                    let start = submit_preview::start_words(&settings, self.setup.as_ref(), view);
                    let act = BatchMutation::Submit(Box::new(settings), self.job.wanted_alerts(), start);
                    vec![Effect::Mutation(Mutation::Batch(act))]
                }
            };
        }
        if !self.general.transfer && !self.general.purge {
            return vec![Effect::Say("nothing to do: tick the transfer or the purge".to_owned())];
        }
        if let Some(Err(fault)) = &self.general.preview {
            // The run would fail alike; the fault may be over, so the preview is asked for again.
            return vec![Effect::Say(format!("! nothing was started: {fault}")), Effect::Ask(Query::Preview)];
        }
        if let Some(refusal) = self.general.refusal() {
            return vec![Effect::Say(format!("! nothing was started: {refusal}"))];
        }
        if let Some(question) = self.general.question(view) {
            return vec![question];
        }
        self.start(None, view)
    }

    /// Saves the edited job, based on the version that the form was filled from.
    fn save(&self, settings: JobSettings) -> Vec<Effect> {
        match &self.edited {
            Some(edited) if edited.settings != settings => {
                let change = BatchMutation::Change(edited.job_id, Box::new(settings), Some(edited.version));
                vec![Effect::MutationThen(Mutation::Batch(change), vec![Effect::Back])]
            }
            _ => vec![Effect::Say("Nothing was changed.".to_owned()), Effect::Back],
        }
    }

    /// Starts a run now, on the running server or in this console.
    pub(super) fn start(&mut self, rows: Option<i64>, view: &ViewContext) -> Vec<Effect> {
        let server = self.server(view).filter(|_| self.general.on_server).map(str::to_owned);
        let Some(server) = server else {
            self.shows_run = true;
            return vec![Effect::Start(self.general.run_request(rows))];
        };
        let consent = self.general.consent(rows);
        let settings = JobSettings {
            task: self.task(),
            max_retries: 0,
            save_history: SaveHistory::Always,
            ..JobSettings::new(view.now)
        };
        vec![Effect::Mutation(Mutation::Batch(BatchMutation::AskForRun(Box::new(settings), Some(server), consent)))]
    }
}

//! Forms on a screen of their own: recurrence and alerts of a submitted job, and the alert rules of
//! the exchange.

use crate::batch::{BatchJob, JobSettings};
use crate::console::forms::alerts::{AlertsEnd, AlertsForm};
use crate::console::forms::recurrence::{FormEnd, RecurrenceForm};
use crate::console::protocol::batch_query::{AlertFacts, BatchAnswer, BatchQuery, JobFacts};
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;

/// What a settings form edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsFormKind {
    /// When a job runs.
    Recurrence,
    /// The alerts of a job.
    Alerts,
    /// The alert rules of the exchange; no job.
    Rules,
}

enum Form {
    Recurrence(Box<RecurrenceForm>),
    Alerts(Box<AlertsForm>),
}

/// A form that edits the recurrence or the alerts of a submitted job, or the alert rules.
pub struct SettingsForm {
    job_id: i64,
    kind: SettingsFormKind,
    job: Option<BatchJob>,
    facts: Option<JobFacts>,
    form: Option<Form>,
    fault: Option<String>,
    /// The job as it was when the form was filled; what is saved is based on that.
    based_on: Option<BatchJob>,
}

impl SettingsForm {
    /// The form, empty until its settings are loaded. The alert rules have
    /// [`crate::batch::EXCHANGE`] in place of a job.
    pub fn new(job_id: i64, kind: SettingsFormKind) -> Self {
        Self { job_id, kind, job: None, facts: None, form: None, fault: None, based_on: None }
    }

    fn take(&mut self, facts: &AlertFacts) {
        match (&mut self.form, &facts.job) {
            (Some(Form::Alerts(form)), _) => form.take(facts),
            (None, _) if self.kind == SettingsFormKind::Rules => {
                let mut form = AlertsForm::of_exchange(&facts.settings);
                form.take(facts);
                self.form = Some(Form::Alerts(Box::new(form)));
            }
            (None, None) => self.fault = Some(format!("there is no batch job {} any more", self.job_id)),
            (None, Some(job)) if self.kind == SettingsFormKind::Alerts => {
                let mut form = AlertsForm::new(&job.name(), &facts.settings, job.settings.save_history);
                form.take(facts);
                self.form = Some(Form::Alerts(Box::new(form)));
            }
            _ => {}
        }
        self.job.clone_from(&facts.job);
    }

    /// The Recurrence form needs the job and how long its runs took.
    fn open(&mut self, view: &ViewContext) {
        let (SettingsFormKind::Recurrence, None, Some(job), Some(facts)) =
            (self.kind, &self.form, &self.job, &self.facts)
        else {
            return;
        };
        self.based_on = Some(job.clone());
        let (title, rule) = (&job.settings.description, job.settings.recurrence.as_ref());
        self.form =
            Some(Form::Recurrence(Box::new(RecurrenceForm::new(title, rule, view.now, view.home, facts.recent_runs))));
    }
}

impl Screen for SettingsForm {
    fn path(&self) -> Vec<&'static str> {
        let name = match self.kind {
            SettingsFormKind::Rules => return vec!["Home", "Alerts", "Rules"],
            SettingsFormKind::Alerts => "Alerts",
            SettingsFormKind::Recurrence => "Recurrence",
        };
        vec!["System administration", "Inquiries", "Batch jobs", "Batch jobs", name]
    }

    fn route(&self) -> Route {
        match self.kind {
            SettingsFormKind::Recurrence => Route::JobRecurrence(self.job_id),
            SettingsFormKind::Alerts => Route::JobAlerts(self.job_id),
            SettingsFormKind::Rules => Route::AlertRules,
        }
    }

    fn is_dialog(&self) -> bool {
        true
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        vec![
            Effect::Ask(Query::Batch(BatchQuery::Job(self.job_id))),
            Effect::Ask(Query::Batch(BatchQuery::Alerts(Some(self.job_id), view.operator.to_owned()))),
        ]
    }

    fn refresh(&mut self, view: &ViewContext) -> Vec<Effect> {
        // A recurrence being edited stays as it is.
        if self.form.is_some() && self.kind == SettingsFormKind::Recurrence { Vec::new() } else { self.load(view) }
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        // The server reports the result of a test a moment later.
        if self.kind == SettingsFormKind::Recurrence { Vec::new() } else { self.load(view) }
    }

    fn offers(&self, _: Command) -> bool {
        false
    }

    fn command(&mut self, _: Command, _: &ViewContext) -> Option<Vec<Effect>> {
        None
    }

    fn key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let act = |act| Effect::Mutation(Mutation::Batch(act));
        let refuse = || view.refusal().map(|why| vec![Effect::Say(format!("nothing can be changed: {why}"))]);
        match &mut self.form {
            None if *key == Key::Esc => Some(vec![Effect::Back]),
            None => None,
            Some(Form::Recurrence(form)) => match form.key(key, view) {
                FormEnd::Stay => Some(Vec::new()),
                FormEnd::Pass => None,
                FormEnd::Cancel => Some(vec![Effect::Back]),
                FormEnd::Ok(_) if view.read_only.is_some() => refuse(),
                FormEnd::Ok(rule) => {
                    let job = self.based_on.as_ref()?;
                    let settings = JobSettings { recurrence: rule, ..job.settings.clone() };
                    let change = BatchMutation::Change(self.job_id, Box::new(settings), Some(job.version));
                    Some(vec![Effect::MutationThen(Mutation::Batch(change), vec![Effect::Back])])
                }
            },
            Some(Form::Alerts(form)) => match form.key(key) {
                AlertsEnd::Stay => Some(Vec::new()),
                AlertsEnd::Pass => None,
                AlertsEnd::Cancel => Some(vec![Effect::Back]),
                AlertsEnd::Ok(_) | AlertsEnd::Test(_) if view.read_only.is_some() => refuse(),
                AlertsEnd::Test(settings) => Some(vec![act(BatchMutation::TestAlerts(Some(self.job_id), settings))]),
                AlertsEnd::Ok(settings) => Some(vec![act(BatchMutation::SetAlerts(self.job_id, settings))]),
            },
        }
    }

    fn focus_field(&mut self, number: usize) -> bool {
        match &mut self.form {
            Some(Form::Recurrence(form)) => form.focus(number),
            Some(Form::Alerts(form)) => form.focus(number),
            None => false,
        }
    }

    fn help(&self, _: &ViewContext) -> Vec<String> {
        match &self.form {
            Some(Form::Recurrence(form)) => form.help(),
            Some(Form::Alerts(form)) => form.help(),
            None => Vec::new(),
        }
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        if matches!(change, ScreenChange::LoadCurrent) {
            *self = Self::new(self.job_id, self.kind);
        }
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Batch(answer)) => match *answer {
                BatchAnswer::Alerts(facts) => self.take(&facts),
                BatchAnswer::Job(_, facts) => self.facts = Some(facts),
                _ => {}
            },
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        self.open(view);
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        match &mut self.form {
            Some(Form::Recurrence(form)) => form.draw(painter, view),
            Some(Form::Alerts(form)) => form.draw(painter, view),
            None => {
                let of = if self.kind == SettingsFormKind::Rules {
                    "Alerts".to_owned()
                } else {
                    format!("Batch job {}", self.job_id)
                };
                painter.rule(0, &of, "", true);
                let text = self.fault.as_ref().map_or_else(|| "reading …".to_owned(), |fault| format!("! {fault}"));
                painter.text(2, 2, painter.width(), &text, Role::Text);
            }
        }
    }

    fn notice(&self, view: &ViewContext) -> String {
        match &self.form {
            Some(Form::Recurrence(form)) => form.notice(view.now),
            Some(Form::Alerts(form)) => form.notice(),
            None => "Esc leaves.".to_owned(),
        }
    }
}

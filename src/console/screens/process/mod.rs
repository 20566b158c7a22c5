//! Process status messages: a run now or a batch job, a preview of OK, and the run in this console.

mod batch_tab;
mod general;
mod job_fields;
mod keys;
mod run;
mod submit_preview;

use crate::batch::{JobSettings, Task};
use crate::console::forms::alerts::AlertsForm;
use crate::console::forms::recurrence::RecurrenceForm;
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, Setup};
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::{EditedJob, Route};
use crate::console::protocol::run_progress::LiveRun;
use crate::console::screens::progress::{self, ProgressFocus, ShownRun};
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::pane;
use general::General;
use job_fields::{FieldId, JobFields};

/// Which tab is on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    General,
    Batch,
}

/// A form that is open over the dialog.
enum OpenForm {
    Recurrence(Box<RecurrenceForm>),
    Alerts(Box<AlertsForm>),
}

/// The dialog, and what follows OK.
pub struct Process {
    tab: Tab,
    general: General,
    job: JobFields,
    setup: Option<Setup>,
    open_form: Option<OpenForm>,
    shows_run: bool,
    focus_in_run: ProgressFocus,
    /// The job that is edited instead of creating one.
    edited: Option<EditedJob>,
}

impl Process {
    /// The dialog, or the active run of this console.
    pub fn new(view: &ViewContext) -> Self {
        Self {
            tab: Tab::General,
            general: General::new(Task { transfer: true, purge: true }),
            job: JobFields::new(None, view),
            setup: None,
            open_form: None,
            shows_run: view.run.is_some_and(LiveRun::is_active),
            focus_in_run: ProgressFocus::new(),
            edited: None,
        }
    }

    /// The Batch tab with the settings of a job.
    pub fn like(settings: &JobSettings, view: &ViewContext) -> Self {
        let mut process = Self::new(view);
        process.tab = Tab::Batch;
        process.shows_run = false;
        process.job = JobFields::new(Some(settings), view);
        process.general = General::new(settings.task);
        process
    }

    /// The Batch tab with the settings of a job, to change that job.
    pub fn edit(edited: &EditedJob, view: &ViewContext) -> Self {
        let job = JobFields::edit(&edited.settings, view);
        Self { job, edited: Some(edited.clone()), ..Self::like(&edited.settings, view) }
    }

    fn task(&self) -> Task {
        if let Some(edited) = &self.edited {
            return edited.settings.task;
        }
        Task { transfer: self.general.transfer, purge: self.general.purge }
    }

    /// The batch server that would run it now: a running one that serves the default group.
    fn server<'v>(&'v self, view: &'v ViewContext) -> Option<&'v str> {
        match &self.setup {
            Some(setup) => {
                let serves = |server: &&crate::batch::BatchServer| server.is_alive() && server.serves("");
                setup.scheduling.servers.iter().find(serves).map(|server| server.name.as_str())
            }
            None => view.freshness.and_then(|freshness| freshness.coming.servers.first()).map(String::as_str),
        }
    }

    /// The servers of the chosen group, for the line beside it.
    fn serving(&self) -> String {
        let Some(setup) = &self.setup else { return String::new() };
        let group = self.job.group.value();
        let names: Vec<_> = setup.scheduling.servers.iter().filter(|server| server.serves(group)).collect();
        let name = |server: &&crate::batch::BatchServer| {
            if server.is_alive() { server.name.clone() } else { format!("{} (not running)", server.name) }
        };
        let names: Vec<_> = names.iter().map(name).collect();
        if names.is_empty() { "served by no server".to_owned() } else { format!("served by {}", names.join(", ")) }
    }

    fn outlook(&self, view: &ViewContext) -> Vec<submit_preview::PreviewLine> {
        use crate::console::view::theme::Role;
        if !self.job.batch.on {
            let text = "Runs once, now. The fields above apply only with Batch processing.";
            return vec![(text.to_owned(), Role::Text)];
        }
        match self.job.settings(self.task(), view) {
            Err((_, fault)) => vec![(format!("! {fault}"), Role::Bad)],
            Ok(settings) => match &self.edited {
                Some(EditedJob { job_id, settings: before, .. }) => {
                    let differences = before.differences(&settings);
                    submit_preview::edit_lines(*job_id, &settings, &differences, self.setup.as_ref(), view)
                }
                None => submit_preview::lines(&settings, &self.job.alerts, self.setup.as_ref(), view),
            },
        }
    }

    fn draw_dialog(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        if let Some(edited) = &self.edited {
            let title = format!("Edit job {} {}", edited.job_id, edited.settings.description);
            painter.rule(0, &title, "", true);
        } else {
            painter.rule(0, "Process status messages", "", true);
            pane::tabs(painter, ["General", "Batch"], usize::from(self.tab == Tab::Batch));
        }
        let server = self.server(view).map(str::to_owned);
        let mut part = painter.part(0, 1, width, height - 1);
        match self.tab {
            Tab::General => self.general.draw(&mut part, server.as_deref(), view),
            Tab::Batch => batch_tab::draw(&mut part, &self.job, &self.serving(), &self.outlook(view)),
        }
    }
}

impl Screen for Process {
    fn path(&self) -> Vec<&'static str> {
        let mut path = match self.edited {
            Some(_) => vec!["System administration", "Inquiries", "Batch jobs", "Batch jobs", "Edit job"],
            None => vec!["Retail", "Periodic", "Data distribution", "Process status messages"],
        };
        match &self.open_form {
            Some(OpenForm::Recurrence(_)) => path.extend(["Batch", "Recurrence"]),
            Some(OpenForm::Alerts(_)) => path.extend(["Batch", "Alerts"]),
            None => {}
        }
        path
    }

    fn route(&self) -> Route {
        self.edited.as_ref().map_or(Route::Process, |edited| Route::EditJob(Box::new(edited.clone())))
    }

    fn is_dialog(&self) -> bool {
        !self.shows_run
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        if self.shows_run {
            return Vec::new();
        }
        vec![Effect::Ask(Query::Batch(BatchQuery::Setup)), Effect::Ask(Query::Preview)]
    }

    fn offers(&self, command: Command) -> bool {
        self.shows_run
            && (ProgressFocus::offers(command)
                || matches!(
                    command,
                    Command::Actions | Command::Help | Command::Palette | Command::Menu | Command::Quit
                ))
    }

    fn key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        self.take_key(key, view)
    }

    fn focus_field(&mut self, number: usize) -> bool {
        match (&mut self.open_form, self.tab) {
            (Some(OpenForm::Recurrence(form)), _) => form.focus(number),
            (Some(OpenForm::Alerts(form)), _) => form.focus(number),
            (None, Tab::General) => self.general.focus(number),
            (None, Tab::Batch) => self.job.focus(number),
        }
    }

    fn help(&self, _: &ViewContext) -> Vec<String> {
        let sentences: Vec<&str> = match (&self.open_form, self.tab) {
            (Some(OpenForm::Recurrence(form)), _) => return form.help(),
            (Some(OpenForm::Alerts(form)), _) => return form.help(),
            (None, Tab::General) => general::ORDER.map(general::help).to_vec(),
            (None, Tab::Batch) => {
                let sentence = |id: &FieldId| match id {
                    FieldId::Ok if self.edited.is_some() => batch_tab::SAVE_HELP,
                    id => batch_tab::help(*id),
                };
                self.job.order().iter().map(sentence).collect()
            }
        };
        sentences.into_iter().map(str::to_owned).collect()
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        self.run_command(command, view)
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        match change {
            ScreenChange::StartRun { confirm_purge } => self.start(confirm_purge, view),
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Preview(preview)) => self.general.preview = Some(Ok(preview)),
            Ok(Answer::Batch(answer)) => match *answer {
                BatchAnswer::Setup(setup) => {
                    self.job.group.offer(setup.groups.iter().map(|group| group.name.clone()).collect());
                    self.setup = Some(setup);
                }
                BatchAnswer::Alerts(facts) => {
                    if let Some(OpenForm::Alerts(form)) = &mut self.open_form {
                        form.take(&facts);
                    }
                }
                _ => {}
            },
            Ok(_) => {}
            Err(sentence) => self.general.preview = Some(Err(sentence)),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        if let Some(run) = view.run.filter(|_| self.shows_run) {
            return progress::draw(painter, &ShownRun::live(run, view), &mut self.focus_in_run, view);
        }
        match &mut self.open_form {
            Some(OpenForm::Recurrence(form)) => form.draw(painter, view),
            Some(OpenForm::Alerts(form)) => form.draw(painter, view),
            None => self.draw_dialog(painter, view),
        }
    }

    fn notice(&self, view: &ViewContext) -> String {
        self.sentence(view)
    }
}

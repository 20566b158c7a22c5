//! What an operator does with batch jobs: a letter, then what more it takes, then the question.

use crate::batch::{BatchStatus, JobSettings};
use crate::console::backend::batch_mutations::{self};
use crate::console::protocol::dialog::Question;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::route::Route;
use crate::console::screens::batch::jobs::actions;
use crate::console::screens::batch::jobs::{BatchJobs, Doing};
use crate::console::view::context::ViewContext;

impl BatchJobs {
    /// Goes on with the letter of an action or a status.
    pub(super) fn choose(&mut self, letter: char, view: &ViewContext) -> Vec<Effect> {
        let Doing::Choosing(job_id, of_status) = std::mem::replace(&mut self.doing, Doing::Nothing) else {
            return Vec::new();
        };
        let Some(job) = self.known(job_id).cloned() else { return Vec::new() };
        let name = format!("{job_id} {}", job.settings.description);
        if of_status {
            let Some(to) = actions::status_of(letter) else { return Vec::new() };
            self.doing = Doing::Reason(job_id, to, job.version);
            return vec![Effect::Prompt("Reason, for the journal (may be empty):", String::new())];
        }
        let (act, title, lines, word) = match letter {
            'y' => return vec![Effect::Copy(format!("cdx batch why {job_id}"))],
            's' => {
                self.doing = Doing::Choosing(job_id, true);
                return vec![Effect::Actions(format!("New status of {name}"), actions::on_status(&job))];
            }
            'r' => return vec![Effect::Go(Route::JobRecurrence(job_id))],
            't' => return vec![Effect::Go(Route::JobAlerts(job_id))],
            'o' => return vec![Effect::Go(Route::SubmitLike(Box::new(job.settings)))],
            'g' => {
                self.doing = Doing::RunHere(job_id, job.settings.task);
                return vec![Effect::Question(Question {
                    title: format!("Run {name} in this console?"),
                    lines: vec!["It ends with the console, at a whole chunk, and stays due then.".to_owned()],
                    word: "y".to_owned(),
                })];
            }
            'n' => (
                BatchMutation::AskForRun(batch_mutations::run_now(&job.settings, view.now), None, None),
                format!("Run {name} once now?"),
                vec!["One run beside its schedule; the job itself stays as it is.".to_owned()],
                "y".to_owned(),
            ),
            'x' => {
                let settings = JobSettings { recurrence: None, ..job.settings.clone() };
                (
                    BatchMutation::Change(job_id, Box::new(settings), Some(job.version)),
                    format!("Remove the recurrence of {name}?"),
                    vec!["It runs once more, at its scheduled start or at once if that has passed.".to_owned()],
                    "y".to_owned(),
                )
            }
            'd' => (
                BatchMutation::Delete(vec![(job_id, Some(job.version))]),
                format!("Delete {name}?"),
                vec!["Its schedule and its alerts go; its history stays. u brings it back.".to_owned()],
                "y".to_owned(),
            ),
            'e' => {
                let of_status = self.all.iter().filter(|row| row.job.status == job.status);
                let jobs: Vec<_> = of_status.map(|row| (row.job.job_id, Some(row.job.version))).collect();
                let count = jobs.len();
                (
                    BatchMutation::Delete(jobs),
                    format!("Delete all {count} batch jobs with status {}?", job.status),
                    vec!["Their schedules and alerts go, their history stays. u brings each back.".to_owned()],
                    count.to_string(),
                )
            }
            _ => return Vec::new(),
        };
        self.doing = Doing::Asking(act);
        vec![Effect::Question(Question { title, lines, word })]
    }

    /// Goes on with what was typed.
    pub(super) fn take_typed(&mut self, text: &str) -> Vec<Effect> {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Filter => {
                text.trim().clone_into(&mut self.filter);
                self.show();
                Vec::new()
            }
            Doing::Reason(job_id, to, version) => {
                let name = self.known(job_id).map_or_else(String::new, |job| job.settings.description.clone());
                self.doing = Doing::Asking(BatchMutation::ChangeStatus(job_id, to, text.to_owned(), Some(version)));
                let line = match to {
                    BatchStatus::Withhold => "No start of it is made until it is set to Waiting.",
                    BatchStatus::Waiting => "A start that has passed meanwhile is made once, at once.",
                    BatchStatus::Canceling => {
                        "What runs ends at its chunk; what was transferred stays. Its series is over."
                    }
                    _ => "Its series is over; setting it to Waiting begins it again.",
                };
                let title = format!("Set {job_id} {name} to {to}?");
                vec![Effect::Question(Question { title, lines: vec![line.to_owned()], word: "y".to_owned() })]
            }
            _ => Vec::new(),
        }
    }
}

//! What can be done with a batch job, behind `a`.

use crate::batch::{BatchJob, BatchStatus, may_change};
use crate::console::protocol::dialog::Action;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::view::context::ViewContext;

/// The actions on a job; what cannot be done says why.
pub fn on_job(job: &BatchJob, view: &ViewContext) -> Vec<Action> {
    let alive = job.status.is_alive().then(|| "it runs now".to_owned());
    let once = job.settings.recurrence.is_none().then(|| "it has none".to_owned());
    let asked = job.interactive.then(|| "one run, asked for at a console".to_owned());
    let first = |reasons: &[&Option<String>]| reasons.iter().find_map(|reason| (*reason).clone());
    let action = |letter, label, refused: Option<String>| {
        let read_only = view.read_only.then(|| "this console is read-only".to_owned());
        Action { letter, label, remark: String::new(), refused: read_only.or(refused) }
    };
    let mut actions = vec![
        Action { letter: 'y', label: "Copy as command", remark: "changes nothing".to_owned(), refused: None },
        action('s', "Change status…", None),
        action('r', "Recurrence…", first(&[&alive, &asked])),
        action('t', "Alerts…", asked.clone()),
        action('n', "Run once now…", first(&[&alive, &asked])),
        action('o', "Copy the job…", asked.clone()),
        action('x', "Remove recurrence…", first(&[&alive, &asked, &once])),
        action('d', "Delete…", alive),
        action('e', "Delete all like it…", None),
    ];
    if job.settings.private {
        let refused = match job.due() {
            _ if job.created_by != view.operator => Some(format!("it is private to {}", job.created_by)),
            _ if view.run.is_some_and(LiveRun::lives) => Some("a run lives in this console".to_owned()),
            _ if job.status.is_alive() => None,
            _ if job.status != BatchStatus::Waiting => Some(format!("it is {}", job.status)),
            Some(at) if at > view.now => Some(format!("not due before {}", view.zone.short(at, view.now))),
            _ => None,
        };
        let place = actions.iter().position(|action| action.letter == 'n').unwrap_or(0);
        actions.insert(place, action('g', "Run here now…", refused));
        actions.retain(|action| action.letter != 'n');
    }
    if job.status.is_alive() {
        actions.retain(|action| action.letter != 'e');
    }
    actions
}

/// What a status is, as the choice of a new one says it.
const STATUSES: [(char, &str, &str, BatchStatus); 4] = [
    ('w', "Withhold", "no start until it is released", BatchStatus::Withhold),
    ('r', "Waiting", "releases it", BatchStatus::Waiting),
    ('e', "Canceling", "it ends at its chunk", BatchStatus::Canceling),
    ('c', "Canceled", "its series is over", BatchStatus::Canceled),
];

/// The statuses that an operator can choose; what the present one does not allow says why.
pub fn on_status(job: &BatchJob) -> Vec<Action> {
    let refused = |to| may_change(job.status, to).err().map(str::to_owned);
    STATUSES
        .iter()
        .map(|(letter, label, remark, to)| Action {
            letter: *letter,
            label,
            remark: (*remark).to_owned(),
            refused: refused(*to),
        })
        .collect()
}

/// The status behind a letter.
pub fn status_of(letter: char) -> Option<BatchStatus> {
    STATUSES.iter().find(|(known, ..)| *known == letter).map(|(.., status)| *status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_can_be_chosen_has_a_letter_that_moves_nothing() {
        for status in BatchStatus::CHOICES {
            let (letter, ..) = STATUSES.iter().find(|(.., known)| *known == status).expect("a letter");
            assert!(!"ahjkl".contains(*letter));
            assert_eq!(status_of(*letter), Some(status));
        }
    }
}

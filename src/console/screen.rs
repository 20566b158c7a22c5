//! What a screen is: it takes commands and answers, and returns wishes; it performs nothing and cannot reach the store.

use crate::batch::JobSettings;
use crate::console::acts::Act;
use crate::console::batch_query::{HistoryPlace, Watched};
use crate::console::export::What;
use crate::console::input::Key;
use crate::console::keys::Command;
use crate::console::live::LiveRun;
use crate::console::memory::Look;
use crate::console::overlay::About;
use crate::console::painter::Painter;
use crate::console::query::{Answer, Freshness, Query};
use crate::console::time::Zone;
use crate::domain::{Direction, SessionKey, Timestamp};
use chrono_tz::Tz;
use std::time::Duration;

/// How long the cursor of a list rests before what depends on its row follows.
pub const REST: Duration = Duration::from_millis(150);

/// Where one can go.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// The to-do list.
    Overview,
    /// Errors by cause.
    Errors,
    /// The dialog, or the run that lives.
    Process,
    /// The sessions of a form, with a filter typed in.
    Sessions(Direction, String),
    /// Sessions whose state is a failure of one cause.
    SessionsOfCause(Direction, i64, String),
    /// Distribution schedules.
    Schedules,
    /// The sessions of one distribution schedule.
    History(Direction, String),
    /// Agents and channel databases, when each was heard of.
    Connections,
    /// One session, what happened to it.
    Session(SessionKey),
    /// Status messages, with a filter typed in.
    Messages(String),
    /// Runs of Process status messages.
    Runs,
    /// One of them.
    Run(i64),
    /// Messages that make no sense.
    Rejected,
    /// Retail scheduler parameters.
    Parameters,
    /// Batch jobs, all or the operator's own.
    BatchJobs(Mine),
    /// The batch job history, with a filter typed in.
    BatchHistory(String),
    /// The history of one job, from this row on.
    BatchHistoryAt(i64, HistoryPlace),
    /// Batch groups, the cursor on this one.
    BatchGroups(Option<String>),
    /// Server configuration, the cursor on this server.
    Servers(Option<String>),
    /// How often this job runs.
    JobRecurrence(i64),
    /// Who hears what of this job.
    JobAlerts(i64),
    /// The dialog's Batch tab with the settings of a job that is to be submitted once more.
    SubmitLike(Box<JobSettings>),
    /// A run as head office knows it, wherever it lives.
    Watch(Watched),
    /// What was told to the operator.
    Notifications,
}

/// Whose batch jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mine {
    /// Everybody's.
    All,
    /// The operator's own.
    Own,
}

/// What a screen wishes to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// An answer.
    Ask(Query),
    /// Another screen.
    Go(Target),
    /// A line in the notice row.
    Say(String),
    /// A text to the operator's clipboard.
    Copy(String),
    /// A run, with what it is to do.
    Start(Choice),
    /// The screen before.
    Back,
    /// A line of text typed under this heading; it comes back through [`Screen::typed`].
    Prompt(&'static str, String),
    /// A question that only this letter or word confirms; then [`Screen::confirmed`].
    Question(Question),
    /// A choice of actions; the letter comes back through [`Screen::acted`].
    Actions(String, Vec<Action>),
    /// Something to be picked; it comes back through [`Screen::picked`].
    Pick(Pick),
    /// Something told at length under a title.
    Tell(String, Vec<String>),
    /// Rows into a file of this name.
    Export(What, String),
    /// A change.
    Act(Act),
    /// A line typed about a cause, beginning with this.
    About(About, String),
    /// The end of the run that lives here, at a chunk.
    CancelRun,
}

/// One thing behind `a`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The letter that chooses it.
    pub letter: char,
    /// What it does.
    pub label: &'static str,
    /// To how many rows, or that it changes nothing.
    pub remark: String,
    /// Why it cannot be done now.
    pub refused: Option<String>,
}

/// Something to be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Of what.
    pub title: String,
    /// The lines, and which are ticked.
    pub lines: Vec<(String, bool)>,
    /// Whether any number of them can be ticked.
    pub many: bool,
}

/// A question before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The box's title.
    pub title: String,
    /// What will happen, line by line.
    pub lines: Vec<String>,
    /// What must be typed: `y` at once, anything longer with Enter.
    pub word: String,
}

/// What a run is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Bring messages to head office.
    pub transfer: bool,
    /// Purge what has expired.
    pub purge: bool,
    /// The most rows that a braked purge may take.
    pub confirm_purge: Option<i64>,
    /// The private batch job that it is a run of.
    pub job: Option<i64>,
}

/// What every screen may look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// The zone of times.
    pub zone: Zone,
    /// How fresh the status is; `None` before the first answer.
    pub freshness: Option<&'a Freshness>,
    /// The run that lives in this console, or the last one that did.
    pub run: Option<&'a LiveRun>,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// The login.
    pub operator: &'a str,
    /// The operator's zone, for forms.
    pub home: Tz,
    /// When this operator's last console ended, as far as known.
    pub last_here: Option<Timestamp>,
}

impl View<'_> {
    /// Nothing is known yet.
    pub fn empty(zone: Zone) -> Self {
        let now = Timestamp::default();
        View { now, zone, freshness: None, run: None, read_only: false, operator: "", home: Tz::UTC, last_here: None }
    }
}

/// One screen.
pub trait Screen {
    /// The path in the menu, its own name last.
    fn path(&self) -> Vec<&'static str>;

    /// Which target leads here, to come back to it.
    fn target(&self) -> Target;

    /// What it asks when it is opened, and again when it is to read anew.
    fn load(&mut self, view: &View) -> Vec<Wish>;

    /// Takes a command that the key table knows; `None` if it has no use for it.
    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>>;

    /// Whether the command can do something here, for hints and help.
    fn offers(&self, command: Command) -> bool;

    /// Takes an answer, or a sentence why there is none.
    fn answer(&mut self, answer: Result<Answer, String>, view: &View) -> Vec<Wish>;

    /// Whether it is a dialog now: then it takes keys itself, and nothing global lives but help, ^C, ^L and ^Z.
    fn is_dialog(&self) -> bool {
        false
    }

    /// As a dialog, takes a key; `None` if it has no use for it.
    fn key(&mut self, _key: &Key, _view: &View) -> Option<Vec<Wish>> {
        None
    }

    /// Takes the letter of an action.
    fn acted(&mut self, _letter: char, _view: &View) -> Vec<Wish> {
        Vec::new()
    }

    /// Takes a text typed at its prompt; a sentence refuses it.
    fn typed(&mut self, _text: &str, _view: &View) -> Result<Vec<Wish>, String> {
        Ok(Vec::new())
    }

    /// Goes on after its question was confirmed.
    fn confirmed(&mut self, _view: &View) -> Vec<Wish> {
        Vec::new()
    }

    /// Takes what was picked: the numbers of the lines.
    fn picked(&mut self, _chosen: &[usize], _view: &View) -> Vec<Wish> {
        Vec::new()
    }

    /// How it looks, under the name by which that is remembered.
    fn look(&self, _view: &View) -> Option<(String, Look)> {
        None
    }

    /// Some seconds have passed.
    fn tick(&mut self, _view: &View) -> Vec<Wish> {
        Vec::new()
    }

    /// No key was pressed for [`REST`]: what it asks for the row on which the cursor rests.
    fn rested(&mut self, _view: &View) -> Vec<Wish> {
        Vec::new()
    }

    /// The operator goes elsewhere: what it still wants to happen.
    fn leave(&mut self, _view: &View) -> Vec<Wish> {
        Vec::new()
    }

    /// The channel database under the cursor, whose times `z` can show.
    fn store(&self) -> Option<String> {
        None
    }

    /// Whether it shows something that lives elsewhere and changes by the second.
    fn is_watching(&self) -> bool {
        false
    }

    /// Draws itself.
    fn draw(&mut self, painter: &mut Painter, view: &View);

    /// The sentence of the notice row while nothing else is said there.
    fn notice(&self, _view: &View) -> String {
        String::new()
    }
}

//! The explanation of a session: its steps against what is usual, what happens next, what helped
//! before.

use crate::console::protocol::batch_query::Watched;
use crate::console::protocol::effect::{Effect, LinkedLine, Tone};
use crate::console::protocol::explanation::{Explanation, UsualStep, median};
use crate::console::protocol::query::{Choose, Query, RemedyTally, TransferredMessage};
use crate::console::protocol::route::Route;
use crate::console::protocol::time::{age, took};
use crate::console::screens::sessions::title;
use crate::console::view::context::ViewContext;
use crate::console::view::explain::{session_next, status_help, tries_left};
use crate::console::view::theme::status_glyph;
use crate::domain::{Cause, SessionAction, SessionKey, Status, Timestamp, counted, grouped};
use crate::filter::quoted;

/// Steps that are shown, the newest ones.
const MAX_STEPS: usize = 40;

/// The remedy of sessions for which no operator acted.
const RETRY: &str = "A later try";

/// Shows the explanation; says so if there is no such session.
pub fn explain(explanation: Option<Box<Explanation>>, view: &ViewContext) -> Effect {
    let Some(explanation) = explanation else {
        return Effect::Say("There is no such session at head office (any more).".to_owned());
    };
    let explained = Explained { of: &explanation, view };
    let mut lines = explained.state();
    lines.extend(explained.steps());
    lines.extend(explained.next());
    lines.extend(explained.remedies());
    Effect::ShowExplanation { of: explanation.session.key.clone(), title: title(&explanation.session), lines }
}

struct Explained<'a> {
    of: &'a Explanation,
    view: &'a ViewContext<'a>,
}

impl Explained<'_> {
    fn status(&self) -> Status {
        self.of.session.status()
    }

    /// Milliseconds since it has its status.
    fn waited(&self) -> i64 {
        self.view.now.since(self.of.session.fold.winner.occurred_at).max(0)
    }

    fn at(&self, at: Timestamp) -> String {
        self.view.zone.short(at, self.view.now)
    }

    fn state(&self) -> Vec<LinkedLine> {
        let (session, status) = (&self.of.session, self.status());
        let (glyph, _) = status_glyph(status);
        let help = status_help(session.key.direction, status);
        let tone = if status.is_failed() { Tone::Bad } else { Tone::Plain };
        let mut lines = vec![
            LinkedLine::plain(format!("{glyph} {status}, for {}: {help}", age(self.waited())))
                .tone(tone)
                .then(Effect::Go(Route::messages_of(&session.key))),
        ];
        let text = session.fold.winner.message.as_ref().filter(|text| !text.is_empty() && status.is_failed());
        lines.extend(text.map(|text| LinkedLine::plain(format!("  {text}"))));
        if let Some(last) = session.fold.last_error.as_ref().filter(|_| !status.is_failed()) {
            let text = last.failure.message.as_deref().unwrap_or("no text");
            let at = self.at(last.failure.occurred_at);
            lines.push(LinkedLine::plain(format!("  Before that: {} {at}: {text}", last.failure.status)));
        }
        if let Some(number) = session.fold.rerun_for {
            let repeated = SessionKey { session_number: number, ..session.key.clone() };
            let line = LinkedLine::plain(format!("  It is a rerun of session {number}."));
            lines.push(line.then(Effect::Go(Route::Session(repeated))));
        }
        lines
    }

    fn steps(&self) -> Vec<LinkedLine> {
        let mut lines = vec![LinkedLine::plain(""), LinkedLine::plain("Steps").tone(Tone::Title)];
        let messages = &self.of.messages;
        let skipped = messages.len().saturating_sub(MAX_STEPS);
        if skipped > 0 {
            let text = format!("  {} before these", counted(skipped, "message"));
            lines.push(LinkedLine::plain(text).then(Effect::Go(Route::messages_of(&self.of.session.key))));
        }
        for at in skipped..messages.len() {
            let before = at.checked_sub(1).and_then(|before| messages.get(before));
            lines.extend(messages.get(at).map(|message| self.step(before, message)));
        }
        lines.extend(self.waiting());
        lines.push(self.compared_with());
        lines
    }

    /// One step: when it happened or how long it took, and how long it usually takes.
    fn step(&self, before: Option<&TransferredMessage>, message: &TransferredMessage) -> LinkedLine {
        let (glyph, _) = status_glyph(message.status);
        let status = message.status.to_string();
        let run = (message.run_id > 0).then_some(Route::Watch(Watched::Run(message.run_id)));
        let route = run.unwrap_or_else(|| Route::messages_of(&self.of.session.key));
        let tried = if message.try_count > 0 { format!("  try {}", message.try_count) } else { String::new() };
        let Some(before) = before.filter(|before| before.round == message.round) else {
            let round = if message.round > 0 { format!("  round {}", message.round) } else { String::new() };
            let text = format!("{glyph} {status:<15} {:>9}{round}{tried}", self.at(message.occurred_at));
            let tone = if message.status.is_failed() { Tone::Bad } else { Tone::Plain };
            return LinkedLine::plain(text).tone(tone).then(Effect::Go(route));
        };
        let time = message.occurred_at.since(before.occurred_at).max(0);
        let usual = if message.status.is_failed() {
            // The status that usually follows, which it did not reach.
            self.of.usual.after(before.status)
        } else {
            self.of.usual.step(before.status, message.status)
        };
        let is_slow = !message.status.is_failed() && usual.is_some_and(|usual| usual.is_slow(time));
        let usually = match usual {
            Some(usual) if message.status.is_failed() => format!("  usual: {} after {}", usual.to, words(usual)),
            Some(usual) => format!("  usual {}", words(usual)),
            None => String::new(),
        };
        let tone = match (message.status.is_failed(), is_slow) {
            (true, _) => Tone::Bad,
            (false, true) => Tone::Warn,
            (false, false) => Tone::Plain,
        };
        let slow = if is_slow { "  SLOW" } else { "" };
        let text = format!("{glyph} {status:<15} {:>9}{slow}{tried}{usually}", format!("+{}", took(time)));
        LinkedLine::plain(text).tone(tone).then(Effect::Go(route))
    }

    /// The step that it waits for.
    fn waiting(&self) -> Option<LinkedLine> {
        let status = self.status();
        let usual = self.of.usual.after(status).filter(|_| !status.is_final() && !status.is_failed())?;
        let waited = self.waited();
        let slow = if usual.is_slow(waited) { "  SLOW" } else { "" };
        let (to, took) = (usual.to.to_string(), format!("+{} …", took(waited)));
        let text = format!("  {to:<15} {took:>9}{slow}  usual {}", words(usual));
        let tone = if slow.is_empty() { Tone::Dim } else { Tone::Warn };
        let store = self.of.session.key.channel_database.clone();
        let line = LinkedLine::plain(text).tone(tone);
        Some(if store.is_empty() { line } else { line.then(Effect::Go(Route::Store(store))) })
    }

    /// What the usual durations are taken from.
    fn compared_with(&self) -> LinkedLine {
        let (usual, session) = (&self.of.usual, &self.of.session);
        let (job, store) = (&session.fold.job_name, &session.key.channel_database);
        let of = if store.is_empty() { format!("of job {job}") } else { format!("of job {job} on {store}") };
        let back = usual.reached.map(|number| format!(", searched down to session {number}")).unwrap_or_default();
        let count = i64::try_from(usual.sessions).unwrap_or(i64::MAX);
        let text = if usual.is_known() {
            format!("  Usual: the median of the last {} {of}{back}.", counted(count, "session"))
        } else {
            let sessions = counted(count, "earlier session");
            format!("  Too little history to say what is usual: {sessions} {of}{back}.")
        };
        let store = if store.is_empty() { String::new() } else { format!(" store:{}", quoted(store)) };
        let filter = format!("job:{}{store}", quoted(job));
        LinkedLine::plain(text).tone(Tone::Dim).then(Effect::Go(Route::Sessions(session.key.direction, filter)))
    }

    fn next(&self) -> Vec<LinkedLine> {
        let (session, status) = (&self.of.session, self.status());
        let next = LinkedLine::plain(session_next(session, self.view));
        let mut lines = vec![LinkedLine::plain(""), next];
        if let Some(usual) = self.of.usual.after(status).filter(|_| !status.is_final() && !status.is_failed()) {
            lines.push(LinkedLine::plain(format!("  {}", self.due(usual))));
        }
        let tried = session.fold.winner.try_count;
        if let Some(left) = tries_left(session, self.view) {
            let when = if left.ends_with("none left") { String::new() } else { format!(" {}", self.next_try()) };
            let line = LinkedLine::plain(format!("  This was try {tried} {left}.{when}"));
            lines.push(line.then(Effect::Go(Route::Parameters)));
        } else if tried > 0 {
            let times = if tried == 1 { "once".to_owned() } else { format!("{} times", grouped(tried)) };
            lines.push(LinkedLine::plain(format!("  It was tried {times}.")));
        }
        lines
    }

    /// When the next status is expected.
    fn due(&self, usual: &UsualStep) -> String {
        let late = self.waited() - usual.median();
        let usually = format!("{} usually follows after {}", usual.to, words(usual));
        if late < 0 {
            return format!("{usually}: expected in {}.", age(-late));
        }
        let at = Timestamp(self.view.now.0 - late);
        format!("{usually}: it was expected {}, {} ago.", self.at(at), age(late))
    }

    /// When the agent tries again, by the time between tries so far.
    fn next_try(&self) -> String {
        let status = self.status();
        let failures: Vec<_> = self.of.messages.iter().filter(|message| message.status == status).collect();
        let same_round = failures.windows(2).filter(|pair| pair[0].round == pair[1].round);
        let mut gaps: Vec<_> = same_round.map(|pair| pair[1].occurred_at.since(pair[0].occurred_at).max(0)).collect();
        gaps.sort_unstable();
        let own = (!gaps.is_empty()).then(|| (median(&gaps), "its tries"));
        let Some((gap, of)) = own.or_else(|| self.of.usual.retry().map(|(gap, _)| (gap, "tries of this job"))) else {
            return "The time of the next one is not known: no two tries of it were reported.".to_owned();
        };
        let late = self.waited() - gap;
        let rhythm = format!("{of} are {} apart", took(gap));
        if late < 0 {
            return format!("The next one is expected in {}: {rhythm}.", age(-late));
        }
        format!("The next one was expected {} ago: {rhythm}.", age(late))
    }

    fn remedies(&self) -> Vec<LinkedLine> {
        let Some(remedies) = &self.of.remedies else { return Vec::new() };
        let session = &self.of.session;
        let mut lines = vec![LinkedLine::plain(""), LinkedLine::plain("What helped with this cause").tone(Tone::Title)];
        let ask = |action: SessionAction| {
            let is_allowed = self.view.read_only.is_none() && action.check_allowed(session).is_ok();
            let choose = Choose::Keys(vec![session.key.clone()], None);
            is_allowed.then(|| Effect::Ask(Query::SelectedSessions(action, choose)))
        };
        let cause = Cause::of(session.fold.winner.message.as_deref().unwrap_or(""));
        let open = Route::SessionsOfCause(session.key.direction, cause.digest, cause.masked);
        let cases = [
            ("Rerun", "succeeded", remedies.rerun, ask(SessionAction::Rerun)),
            ("Cancel", "ended it", remedies.cancel, ask(SessionAction::Cancel)),
            (RETRY, "succeeded", remedies.retry, Some(Effect::Go(open))),
        ];
        // Agents do not retry the creation of a package.
        let retried = self.status() != Status::CreateFailed;
        let cases = cases.into_iter().filter(|(what, _, tally, _)| !tally.is_empty() && (retried || *what != RETRY));
        for (what, helped, tally, then) in cases {
            let line = LinkedLine::plain(format!("  {what:<11}  {}", tally_words(helped, tally)));
            let line = line.tone(if tally.helped * 2 > tally.decided() { Tone::Good } else { Tone::Plain });
            lines.push(match then {
                Some(effect) => line.then(effect),
                None => line,
            });
        }
        if lines.len() == 2 {
            lines.push(LinkedLine::plain("  No earlier case of it is at head office."));
        }
        lines
    }
}

/// `succeeded in 34 of 36 cases; 2 are not decided yet`.
fn tally_words(helped: &str, tally: RemedyTally) -> String {
    let cases = |count| counted(count, "case");
    let decided = match tally.decided() {
        0 => String::new(),
        decided => format!("{helped} in {} of {}", grouped(tally.helped), cases(decided)),
    };
    let open = match tally.open {
        0 => String::new(),
        open => format!("{} not decided yet", cases(open)),
    };
    let parts: Vec<_> = [decided, open].into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("; ")
}

/// `4 s (of 50)`.
fn words(usual: &UsualStep) -> String {
    format!("{} (of {})", took(usual.median()), usual.count())
}

//! Setting up Process status messages as a batch job: batch processing, group, recurrence.

use crate::batch::{JobSettings, MAX_DESCRIPTION_CHARS, Task};
use crate::cli::plain::Plain;
use crate::cli::plain::dialog::{Step, ask_text, choose, is_yes, print_line};
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery};
use crate::console::protocol::mutation::{BatchMutation, Mutation};
use crate::console::protocol::query::{Answer, Query};
use crate::recurrence::Rule;

/// Next starts that are read out.
const SHOWN_STARTS: usize = 3;

impl Plain<'_> {
    /// Asks for the settings of the job and submits it.
    pub(super) fn submit(&self) -> Step<()> {
        if self.is_read_only()? {
            return Ok(());
        }
        let now = Self::now();
        let mut settings = JobSettings::new(now);
        let usual = settings.description.clone();
        let description = ask_text(&format!("Description, or Enter for {usual}."))?;
        if !description.is_empty() {
            settings.description = description.chars().take(MAX_DESCRIPTION_CHARS).collect();
        }
        if !is_yes("Batch processing, by a batch server?")? {
            print_line("Without batch processing it runs now, once: see State, and process status messages.")?;
            return self.state();
        }
        let tasks = ["Transfer, then purge", "Only transfer", "Only purge"].map(str::to_owned);
        let Some(task) = choose("What does the job do?", &tasks)? else { return Ok(()) };
        settings.task = Task { transfer: task != 2, purge: task != 1 };
        let Some(group) = self.group()? else { return Ok(()) };
        settings.batch_group = group;
        settings.recurrence = self.recurrence(&settings)?;
        let rhythm = settings.recurrence.as_ref().map_or_else(|| "once, now".to_owned(), Rule::words_with_end);
        let group = if settings.batch_group.is_empty() { "the default group" } else { &settings.batch_group };
        print_line(&format!("{}: {}, in {group}, {rhythm}.", settings.description, tasks[task]))?;
        for start in settings.recurrence.iter().flat_map(|rule| rule.preview(now, SHOWN_STARTS)) {
            print_line(&format!("Next start: {}", self.at(start.at)))?;
        }
        if !is_yes("OK?")? {
            return print_line("Nothing was submitted.");
        }
        let start = format!("first start {}", self.at(settings.start().unwrap_or(now)));
        let submit = Mutation::Batch(BatchMutation::Submit(Box::new(settings), None, start.clone()));
        if self.perform(submit)?.is_some() {
            print_line(&format!("The batch job was submitted, {start}. The command cdx batch jobs lists it."))?;
        }
        Ok(())
    }

    /// Asks for the batch group; `None` goes back.
    fn group(&self) -> Step<Option<String>> {
        let Some(Answer::Batch(answer)) = self.query(Query::Batch(BatchQuery::Setup))? else { return Ok(None) };
        let BatchAnswer::Setup(setup) = *answer else { return Ok(None) };
        let item = |name: &str, description: &str| match (name, description) {
            ("", _) => "Default group".to_owned(),
            (name, "") => name.to_owned(),
            (name, description) => format!("{name}: {description}"),
        };
        let items: Vec<_> = setup.groups.iter().map(|group| item(&group.name, &group.description)).collect();
        let index = choose("Batch group.", &items)?;
        Ok(index.and_then(|index| setup.groups.get(index)).map(|group| group.name.clone()))
    }

    /// Asks for the recurrence until it can be read; `None` runs once.
    fn recurrence(&self, settings: &JobSettings) -> Step<Option<Rule>> {
        let mut prompt = "Recurrence, such as 15m, daily 06:00 or weekdays 02:00. Enter for none.".to_owned();
        loop {
            let words = ask_text(&prompt)?;
            if words.is_empty() {
                return Ok(None);
            }
            match Rule::from_words(&words, settings.first_start, self.home) {
                Ok(rule) => return Ok(Some(rule)),
                Err(fault) => prompt = format!("{fault}. Type it again, or Enter for none."),
            }
        }
    }
}

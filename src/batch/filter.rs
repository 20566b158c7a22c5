//! The fields of a batch job, and of a condition of an alert rule, that a filter names.

use crate::batch::{AlertCondition, BatchJob, BatchStatus};
use crate::filter::{CAUSE_TEXT, FieldValue, Subject};
use crate::recurrence::Rule;

impl BatchJob {
    /// The texts that plain words of a filter search.
    pub fn texts(&self) -> Vec<String> {
        let settings = &self.settings;
        let recurrence = settings.recurrence.as_ref().map(Rule::words_with_end).unwrap_or_default();
        let texts = [&settings.description, &settings.batch_group, &self.created_by].map(String::clone);
        // Sentences about jobs say withheld, the column of the status says Withhold.
        let withheld = (self.status == BatchStatus::Withhold).then(|| "withheld".to_owned());
        let texts = texts.into_iter().chain([recurrence, self.status.label().to_owned(), self.job_id.to_string()]);
        texts.chain(withheld).collect()
    }
}

impl Subject for BatchJob {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let settings = &self.settings;
        match field {
            "status" => FieldValue::Choice(self.status.word()),
            "job" => FieldValue::Texts(vec![self.job_id.to_string().into(), settings.description.as_str().into()]),
            "description" => FieldValue::text(Some(&settings.description)),
            "group" => FieldValue::text(Some(&settings.batch_group)),
            "by" => FieldValue::text(Some(&self.created_by)),
            "next" => FieldValue::number(self.next_start.map(|at| at.0)),
            "due" => FieldValue::number(self.due().map(|at| at.0)),
            "took" => FieldValue::number(self.last.map(|last| last.took_ms)),
            "ended" => FieldValue::number(self.last.map(|last| last.ended_at.0)),
            "recurrence" => settings
                .recurrence
                .as_ref()
                .map_or(FieldValue::Empty, |rule| FieldValue::Text(rule.words_with_end().into())),
            "private" => FieldValue::Choice(if settings.private { "yes" } else { "no" }),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        self.texts().iter().any(|text| is_wanted(text))
    }
}

impl Subject for AlertCondition {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "state" => FieldValue::Choice(self.state()),
            "rule" => self.rule.map_or(FieldValue::Empty, |rule| FieldValue::Choice(rule.word())),
            "store" => FieldValue::text(self.store.as_deref()),
            "job" => FieldValue::number(self.job_id),
            "cause" => FieldValue::number(self.cause),
            CAUSE_TEXT => FieldValue::text(self.cause_text.as_deref()),
            "text" => FieldValue::text(Some(&self.text)),
            "since" => FieldValue::Number(self.since.0),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        is_wanted(&self.text) || self.rule.is_some_and(|rule| is_wanted(rule.label()))
    }
}

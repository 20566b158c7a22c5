//! Days of the week, and sets of them.

use chrono::Weekday;

/// Monday to Sunday, in the order of the form.
pub const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Names of the days, in the order of [`WEEK`].
const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Returns the capitalized name.
pub fn name(day: Weekday) -> &'static str {
    NAMES[day.num_days_from_monday() as usize]
}

/// Returns the day with this lower-case name.
pub fn by_name(text: &str) -> Option<Weekday> {
    WEEK.into_iter().find(|day| name(*day).eq_ignore_ascii_case(text))
}

/// A set of days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to Friday.
    pub const WORKING: Self = Self(0b001_1111);
    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(0b110_0000);
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    /// Whether the set contains the day.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::from(day).0 != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the union.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds the day, or removes it if present.
    #[must_use]
    pub fn toggled(self, day: Weekday) -> Self {
        Self(self.0 ^ Self::from(day).0)
    }

    /// Iterates the days, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |day| self.contains(*day))
    }

    /// Formats the set: `weekdays`, `weekend days`, `every day`, or the days' names.
    pub fn words(self) -> String {
        match self {
            Self::WORKING => "weekdays".to_owned(),
            Self::WEEKEND => "Saturday and Sunday".to_owned(),
            Self::ALL => "all days".to_owned(),
            _ => listed(&self.iter().map(name).collect::<Vec<_>>()),
        }
    }
}

impl From<Weekday> for Weekdays {
    fn from(day: Weekday) -> Self {
        Self(1 << day.num_days_from_monday())
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::default(), |set, day| set.union(day.into()))
    }
}

/// Joins words: `one`, `one and two`, `one, two and three`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

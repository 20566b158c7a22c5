//! The fields that a list declares.

/// A field of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other names of it.
    pub synonyms: &'static [&'static str],
    /// What its values are.
    pub kind: Kind,
    /// Which names of head office its values are.
    pub names: Option<Names>,
}

/// Names that head office knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they name
pub enum Names {
    Stores,
    Jobs,
    /// Channel data groups.
    Groups,
    /// Distribution schedules.
    Schedules,
    BatchGroups,
    BatchServers,
    /// Causes of errors: the beginnings of their texts, or their numbers.
    Causes,
    /// Causes of errors: their numbers only.
    CauseNumbers,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, of which a term names a part.
    Text,
    /// A name, which a term gives as a whole.
    Name,
    /// A number.
    Number,
    /// The number of a cause of errors, which a term gives, or a part of its text.
    Cause,
    /// Milliseconds, which a term gives as an age such as `5m`.
    Duration,
    /// An instant.
    Instant,
    /// How long ago the named instant is.
    Age(&'static str),
    /// How long ago the named instant is, which the list shows as an age; a term can also give a
    /// day or time.
    Past(&'static str),
    /// How far ahead the named instant is, or a day or time.
    Ahead(&'static str),
    /// Whether the named instant is within the last day: yes or no.
    Recent(&'static str),
    /// The earliest value of the named instant.
    From(&'static str),
    /// The latest value of the named instant.
    To(&'static str),
    /// One of a few words.
    Choice(&'static [Choice]),
}

/// A word that a term can give for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// As it is typed and completed.
    pub word: &'static str,
    /// The words that it stands for; empty for a value of the field.
    pub members: &'static [&'static str],
}

/// The fields of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSet {
    /// The fields, in the order in which they are listed to the operator.
    pub fields: &'static [Field],
    /// The number field that a bare number gives; without one it is a plain word.
    pub bare_number: Option<&'static str>,
}

impl Field {
    /// A field without synonyms.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, synonyms: &[], kind, names: None }
    }

    /// Returns the field with other names.
    #[must_use]
    pub const fn synonyms(self, synonyms: &'static [&'static str]) -> Self {
        Self { synonyms, ..self }
    }

    /// Returns the field with values that are completed from names that head office knows.
    #[must_use]
    pub const fn completed_from(self, names: Names) -> Self {
        Self { names: Some(names), ..self }
    }

    /// How a term about it begins.
    pub fn beginning(&self) -> String {
        match self.kind {
            _ if self.names.is_some() => format!("{}:", self.name),
            Kind::Number | Kind::Duration | Kind::Instant => format!("{}>", self.name),
            Kind::Age(_) | Kind::Past(_) | Kind::Ahead(_) => format!("{}<", self.name),
            _ => format!("{}:", self.name),
        }
    }
}

impl Choice {
    /// A value of the field.
    pub const fn one(word: &'static str) -> Self {
        Self { word, members: &[] }
    }

    /// A word for several values.
    pub const fn group(word: &'static str, members: &'static [&'static str]) -> Self {
        Self { word, members }
    }
}

impl FieldSet {
    /// The instant of a row that `from` counts from; without one, that of `age`.
    pub fn time(&self) -> Option<&'static str> {
        let of = |is_from: bool| {
            self.fields.iter().find_map(|field| match field.kind {
                Kind::From(instant) if is_from => Some(instant),
                Kind::Age(instant) if !is_from => Some(instant),
                _ => None,
            })
        };
        of(true).or_else(|| of(false))
    }

    /// The field of a name or synonym, ignoring case.
    pub fn find(&self, name: &str) -> Option<&'static Field> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        self.fields.iter().find(|field| is(field.name) || field.synonyms.iter().any(|known| is(known)))
    }
}

//! The results: a table for people, JSON beside it, and the comparison with an earlier run on the
//! same machine.
//!
//! `-- --save-baseline` keeps the results for later runs to compare with; `-- --write-docs` puts
//! the rows into `docs/performance.md`.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The table in the documents.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");

/// A measured number and the bound that it should keep.
pub struct Measure {
    name: &'static str,
    value: f64,
    bound: Bound,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// A number without a goal.
    Open,
}

/// A number that should be `bound` or more.
pub fn at_least(name: &'static str, value: f64, bound: f64) -> Measure {
    Measure { name, value, bound: Bound::AtLeast(bound) }
}

/// A number that should be `bound` or less.
pub fn at_most(name: &'static str, value: f64, bound: f64) -> Measure {
    Measure { name, value, bound: Bound::AtMost(bound) }
}

/// A number that is only compared with the baseline.
pub fn open(name: &'static str, value: f64) -> Measure {
    Measure { name, value, bound: Bound::Open }
}

impl Measure {
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(bound) => self.value >= bound,
            Bound::AtMost(bound) => self.value <= bound,
            Bound::Open => true,
        }
    }

    /// The number with its bound, such as `0.49 of its rate, wanted ≥ 0.6 (missed)`.
    fn words(&self) -> String {
        let Self { name, value, .. } = self;
        let met = if self.is_met() { "met" } else { "missed" };
        match self.bound {
            Bound::AtLeast(bound) => format!("{} {name}, wanted ≥ {bound} ({met})", short(*value)),
            Bound::AtMost(bound) => format!("{} {name}, wanted ≤ {} ({met})", short(*value), short(bound)),
            Bound::Open => format!("{} {name}", short(*value)),
        }
    }

    fn to_json(&self) -> Value {
        let (at_least, at_most) = match self.bound {
            Bound::AtLeast(bound) => (Some(bound), None),
            Bound::AtMost(bound) => (None, Some(bound)),
            Bound::Open => (None, None),
        };
        json!({"name": self.name, "value": self.value, "at_least": at_least, "at_most": at_most, "met": self.is_met()})
    }
}

/// Two decimals for small numbers, none for large ones.
fn short(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

/// The rows of the table.
pub struct Report {
    /// The name of the benchmark, from which the names of its files derive.
    name: &'static str,
    rows: Vec<Row>,
    baseline: Option<Value>,
}

struct Row {
    what: String,
    figure: String,
    beside: String,
    measures: Vec<Measure>,
}

impl Report {
    /// An empty table; reads the baseline if one is kept.
    pub fn new(name: &'static str) -> Self {
        let kept = std::fs::read_to_string(file(name, "baseline")).ok();
        let baseline = kept.and_then(|text| serde_json::from_str(&text).ok());
        Self { name, rows: Vec::new(), baseline }
    }

    /// Adds a row and prints it.
    pub fn add(&mut self, what: &str, figure: String, beside: String, measures: Vec<Measure>) {
        let row = Row { what: what.to_owned(), figure, beside, measures };
        println!("{} {}", row.line(), self.compared(&row));
        self.rows.push(row);
    }

    /// Prints the table, writes the JSON, and does what the arguments ask for.
    pub fn finish(&self) {
        println!("\n| what | figure | compared with | result |\n| --- | --- | --- | --- |");
        for row in &self.rows {
            println!("{}", row.line());
        }
        let text = format!("{:#}\n", json!({"benchmark": self.name, "rows": self.to_json()}));
        let asked = |argument: &str| std::env::args().any(|arg| arg == argument);
        let mut files = vec![file(self.name, "result")];
        if asked("--save-baseline") {
            files.push(file(self.name, "baseline"));
        }
        for path in files {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is created");
            std::fs::write(&path, &text).expect("the results are written");
            println!("written: {}", path.display());
        }
        if asked("--write-docs") {
            self.write_docs();
        }
    }

    fn to_json(&self) -> Vec<Value> {
        let rows = self.rows.iter();
        rows.map(|row| {
            let measures: Vec<_> = row.measures.iter().map(Measure::to_json).collect();
            json!({"what": row.what, "figure": row.figure, "beside": row.beside, "measures": measures})
        })
        .collect()
    }

    /// The change of each number since the baseline, such as `[ratio 0.49, was 0.52]`.
    fn compared(&self, row: &Row) -> String {
        let mut text = String::new();
        let rows = self.baseline.as_ref().and_then(|kept| kept["rows"].as_array());
        let Some(kept) = rows.and_then(|rows| rows.iter().find(|kept| kept["what"] == row.what.as_str())) else {
            return text;
        };
        for measure in &row.measures {
            let before = kept["measures"].as_array().into_iter().flatten().find(|kept| kept["name"] == measure.name);
            if let Some(before) = before.and_then(|before| before["value"].as_f64()) {
                let _ = write!(text, "[{}: {}, was {}]", measure.name, short(measure.value), short(before));
            }
        }
        text
    }

    /// Replaces the rows of the same name in the documents.
    fn write_docs(&self) {
        let mut text = std::fs::read_to_string(DOCUMENT).expect("the document");
        for row in &self.rows {
            let start = format!("| {} |", row.what);
            let lines: Vec<_> =
                text.lines().map(|line| if line.starts_with(&start) { row.line() } else { line.to_owned() }).collect();
            if !lines.contains(&row.line()) {
                println!("docs/performance.md has no row \"{}\"; add it to its table", row.what);
            }
            text = lines.join("\n") + "\n";
        }
        std::fs::write(DOCUMENT, text).expect("the document is written");
    }
}

impl Row {
    fn line(&self) -> String {
        let Self { what, figure, beside, measures } = self;
        let result: Vec<_> = measures.iter().map(Measure::words).collect();
        format!("| {what} | {figure} | {beside} | {} |", result.join("; "))
    }
}

fn file(name: &str, kind: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-results").join(format!("{name}-{kind}.json"))
}

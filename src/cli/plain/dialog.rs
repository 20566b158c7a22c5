//! Questions and answers as lines: numbered choices on the standard output, one answer a line on
//! the standard input. No escape sequence is ever written.

use crate::cli::exit::Failure;
use crate::domain::clean_line;
use std::io::{BufRead, Write};

/// The longest line that is read, in bytes.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// Why a dialog ended before its result.
#[derive(Debug)]
pub(super) enum Stop {
    /// The operator quit, or the input ended.
    Quit,
    /// The operator asked for the changes that can be undone.
    Undo,
    /// The operator goes back from a question for text.
    Back,
    /// A run was stopped by a signal.
    Interrupted,
    /// The output failed, or a thread could not be started.
    Failed(Failure),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// The result of a dialog.
pub(super) type Step<T> = Result<T, Stop>;

/// Writes a line, without control characters.
pub(super) fn print_line(text: &str) -> Step<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", clean_line(text))?;
    out.flush()?;
    Ok(())
}

/// Asks for a line; the answer has no blanks around it.
pub(super) fn ask(question: &str) -> Step<String> {
    print_line(question)?;
    let mut line = Vec::new();
    // Each line is taken from the one buffer of the standard input.
    let read = std::io::Read::take(std::io::stdin().lock(), MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    if read == 0 {
        print_line("End of input.")?;
        return Err(Stop::Quit);
    }
    Ok(clean_line(String::from_utf8_lossy(&line).trim()).into_owned())
}

/// Asks for text, which 0 and q are not: they go back and quit, as everywhere.
pub(super) fn ask_text(question: &str) -> Step<String> {
    let answer = ask(&format!("{question} 0 goes back:"))?;
    match answer.as_str() {
        "0" => Err(Stop::Back),
        "q" => Err(Stop::Quit),
        _ => Ok(answer),
    }
}

/// Offers numbered choices until one is picked; `None` goes back.
pub(super) fn choose(question: &str, items: &[String]) -> Step<Option<usize>> {
    pick(question, items, "Back")
}

/// Asks for one of the items; `back` is the label of the choice that goes back.
pub(super) fn pick(question: &str, items: &[String], back: &str) -> Step<Option<usize>> {
    print_line(question)?;
    for (index, item) in items.iter().enumerate() {
        print_line(&format!("{}. {item}", index + 1))?;
    }
    print_line(&format!("0. {back}"))?;
    let most = items.len();
    let mut prompt = "Type a number, u to undo a change, or q to quit:".to_owned();
    loop {
        let answer = ask(&prompt)?;
        match (answer.as_str(), answer.parse::<usize>()) {
            ("q", _) => return Err(Stop::Quit),
            ("u", _) => return Err(Stop::Undo),
            (_, Ok(0)) => return Ok(None),
            (_, Ok(number)) if number <= most => return Ok(Some(number - 1)),
            _ => prompt = format!("{answer:?} is not a choice. Type a number from 0 to {most}, u or q:"),
        }
    }
}

/// Asks until the answer is yes or no; 0 is no, as it goes back elsewhere.
pub(super) fn is_yes(question: &str) -> Step<bool> {
    let mut prompt = format!("{question} Type yes or no:");
    loop {
        match ask(&prompt)?.to_lowercase().as_str() {
            "yes" | "y" => return Ok(true),
            "no" | "n" | "0" => return Ok(false),
            "q" => return Err(Stop::Quit),
            answer => prompt = format!("{answer:?} is neither. Type yes or no:"),
        }
    }
}

/// Asks until the answer is not empty.
pub(super) fn text(question: &str) -> Step<String> {
    loop {
        let answer = ask_text(question)?;
        if !answer.is_empty() {
            return Ok(answer);
        }
        print_line("This must not be empty.")?;
    }
}

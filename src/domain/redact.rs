//! Removes secrets from text that is echoed: commands, configuration values, arguments. Hides too
//! much rather than too little.

/// The replacement of a secret.
const HIDDEN: &str = "***";

/// Words in the name of a variable, parameter or option that mark its value as a secret.
const SECRET_WORDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pwd",
    "pass",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "credential",
    "private_key",
];
/// Words after which a secret follows even without a sign in between.
const PROMPTS: [&str; 6] = ["password", "passwd", "pwd", "secret", "bearer", "basic"];
/// Options with a login or a password in the next word, or attached.
const SHORT_OPTIONS: [&str; 4] = ["-u", "-p", "-U", "-k"];
const LONG_OPTIONS: [&str; 5] = ["--user", "--proxy-user", "--username", "--key", "--auth"];

/// Returns the text without passwords, tokens and logins: in URLs, `name=value`, options and
/// headers of any spelling. For display only.
pub fn redact(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut hides = Hides::Nothing;
    let mut rest = text;
    while !rest.is_empty() {
        let space = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        shown.push_str(&rest[..space]);
        rest = &rest[space..];
        let word = &rest[..word_end(rest)];
        rest = &rest[word.len()..];
        if !word.is_empty() {
            hides = redact_word(word, hides, rest, &mut shown);
        }
    }
    shown
}

/// What the previous words announce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hides {
    Nothing,
    /// The next word is a secret.
    Next,
    /// Everything up to the word with the `@` is a secret.
    ToAt,
}

/// Returns the end of the first word: at white space outside quotes. libpq escapes within single
/// quotes, a shell does not.
fn word_end(text: &str) -> usize {
    let whole = quoted_end(text, true).or_else(|| quoted_end(text, false));
    // An unclosed quote is an apostrophe.
    whole.unwrap_or_else(|| text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// Like [`word_end`]; `None` for an unclosed quote.
fn quoted_end(text: &str, escapes_in_single: bool) -> Option<usize> {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (Some('\''), '\\') if escapes_in_single => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => return Some(at),
            (None, _) => {}
        }
    }
    quote.is_none().then_some(text.len())
}

/// Appends what may be shown of one word and returns what it announces. `after` is the text that
/// follows.
fn redact_word(word: &str, hides: Hides, after: &str, shown: &mut String) -> Hides {
    let bare = word.trim_matches(['"', '\'', ',', ';']);
    match hides {
        Hides::Next if ["=", ":", "=>", ":="].contains(&bare) => {
            shown.push_str(word);
            return Hides::Next;
        }
        Hides::Next => {
            shown.push_str(HIDDEN);
            let prompts = ["bearer", "basic", "token"].iter().any(|scheme| bare.eq_ignore_ascii_case(scheme));
            return if prompts { Hides::Next } else { Hides::Nothing };
        }
        Hides::ToAt => {
            shown.push_str(if word.contains('@') { HIDDEN } else { "" });
            return if word.contains('@') { Hides::Nothing } else { Hides::ToAt };
        }
        Hides::Nothing => {}
    }
    let plain = lower(word);
    if let Some(at) = secret_value(&plain) {
        shown.push_str(&word[..at]);
        if word[at..].trim_matches(['"', '\'']).is_empty() {
            return Hides::Next;
        }
        shown.push_str(HIDDEN);
        let last = plain[at..].trim_matches(['"', '\'', ' ']);
        return if ["bearer", "basic", "token"].contains(&last) { Hides::Next } else { Hides::Nothing };
    }
    if let Some(announces) = redact_option(word, &plain, shown) {
        return announces;
    }
    let bare = plain.trim_matches(['"', '\'', ',', ';', '{', '(', ')']);
    let name = bare.trim_start_matches('-');
    let follows = after.trim_start().starts_with(['=', ':']);
    if PROMPTS.contains(&name) || (follows || bare.starts_with('-')) && ends_secret(name) {
        shown.push_str(word);
        return Hides::Next;
    }
    // A spelling that hides the name or the sign behind escapes.
    let decoded = lower(&unescaped(word));
    if decoded != plain && (secret_value(&decoded).is_some() || login(&decoded).is_some()) {
        shown.push_str(HIDDEN);
        return Hides::Nothing;
    }
    redact_url(word, after, shown)
}

/// Hides the value of an option such as `-u login:password`.
fn redact_option(word: &str, plain: &str, shown: &mut String) -> Option<Hides> {
    if LONG_OPTIONS.contains(&plain) || SHORT_OPTIONS.contains(&word) {
        shown.push_str(word);
        return Some(Hides::Next);
    }
    if let Some((option, _)) = word.split_once('=').filter(|(option, _)| LONG_OPTIONS.contains(&&*lower(option))) {
        shown.push_str(option);
        shown.push('=');
        shown.push_str(HIDDEN);
        return Some(Hides::Nothing);
    }
    let attached = SHORT_OPTIONS.into_iter().find(|option| word.starts_with(option) && !word.starts_with("--"))?;
    shown.push_str(attached);
    shown.push_str(HIDDEN);
    Some(Hides::Nothing)
}

/// Hides the login of a URL, and everything after the host of a web address, whose path can be a
/// secret.
fn redact_url(word: &str, after: &str, shown: &mut String) -> Hides {
    let start = word.find("//").map(|at| at + 2);
    if let Some((from, to)) = login(word) {
        let user = &word[from..to];
        let is_web = word[..from].to_ascii_lowercase().contains("http");
        let kept = if is_web { 0 } else { user.find(':').map_or(user.len(), |at| at + 1) };
        if kept < user.len() {
            shown.push_str(&word[..from + kept]);
            shown.push_str(HIDDEN);
            redact_path(&word[to..], is_web, shown);
            return Hides::Nothing;
        }
    }
    let Some(start) = start else {
        shown.push_str(word);
        return Hides::Nothing;
    };
    let authority = &word[start..];
    let host = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let after_colon = host.rsplit_once(':').map_or("", |(_, port)| port).trim_end_matches(['"', '\'']);
    // A password with a space in it, which ended the word.
    if !after_colon.chars().all(|c| c.is_ascii_digit()) && !host.contains(['[', '@']) {
        let colon = start + host.find(':').unwrap_or_default() + 1;
        shown.push_str(&word[..colon]);
        shown.push_str(HIDDEN);
        return if after.contains('@') { Hides::ToAt } else { Hides::Nothing };
    }
    shown.push_str(&word[..start]);
    redact_path(authority, word[..start].to_ascii_lowercase().contains("http"), shown);
    Hides::Nothing
}

fn redact_path(authority: &str, is_web: bool, shown: &mut String) {
    match authority.find(['/', '?', '#']).filter(|at| is_web && authority.len() > at + 1) {
        Some(at) => {
            shown.push_str(&authority[..at]);
            shown.push('/');
            shown.push_str(HIDDEN);
        }
        None => shown.push_str(authority),
    }
}

/// Returns the range of the login in a URL, or in `user:password@host`.
fn login(word: &str) -> Option<(usize, usize)> {
    let to = word.rfind('@')?;
    let from = match word[..to].find("//") {
        Some(at) => at + 2,
        None => word[..to].rfind(['"', '\'', '=', '<', '(']).map_or(0, |at| at + 1),
    };
    Some((from, to))
}

/// Returns the start of a secret's value: after its `=`, `:` or `%3d`.
fn secret_value(plain: &str) -> Option<usize> {
    SECRET_WORDS
        .into_iter()
        .flat_map(|word| plain.match_indices(word).map(move |(at, word)| at + word.len()))
        .filter_map(|end| {
            let rest = &plain[end..];
            let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c))).unwrap_or(rest.len());
            let sign = rest[name..].trim_start_matches(['"', '\'', ' ', '\\', ']', ')']);
            let at = plain.len() - sign.len();
            let length = ["=>", ":=", "=", "%3d", "%3a", ":"].into_iter().find(|it| sign.starts_with(it))?.len();
            // `secret://` is a scheme.
            (!sign.starts_with("://")).then_some(at + length)
        })
        .min()
}

fn ends_secret(name: &str) -> bool {
    SECRET_WORDS.into_iter().any(|word| name.ends_with(word))
}

/// Lower case without a change in length.
fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Undoes `%40` and drops what a shell would drop.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &tail[2..];
            }
            (b'\\' | b'"' | b'\'', ..) => rest = tail,
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spellings::SECRET_SPELLINGS;

    #[test]
    fn no_spelling_of_a_secret_is_shown() {
        for text in SECRET_SPELLINGS {
            let shown = redact(text);
            assert!(!shown.contains("s3cret") && !shown.contains("word@"), "{text:?} is shown as {shown:?}");
            assert!(shown.contains(HIDDEN), "{text:?} is shown as {shown:?}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_readable() {
        for text in [
            "",
            "mail -s 'cdx alert' ops@example.org",
            "/usr/local/bin/alert --level high --to ops@example.org",
            "logger -t cdx \"$CDX_TEXT\"",
            "sqlite:/var/lib/cdx/head-office.db",
            "postgres://cdx@hq:5432/head_office?sslmode=require",
            "error: unexpected argument '--colour' found\n\n  tip: to pass '--colour' as a value, use '-- --colour'\n",
            "it's 5 o'clock: 100 % of 3:4",
            "curl https://alerts.example.org:8443/",
        ] {
            assert_eq!(redact(text), text);
        }
        assert_eq!(redact("postgres://op:pw@hq:5433/cdx"), "postgres://op:***@hq:5433/cdx");
        assert_eq!(redact("PGPASSWORD=pw psql -h hq"), "PGPASSWORD=*** psql -h hq");
        assert_eq!(redact("curl -u me:pw https://hooks.chat/a/b"), "curl -u *** https://hooks.chat/***");
    }
}

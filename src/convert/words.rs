//! Words of command lines: splits and quotes them like a shell, and recognizes words for "no".

use super::loss::Failure;

/// Splits a command line into words like a shell; `None` if a quote is not closed.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    shlex::split(text)
}

/// Returns the name of the program on a command line, without its directory. `None` if the text is
/// a single word, and so no command line.
pub(super) fn program(text: &str) -> Option<&str> {
    let first = text.split_whitespace().next()?;
    first.rsplit('/').next().filter(|_| text.trim().contains(char::is_whitespace))
}

/// Quotes a word for a shell, unless it needs no quotes.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Joins the words of a command, each quoted for a shell.
///
/// # Errors
///
/// Returns an error for a word with a null character, which no command line can contain.
pub(super) fn command<T: AsRef<str>>(words: &[T]) -> Result<String, Failure> {
    if let Some(word) = words.iter().find(|word| word.as_ref().contains('\0')) {
        let why = "expected no null character, which no command line has (choose another name)";
        return Err(Failure::new(word.as_ref(), why));
    }
    Ok(words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" "))
}

/// Whether a value turns a flag off.
pub(super) fn is_no(value: &str) -> bool {
    ["0", "no", "off", "false"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// Parses the value of a flag; an empty value turns it on. `Ok(false)` turns it off.
pub(super) fn flag(value: &str) -> Result<bool, String> {
    let is_yes =
        || ["", "1", "yes", "on", "true"].iter().any(|yes| value.eq_ignore_ascii_case(yes));
    match is_no(value) {
        true => Ok(false),
        false if is_yes() => Ok(true),
        false => Err("expected `yes` or `no`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_survive_a_shell() {
        let all = ["a", "", "a b", r"a\:b", "it's", "$x `y` \"z\"", "é*?[1]"];
        let line = all.map(quoted).join(" ");
        assert_eq!(words(&line).unwrap(), all);
        assert_eq!(words("'a"), None);
        assert_eq!((program("/usr/bin/nc -l"), program("nc")), (Some("nc"), None));
    }
}

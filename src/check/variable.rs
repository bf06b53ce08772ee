//! Environment variables with descriptions as values: the `[[variable]]` tables of a configuration.

use std::sync::Arc;

use super::source::keys::Keys;

/// One `[[variable]]`: a pattern for the names of variables, and how their values are read.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// The parts of the name before the `*` and, if there is one, after it.
    head: String,
    tail: Option<String>,
    /// The role and the separator of the descriptions in the value, and values to skip.
    pub(crate) keys: Keys,
    /// The source that the list of descriptions (`--list`) shows, such as ``variable `A_*` of
    /// strports.toml``.
    pub(crate) name: Arc<str>,
}

impl Variable {
    /// Creates a pattern for names of variables. `pattern` contains at most one `*`, as in
    /// `COWRIE_*_LISTEN_ENDPOINTS`.
    pub(crate) fn new(pattern: &str, keys: Keys, configuration: &str) -> Self {
        let name = format!("variable `{pattern}` of {configuration}").into();
        match pattern.split_once('*') {
            Some((head, tail)) => Self { head: head.into(), tail: Some(tail.into()), keys, name },
            None => Self { head: pattern.into(), tail: None, keys, name },
        }
    }

    /// Whether the pattern matches a variable with this name.
    pub(crate) fn is_called(&self, name: &[u8]) -> bool {
        let Some(tail) = &self.tail else { return name == self.head.as_bytes() };
        name.len() >= self.head.len() + tail.len()
            && name.starts_with(self.head.as_bytes())
            && name.ends_with(tail.as_bytes())
    }

    /// The longest part of the name without `*`. A file without it cannot set the variable.
    pub(crate) fn word(&self) -> &str {
        let tail = self.tail.as_deref().unwrap_or_default();
        if tail.len() > self.head.len() { tail } else { &self.head }
    }
}

/// The name and the offset of the value, if a word sets a variable: `NAME=VALUE`.
///
/// The text before the name may be an option: `--env=NAME=VALUE`, `-eNAME=VALUE`. `is_known`
/// returns whether a name counts.
pub(crate) fn assignment(word: &[u8], is_known: impl Fn(&[u8]) -> bool) -> Option<(&[u8], usize)> {
    // The option before the name has at most one `=`, so only the first two are tried.
    memchr::memchr_iter(b'=', word).take(2).find_map(|equals| {
        let before = word[..equals].strip_suffix(b"+").unwrap_or(&word[..equals]);
        let length = before.iter().rev().take_while(|byte| is_in_name(**byte)).count();
        let (option, name) = before.split_at(before.len() - length);
        let joined = (option == b"-").then(|| name.strip_prefix(b"e")).flatten();
        let name = [Some(name), joined].into_iter().flatten().find(|name| is_known(name))?;
        Some((name, equals + 1))
    })
}

fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_contain_one_star() {
        let it = Variable::new("COWRIE_*_LISTEN_ENDPOINTS", Keys::default(), "x");
        assert!(it.is_called(b"COWRIE_SSH_LISTEN_ENDPOINTS"));
        assert!(!it.is_called(b"COWRIE_LISTEN_ENDPOINTS") && !it.is_called(b"COWRIE_SSH_LISTEN"));
        assert_eq!(it.word(), "_LISTEN_ENDPOINTS");
        let it = Variable::new("PORT", Keys::default(), "x");
        assert!(it.is_called(b"PORT") && !it.is_called(b"PORTS"));
    }

    #[test]
    fn options_may_precede_the_name() {
        let known = |name: &[u8]| name == b"A_B";
        for (word, value) in [("A_B=x=y", 4), ("--env=A_B=x", 10), ("-eA_B=x", 6), ("A_B+=x", 5)] {
            assert_eq!(assignment(word.as_bytes(), known), Some((&b"A_B"[..], value)), "{word}");
        }
        for word in ["A_B", "XA_B=x", "A_BX=x", "x=y=A_B=z", "=", ""] {
            assert_eq!(assignment(word.as_bytes(), known), None, "{word}");
        }
    }
}

//! What an endpoint is called in errors and logs: its description, but for what may be secret in it.

use core::ops::Range;
use std::sync::Arc;

/// What stands for a value that is not to be seen.
const HIDDEN: &str = "…";

/// The description as it was written, without the values of `env=`: passwords are handed to programs that way.
pub(crate) fn of(description: &[u8]) -> Arc<str> {
    let mut name = String::with_capacity(description.len());
    let mut shown = 0;
    for secret in secrets(description) {
        name.push_str(&String::from_utf8_lossy(&description[shown..secret.start]));
        name.push_str(HIDDEN);
        shown = secret.end;
    }
    name.push_str(&String::from_utf8_lossy(&description[shown..]));
    name.into()
}

/// A description as logs may have it: each byte of what may be secret is a `*`, and all others stand where they stood.
///
/// Secret are the values of `env=`: passwords are handed to programs that way. Spans of the description fit the answer.
///
/// # Examples
///
/// ```
/// let shown = endpoint_runtime::without_secrets(b"process:/bin/x:env=KEY=s3cret:uid=x");
/// assert_eq!(shown, b"process:/bin/x:env=KEY=******:uid=x");
/// ```
#[must_use]
pub fn without_secrets(description: &[u8]) -> Vec<u8> {
    let mut shown = description.to_vec();
    for secret in secrets(description) {
        shown[secret].fill(b'*');
    }
    shown
}

/// Where the values of `env=` stand.
fn secrets(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    core::iter::from_fn(move || {
        let secret = secret(text, from)?;
        from = secret.end;
        Some(secret)
    })
}

/// From where the first value of an `env=` begins to where the argument that it is in ends.
///
/// Inside another description, the colons around it are escaped, and so may be those in it: all up to the end of the
/// outermost argument is hidden then.
fn secret(text: &[u8], mut from: usize) -> Option<Range<usize>> {
    loop {
        let begins = |at: usize| text[..at].last().is_none_or(|before| *before == b':');
        let mut places = (from..text.len()).filter(|at| begins(*at));
        let key = places.find_map(|at| Some(at + length_of_key(&text[at..])?))?;
        let end = key + end_of_argument(&text[key..]);
        // `env=NAME` alone says nothing, and neither does the name.
        match text[key..end].iter().position(|byte| *byte == b'=') {
            Some(equals) if key + equals + 1 < end => return Some(key + equals + 1..end),
            _ => from = end,
        }
    }
}

/// The length of `env=` at the beginning, each byte of which may be escaped, and more than once inside other descriptions.
fn length_of_key(text: &[u8]) -> Option<usize> {
    let mut wanted = b"env=".as_slice();
    for (at, byte) in text.iter().enumerate() {
        match wanted {
            [] => return Some(at),
            _ if *byte == b'\\' => {}
            [first, rest @ ..] if first == byte => wanted = rest,
            _ => return None,
        }
    }
    wanted.is_empty().then_some(text.len())
}

/// The length up to the first colon that is not escaped.
fn end_of_argument(text: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b':' if !escaped => return at,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn shown(description: &str, name: &str) {
        assert_eq!(&*super::of(description.as_bytes()), name);
        let mut masked = super::without_secrets(description.as_bytes());
        assert_eq!(masked.len(), description.len());
        masked.dedup_by(|one, other| [*one, *other] == *b"**");
        assert_eq!(String::from_utf8(masked).unwrap(), name.replace('…', "*"));
    }

    #[test]
    fn what_programs_get_is_not_shown() {
        shown("process:/bin/a:env=KEY=s3cret:uid=5", "process:/bin/a:env=KEY=…:uid=5");
        shown(r"process:/bin/a:env=A=x\:y:env=B=z", "process:/bin/a:env=A=…:env=B=…");
        shown(r"process:/bin/a:env=A\=x", "process:/bin/a:env=A\\=…");
        shown("env=A=x:process:/bin/a", "env=A=…:process:/bin/a");
        shown(r"process:/bin/a:\env=A=x", r"process:/bin/a:\env=A=…");
        shown(r"process:/bin/a:e\\\nv\=A=x:uid=5", r"process:/bin/a:e\\\nv\=A=…:uid=5");
    }

    #[test]
    fn names_and_everything_else_are() {
        for description in
            ["process:/bin/a:env=KEY", "process:/bin/a:env=KEY=", "tcp:environment=1=2"]
        {
            shown(description, description);
        }
    }

    #[test]
    fn inside_another_description_the_rest_of_the_argument_is_hidden() {
        shown(
            r"tls:h:443:endpoint=process\:/bin/a\:env=KEY=s3\\\:cret\:cwd=/:timeout=5",
            r"tls:h:443:endpoint=process\:/bin/a\:env=KEY=…:timeout=5",
        );
    }
}

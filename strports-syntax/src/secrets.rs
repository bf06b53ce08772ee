//! Finds the secrets of a description, so that errors and logs can hide them.

use crate::argument::Segments;
use crate::escape::{self, without_backslashes};
use crate::{Description, Span};

/// The keyword whose values are secret, with its `=`: an environment variable of a program.
const KEY: &[u8] = b"env=";

impl<'a> Description<'a> {
    /// Iterates over the spans of secrets in `text`, in order: the values in `env=NAME=VALUE`.
    ///
    /// Programs often receive passwords in the environment. A secret in a nested description also
    /// hides the rest of the argument that contains it.
    ///
    /// `text` may be invalid. Text that only looks like a secret counts too, for example in a
    /// description of another type, after `ENV=`, or before a trailing backslash.
    ///
    /// ```
    /// use strports_syntax::Description;
    /// let text = r"tls:h:443:endpoint=process\:/bin/a\:env=KEY=s3cret:timeout=5";
    /// let secrets = Description::secrets(text).map(|span| span.slice(text.as_bytes()));
    /// assert!(secrets.eq([b"s3cret"]));
    /// ```
    pub fn secrets<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Secrets<'a> {
        let text = text.as_ref();
        let end = escape::trailing_backslash(text).map_or(text.len(), |backslash| backslash.start);
        Secrets { text, segments: Segments::new(&text[..end]) }
    }
}

/// The iterator over the spans of secrets in a text, returned by [`Description::secrets`].
#[derive(Clone, Debug)]
pub struct Secrets<'a> {
    text: &'a [u8],
    /// The remaining segments of the text, without a trailing backslash.
    segments: Segments<'a>,
}

impl Iterator for Secrets<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        loop {
            let Span { start, end } = self.segments.next()?.span();
            // A trailing backslash, which `segments` lacks, is a part of the last secret.
            let is_last = end == self.segments.text().len();
            let end = if is_last { self.text.len() } else { end };
            let segment = Span::new(start, end).slice(self.text);
            if let Some(offset) = secret(segment).filter(|offset| *offset < segment.len()) {
                return Some(Span::new(start + offset, end));
            }
        }
    }
}

/// The offset in `segment` of the first secret: the text after `env=NAME=`.
///
/// Returns `None` if there is none.
///
/// The keyword may begin the segment, a nested description in it, or any segment of that
/// description. At every depth it follows a `:` or a `=`, and any number of backslashes may
/// separate its letters.
fn secret(segment: &[u8]) -> Option<usize> {
    let mut bytes = without_backslashes(segment).filter(|(_, byte)| !byte.is_ascii_whitespace());
    // How many bytes of [`KEY`] the last bytes match; `None` until a `:` or `=`, after which a
    // keyword can begin.
    let mut read = Some(0);
    loop {
        let (_, byte) = bytes.next()?;
        read = match read {
            Some(len) if byte.eq_ignore_ascii_case(&KEY[len]) => Some(len + 1),
            _ => matches!(byte, b':' | b'=').then_some(0),
        };
        if read == Some(KEY.len()) {
            break;
        }
    }
    let (equals, _) = bytes.find(|(_, byte)| *byte == b'=')?;
    Some(equals + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    /// The text with each found secret replaced by `…`.
    fn hidden(text: &str) -> String {
        let (mut shown, mut at) = (String::new(), 0);
        for secret in Description::secrets(text) {
            shown += &text[at..secret.start];
            shown += "…";
            at = secret.end;
        }
        shown + &text[at..]
    }

    #[test]
    fn values_of_env_are_secret() {
        for (text, expected) in [
            ("process:/bin/a:env=KEY=s3cret:uid=5", "process:/bin/a:env=KEY=…:uid=5"),
            (r"process:/bin/a:env=A=x\:y:env=B=z", "process:/bin/a:env=A=…:env=B=…"),
            (r"process:/bin/a:env=A\=x", r"process:/bin/a:env=A\=…"),
            (r"process:/bin/a:\env=A=x", r"process:/bin/a:\env=A=…"),
            (r"process:/bin/a:e\\\nv\=A=x:uid=5", r"process:/bin/a:e\\\nv\=A=…:uid=5"),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }

    #[test]
    fn variable_names_and_other_values_are_not_secret() {
        for text in
            ["process:/bin/a:env=KEY", "process:/bin/a:env=KEY=", "tcp:environment=1=2", "", ":"]
        {
            assert_eq!(hidden(text), text);
        }
    }

    #[test]
    fn in_nested_descriptions_the_rest_of_the_argument_is_secret() {
        for (text, expected) in [
            (
                r"tls:h:443:endpoint=process\:/bin/a\:env=K=s3\\\:cret\:cwd=/:timeout=5",
                r"tls:h:443:endpoint=process\:/bin/a\:env=K=…:timeout=5",
            ),
            // Keywords may precede the type, as `env=` does in this nested description.
            (
                r"tls:h:443:endpoint=env=K=s3cret\:process\:/bin/a:timeout=5",
                r"tls:h:443:endpoint=env=K=…:timeout=5",
            ),
            ("haproxy:process:/bin/a:env=K=s3cret", "haproxy:process:/bin/a:env=K=…"),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }

    #[test]
    fn malformed_text_has_secrets_too() {
        for (text, expected) in [
            ("env=A=x", "env=A=…"),
            ("env=A=x:process:/bin/a", "env=A=…:process:/bin/a"),
            (r"process:/bin/a:env=A=x\", "process:/bin/a:env=A=…"),
            (r"process:/bin/a:env=A=\", "process:/bin/a:env=A=…"),
            ("proces:/bin/a:env=A=x", "proces:/bin/a:env=A=…"),
            ("process:/bin/a: ENV =A=x", "process:/bin/a: ENV =A=…"),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }
}

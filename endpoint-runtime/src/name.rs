//! What an endpoint is called in errors and logs: its description, but for what may be secret in it.

use std::sync::Arc;

/// What stands for a value that is not to be seen.
const HIDDEN: &str = "…";

/// The description as it was written, without the values of `env=`: passwords are handed to programs that way.
pub(crate) fn of(description: &[u8]) -> Arc<str> {
    let text = String::from_utf8_lossy(description);
    let mut name = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some((value, end)) = secret(rest) {
        name.push_str(&rest[..value]);
        name.push_str(HIDDEN);
        rest = &rest[end..];
    }
    name.push_str(rest);
    name.into()
}

/// Where the first value of an `env=` begins, and where the argument that it is in ends.
///
/// Inside another description, the colons around it are escaped, and so may be those in it: all up to the end of the
/// outermost argument is hidden then.
fn secret(text: &str) -> Option<(usize, usize)> {
    const KEY: &str = "env=";
    let begins = |at: usize| text[..at].ends_with(':') || at == 0;
    let key = text.match_indices(KEY).map(|(at, _)| at).find(|at| begins(*at))? + KEY.len();
    let end = key + end_of_argument(&text[key..]);
    // `env=NAME` alone says nothing, and neither does the name.
    match text[key..end].find('=') {
        Some(equals) if key + equals + 1 < end => Some((key + equals + 1, end)),
        _ => secret(&text[end..]).map(|(value, behind)| (end + value, end + behind)),
    }
}

/// The length up to the first colon that is not escaped.
fn end_of_argument(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            ':' if !escaped => return at,
            '\\' => escaped = !escaped,
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
    }

    #[test]
    fn what_programs_get_is_not_shown() {
        shown("process:/bin/a:env=KEY=s3cret:uid=5", "process:/bin/a:env=KEY=…:uid=5");
        shown(r"process:/bin/a:env=A=x\:y:env=B=z", "process:/bin/a:env=A=…:env=B=…");
        shown(r"process:/bin/a:env=A\=x", "process:/bin/a:env=A\\=…");
        shown("env=A=x:process:/bin/a", "env=A=…:process:/bin/a");
    }

    #[test]
    fn names_and_everything_else_are() {
        for description in
            ["process:/bin/a:env=KEY", "process:/bin/a:env=KEY=", "tcp:environment=1"]
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

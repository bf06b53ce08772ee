//! Nix: command lines in strings, and attributes that are environment variables.
//!
//! ```text
//! string     DQUOTE 1*( plain / "\" any / "${" … "}" ) DQUOTE
//! indented   "''" 1*( plain / "'''" / "''$" / "''\" any / "${" … "}" ) "''"
//! attribute  name *( "." name ) "=" string
//! comment    "#" up to the end of the line, or "/*" … "*/"
//! ```

use super::command::CommandLines;
use super::context::Context;
use super::format::{Comment, Format};
use crate::check::embedded::{Embedded, Quoting, escape_each};

pub(super) static FORMAT: Format = Format {
    name: "nix",
    files: &["*.nix"],
    comments: &[Comment::HASH, Comment::STARS],
    trailing_comments: true,
    commands: true,
    find,
    ..Format::NEW
};

/// The maximum length in bytes of an interpolation `${…}`.
const LONGEST: usize = 4096;

/// The quoting in a string between double quotes.
const STRING: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\\"$"));
/// The quoting in an indented string, whose content `''` and `${` would end.
const INDENTED: Quoting = Quoting(|text| {
    let fits = !text.windows(2).any(|pair| pair == b"''" || pair == b"${");
    (fits && !text.iter().any(u8::is_ascii_control)).then(|| text.to_vec())
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let mut name = 0..0;
    let mut at = 0;
    while let Some(byte) = file.get(at) {
        match byte {
            b'#' => at += memchr::memchr(b'\n', &file[at..]).unwrap_or(file.len() - at),
            b'/' if file[at..].starts_with(b"/*") => {
                let end = memchr::memmem::find(&file[at..], b"*/");
                at += end.map_or(file.len() - at, |end| end + 2);
            }
            b'"' => string(file, &mut at, &name, &mut lines, false),
            b'\'' if file[at..].starts_with(b"''") => {
                string(file, &mut at, &name, &mut lines, true);
            }
            _ if is_name(*byte) => {
                let length = file[at..].iter().take_while(|byte| is_name(**byte)).count();
                name = at..at + length;
                at += length;
            }
            b'=' | b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ => {
                name = 0..0;
                at += 1;
            }
        }
    }
    lines.found()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Reads the string at `at` as a command line. It is also the value of the attribute at `name`, if
/// that range is not empty.
fn string(
    file: &[u8],
    at: &mut usize,
    name: &std::ops::Range<usize>,
    lines: &mut CommandLines<'_>,
    is_indented: bool,
) {
    let it = read(file, at, is_indented);
    let name = &file[name.clone()];
    if !name.is_empty() {
        lines.variable(name, &it);
    }
    lines.shell(&it);
}

/// Decodes the string whose opening quote is at `at`, and moves `at` after its end.
fn read(file: &[u8], at: &mut usize, is_indented: bool) -> Embedded {
    let width = if is_indented { 2 } else { 1 };
    *at += width;
    let mut it = Embedded::new(None, if is_indented { INDENTED } else { STRING });
    it.verbatim(file, *at..*at);
    let mut from = *at;
    while *at < file.len() {
        let rest = &file[*at..];
        let (length, meaning) = match rest {
            [b'$', b'{', ..] => (interpolation(rest), None),
            [b'\'', b'\'', b'$', ..] if is_indented => (3, Some(b'$')),
            [b'\'', b'\'', b'\'', ..] if is_indented => (3, Some(b'\'')),
            [b'\'', b'\'', b'\\', byte, ..] if is_indented => (4, Some(*byte)),
            [b'\'', b'\'', ..] if is_indented => break,
            [b'"', ..] if !is_indented => break,
            [b'\\', byte, ..] if !is_indented => (2, Some(*byte)),
            _ => {
                *at += 1;
                continue;
            }
        };
        it.verbatim(file, from..*at);
        match meaning {
            Some(byte) => it.escape(&[byte], *at..*at + length),
            None => it.unknown(*at..*at + length),
        }
        *at += length;
        from = *at;
    }
    it.verbatim(file, from..*at);
    *at = (*at + width).min(file.len());
    it
}

/// The length in bytes of the interpolation `${…}` at the start of `text`, or 2 if it has no end.
fn interpolation(text: &[u8]) -> usize {
    let mut depth = 0usize;
    for (at, byte) in text.iter().enumerate().take(LONGEST) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::texts;

    #[test]
    fn strings_and_attributes_are_read() {
        let file = br#"# "daphne -e no"
{ ExecStart = "${pkgs.daphne}/bin/daphne -e tcp:1 -e \"tcp:2\""; /* "daphne -e no" */
  environment.COWRIE_A_LISTEN_ENDPOINTS = "tcp:3 tcp:${toString port}";
  environment = { BUILDBOT_WEB_PORT = "8010"; X = "tcp:no"; };
  script = ''
    export A=''${B}
    exec daphne -e 'tcp:4' \
      -e tcp:${p}
  ''; }"#;
        let wanted = ["tcp:1", "tcp:2", "tcp:3", "tcp:1", "8010", "tcp:4", "tcp:1"];
        assert_eq!(texts(&FORMAT, "a.nix", file), wanted);
    }

    #[test]
    fn unterminated_constructs_are_read_to_the_end() {
        for file in ["\"", "''", "\"${", "\"\\", "''''", "/*", "a = ", "'"] {
            let file = format!("# daphne\n{file}");
            assert_eq!(texts(&FORMAT, "a.nix", file.as_bytes()), [""; 0], "{file}");
        }
    }
}

//! Blocks with prompts: the commands of a shell, the statements of Python.
//!
//! ```text
//! prompt        [ "(" text ")" " " ] [ user "@" host ] ( "$ " / "% " / "# " / "> " )
//! continuation  a line after one that ends with a backslash, with or without "> "
//! ```

use super::languages::Kind;
use crate::check::embedded::Embedded;
use crate::check::source::placeholder::Styles;
use strports_syntax::Span;

/// The maximum length of a prompt in bytes. A line with a longer one counts as output.
const LONGEST: usize = 64;

/// Returns the commands of a block without prompts and output. A block without any prompt is
/// returned as a whole.
pub(super) fn commands(base: &Embedded, kind: Kind) -> Embedded {
    // A shell would take `<port>` for the name of a file.
    let base = base.clone().with_placeholders(Styles::ANGLES);
    let marks: &[u8] = match kind {
        Kind::Session => b"$%#>",
        Kind::Script => b"$%",
    };
    // Where `$` or `%` is a prompt, a line with `#` or `>` is a comment or output.
    let first = |marks: &[u8]| lines(&base).any(|line| prompt(line.slice(base.text()), marks) > 0);
    let marks = if first(b"$%") { &marks[..2] } else { marks };
    if !first(marks) {
        return base;
    }
    let mut it = Embedded::like(&base);
    let mut goes_on = false;
    for line in lines(&base) {
        let text = line.slice(base.text());
        let length = match prompt(text, marks) {
            0 if goes_on && text.starts_with(b"> ") => 2,
            0 if goes_on => 0,
            0 => continue,
            length => length,
        };
        it.extend(&base, Span::new(line.start + length, line.end));
        goes_on = text.trim_ascii_end().ends_with(b"\\");
    }
    it
}

/// Returns the Python statements of a block without prompts and output. A block without any prompt
/// is returned as a whole.
pub(super) fn python(base: &Embedded) -> Embedded {
    let length = |line: &Span| {
        let text = line.slice(base.text());
        let is_prompt = [&b">>> "[..], b"... ", b"In ["].iter().any(|it| text.starts_with(it));
        match is_prompt {
            true if text.starts_with(b"In [") => {
                memchr::memmem::find(text, b"]: ").map_or(0, |at| at + 3)
            }
            true => 4,
            false => 0,
        }
    };
    if !lines(base).any(|line| length(&line) > 0) {
        return base.clone();
    }
    let mut it = Embedded::like(base);
    for line in lines(base) {
        let length = length(&line);
        if length > 0 {
            it.extend(base, Span::new(line.start + length, line.end));
        }
    }
    it
}

/// The spans of the lines of a text, with their line ends.
fn lines(base: &Embedded) -> impl Iterator<Item = Span> {
    let mut start = 0;
    base.text().split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let span = Span::new(start, start + line.len());
        start = span.end;
        span
    })
}

/// The length in bytes of the prompt at the start of a line, or 0. `marks` are the characters with
/// which a prompt may end.
fn prompt(line: &[u8], marks: &[u8]) -> usize {
    let head = line.get(..LONGEST).unwrap_or(line);
    let blanks = head.len() - head.trim_ascii_start().len();
    let environment = match &head[blanks..] {
        [b'(', rest @ ..] => memchr::memmem::find(rest, b") ").map_or(0, |at| at + 3),
        _ => 0,
    };
    let start = blanks + environment;
    let found = head.windows(2).skip(start).position(|it| marks.contains(&it[0]) && it[1] == b' ');
    let Some(mark) = found.map(|found| start + found) else { return 0 };
    let before = head[start..mark].trim_ascii();
    let is_host = before.contains(&b'@')
        && !before.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'=' | b'|' | b'>'));
    if before.is_empty() || is_host { mark + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: Kind) -> String {
        let base = Embedded::plain(text.as_bytes(), 0..text.len(), None);
        String::from_utf8(commands(&base, kind).text().to_vec()).unwrap()
    }

    #[test]
    fn commands_follow_prompts() {
        let text = "$ a \\\n> b\nout\n(venv) $ c\nu@h:~$ d\n[u@h x]# e\n# f\n";
        assert_eq!(read(text, Kind::Script), "a \\\nb\nc\nd\n");
        assert_eq!(read("# a\nout\n# b\n", Kind::Session), "a\nb\n");
        assert_eq!(read("# a\nb\n", Kind::Script), "# a\nb\n");
        assert_eq!(read("a -e tcp:<port> b\n", Kind::Script), "a -e tcp:1 b\n");
    }

    #[test]
    fn python_prompts_are_recognized() {
        let text = ">>> f(\n...   1)\n2\nIn [1]: g()\n";
        let base = Embedded::plain(text.as_bytes(), 0..text.len(), None);
        assert_eq!(python(&base).text(), b"f(\n  1)\ng()\n");
    }
}

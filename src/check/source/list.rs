//! Plain lists: one description per line. Empty lines and lines that start with `#` are skipped.

use super::bounds::Found;
use super::context::Context;
use super::format::Format;
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Quoting};

pub(crate) static FORMAT: Format =
    Format { name: "list", trailing_comments: true, find, ..Format::NEW };

/// The format of descriptions on the command line. Every line is one, also an empty line or one
/// with `#`.
pub(crate) static OPTIONS: Format =
    Format { name: "options", comments: &[], find: every, ..Format::NEW };

/// Returns every line as a description, without placeholders.
fn every(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut start = 0;
    let mut found = Found::default();
    for line in file.split(|byte| *byte == b'\n') {
        found.push(Embedded::plain(file, start..start + line.len(), context.role).in_unit(0));
        start += line.len() + 1;
    }
    found.into_vec()
}

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let key = context.whole_file();
    let mut found = Found::default();
    let mut start = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_start();
        let begin = start + line.len() - text.len();
        let end = begin + text.trim_ascii_end().len();
        start += line.len();
        if begin < end && file[begin] != b'#' {
            let end = begin + without_ignore(&file[begin..end]).len();
            let mut it = Embedded::new(key.role, Quoting::PLAIN).in_unit(0);
            it.template(file, begin..end, Styles::ANY);
            found.extend(it.split(key.split));
        }
    }
    found.into_vec()
}

/// Returns a line without its ignore comment. Any other comment would be part of the description.
fn without_ignore(line: &[u8]) -> &[u8] {
    let end = memchr::memmem::find(line, b"# strports: ignore[").unwrap_or(line.len());
    line[..end].trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::texts;

    #[test]
    fn each_line_is_a_description() {
        let file = b"# ours\n\n  tcp:80 \r\nunix:/a b\n#x\ntcp:$P";
        assert_eq!(texts(&FORMAT, "a.list", file), ["tcp:80", "unix:/a b", "tcp:1"]);
    }
}

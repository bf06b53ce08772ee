//! Files such as `.env` with environment variables: `NAME=VALUE`, one per line.
//!
//! ```text
//! line   [ "export" blanks ] name "=" ( "'" text "'" / DQUOTE text DQUOTE / text )
//! ```

use super::command::CommandLines;
use super::context::Context;
use super::format::Format;
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "env",
    files: &[".env", ".env.*", "*.env", ".flaskenv"],
    commands: true,
    find,
    ..Format::NEW
};

/// The quoting of a value. Text that would end the value, start a comment or be expanded is
/// refused.
const QUOTING: Quoting = Quoting(|text| {
    let fits = |byte: &u8| !byte.is_ascii_control() && !b"\"'$#`".contains(byte);
    text.iter().all(fits).then(|| text.to_vec())
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let mut start = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let indent = line.len() - line.trim_ascii_start().len();
        let text = line.trim_ascii();
        let export = text.strip_prefix(b"export ").map_or(text, <[u8]>::trim_ascii_start);
        let at = start + indent + text.len() - export.len();
        if let Some(equals) = memchr::memchr(b'=', export).filter(|_| !text.starts_with(b"#")) {
            let (inside, length) = value(&export[equals + 1..]);
            let begin = at + equals + 1 + inside;
            let mut it = Embedded::new(None, QUOTING);
            it.template(file, begin..begin + length, Styles::SHELL.and(Styles::TEMPLATE));
            lines.variable(export[..equals].trim_ascii(), &it);
        }
        start += line.len();
    }
    lines.found()
}

/// The byte offset and the length of the value in the text after `=`, without quotes and comments.
fn value(text: &[u8]) -> (usize, usize) {
    let blanks = text.len() - text.trim_ascii_start().len();
    let text = &text[blanks..];
    if let Some(quote) = text.first().filter(|byte| matches!(byte, b'"' | b'\''))
        && let Some(length) = memchr::memchr(*quote, &text[1..])
    {
        return (blanks + 1, length);
    }
    let comment = text.windows(2).position(|pair| pair[0].is_ascii_whitespace() && pair[1] == b'#');
    (blanks, text[..comment.unwrap_or(text.len())].trim_ascii_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::texts;

    #[test]
    fn each_line_has_one_variable() {
        let file = b"# COWRIE_A_LISTEN_ENDPOINTS=tcp:no\nA=tcp:no\n\
            COWRIE_A_LISTEN_ENDPOINTS=tcp:1 tcp6:2 # x\r\n\
            export COWRIE_B_LISTEN_ENDPOINTS = 'tcp:3' x\n\
            COWRIE_C_LISTEN_ENDPOINTS=\"tcp:${P}:interface=a\"\nBUILDBOT_WEB_PORT=8010";
        let wanted = ["tcp:1", "tcp6:2", "tcp:3", "tcp:1:interface=a", "8010"];
        assert_eq!(texts(&FORMAT, ".env", file), wanted);
    }
}

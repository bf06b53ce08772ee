//! Procfiles: `name: command`, one process per line, with a command for a shell.

use super::command::CommandLines;
use super::context::Context;
use super::format::Format;
use crate::check::embedded::Embedded;

pub(super) static FORMAT: Format = Format {
    name: "procfile",
    files: &["Procfile", "Procfile.*"],
    commands: true,
    find,
    ..Format::NEW
};

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let mut start = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.trim_ascii_end().len();
        if let Some(colon) = memchr::memchr(b':', line) {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
            if line[..colon].trim_ascii().iter().all(is_name) {
                lines.shell(&Embedded::plain(file, start + colon + 1..end, None));
            }
        }
        start += line.len();
    }
    lines.found()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};

    #[test]
    fn each_line_is_a_process() {
        let file = b"# web: daphne -e no\nweb: daphne -e tcp:$PORT\nbad: daphne -e 'tcp:8\n\
            web-2 : exec daphne -e ssl:443:privateKey=a.pem app # daphne\r\n\nx y: daphne -e no\n";
        let wanted = ["tcp:1", "ssl:443:privateKey=a.pem"];
        assert_eq!(texts(&FORMAT, "Procfile", file), wanted);
        let found = find(&FORMAT, "Procfile", file);
        assert_ne!(found[0].unit, found[1].unit);
    }
}

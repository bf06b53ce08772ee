//! Shell scripts: files of commands for [`shell_words`](super::shell_words).

use super::command::CommandLines;
use super::context::Context;
use super::format::Format;
use crate::check::embedded::Embedded;

pub(super) static FORMAT: Format = Format {
    name: "shell",
    files: &[
        "*.sh",
        "*.bash",
        "*.zsh",
        "*.ksh",
        "rc.local",
        ".envrc",
        ".bashrc",
        ".profile",
        ".zshrc",
        ".bash_profile",
    ],
    interpreters: &["sh", "bash", "zsh", "ksh", "dash", "ash"],
    trailing_comments: true,
    commands: true,
    find,
    ..Format::NEW
};

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !context.is_own() && !lines.may_be_in(file) {
        return Vec::new();
    }
    lines.shell(&Embedded::plain(file, 0..file.len(), None));
    if let Some(at) = lines.unclosed() {
        context.broken(at, FORMAT.name, "what begins here does not end");
    }
    lines.found()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::texts;

    #[test]
    fn a_whole_script_is_read() {
        let file = b"#!/bin/sh\nset -e\n# daphne -e no\nif [ -n \"$A\" ]; then\r\n\
            \texec daphne \\\n\t-e \"tcp:$PORT\" \\\r\n\t--endpoint=unix:/run/a\\ b\nfi\n";
        assert_eq!(texts(&FORMAT, "a.sh", file), ["tcp:1", "unix:/run/a b"]);
    }
}

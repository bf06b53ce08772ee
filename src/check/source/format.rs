//! File formats: their file names, their comment syntax, and their readers.

use std::ops::Range;

use super::context::{Find, Reader};

/// A file format in which descriptions are searched, and its reader.
///
/// A reader sets the fields that differ from [`Format::NEW`]:
/// `Format { name: "…", files: &["…"], find, ..Format::NEW }`.
#[derive(Debug)]
pub(crate) struct Format {
    /// The value of `format =` in `strports.toml`.
    pub(crate) name: &'static str,
    /// The names of files in the format, with at most one `*` each: `*.py`, `Dockerfile`,
    /// `Dockerfile.*`. May include the directory: `*.service.d/*.conf`.
    pub(crate) files: &'static [&'static str],
    /// The programs that read the format, as the first line of a script names them: `sh` for
    /// `#!/bin/sh`. They count only for files without an extension.
    pub(crate) interpreters: &'static [&'static str],
    /// The comment syntaxes, `#` in most formats.
    pub(crate) comments: &'static [Comment],
    /// Whether a comment may follow other text on the same line, in all programs that read the
    /// format.
    pub(crate) trailing_comments: bool,
    /// The lines of values that span several lines, counted from 1. Such a line is never a comment
    /// by itself. A comment before the first line applies to all lines of the value.
    pub(crate) blocks: fn(&[u8]) -> Vec<Range<usize>>,
    /// Whether the files are for Windows, where a socket has only one address family.
    pub(crate) windows: bool,
    /// Words for which a file is read even if it has no type with a colon, such as the function
    /// that takes a description. They count in all formats with commands.
    pub(crate) words: &'static [&'static str],
    /// Whether the format has command lines or environment variables. A file with the name of a
    /// known one is then read.
    pub(crate) commands: bool,
    /// The reader of the format, which finds the descriptions in a file.
    pub(crate) find: Find,
    /// How templates such as `{{ port }}` are handled before a file is read.
    pub(crate) templates: Templates,
}

impl Format {
    /// The default of every field: `#` starts a comment, and no description is found.
    pub(crate) const NEW: Self = Self {
        name: "",
        files: &[],
        interpreters: &[],
        comments: &[Comment::HASH],
        trailing_comments: false,
        blocks: |_| Vec::new(),
        windows: false,
        words: &[],
        commands: false,
        find: |_, _| Vec::new(),
        templates: Templates::ByName,
    };

    /// The reader for texts of this format inside files of other formats.
    pub(super) const fn reader(&self) -> Reader {
        Reader { name: self.name, find: self.find }
    }
}

/// The handling of templates such as `{{ port }}` before a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Templates {
    /// As in `Always`, but only in a file that is a template by its name, such as `a.service.j2`.
    ByName,
    /// Each template becomes a placeholder, whose text is known only at run time.
    Always,
    /// The reader handles templates and a byte order mark.
    Own,
}

/// The marks around a comment. `close` is empty if the comment ends with the line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
}

impl Comment {
    pub(crate) const HASH: Self = Self::line("#");
    pub(crate) const SEMICOLON: Self = Self::line(";");
    pub(crate) const SLASHES: Self = Self::line("//");
    pub(crate) const STARS: Self = Self { open: "/*", close: "*/" };
    pub(crate) const REM: Self = Self::line("REM ");
    pub(crate) const DOTS: Self = Self::line("..");
    pub(crate) const COLONS: Self = Self::line("::");

    pub(crate) const fn line(open: &'static str) -> Self {
        Self { open, close: "" }
    }

    /// Whether `text` ends with the mark that opens a comment, and optional blanks.
    pub(crate) fn ends(&self, text: &[u8]) -> bool {
        let (text, open) = (text.trim_ascii_end(), self.open.trim_end().as_bytes());
        text.len() >= open.len() && text[text.len() - open.len()..].eq_ignore_ascii_case(open)
    }

    /// Whether `text` begins with the mark that opens a comment.
    pub(crate) fn begins(&self, text: &[u8]) -> bool {
        let open = self.open.as_bytes();
        text.len() >= open.len() && text[..open.len()].eq_ignore_ascii_case(open)
    }
}

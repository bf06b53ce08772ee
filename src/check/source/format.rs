//! What a format is: which files are its own, how comments look in them, and how it is read.

use super::context::{Find, Reader};
use crate::check::program::KnownNames;

/// One way in which files hold descriptions.
///
/// A reader names what differs from [`Format::NEW`]:
/// `Format { name: "…", files: &["…"], find, ..Format::NEW }`.
#[derive(Debug)]
pub(crate) struct Format {
    /// As `format =` in `strports.toml` names it.
    pub(crate) name: &'static str,
    /// The names of its files, each with at most one `*`: `*.py`, `Dockerfile`, `Dockerfile.*`;
    /// perhaps with that of their directory: `*.service.d/*.conf`.
    pub(crate) files: &'static [&'static str],
    /// The programs that read it, for files without an extension whose first line names one:
    /// `sh` for `#!/bin/sh`.
    pub(crate) interpreters: &'static [&'static str],
    /// What begins a comment; `#` in most formats.
    pub(crate) comments: &'static [Comment],
    /// Whether a comment may follow other text on its line, in every program that reads the format.
    pub(crate) trailing_comments: bool,
    /// Whether its files are for Windows, where a socket is of one address family.
    pub(crate) windows: bool,
    /// Words that make it worth reading a file without a type and a colon, such as the function
    /// that takes a description.
    pub(crate) words: &'static [&'static str],
    /// Whether the format has command lines or environment variables, so that the name of a known
    /// one makes it worth reading a file.
    pub(crate) commands: bool,
    pub(crate) find: Find,
    pub(crate) templates: Templates,
}

impl Format {
    /// The format of unknown files: `#` begins a comment, and nothing is found.
    pub(crate) const NEW: Self = Self {
        name: "",
        files: &[],
        interpreters: &[],
        comments: &[Comment::HASH],
        trailing_comments: false,
        windows: false,
        words: &[],
        commands: false,
        find: |_, _| Vec::new(),
        templates: Templates::ByName,
    };

    /// Whether `file` has a word that makes it worth reading.
    pub(crate) fn has_word(&self, file: &[u8], names: &KnownNames) -> bool {
        self.words.iter().any(|word| memchr::memmem::find(file, word.as_bytes()).is_some())
            || self.commands && names.are_in(file)
    }

    /// How its texts are read inside files of other formats.
    pub(super) const fn reader(&self) -> Reader {
        Reader { name: self.name, find: self.find }
    }
}

/// What is made of `{{ port }}` and its like before a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Templates {
    /// Unknown text, if the name of the file tells that it becomes another one.
    ByName,
    /// Unknown text.
    Always,
    /// The reader sees to them, and to a byte order mark.
    Own,
}

/// How a comment begins and, unless at the end of the line, ends.
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
    pub(crate) const COLONS: Self = Self::line("::");

    pub(crate) const fn line(open: &'static str) -> Self {
        Self { open, close: "" }
    }

    /// Whether `text` ends with its opening, but for blanks.
    pub(crate) fn ends(&self, text: &[u8]) -> bool {
        let (text, open) = (text.trim_ascii_end(), self.open.trim_end().as_bytes());
        text.len() >= open.len() && text[text.len() - open.len()..].eq_ignore_ascii_case(open)
    }

    /// Whether it begins at the start of `text`.
    pub(crate) fn begins(&self, text: &[u8]) -> bool {
        let open = self.open.as_bytes();
        text.len() >= open.len() && text[..open.len()].eq_ignore_ascii_case(open)
    }
}

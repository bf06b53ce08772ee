//! Documents: blocks of code by their language, and code inside a line.
//!
//! Every block is read as a file of its language would be. What documents write in place of a value
//! (`PORT`, `<port>`, `…`) is unknown, and files that they name are those of no machine.

mod languages;
pub(super) mod markdown;
pub(super) mod restructured_text;
mod transcript;

use super::command::CommandLines;
use super::context::Context;
use super::excerpt::Excerpts;
use super::format::Comment;
use super::placeholder::Styles;
use crate::check::embedded::Embedded;
use crate::check::prefilter::has_known_type;
use languages::Language;

/// How comments begin in documents and in their blocks; a fence is no line of code.
const COMMENTS: [Comment; 4] = [
    Comment { open: "<!--", close: "-->" },
    Comment::HASH,
    Comment::line("```"),
    Comment::line(".."),
];

/// What one document holds.
struct Document<'c> {
    context: &'c Context<'c>,
    file: &'c [u8],
    excerpts: Excerpts<'c>,
}

impl<'c> Document<'c> {
    fn new(file: &'c [u8], context: &'c Context<'c>) -> Self {
        Self { context, file, excerpts: Excerpts::new(context, 0) }
    }

    /// Whether a part of a document may hold a description.
    fn may_be_in(&self, text: &[u8]) -> bool {
        self.context.names_any(text) || has_known_type(text)
    }

    /// A block of code in a language, which may be empty.
    fn block(&mut self, language: &str, base: &Embedded) {
        if !self.may_be_in(base.text()) {
            return;
        }
        let language = Language::new(language, base.text());
        let base = match language {
            Language::Shell(kind) => transcript::commands(base, kind),
            Language::Reader("python") => transcript::python(base),
            Language::Reader(_) | Language::File(_) => base.clone(),
        };
        let readers = self.context.readers;
        let reader = match language {
            Language::Shell(_) => (readers.named)("shell"),
            Language::Reader(name) => (readers.named)(name),
            // A name as a whole, such as `Dockerfile`, or the end of one.
            Language::File(name) => (readers.for_path)(name.as_ref())
                .or_else(|| (readers.for_path)(format!("a.{name}").as_ref())),
        };
        if let Some(reader) = reader {
            self.excerpts.read(reader, &base);
        }
    }

    /// Code inside a line: a command line, or an option with what stands behind it.
    fn inline(&mut self, base: &Embedded) {
        if !self.may_be_in(base.text()) {
            return;
        }
        let mut lines = CommandLines::new(self.context, self.file, 0);
        let text = base.clone().with_placeholders(Styles::DOCUMENT);
        lines.shell(&text);
        lines.options(&text);
        self.excerpts.add(lines.found());
    }

    fn found(self) -> Vec<Embedded> {
        let (mut found, _) = self.excerpts.found();
        found.sort_by_key(|it| it.whole().start);
        let known = |it: Embedded| it.with_placeholders(Styles::DOCUMENT).elsewhere();
        found.into_iter().map(known).collect()
    }
}

//! Documents: code blocks by their language, and inline code.
//!
//! Every block is read like a file in its language. Placeholders of documents (`PORT`, `<port>`,
//! `…`) are unknown text, and files that documents name are not looked up.

mod blocks;
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
use crate::check::prefilter::{TypesFound, known_types_in};
use languages::Language;

/// Comments of Markdown, and `#` in its code blocks.
const MARKDOWN: [Comment; 2] = [Comment { open: "<!--", close: "-->" }, Comment::HASH];
/// Comments of reStructuredText, and `#` in its code blocks.
const RESTRUCTURED_TEXT: [Comment; 2] = [Comment::DOTS, Comment::HASH];

/// Collects the descriptions in the code of one document.
struct Document<'c> {
    context: &'c Context<'c>,
    file: &'c [u8],
    excerpts: Excerpts<'c>,
}

impl<'c> Document<'c> {
    fn new(file: &'c [u8], context: &'c Context<'c>) -> Self {
        Self { context, file, excerpts: Excerpts::new(context, 0) }
    }

    /// Whether a part of a document may contain a description, so that it is worth parsing.
    fn may_be_in(&self, text: &[u8]) -> bool {
        let has_word = || self.context.words.are_in(text) || self.context.names_any(text);
        known_types_in(text) == TypesFound::Descriptions || has_word()
    }

    /// Reads a code block with the reader of its language. `language` is empty if the document
    /// names none.
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
            // The language may be a file name such as `Dockerfile`, or an extension such as `conf`.
            Language::File(name) => (readers.for_path)(name.as_ref())
                .or_else(|| (readers.for_path)(format!("a.{name}").as_ref())),
        };
        if let Some(reader) = reader {
            self.excerpts.read(reader, &base);
        }
    }

    /// Reads inline code: a command line, or an option with its value.
    fn inline(&mut self, base: &Embedded) {
        if !self.may_be_in(base.text()) {
            return;
        }
        let is_call = |word: &str| memchr::memmem::find(base.text(), word.as_bytes()).is_some();
        if ["FromString(", "strports."].into_iter().any(is_call)
            && let Some(reader) = (self.context.readers.named)("python")
        {
            return self.excerpts.read(reader, base);
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

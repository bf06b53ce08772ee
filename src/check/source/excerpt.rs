//! Finds descriptions in texts of one format inside files of another one: a script in a
//! here-document, a code block.

use super::bounds::Found;
use super::context::{Context, Reader};
use super::format::{Format, Templates};
use super::masked;
use crate::check::embedded::Embedded;

/// The maximum nesting of texts, such as a script in a here-document in a code block.
const DEEPEST: usize = 4;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Finds the descriptions in a whole file. Templates are replaced by placeholders and a byte order
/// mark is skipped, unless the reader handles them.
pub(crate) fn descriptions(
    format: &Format,
    file: &[u8],
    context: &mut Context<'_>,
) -> Vec<Embedded> {
    context.keys.retain(|keys| keys.is_own || keys.may_be_in(file));
    let is_template = match format.templates {
        Templates::ByName => context.is_template,
        Templates::Always => true,
        Templates::Own => false,
    };
    let has_mark = file.starts_with(BYTE_ORDER_MARK) && format.templates != Templates::Own;
    let masked = if is_template { masked::base(file) } else { None };
    let base = masked.or_else(|| {
        has_mark.then(|| Embedded::plain(file, BYTE_ORDER_MARK.len()..file.len(), None))
    });
    match base {
        Some(base) => {
            (format.find)(base.text(), context).iter().map(|it| it.within(&base)).collect()
        }
        None => (format.find)(file, context),
    }
}

/// Reads the texts that are embedded in one file, and collects their descriptions.
pub(super) struct Excerpts<'c> {
    context: &'c Context<'c>,
    found: Found,
    /// The first unit of the next text, so that units of different texts differ.
    unit: usize,
}

impl<'c> Excerpts<'c> {
    pub(super) fn new(context: &'c Context<'c>, unit: usize) -> Self {
        Self { context, found: Found::default(), unit }
    }

    /// Reads the embedded text `base` with `reader`. Does nothing if it is nested too deeply.
    pub(super) fn read(&mut self, reader: Reader, base: &Embedded) {
        if self.context.depth == DEEPEST {
            return;
        }
        let context = self.context.excerpt(reader.name);
        let found = (reader.find)(base.text(), &context);
        self.add(found.iter().map(|it| it.within(base)).collect());
    }

    /// Adds the descriptions of one text. Their units count from 0, and are renumbered.
    pub(super) fn add(&mut self, found: Vec<Embedded>) {
        let first = self.unit;
        for mut it in found {
            it.unit = it.unit.map(|unit| unit + first);
            self.unit = self.unit.max(it.unit.map_or(0, |unit| unit + 1));
            self.found.push(it);
        }
    }

    /// Returns the descriptions, and the first unit that they do not use.
    pub(super) fn found(self) -> (Vec<Embedded>, usize) {
        (self.found.into_vec(), self.unit)
    }
}

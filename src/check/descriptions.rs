//! The descriptions in a text, for editors.

use std::path::Path;

use super::embedded::Embedded;
use super::judge;
use super::problem::Problem;
use super::{Checker, Target};
use strports_syntax::{Report, Types};

/// The descriptions in one text, ordered by place.
#[derive(Debug)]
pub(crate) struct Descriptions {
    pub(crate) all: Vec<Embedded>,
    pub(crate) types: Types<'static>,
}

impl Checker {
    /// Finds the descriptions of a text as if it were the file at `path`.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`check_text`](Self::check_text).
    pub(crate) fn descriptions(&self, path: &Path, text: &[u8]) -> Result<Descriptions, Problem> {
        let Target { relative, configuration, format, .. } = self.target(path, text)?;
        let context = configuration.context(&relative, self.options.role);
        let all = (format.find)(text, &context);
        Ok(Descriptions { all, types: configuration.types() })
    }
}

impl Descriptions {
    /// The description that contains the byte at `offset` of the file, or ends there.
    pub(crate) fn at(&self, offset: usize) -> Option<&Embedded> {
        self.all.iter().find(|it| {
            let whole = it.whole();
            whole.start <= offset && offset <= whole.end
        })
    }

    /// The report of one description. Its role is used if the file determines it.
    pub(crate) fn report<'e>(&self, embedded: &'e Embedded) -> Report<'e> {
        judge::report(embedded, self.types)
    }
}

//! The descriptions in a text, for the language server, which shows a hover for one of them.

use std::path::Path;
use std::sync::Arc;

use super::Checker;
use super::checked_file::CheckedFile;
use super::embedded::Embedded;
use super::judge;
use super::memory::Memory;
use super::options::Options;
use super::problem::Problem;
use super::results::Checked;
use strports_syntax::{Report, Types};

/// The descriptions in one text, ordered by place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptions<'c> {
    pub(crate) all: &'c [Embedded],
    pub(crate) types: Types<'static>,
}

impl Checker {
    /// Checks a version of a text as if it were the file at `path`.
    ///
    /// Results of the previous version in `memory` are used again.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`check_text`](Self::check_text).
    pub(crate) fn check_version(
        &self,
        path: &Path,
        text: &[u8],
        memory: &Arc<Memory>,
    ) -> Result<Checked, Problem> {
        let options = Options { memory: Some(Arc::clone(memory)), ..self.options.clone() };
        Ok(Self::in_memory(self.target(path, text)?, text, options))
    }
}

impl Checked {
    /// The descriptions of the text that [`check_version`](Checker::check_version) checked; `None`
    /// if no text was checked.
    pub(crate) fn descriptions(&self) -> Option<Descriptions<'_>> {
        let (all, types) = self.files.first().map(CheckedFile::found)?;
        Some(Descriptions { all, types })
    }
}

impl<'c> Descriptions<'c> {
    /// The description that contains the byte at `offset` of the file, or ends there.
    pub(crate) fn at(&self, offset: usize) -> Option<&'c Embedded> {
        self.all.iter().find(|it| {
            let whole = it.whole();
            whole.start <= offset && offset <= whole.end
        })
    }

    /// Checks one description again, for the role that the file determines or else for the role
    /// that fits.
    pub(crate) fn report<'e>(&self, embedded: &'e Embedded) -> Report<'e> {
        judge::report(embedded, self.types)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: usize = 2000;

    /// The text with one description per line, after a change of one port.
    fn text(line: &str, other: usize) -> String {
        let port = |at: usize| if at == other { 1 } else { 1000 + at };
        (0..LINES).map(|at| line.replace("PORT", &port(at).to_string())).collect()
    }

    #[test]
    fn an_edit_costs_the_lines_that_it_changes() {
        let call = "serverFromString(r, 'tcp:PORT:interface=::1')\n";
        for (name, line, parsed) in
            [("a.py", call, 1), ("a.sh", "daphne -e tcp:PORT:interface=::1\n", 0)]
        {
            let (checker, memory) = (Checker::new(Options::default()), Arc::default());
            let check = |text: &str| {
                let done = checker.check_version(Path::new(name), text.as_bytes(), &memory);
                done.unwrap().findings()
            };
            assert_eq!(check(&text(line, LINES)).len(), LINES);
            assert_eq!(memory.made(), (parsed * LINES, LINES));
            let changed = format!("# one more line\n{}", text(line, LINES / 2));
            let findings = check(&changed);
            assert_eq!(memory.made(), (parsed * (LINES + 1), LINES + 1), "{name}");
            let afresh = checker.check_text(Path::new(name), changed.as_bytes()).unwrap();
            let places =
                |it: &crate::check::Finding| (it.range.clone(), it.start, it.message.clone());
            assert!(findings.iter().map(places).eq(afresh.findings().iter().map(places)));
        }
    }
}

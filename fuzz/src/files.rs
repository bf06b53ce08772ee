//! Laws for files of every format: parsing terminates, and findings and fixes lie within the file.

use std::path::Path;
use std::sync::LazyLock;

use strports::check::{Checker, Configuration, Fixes, Options};

/// A linter that reads descriptions from keys named `listen` and from those of the presets.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let text = "[[source]]\nfiles = ['*.list']\nformat = 'list'\n[[source]]\nfiles = ['*']\n\
        keys = { '**.listen' = 'server', '**.listen.*' = 'server' }\n";
    let configuration =
        Configuration::parse(Path::new(""), text).unwrap_or_else(|error| panic!("{error}"));
    Checker::with_configuration(Options::default(), configuration)
});

/// Checks the law on `text`, as the content of a file called `name`.
pub(crate) fn holds(name: &str, text: &[u8]) {
    let checked = CHECKER.check_text(Path::new(name), text);
    let mut checked = checked.unwrap_or_else(|problem| panic!("{problem}"));
    for finding in checked.findings() {
        let (range, line) = (&finding.range, &finding.line);
        assert!(range.start <= range.end && range.end <= text.len(), "{name}: {finding:?}");
        assert!(finding.offset <= line.len() && finding.start <= finding.end, "{finding:?}");
        if let Some(fix) = finding.fix {
            assert!(text.get(fix.range.clone()).is_some(), "{name}: {fix:?}");
        }
    }
    let fixed = checked.fix(Fixes::Safe).unwrap_or_else(|error| panic!("{error}"));
    assert!(fixed.iter().all(|file| file.text() != text), "{name}: a fix that changes nothing");
}

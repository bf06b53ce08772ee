//! Glob patterns: for files, for paths of keys, and for values.

use std::path::Path;
use std::str::FromStr;

use globset::{Glob, GlobBuilder, GlobMatcher};

/// A pattern for files and directories, relative to the working directory.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
pub struct FilePattern(GlobMatcher);

impl FromStr for FilePattern {
    type Err = globset::Error;

    fn from_str(text: &str) -> Result<Self, globset::Error> {
        file_pattern(text).map(|glob| Self(glob.compile_matcher()))
    }
}

impl FilePattern {
    pub(super) fn fits(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }
}

/// Compiles a pattern for files. A pattern without a slash matches names in any directory.
pub(super) fn file_pattern(pattern: &str) -> Result<Glob, globset::Error> {
    // The unchanged pattern is compiled first, so that an error shows it as the user wrote it.
    glob(pattern)?;
    let anywhere = if pattern.trim_end_matches('/').contains('/') { "" } else { "**/" };
    let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
    let whole = format!("{anywhere}{pattern}");
    glob(&whole)
}

/// Compiles a pattern for paths of keys such as `server.listen`. `*` is one key, `**` any number of
/// them.
pub(super) fn key_pattern(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(glob(&keys_as_path(pattern))?.compile_matcher())
}

/// Compiles a pattern for values of keys, in which `*` also matches `/`.
pub(super) fn value_pattern(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).build()?.compile_matcher())
}

/// Converts a path of keys to the form that [`key_pattern`] matches: a path of directories. A slash
/// inside a key becomes NUL, so that it separates nothing.
pub(super) fn keys_as_path(keys: &str) -> String {
    keys.replace('/', "\u{0}").replace('.', "/")
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

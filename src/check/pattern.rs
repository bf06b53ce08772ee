//! Glob patterns of `strports.toml`: for files, for paths of keys, and for values.

use globset::{Glob, GlobBuilder, GlobMatcher};

/// A pattern for files; one without a slash matches names in any directory.
pub(super) fn file_pattern(pattern: &str) -> Result<Glob, globset::Error> {
    let anywhere = if pattern.trim_end_matches('/').contains('/') { "" } else { "**/" };
    let whole = format!("{anywhere}{}", pattern.trim_start_matches("./").trim_start_matches('/'));
    glob(&whole)
}

/// A pattern for paths of keys such as `server.listen`: `*` is one key, `**` any number of them.
pub(super) fn key_pattern(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(glob(&keys_as_path(pattern))?.compile_matcher())
}

/// A pattern for values.
pub(super) fn value_pattern(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).build()?.compile_matcher())
}

/// A path of keys as [`key_pattern`] matches it: as a path of directories.
pub(super) fn keys_as_path(keys: &str) -> String {
    keys.replace('/', "\u{0}").replace('.', "/")
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

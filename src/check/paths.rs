//! Paths in the forms for display and for matching patterns.

use std::path::{Path, PathBuf};

/// `path`, relative to the working directory if it is inside it.
pub(super) fn display_path(path: &Path) -> PathBuf {
    let relative = path.strip_prefix(".").unwrap_or(path);
    if relative.is_relative() {
        return relative.to_owned();
    }
    let working_directory = std::env::current_dir().ok();
    let inside = working_directory.as_deref().and_then(|it| path.strip_prefix(it).ok());
    inside.unwrap_or(path).to_owned()
}

/// The absolute `path`, without symbolic links in the part that exists.
pub(super) fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (parent, name) = (absolute.parent(), absolute.file_name());
    match (std::fs::canonicalize(&absolute), parent, name) {
        (Ok(real), ..) => real,
        (Err(_), Some(parent), Some(name)) => real_path(parent).join(name),
        (Err(_), ..) => absolute,
    }
}

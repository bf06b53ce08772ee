//! Completes a path with the names of existing files.

use std::path::Path;

/// Returns the files and directories whose paths begin with `path`, sorted. The paths of
/// directories end with a slash.
///
/// A relative path is looked up in each of `folders`. Hidden files are returned only if the last
/// part of `path` begins with a dot. Folders that cannot be read are skipped.
pub(crate) fn files(path: &str, folders: &[&Path]) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(a, b)| (&path[..=a.len()], b));
    // If `folder` is absolute, `join` returns it unchanged.
    let entries = folders.iter().filter_map(|it| std::fs::read_dir(it.join(folder)).ok());
    let mut all: Vec<String> = entries
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let is_shown =
                file.starts_with(name) && (!file.starts_with('.') || name.starts_with('.'));
            let slash = if entry.path().is_dir() { "/" } else { "" };
            is_shown.then(|| format!("{folder}{file}{slash}"))
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

//! The files whose paths begin as one that is being written.

use std::path::Path;

/// The files and directories whose paths begin with `path`; directories end with a slash.
///
/// A relative path is looked for in each of `folders`. Hidden files are offered only if the name
/// begins with a dot.
pub(crate) fn files(path: &str, folders: &[&Path]) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(a, b)| (&path[..=a.len()], b));
    // Joining an absolute path gives that path.
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

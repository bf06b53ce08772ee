//! Converts paths to the form that reports show, and to the form that patterns match.

use std::borrow::Cow;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

/// Returns `path` for reports: with `/` as separator, and relative to the working directory if it
/// is inside that.
pub(super) fn display_path(path: &Path) -> PathBuf {
    let relative = path.strip_prefix(".").unwrap_or(path);
    if relative.is_relative() {
        return with_slashes(relative).into_owned();
    }
    // Compared with slashes: on Windows, `canonicalize` returns paths with the prefix `\\?\`.
    let path = with_slashes(path);
    let working_directory = std::env::current_dir().unwrap_or_default();
    let inside = path.strip_prefix(with_slashes(&working_directory)).ok();
    inside.filter(|_| working_directory.is_absolute()).unwrap_or(&path).to_owned()
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

/// `path` with `/` between its parts, so that reports are the same on every system.
pub(crate) fn with_slashes(path: &Path) -> Cow<'_, Path> {
    match path.to_str() {
        Some(text) if MAIN_SEPARATOR == '\\' => PathBuf::from(from_windows(text)).into(),
        _ => path.into(),
    }
}

/// Converts a path of Windows to one with `/`, which Windows accepts as well. The prefix `\\?\` of
/// [`std::fs::canonicalize`] is removed, because after it Windows accepts only `\`.
fn from_windows(path: &str) -> String {
    let plain = match path.strip_prefix(r"\\?\") {
        Some(rest) => match rest.strip_prefix(r"UNC\") {
            Some(share) => Cow::from(format!(r"\\{share}")),
            // The path of a device such as a volume has no form without the prefix.
            None if rest.as_bytes().get(1) != Some(&b':') => return path.to_owned(),
            None => rest.into(),
        },
        None => path.into(),
    };
    plain.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paths_are_printed_with_slashes() {
        let expected = [
            (r"a\b.py", "a/b.py"),
            (r"C:\tree\b.py", "C:/tree/b.py"),
            (r"\\?\C:\tree\b.py", "C:/tree/b.py"),
            (r"\\?\UNC\server\share\b", "//server/share/b"),
            (r"\\server\share\b", "//server/share/b"),
            (r"\\?\Volume{0}\b", r"\\?\Volume{0}\b"),
        ];
        for (windows, shown) in expected {
            assert_eq!(from_windows(windows), shown);
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_backslash_in_a_name_is_kept() {
        assert_eq!(with_slashes(Path::new(r"a\b")), Path::new(r"a\b"));
    }
}

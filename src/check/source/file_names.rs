//! Determines the format of a file by its name, quickly enough for each file of a large tree.

use std::collections::HashMap;
use std::path::Path;

/// The maximum length in bytes of an extension in `by_extension`.
const LONGEST: usize = 16;

/// The patterns of several formats: `*.py`, `Dockerfile`, `Dockerfile.*`, `*.service.d/*.conf`.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    /// For each pattern such as `*.py`, the index of its format, by the extension in lower case.
    by_extension: HashMap<&'static str, usize>,
    /// All other patterns, each with the index of its format, in the order of the formats.
    others: Vec<(usize, Pattern)>,
}

impl FileNames {
    /// Prepares the patterns of `formats`. If several formats match a file, the first one is used.
    pub(super) fn new(formats: impl Iterator<Item = &'static [&'static str]>) -> Self {
        let mut it = Self::default();
        for (format, patterns) in formats.enumerate() {
            for pattern in patterns {
                match pattern.strip_prefix("*.").filter(|it| is_plain(it)) {
                    Some(extension) => _ = it.by_extension.entry(extension).or_insert(format),
                    None => it.others.push((format, Pattern::new(pattern))),
                }
            }
        }
        it
    }

    /// The index of the first format with a pattern that matches `path`; `None` if none does.
    pub(super) fn find(&self, path: &Path) -> Option<usize> {
        let name = path.file_name()?.as_encoded_bytes();
        let by_extension = self.by_extension(name);
        let is_before = |format: usize| by_extension.is_none_or(|found| format < found);
        let mut others = self.others.iter().take_while(|(format, _)| is_before(*format));
        let other = others.find(|(_, pattern)| pattern.fits(name, path));
        other.map(|(format, _)| *format).or(by_extension)
    }

    fn by_extension(&self, name: &[u8]) -> Option<usize> {
        let dot = memchr::memrchr(b'.', name)?;
        let extension = &name[dot + 1..];
        let mut lower = [0; LONGEST];
        let lower = lower.get_mut(..extension.len())?;
        lower.copy_from_slice(extension);
        lower.make_ascii_lowercase();
        self.by_extension.get(std::str::from_utf8(lower).ok()?).copied()
    }
}

/// Whether an extension consists of lower-case letters and digits, so that a look-up finds it.
fn is_plain(extension: &str) -> bool {
    extension.len() <= LONGEST
        && extension.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
}

/// A pattern of a file name with at most one `*`, and optionally one of its directory.
#[derive(Debug)]
struct Pattern {
    directory: Option<Name>,
    file: Name,
}

impl Pattern {
    fn new(pattern: &'static str) -> Self {
        match pattern.split_once('/') {
            Some((directory, file)) => {
                Self { directory: Some(Name::new(directory)), file: Name::new(file) }
            }
            None => Self { directory: None, file: Name::new(pattern) },
        }
    }

    fn fits(&self, name: &[u8], path: &Path) -> bool {
        self.file.fits(name)
            && self.directory.as_ref().is_none_or(|directory| {
                let parent = path.parent().and_then(Path::file_name);
                parent.is_some_and(|parent| directory.fits(parent.as_encoded_bytes()))
            })
    }
}

/// A name with at most one `*`, matched case-insensitively.
#[derive(Debug)]
pub(super) struct Name {
    /// The text before the `*`, or the whole name.
    head: &'static [u8],
    /// The text after the `*`, if there is one.
    tail: Option<&'static [u8]>,
}

impl Name {
    pub(super) const fn new(pattern: &'static str) -> Self {
        let bytes = pattern.as_bytes();
        let mut star = 0;
        while star < bytes.len() && bytes[star] != b'*' {
            star += 1;
        }
        let (head, rest) = bytes.split_at(star);
        let tail = match rest {
            [b'*', tail @ ..] => Some(tail),
            _ => None,
        };
        Self { head, tail }
    }

    pub(super) fn fits(&self, name: &[u8]) -> bool {
        let Some(tail) = self.tail else { return name.eq_ignore_ascii_case(self.head) };
        name.len() >= self.head.len() + tail.len()
            && name[..self.head.len()].eq_ignore_ascii_case(self.head)
            && name[name.len() - tail.len()..].eq_ignore_ascii_case(tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<usize> {
        let formats: [&[&str]; 4] = [
            &["*.py", "master.cfg"],
            &["*.service", "*.service.d/*.conf"],
            &["Dockerfile", "Dockerfile.*"],
            &["*.cfg", "*.conf"],
        ];
        FileNames::new(formats.into_iter()).find(Path::new(path))
    }

    #[test]
    fn the_first_format_counts() {
        assert_eq!(found("x/master.cfg"), Some(0));
        assert_eq!(found("x/other.cfg"), Some(3));
        assert_eq!(found("x/Dockerfile.py"), Some(0));
        assert_eq!(found("x/Dockerfile.cfg"), Some(2));
        assert_eq!((found("a.PY"), found(".py"), found("a.pyc")), (Some(0), Some(0), None));
        assert_eq!((found("dockerfile"), found("Dockerfile2"), found("")), (Some(2), None, None));
    }

    #[test]
    fn a_pattern_may_name_the_directory() {
        assert_eq!(found("etc/a.service.d/b.conf"), Some(1));
        assert_eq!((found("etc/a.d/b.conf"), found("b.conf")), (Some(3), Some(3)));
    }
}

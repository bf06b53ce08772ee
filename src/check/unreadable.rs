//! Why a file is not read, or a directory not walked.

use std::fmt;

use memchr::memchr;

/// A file with a NUL in so many bytes of its beginning is no text.
const LOOKED_AT_FOR_NUL: usize = 8192;

/// A reason for which a file is not read, or a directory not walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Its name and its first line tell no format.
    NoFormat,
    TooLarge,
    Binary,
    Utf16,
    /// A FIFO, a socket or a device.
    NotRegular,
    /// A directory of a file system that holds no files, such as procfs.
    NoFiles(&'static str),
}

/// Why a file is no text, as far as its beginning tells.
pub(super) fn not_text(file: &[u8]) -> Option<Unreadable> {
    if file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff") {
        return Some(Unreadable::Utf16);
    }
    let has_nul = memchr(0, file.get(..LOOKED_AT_FOR_NUL).unwrap_or(file)).is_some();
    has_nul.then_some(Unreadable::Binary)
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFormat => f.write_str(
                "neither its name nor its first line tells its format (`format =` in a \
                 `[[source]]` of strports.toml does)",
            ),
            Self::TooLarge => f.write_str("it has more than 8 MiB"),
            Self::Binary => f.write_str("it is binary, as it has NUL bytes"),
            Self::Utf16 => f.write_str("it is UTF-16 (save it as UTF-8)"),
            Self::NotRegular => {
                f.write_str("it is neither a file nor a directory (`-` is standard input)")
            }
            Self::NoFiles(kind) => write!(f, "{kind} holds no files"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_text_is_told_from_what_is_none() {
        for text in [&b""[..], b"tcp:80", b"\xef\xbb\xbfa", b"\xe9", b"\xff"] {
            assert_eq!(not_text(text), None);
        }
        assert_eq!(not_text(b"a\0"), Some(Unreadable::Binary));
        assert_eq!(not_text(b"\xff\xfea\0"), Some(Unreadable::Utf16));
        assert_eq!(not_text(b"\xfe\xff\0a"), Some(Unreadable::Utf16));
    }
}

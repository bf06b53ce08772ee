//! Reasons for not reading a file or not walking a directory.

use std::fmt;

use memchr::memchr;

/// The number of leading bytes that are checked for NUL. A file with a NUL there is not text.
const LOOKED_AT_FOR_NUL: usize = 8192;

/// A reason for not reading a file or not walking a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Neither the name nor the first line determines a format.
    NoFormat,
    TooLarge,
    Binary,
    Utf16,
    /// A FIFO, a socket or a device.
    NotRegular,
    /// A directory of a file system without ordinary files, such as procfs.
    NoFiles(&'static str),
}

/// Returns a reason if the beginning of a file is not text.
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
                "neither its name nor its first line determines its format (`format =` in a \
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
    fn binary_files_are_distinguished_from_text() {
        for text in [&b""[..], b"tcp:80", b"\xef\xbb\xbfa", b"\xe9", b"\xff"] {
            assert_eq!(not_text(text), None);
        }
        assert_eq!(not_text(b"a\0"), Some(Unreadable::Binary));
        assert_eq!(not_text(b"\xff\xfea\0"), Some(Unreadable::Utf16));
        assert_eq!(not_text(b"\xfe\xff\0a"), Some(Unreadable::Utf16));
    }
}

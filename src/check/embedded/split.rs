//! The separators of several descriptions in one value, from `split =` in `strports.toml`.

/// The separator of descriptions in one value; [`No`](Self::No) if a value is one description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Split {
    #[default]
    No,
    /// White space of any kind, including line ends.
    Blank,
    /// Line ends.
    Line,
    Comma,
}

impl Split {
    /// Whether `byte` separates two descriptions.
    pub(super) const fn separates(self, byte: u8) -> bool {
        match self {
            Self::No => false,
            Self::Blank => byte.is_ascii_whitespace(),
            Self::Line => matches!(byte, b'\n' | b'\r'),
            Self::Comma => byte == b',',
        }
    }
}

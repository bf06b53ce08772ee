//! What separates the descriptions that one value holds.

/// Whether one value holds several descriptions, and what separates them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Split {
    #[default]
    No,
    /// White space.
    Blank,
    /// The ends of lines.
    Line,
    Comma,
}

impl Split {
    /// Whether `byte` stands between two descriptions.
    pub(super) const fn separates(self, byte: u8) -> bool {
        match self {
            Self::No => false,
            Self::Blank => byte.is_ascii_whitespace(),
            Self::Line => matches!(byte, b'\n' | b'\r'),
            Self::Comma => byte == b',',
        }
    }
}

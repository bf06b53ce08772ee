//! Formats numbers of bytes for messages.

use core::fmt;

/// Formats a number of bytes with a decimal unit: `999 B`, `1.2 kB`, `34 GB`.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut whole, mut tenths) = (self.0, 0);
        let mut units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
        let mut unit = units.next().unwrap_or_default();
        while whole >= 1000 {
            (whole, tenths) = (whole / 1000, whole % 1000 / 100);
            unit = units.next().unwrap_or_default();
        }
        if whole < 10 && unit != "B" {
            write!(f, "{whole}.{tenths} {unit}")
        } else {
            write!(f, "{whole} {unit}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_counts_have_two_or_three_digits() {
        let shown = [0, 999, 1000, 1999, 12_345, 999_999, 1_000_000, u64::MAX];
        let shown = shown.map(|bytes| Bytes(bytes).to_string());
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "1.9 kB", "12 kB", "999 kB", "1.0 MB", "18 EB"]
        );
    }
}

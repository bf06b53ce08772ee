//! Numbers of bytes and durations as people say them.

use core::fmt;
use std::time::Duration;

/// `999 B`, `1.2 kB`, `34 GB`: powers of ten, two digits at least.
pub(super) struct Bytes(pub(super) u64);

/// `12 ms`, `1.2 s`, `3 min 4 s`, `2 h 3 min`, `5 d 6 h`.
pub(super) struct Lasted(pub(super) Duration);

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

impl fmt::Display for Lasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        match seconds {
            0 if self.0.is_zero() => f.write_str("0 s"),
            0 => write!(f, "{} ms", self.0.as_millis()),
            1..10 => write!(f, "{seconds}.{} s", self.0.subsec_millis() / 100),
            10..60 => write!(f, "{seconds} s"),
            60..3600 => write!(f, "{minutes} min {} s", seconds % 60),
            3600..86400 => write!(f, "{hours} h {} min", minutes % 60),
            _ => write!(f, "{days} d {} h", hours % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_two_digits_or_three() {
        let shown = [0, 999, 1000, 1999, 12_345, 999_999, 1_000_000, u64::MAX];
        let shown = shown.map(|bytes| Bytes(bytes).to_string());
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "1.9 kB", "12 kB", "999 kB", "1.0 MB", "18 EB"]
        );
    }

    #[test]
    fn durations_have_one_unit_or_two() {
        let shown = [0, 12, 999, 1_250, 59_999, 60_000, 7_380_000, 453_600_000];
        let shown = shown.map(|millis| Lasted(Duration::from_millis(millis)).to_string());
        let expected =
            ["0 s", "12 ms", "999 ms", "1.2 s", "59 s", "1 min 0 s", "2 h 3 min", "5 d 6 h"];
        assert_eq!(shown, expected);
    }
}

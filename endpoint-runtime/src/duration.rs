//! Durations as text for messages.

use core::fmt;
use std::time::Duration;

/// Displays a duration: exactly as `30 seconds`, or with `{:#}` rounded as `2 h 3 min`.
///
/// The exact form is for time limits from a configuration. The rounded form is for measured times,
/// and truncates to its last unit.
///
/// ```
/// use std::time::Duration;
/// use endpoint_runtime::HumanDuration;
///
/// let duration = HumanDuration(Duration::from_millis(7_500));
/// assert_eq!(duration.to_string(), "7.5 seconds");
/// assert_eq!(format!("{duration:#}"), "7.5 s");
/// let duration = HumanDuration(Duration::from_secs(7_384));
/// assert_eq!(duration.to_string(), "7384 seconds");
/// assert_eq!(format!("{duration:#}"), "2 h 3 min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HumanDuration(pub Duration);

impl HumanDuration {
    fn fmt_exact(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Duration::from_secs(1) {
            return f.write_str("1 second");
        }
        if self.0.subsec_nanos() == 0 {
            return write!(f, "{} seconds", self.0.as_secs());
        }
        write!(f, "{} seconds", self.0.as_secs_f64())
    }

    fn fmt_rounded(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { self.fmt_rounded(f) } else { self.fmt_exact(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_durations_are_in_seconds() {
        let shown = [0, 1, 1_000, 1_500, 90_000];
        let shown = shown.map(|millis| HumanDuration(Duration::from_millis(millis)).to_string());
        let expected = ["0 seconds", "0.001 seconds", "1 second", "1.5 seconds", "90 seconds"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn rounded_durations_have_one_unit_or_two() {
        let shown = [0, 12, 999, 1_250, 59_999, 60_000, 7_380_000, 453_600_000];
        let shown =
            shown.map(|millis| format!("{:#}", HumanDuration(Duration::from_millis(millis))));
        let expected =
            ["0 s", "12 ms", "999 ms", "1.2 s", "59 s", "1 min 0 s", "2 h 3 min", "5 d 6 h"];
        assert_eq!(shown, expected);
    }
}

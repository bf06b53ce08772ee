//! Prints the dates of certificates in messages.

use core::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Displays a time in UTC with a resolution of seconds, as certificates have.
pub(crate) struct UtcDate(pub(crate) SystemTime);

impl UtcDate {
    /// Converts a time since the beginning of 1970; later ones become the last second of 9999.
    pub(crate) fn from_unix_time(since_1970: Duration) -> Self {
        const LAST: Duration = Duration::from_secs(253_402_300_799);
        Self(UNIX_EPOCH + since_1970.min(LAST))
    }
}

impl fmt::Display for UtcDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: u64 = 24 * 60 * 60;
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (days, seconds) = (since / DAY, since % DAY);
        // Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is last.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let date = |seconds| UtcDate(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(date(1_709_251_200), "2024-03-01 00:00:00 UTC");
        assert_eq!(date(253_402_300_799), "9999-12-31 23:59:59 UTC");
        assert_eq!(UtcDate::from_unix_time(Duration::MAX).to_string(), "9999-12-31 23:59:59 UTC");
    }
}

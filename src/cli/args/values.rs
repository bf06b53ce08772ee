//! The values of options: durations, counts and networks.

use std::num::NonZero;
use std::time::Duration;

use crate::runtime::plan::NamePattern;
use strports_syntax::value::{Network, Networks};

/// The units of time. `ms` comes before `s`, because it ends in `s`.
const UNITS: [(&str, f64); 5] =
    [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];

const EXPECTED: &str = "expected a length of time such as `30s`, `5m`, `1.5h` or seconds alone";

/// Longer durations are mistakes, and would overflow some timers.
const LONGEST: f64 = 100.0 * 365.0 * 86_400.0;

/// Parses a duration, which may be zero: `0`, `500ms`, `30`, `30s`, `1.5h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
    let (number, seconds) = match unit {
        Some((unit, seconds)) => (&text[..text.len() - unit.len()], *seconds),
        None => (text, 1.0),
    };
    // `f64` also parses signs, exponents and `inf`.
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|_| is_plain).ok_or(EXPECTED)?;
    let length = number * seconds;
    if length > LONGEST {
        return Err("expected at most 100 years".to_owned());
    }
    Duration::try_from_secs_f64(length).map_err(|_| EXPECTED.to_owned())
}

/// Parses a duration above zero, for a limit.
pub(super) fn limit(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => {
            Err("expected more than 0 (without the option there is no limit)".to_owned())
        }
        length => Ok(length),
    }
}

/// Parses a number of at least 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    let count =
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<NonZero<usize>>());
    match count {
        Some(Ok(count)) => Ok(count.get()),
        _ => Err("expected a number, 1 or more".to_owned()),
    }
}

/// Parses a number of repetitions, which may be 0.
pub(super) fn times(text: &str) -> Result<u32, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let times = text.parse().ok().filter(|_| is_plain);
    times.ok_or_else(|| format!("expected a number from 0 to {}", u32::MAX))
}

/// Parses a pattern for names of clients.
pub(super) fn name_pattern(text: &str) -> Result<NamePattern, String> {
    NamePattern::new(text).map_err(|error| error.to_string())
}

/// Parses a network, or a single address.
pub(super) fn network(text: &str) -> Result<Network, String> {
    let networks = Networks::new(text);
    // clap has already split the list at its commas.
    networks.as_ref().and_then(|networks| networks.iter().next()).ok_or_else(|| {
        "expected a network such as `10.0.0.0/8`, or an address; separate several by commas"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed() {
        let millis = |text| duration(text).unwrap().as_millis();
        assert_eq!(millis("30"), 30_000);
        assert_eq!(millis("30s"), 30_000);
        assert_eq!(millis("500ms"), 500);
        assert_eq!(millis("5m"), 300_000);
        assert_eq!(millis("1.5h"), 5_400_000);
        assert_eq!(millis("2d"), 172_800_000);
        assert_eq!(millis("0.25"), 250);
        assert_eq!(millis("0"), 0);
    }

    #[test]
    fn invalid_durations_are_refused() {
        for text in ["", "s", "-1", "+1", "1e3", "inf", "NaN", "1 s", "5x", "1m30s", ".", "1.2.3"] {
            assert_eq!(duration(text), Err(EXPECTED.to_owned()), "{text}");
        }
        assert!(duration("36501d").unwrap_err().contains("100 years"));
        assert!(duration(&"9".repeat(400)).is_err());
        assert!(limit("0s").unwrap_err().contains("more than 0"));
    }

    #[test]
    fn counts_are_one_or_more() {
        assert_eq!((times("0"), times("12")), (Ok(0), Ok(12)));
        for text in ["", "-1", "+1", "1e9", "5x", "4294967296"] {
            assert_eq!(
                times(text).unwrap_err(),
                "expected a number from 0 to 4294967295",
                "{text}"
            );
        }
        assert_eq!(count("1000"), Ok(1000));
        for text in ["", "0", "-1", "+1", "1k", "99999999999999999999"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn networks_are_parsed_as_in_descriptions() {
        assert_eq!(network("10.0.0.0/8").unwrap().prefix, 8);
        assert_eq!(network("::1").unwrap().prefix, 128);
        for text in ["", "10.0.0.0/33", "localhost", "10.0.0.0/8,"] {
            assert!(network(text).is_err(), "{text}");
        }
    }
}

//! Converts the times of TCP connections: `timeout`, `userTimeout`, and
//! `keepAlive=IDLE,INTERVAL,COUNT`. Other programs have the numbers of `keepAlive` as three
//! separate options.

use super::draft::{Draft, RelayOption};
use super::loss::{Failure, Loss};
use super::plain;
use super::words::flag;

/// The numbers of `keepAlive` that Linux uses by default: idle, interval and count.
const USUAL: [&str; 3] = ["7200", "75", "9"];

/// The units of time that other programs use, in milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("ms", 1),
    ("s", 1_000),
    ("sec", 1_000),
    ("m", 60_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

const NANOS: u128 = 1_000_000_000;

const ROUNDED: &str = "it has whole seconds, and is rounded up";

/// Which of the three numbers of `keepAlive=IDLE,INTERVAL,COUNT` an option sets.
#[derive(Clone, Copy)]
pub(super) enum Probe {
    /// Seconds without data until the first probe is sent.
    Idle,
    /// Seconds between two probes.
    Interval,
    /// After how many unanswered probes the connection breaks.
    Count,
}

impl Probe {
    /// Sets this number. Numbers before it that were not set get the defaults of Linux.
    pub(super) fn set(self, draft: &mut Draft, value: &str) -> Result<(), String> {
        let (value, is_exact) = match self {
            Self::Count => (value.to_owned(), true),
            Self::Idle | Self::Interval => {
                let (seconds, is_exact) = seconds(value, "s")?;
                (seconds.to_string(), is_exact)
            }
        };
        let before = draft.transport.get("keepAlive").filter(|it| *it != "0").unwrap_or_default();
        let mut numbers = USUAL.map(str::to_owned);
        let mut given = 0;
        let known = before.split(',').filter(|number| !number.is_empty());
        for (number, known) in numbers.iter_mut().zip(known) {
            known.clone_into(number);
            given += 1;
        }
        numbers[self as usize] = value;
        given = given.max(self as usize + 1);
        set(draft, "keepAlive", &numbers[..given].join(","), is_exact)
    }

    /// Returns this number of a `keepAlive` value. `None` if it is absent, or if it is 0, which
    /// turns probes off.
    pub(super) fn of(self, value: &str) -> Option<&str> {
        value.split(',').nth(self as usize).filter(|number| *number != "0")
    }
}

/// Turns keep-alive probes off if the value means no. Otherwise they stay on, as by default.
pub(super) fn set_keep_alive(draft: &mut Draft, value: &str) -> Result<(), String> {
    if flag(value)? { Ok(()) } else { set(draft, "keepAlive", "0", true) }
}

/// Sets `timeout`, rounded up to seconds. A number without a unit is in seconds.
pub(super) fn set_timeout(draft: &mut Draft, value: &str) -> Result<(), String> {
    let (seconds, is_exact) = seconds(value, "s")?;
    set(draft, "timeout", &seconds.to_string(), is_exact)
}

/// Sets `userTimeout`, rounded up to seconds. A number without a unit is in `unit`.
pub(super) fn set_user_timeout(draft: &mut Draft, value: &str, unit: &str) -> Result<(), String> {
    let (seconds, is_exact) = seconds(value, unit)?;
    set(draft, "userTimeout", &seconds.to_string(), is_exact)
}

fn set(draft: &mut Draft, name: &'static str, value: &str, is_exact: bool) -> Result<(), String> {
    if !draft.set(name, value) {
        return Err(format!("`{}` has no `{name}`", draft.transport.kind));
    }
    if is_exact { Ok(()) } else { Err(format!("`{name}` has whole seconds: it is rounded up")) }
}

/// Returns the time of an option in whole seconds, for forms without units. Rounding up is reported
/// as a loss.
pub(super) fn whole_seconds(option: &RelayOption, losses: &mut Vec<Loss>) -> Result<u64, Failure> {
    let value = plain::time(&option.value)?;
    let (seconds, is_exact) = seconds(&value, "s").map_err(|why| Failure::new(&value, why))?;
    if !is_exact {
        losses.push(Loss::new(&option.from, ROUNDED));
    }
    Ok(seconds)
}

/// Converts a time to seconds, rounded up; the `bool` is false if rounding changed it. A number
/// without a unit is in `unit`.
fn seconds(value: &str, unit: &str) -> Result<(u64, bool), String> {
    let expected = || "expected a number, perhaps with a unit such as `s`".to_owned();
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let (number, suffix) = value.split_at(value.bytes().take_while(is_number).count());
    let suffix = if suffix.is_empty() { unit } else { suffix.trim() };
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == suffix).ok_or_else(expected)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() || part.contains('.') {
        return Err(expected());
    }
    let digits = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u64>() };
    let whole = digits(whole).map_err(|_| expected())?;
    // Nine digits are nanoseconds; further ones are dropped.
    let part = digits(&format!("{part:0<9.9}")).map_err(|_| expected())?;
    let nanos = (u128::from(whole) * NANOS + u128::from(part)) * u128::from(*factor) / 1_000;
    let seconds = u64::try_from(nanos.div_ceil(NANOS)).unwrap_or(u64::MAX);
    Ok((seconds, nanos.is_multiple_of(NANOS)))
}

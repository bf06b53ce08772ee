//! Checks values that other forms cannot quote, and that they would otherwise read as syntax.

use super::loss::Failure;

/// Checks that every program reads `text` as a host, and not as an option or as syntax.
pub(super) fn host(text: &str) -> Result<&str, Failure> {
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '-' | '.' | '_');
    let (address, zone) = text.split_once('%').map_or((text, None), |(a, zone)| (a, Some(zone)));
    let is_zone = |zone: &str| !zone.is_empty() && zone.chars().all(is_name);
    let is_address = address.parse::<std::net::Ipv6Addr>().is_ok() && zone.is_none_or(is_zone);
    let is_host = !text.is_empty() && !text.starts_with('-') && text.chars().all(is_name);
    if is_address || is_host {
        return Ok(text);
    }
    let why = "expected a host of letters, digits, `.`, `_` and `-` that does not begin with `-`, \
               or an IP address (name the host by its address)";
    Err(Failure::new(text, why))
}

/// Checks that `text` fits on one line, for forms that remove white space at its ends.
pub(super) fn line(text: &str) -> Result<&str, Failure> {
    if text.trim() == text && !text.contains(char::is_control) {
        return Ok(text);
    }
    let why = "expected no control characters, and no white space at the start or end, which this \
               form cannot quote (choose another name)";
    Err(Failure::new(text, why))
}

/// Checks the value of an option of `strports relay`: a number, a time, networks or a word.
pub(super) fn option(text: &str) -> Result<&str, Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".,:/-".contains(&byte);
    if !text.starts_with('-') && text.bytes().all(is_plain) {
        return Ok(text);
    }
    let why = "expected a number, a time, networks or a word (`strports relay --help` has each)";
    Err(Failure::new(text, why))
}

/// Checks a time, and adds the unit `s` to a number without one.
///
/// HAProxy, nginx and ncat have the same units as `strports relay`, but no fractions. HAProxy reads
/// a number without a unit as milliseconds.
pub(super) fn time(text: &str) -> Result<String, Failure> {
    let unit = text.trim_start_matches(|char: char| char.is_ascii_digit());
    match unit {
        _ if unit == text => {}
        "" => return Ok(format!("{text}s")),
        "ms" | "s" | "m" | "h" | "d" => return Ok(text.to_owned()),
        _ => {}
    }
    let why = "expected a whole number, perhaps with the unit `ms`, `s`, `m`, `h` or `d` \
               (for `1.5h`, write `90m`)";
    Err(Failure::new(text, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        for text in ["h", "a-b.c_d", "é.example", "10.0.0.1", "::1", "fe80::1%eth0", "80"] {
            assert_eq!(host(text), Ok(text));
        }
        let refused = [
            "", "-h", "--proxy", "[::1]", "a b", "a\n", "a:b", "::1%", "::1%a;", "a;", "a#", "$a",
            "{a}", "a/b", "u@h", "*", "a,b", "a'", "a\"", "a\\", "a%20b",
        ];
        for text in refused {
            assert!(host(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        for (text, expected) in [("30", "30s"), ("0", "0s"), ("5m", "5m"), ("500ms", "500ms")] {
            assert_eq!(time(text).as_deref(), Ok(expected));
        }
        for text in ["", "s", "1.5h", "1m30s", "5x", "-1", "1e3", "5 m"] {
            assert!(time(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn lines_have_no_white_space_at_the_ends() {
        assert!(line("a b").is_ok());
        for text in [" a", "a ", "a\nb", "a\t", "\r", "\0"] {
            assert!(line(text).is_err(), "{text:?}");
        }
        assert!(option("10.0.0.0/8,::1/128").is_ok());
        for text in ["1;x", "1 2", "-x", "{", "a\nb", "$x", "`x`"] {
            assert!(option(text).is_err(), "{text:?}");
        }
    }
}

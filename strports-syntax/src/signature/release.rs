//! Releases of Twisted, and sets of releases.

use core::fmt;
use core::str::FromStr;

/// A release of Twisted, which displays as its version, such as `24.10`.
///
/// ```
/// use strports_syntax::signature::{Release, server};
/// assert!(server::TLS.since() > Some(Release::new(24, 10, 0)));
/// assert_eq!(Release::new(16, 1, 1).to_string(), "16.1.1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number of the version: the last two digits of the year.
    pub year: u8,
    /// The second number: the month, or a sequence number from 0 in older releases.
    pub month: u8,
    /// The third number, 0 unless the release is a patch; 0 is not displayed.
    pub patch: u8,
}

impl Release {
    /// Creates a release from the numbers of its version; it need not exist.
    pub const fn new(year: u8, month: u8, patch: u8) -> Self {
        Self { year, month, patch }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.year, self.month)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

/// Every release of Twisted since 16.0, the oldest first.
///
/// ```
/// use strports_syntax::signature::RELEASES;
/// assert_eq!(RELEASES.first().unwrap().to_string(), "16.0");
/// assert_eq!(RELEASES.last().unwrap().to_string(), "26.10");
/// ```
pub static RELEASES: &[Release] = &[
    Release::new(16, 0, 0),
    Release::new(16, 1, 0),
    Release::new(16, 1, 1),
    Release::new(16, 2, 0),
    Release::new(16, 3, 0),
    Release::new(16, 3, 1),
    Release::new(16, 3, 2),
    Release::new(16, 4, 0),
    Release::new(16, 4, 1),
    Release::new(16, 5, 0),
    Release::new(16, 6, 0),
    Release::new(17, 1, 0),
    Release::new(17, 5, 0),
    Release::new(17, 9, 0),
    Release::new(18, 4, 0),
    Release::new(18, 7, 0),
    Release::new(18, 9, 0),
    Release::new(19, 2, 0),
    Release::new(19, 2, 1),
    Release::new(19, 7, 0),
    Release::new(19, 10, 0),
    Release::new(20, 3, 0),
    Release::new(21, 2, 0),
    Release::new(21, 7, 0),
    Release::new(22, 1, 0),
    Release::new(22, 2, 0),
    Release::new(22, 4, 0),
    Release::new(22, 8, 0),
    Release::new(22, 10, 0),
    Release::new(23, 8, 0),
    Release::new(23, 10, 0),
    Release::new(24, 3, 0),
    Release::new(24, 7, 0),
    Release::new(24, 10, 0),
    Release::new(24, 11, 0),
    Release::new(25, 5, 0),
    Release::new(26, 4, 0),
    Release::new(26, 10, 0),
];

/// The oldest release that was installed and tested for this table.
///
/// Older releases do not run on current versions of Python. For them, the table follows from
/// reading their parsers.
///
/// ```
/// use strports_syntax::signature::{FIRST_ASKED, RELEASES};
/// assert_eq!(FIRST_ASKED.to_string(), "19.7");
/// assert!(RELEASES.contains(&FIRST_ASKED));
/// ```
pub const FIRST_ASKED: Release = Release::new(19, 7, 0);

/// A set of known releases of Twisted: a subset of [`RELEASES`].
///
/// Parses a version, or version specifiers as in the requirements of a Python package.
///
/// ```
/// use strports_syntax::signature::Releases;
/// let releases: Releases = ">=22.8,<24".parse()?;
/// assert_eq!(releases.to_string(), "22.8 to 23.10");
/// assert_eq!("22.4".parse::<Releases>()?.to_string(), "22.4");
/// # Ok::<(), strports_syntax::signature::ReleasesError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Releases {
    /// One bit for each of [`RELEASES`], the oldest in the lowest bit.
    bits: u64,
}

const _: () = assert!(RELEASES.len() < 64, "a set has a bit for each release");

impl Releases {
    /// Only the newest release, whose behavior this project follows.
    pub const NEWEST: Self = Self { bits: 1 << (RELEASES.len() - 1) };

    /// Every known release.
    pub const ALL: Self = Self { bits: (1 << RELEASES.len()) - 1 };

    /// The releases in this set for which `wanted` returns true.
    ///
    /// ```
    /// use strports_syntax::signature::{Release, Releases};
    /// let recent = Releases::ALL.filter(|release| release >= Release::new(25, 0, 0));
    /// assert_eq!(recent.iter().next(), Some(Release::new(25, 5, 0)));
    /// ```
    #[must_use]
    pub fn filter(self, mut wanted: impl FnMut(Release) -> bool) -> Self {
        let all = RELEASES.iter().enumerate();
        let bits = all.filter(|(index, release)| self.bits >> index & 1 == 1 && wanted(**release));
        Self { bits: bits.fold(0, |bits, (index, _)| bits | 1 << index) }
    }

    /// Whether no release is in the set.
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Iterates over the releases in the set, the oldest first.
    pub fn iter(self) -> impl Iterator<Item = Release> {
        let all = RELEASES.iter().enumerate();
        all.filter(move |(index, _)| self.bits >> index & 1 == 1).map(|(_, release)| *release)
    }
}

/// Prints consecutive releases as ranges, such as `16.0 to 22.8 and 24.10`.
impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |index: usize| self.bits >> index & 1 == 1;
        let begins = |index: &usize| has(*index) && (*index == 0 || !has(*index - 1));
        let mut spans = (0..RELEASES.len()).filter(begins).peekable();
        let mut first = true;
        while let Some(begin) = spans.next() {
            let end = (begin..RELEASES.len()).take_while(|index| has(*index)).last();
            let and = if spans.peek().is_some() { ", " } else { " and " };
            f.write_str(if first { "" } else { and })?;
            first = false;
            match end {
                Some(end) if end > begin + 1 => {
                    write!(f, "{} to {}", RELEASES[begin], RELEASES[end])?;
                }
                Some(end) if end > begin => {
                    write!(f, "{} and {}", RELEASES[begin], RELEASES[end])?;
                }
                _ => write!(f, "{}", RELEASES[begin])?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Releases({self})")
    }
}

/// The error when a text is not a set of releases of Twisted.
///
/// ```
/// use strports_syntax::signature::Releases;
/// let error = "25.6".parse::<Releases>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "Twisted has no such release (did you mean 25.5? known are 16.0 to 26.10)"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReleasesError {
    /// The text is neither a version nor a version specifier. Samples: `new`, `=22.4`, `22.x`.
    #[error(
        "expected a release such as `22.4` or a range such as `>=22.4,<25`{}",
        Known { nearest: None }
    )]
    NotARange,
    /// Twisted has no release with this version. Sample: `25.6`.
    #[error("Twisted has no such release{}", Known { nearest: *.nearest })]
    Unknown {
        /// The release with the nearest version; `None` if none is near.
        nearest: Option<Release>,
    },
    /// No known release is in the range. Sample: `>=27`.
    #[error("no release is in this range{}", Known { nearest: None })]
    Empty,
}

/// Prints the known releases in parentheses, for the end of an error message.
struct Known {
    /// A release to suggest first, if one is near.
    nearest: Option<Release>,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(" (")?;
        if let Some(nearest) = self.nearest {
            write!(f, "did you mean {nearest}? ")?;
        }
        write!(f, "known are {})", Releases::ALL)
    }
}

impl FromStr for Releases {
    type Err = ReleasesError;

    fn from_str(text: &str) -> Result<Self, ReleasesError> {
        let mut releases = Self::ALL;
        for condition in text.split(',') {
            let bound = Bound::read(condition.trim()).ok_or(ReleasesError::NotARange)?;
            if bound.operator == Operator::Is && !RELEASES.contains(&bound.version) {
                return Err(bound.unknown());
            }
            releases = releases.filter(|release| bound.holds(release));
        }
        if releases.is_empty() { Err(ReleasesError::Empty) } else { Ok(releases) }
    }
}

/// One version specifier, such as `>=22.4`.
struct Bound {
    operator: Operator,
    /// The version after the operator; missing numbers are 0.
    version: Release,
    /// How many of the three numbers the version has, 1 to 3.
    numbers: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    AtLeast,
    AtMost,
    Above,
    Below,
    /// `~=22.4`: this release or a later one with the same numbers except the last, here of the
    /// same year.
    Compatible,
    /// `==22.*`: the releases that begin with these numbers, here those of that year.
    Prefix,
}

impl Bound {
    fn read(text: &str) -> Option<Self> {
        const OPERATORS: [(&str, Operator); 7] = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            ("==", Operator::Is),
            ("!=", Operator::IsNot),
            ("~=", Operator::Compatible),
            (">", Operator::Above),
            ("<", Operator::Below),
        ];
        let found = OPERATORS.iter().find_map(|(sign, operator)| {
            text.strip_prefix(sign).map(|version| (*operator, version.trim_start()))
        });
        let (operator, version) = found.unwrap_or((Operator::Is, text));
        let (operator, version) = match (operator, version.strip_suffix(".*")) {
            (Operator::Is, Some(version)) => (Operator::Prefix, version),
            (_, Some(_)) => return None,
            (_, None) => (operator, version),
        };
        let mut read = [0; 3];
        let mut numbers = 0;
        for number in version.split('.') {
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            *read.get_mut(numbers)? = digits.then(|| number.parse().ok()).flatten()?;
            numbers += 1;
        }
        let [year, month, patch] = read;
        // `>=22` compares with a year, but `==22` does not identify a release.
        let vague = numbers == 1
            && matches!(operator, Operator::Is | Operator::IsNot | Operator::Compatible);
        (!vague).then_some(Self { operator, version: Release::new(year, month, patch), numbers })
    }

    fn holds(&self, release: Release) -> bool {
        let same = |numbers: usize| {
            let parts = |it: Release| [it.year, it.month, it.patch];
            parts(release)[..numbers] == parts(self.version)[..numbers]
        };
        match self.operator {
            Operator::Is => release == self.version,
            Operator::IsNot => release != self.version,
            Operator::AtLeast => release >= self.version,
            Operator::AtMost => release <= self.version,
            Operator::Above => release > self.version,
            Operator::Below => release < self.version,
            Operator::Compatible => release >= self.version && same(self.numbers - 1),
            Operator::Prefix => same(self.numbers),
        }
    }

    fn unknown(&self) -> ReleasesError {
        let months = |it: Release| {
            (i32::from(it.year) * 12 + i32::from(it.month)) * 16 + i32::from(it.patch)
        };
        let distance = |it: &Release| months(*it).abs_diff(months(self.version));
        let (oldest, newest) = (RELEASES.first(), RELEASES.last());
        // A version more than a year outside the known releases gets no suggestion.
        let near = oldest.is_some_and(|oldest| self.version.year + 1 >= oldest.year)
            && newest.is_some_and(|newest| self.version.year <= newest.year + 1);
        let nearest = RELEASES.iter().copied().min_by_key(distance).filter(|_| near);
        ReleasesError::Unknown { nearest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[track_caller]
    fn set(text: &str) -> std::string::String {
        text.parse::<Releases>().unwrap().to_string()
    }

    #[test]
    fn releases_and_ranges_are_parsed() {
        for (text, expected) in [
            ("22.4", "22.4"),
            ("22.4.0", "22.4"),
            ("==16.1.1", "16.1.1"),
            (">=26", "26.4 and 26.10"),
            (">=22.4, <22.10", "22.4 and 22.8"),
            (">16.0,<=16.1.1", "16.1 and 16.1.1"),
            (">=22.4,!=22.8,<23", "22.4 and 22.10"),
            ("~=22.2", "22.2 to 22.10"),
            ("==22.*", "22.1 to 22.10"),
            (">= 16", "16.0 to 26.10"),
        ] {
            assert_eq!(set(text), expected, "{text}");
        }
        assert_eq!(Releases::NEWEST.to_string(), "26.10");
        assert_eq!(Releases::ALL.iter().count(), RELEASES.len());
    }

    #[test]
    fn invalid_releases_are_refused() {
        let error = |text: &str| text.parse::<Releases>().unwrap_err();
        for text in ["", "new", "22", "=22.4", "22.x", ">=22.*", "22.4.0.1", "22.4,", "+22.4"] {
            assert_eq!(error(text), ReleasesError::NotARange, "{text}");
        }
        assert_eq!(error(">=27"), ReleasesError::Empty);
        assert_eq!(error("<16"), ReleasesError::Empty);
        let nearest = |text| match error(text) {
            ReleasesError::Unknown { nearest } => nearest.map(|it| it.to_string()),
            other => panic!("{other}"),
        };
        assert_eq!(nearest("25.6").as_deref(), Some("25.5"));
        assert_eq!(nearest("22.9").as_deref(), Some("22.8"));
        assert_eq!(nearest("3.14"), None);
    }
}

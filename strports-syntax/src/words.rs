//! Sets of words that a parameter can take.

use core::fmt;

/// The set of words that a parameter takes, and how text is compared with them.
///
/// Displays as the list of words, such as "`SAM` or `BOB`", to complete "expected …" in messages.
///
/// ```
/// use strports_syntax::signature::Words;
/// const API: Words = Words::new(&["SAM", "BOB"]);
/// assert_eq!(API.to_string(), "`SAM` or `BOB`");
/// assert_eq!(API.find(&"SAM".into()), Some("SAM"));
/// assert_eq!(API.find(&"sam".into()), None);
/// assert_eq!(API.in_any_case().trimmed().find(&" sam ".into()), Some("SAM"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Words {
    /// The words, in the order in which messages list them.
    pub values: &'static [&'static str],
    /// Whether the case of ASCII letters is ignored.
    pub any_case: bool,
    /// Whether white space around the text is ignored.
    pub trimmed: bool,
    /// Whether the words are integers: text is then read as by Python's `int()` and compared by
    /// value.
    pub integers: bool,
}

impl Words {
    /// Creates a set of words that text must equal exactly.
    pub const fn new(values: &'static [&'static str]) -> Self {
        Self { values, any_case: false, trimmed: false, integers: false }
    }

    /// Makes comparisons ignore the case of ASCII letters.
    #[must_use]
    pub const fn in_any_case(self) -> Self {
        Self { any_case: true, ..self }
    }

    /// Makes comparisons ignore white space around the text.
    #[must_use]
    pub const fn trimmed(self) -> Self {
        Self { trimmed: true, ..self }
    }

    /// Makes comparisons read the text as an integer: `03` is `3`.
    ///
    /// ```
    /// use strports_syntax::signature::Words;
    /// const VERSION: Words = Words::new(&["2", "3"]).as_integers();
    /// assert_eq!(VERSION.find(&" 0_3".into()), Some("3"));
    /// assert_eq!(VERSION.find(&"4".into()), None);
    /// ```
    #[must_use]
    pub const fn as_integers(self) -> Self {
        Self { integers: true, ..self }
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.values.len().saturating_sub(1);
        self.values.iter().enumerate().try_for_each(|(index, word)| {
            f.write_str(match index {
                0 => "",
                _ if index == last => " or ",
                _ => ", ",
            })?;
            write!(f, "`{word}`")
        })
    }
}

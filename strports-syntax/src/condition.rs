//! Conditions between the parameters of a plugin's type.

use core::fmt;

/// The condition that a parameter is given, or that it has a certain value.
///
/// Displays as `api` or `api=SAM`.
///
/// ```
/// use strports_syntax::signature::Condition;
/// let condition = Condition::parse("api=SAM");
/// assert_eq!((condition.parameter, condition.value), ("api", Some("SAM")));
/// assert_eq!(Condition::parse("api"), Condition { parameter: "api", value: None });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The keyword of the parameter that the condition is about.
    pub parameter: &'static str,
    /// The value that the parameter must have, given or by default; `None` if it may have any value
    /// but must be given.
    pub value: Option<&'static str>,
}

impl Condition {
    /// Creates a condition from `NAME`, which must be given, or `NAME=VALUE`.
    pub fn parse(text: &'static str) -> Self {
        match text.split_once('=') {
            Some((parameter, value)) => Self { parameter, value: Some(value) },
            None => Self { parameter: text, value: None },
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.parameter)?;
        self.value.map_or(Ok(()), |value| write!(f, "={value}"))
    }
}

//! What one parameter of a plugin's type asks of another.

use core::fmt;

/// That a parameter is given, or that it has one certain value.
///
/// It displays as it is written: `api` or `api=SAM`.
///
/// ```
/// use strports_syntax::signature::Condition;
/// let condition = Condition::parse("api=SAM");
/// assert_eq!((condition.parameter, condition.value), ("api", Some("SAM")));
/// assert_eq!(Condition::parse("api"), Condition { parameter: "api", value: None });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The keyword of the parameter.
    pub parameter: &'static str,
    /// The value that it must have, its default included; `None` where any value that is given
    /// will do.
    pub value: Option<&'static str>,
}

impl Condition {
    /// From `NAME` or `NAME=VALUE`.
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

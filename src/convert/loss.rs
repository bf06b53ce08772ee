//! Losses: parts of a text that a conversion cannot express.

use std::fmt;

use strports_syntax::Backquoted;

/// A part of the text that the result lacks.
///
/// Part of [`Conversion`](crate::convert::Conversion); see the [module](crate::convert) for an
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The part of the input that is lost.
    pub text: String,
    /// The reason, in one clause.
    pub why: String,
    /// The line of the text, from 1, if there are several.
    pub line: Option<usize>,
}

/// A text, or a part of it, without any counterpart.
///
/// Part of [`Conversion`](crate::convert::Conversion); see the [module](crate::convert) for an
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The part of the input without a counterpart.
    pub text: String,
    /// The expectation, or the feature that the other form does not have.
    pub why: String,
    /// The line of the text, from 1, if there are several.
    pub line: Option<usize>,
}

impl Loss {
    pub(super) fn new(text: impl Into<String>, why: impl Into<String>) -> Self {
        Self { text: text.into(), why: why.into(), line: None }
    }
}

impl Failure {
    pub(super) fn new(text: impl Into<String>, why: impl Into<String>) -> Self {
        Self { text: text.into(), why: why.into(), line: None }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(self.line, f)?;
        write!(f, "{} is lost: {}", Backquoted::new(&self.text), self.why)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(self.line, f)?;
        write!(f, "{} cannot be converted: {}", Backquoted::new(&self.text), self.why)
    }
}

impl std::error::Error for Failure {}

fn place(line: Option<usize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    line.map_or(Ok(()), |line| write!(f, "line {line}: "))
}

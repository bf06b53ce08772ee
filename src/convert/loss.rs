//! Losses and failures: what a conversion cannot express in the other form.

use std::fmt;

use strports_syntax::Backquoted;

/// A part of the converted text that the result does not express.
///
/// Part of [`Conversion`](crate::convert::Conversion); see the [module](crate::convert) for an
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The part of the converted text that is lost.
    pub text: String,
    /// The reason why the part cannot be expressed, in one clause.
    pub why: String,
    /// The number of its line, from 1; `None` if the converted text has only one line.
    pub line: Option<usize>,
}

/// A converted text, or a part of it, that has no result at all.
///
/// Part of [`Conversion`](crate::convert::Conversion); see the [module](crate::convert) for an
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The part of the converted text that has no result.
    pub text: String,
    /// What was expected instead, or what the other form lacks, in one clause.
    pub why: String,
    /// The number of its line, from 1; `None` if the converted text has only one line.
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

//! A candidate for completion.

/// A candidate for the last word of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Candidate {
    /// The whole word.
    pub(in crate::cli) text: String,
    /// A description of the candidate, in one line.
    pub(in crate::cli) help: String,
}

impl Candidate {
    pub(super) fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        let help = help.into();
        let line = help.lines().next().unwrap_or_default().to_owned();
        Self { text: text.into(), help: line }
    }
}

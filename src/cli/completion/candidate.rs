//! A text that completes the last word of the command line.

/// A text that can complete the last word of the command line, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Candidate {
    /// The whole word with the completion, not only the part that is added.
    pub(in crate::cli) text: String,
    /// What the candidate means, in one line; empty if nothing is said about it.
    pub(in crate::cli) help: String,
}

impl Candidate {
    pub(super) fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        let help = help.into();
        let line = help.lines().next().unwrap_or_default().to_owned();
        Self { text: text.into(), help: line }
    }
}

//! One word that a shell offers.

/// One word that may stand where the last one is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Candidate {
    /// The whole word.
    pub(in crate::cli) text: String,
    /// What it is, in one line.
    pub(in crate::cli) help: String,
}

impl Candidate {
    pub(super) fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        let help = help.into();
        let line = help.lines().next().unwrap_or_default().to_owned();
        Self { text: text.into(), help: line }
    }
}

//! One declared type: its signature, and facts that the signature has no place for.

use strports_syntax::Signature;

/// A type as a `[[type]]` declares it, for one role.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) signature: &'static Signature,
    /// What its columns do not say.
    pub(crate) note: Option<String>,
    /// Other packages with the same parser.
    pub(crate) also: Vec<String>,
    /// The file of the package that has the parser.
    pub(crate) source: Option<String>,
    /// The versions of Python that the package runs on, where current ones are not among them.
    pub(crate) python: Option<String>,
    /// What the columns of each parameter do not say.
    pub(crate) notes: Vec<Option<String>>,
}

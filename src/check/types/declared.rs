//! One declared type: its signature, and facts that are not part of the signature.

use strports_syntax::Signature;

/// A type that a `[[type]]` declares, for one role.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) signature: &'static Signature,
    /// Facts beyond its columns.
    pub(crate) note: Option<String>,
    /// Other packages with the same parser.
    pub(crate) also: Vec<String>,
    /// The file of the package that contains the parser.
    pub(crate) source: Option<String>,
    /// The versions of Python that the package runs on, if current ones are not among them.
    pub(crate) python: Option<String>,
    /// Facts beyond the columns, for each parameter.
    pub(crate) notes: Vec<Option<String>>,
}

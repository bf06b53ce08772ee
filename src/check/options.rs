//! What holds for a whole run.

use super::pattern::FilePattern;
use super::preflight::Preflight;
use super::selection::Selection;
use strports_syntax::Role;
use strports_syntax::signature::Releases;

/// The settings of a run: what it reports and assumes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Which rules are reported.
    pub selection: Selection,
    /// The role of descriptions whose file does not tell it; both are tried if it is `None`.
    pub role: Option<Role>,
    /// The releases of Twisted that read the descriptions.
    pub twisted: Releases,
    /// Checks files, certificates and keys that descriptions name; `None` checks text alone.
    pub preflight: Option<Preflight>,
    /// Files and directories that a walk leaves out, besides what the configuration excludes.
    pub exclude: Vec<FilePattern>,
    /// Keeps every file and description that was read, for [`Checked::files_read`].
    ///
    /// [`Checked::files_read`]: super::Checked::files_read
    pub listing: bool,
}

impl Default for Options {
    /// Every rule, either role, the newest Twisted, and no look at a machine.
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            role: None,
            twisted: Releases::NEWEST,
            preflight: None,
            exclude: Vec::new(),
            listing: false,
        }
    }
}

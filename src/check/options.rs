//! Options of a run.

use std::sync::Arc;

use super::memory::Memory;
use super::pattern::FilePattern;
use super::preflight::Preflight;
use super::selection::Selection;
use super::stop::Stop;
use strports_syntax::Role;
use strports_syntax::signature::Releases;

/// The options of a run.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The rules to report.
    pub selection: Selection,
    /// The role of descriptions whose file does not determine it; `None` tries both.
    pub role: Option<Role>,
    /// The releases of Twisted that read the descriptions.
    pub twisted: Releases,
    /// Checks files, certificates and keys in descriptions; `None` checks only text.
    pub preflight: Option<Preflight>,
    /// Files and directories that are not walked, in addition to those of the configuration.
    pub exclude: Vec<FilePattern>,
    /// Records every file and description for [`Checked::files_read`].
    ///
    /// [`Checked::files_read`]: super::Checked::files_read
    pub listing: bool,
    /// What is known of the previous version of a text in an editor. With it, descriptions are
    /// kept.
    pub(crate) memory: Option<Arc<Memory>>,
    /// Whether the check of a text ends early.
    pub(crate) stop: Stop,
}

impl Default for Options {
    /// All rules, both roles, the newest Twisted, and no machine.
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            role: None,
            twisted: Releases::NEWEST,
            preflight: None,
            exclude: Vec::new(),
            listing: false,
            memory: None,
            stop: Stop::default(),
        }
    }
}

//! The options of a run of the linter.

use std::sync::Arc;

use super::memory::Memory;
use super::pattern::FilePattern;
use super::preflight::Preflight;
use super::selection::Selection;
use super::stop::Stop;
use strports_syntax::Role;
use strports_syntax::signature::Releases;

/// The options of a run of the linter.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The rules to report; by default those that the configuration selects.
    pub selection: Selection,
    /// The role of descriptions whose file does not determine it; `None` tries both roles.
    ///
    /// With `None`, a description that fits either role has no error.
    pub role: Option<Role>,
    /// The releases of Twisted that read the descriptions; by default the newest.
    ///
    /// Features that one of these releases lacks are then reported.
    pub twisted: Releases,
    /// Checks files, certificates and keys in descriptions; `None` checks only text.
    ///
    /// This is for the machine on which the programs run: a build machine rarely has their
    /// certificates.
    pub preflight: Option<Preflight>,
    /// Files and directories that are not walked, in addition to those of the configuration.
    pub exclude: Vec<FilePattern>,
    /// Records every file and description for [`Checked::files_read`].
    ///
    /// [`Checked::files_read`]: super::Checked::files_read
    pub listing: bool,
    /// The results for the previous version of a text in an editor, which are used again. With
    /// them, the descriptions of the text are kept too.
    pub(crate) memory: Option<Arc<Memory>>,
    /// Ends the check of a text early, for example when an editor cancels its request.
    pub(crate) stop: Stop,
}

impl Default for Options {
    /// The rules of the configuration, both roles, the newest Twisted, and no preflight.
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

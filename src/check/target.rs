//! A file to check: its path, its format, and its configuration.

use std::path::Path;
use std::sync::Arc;

use super::config::Configuration;
use super::source::format::Format;

/// A file to check, without its content.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The path that reports show.
    pub(super) path: Arc<Path>,
    /// The path that patterns of the configuration match: relative to its directory.
    pub(super) relative: Arc<Path>,
    pub(super) configuration: Arc<Configuration>,
    pub(super) format: &'static Format,
}

impl Target {
    /// A text that is not a file. Reports show `name` instead of a path.
    pub(super) fn without_file(
        name: &'static str,
        format: &'static Format,
        configuration: Arc<Configuration>,
    ) -> Self {
        let path: Arc<Path> = Path::new(name).into();
        Self { relative: Arc::clone(&path), path, configuration, format }
    }
}

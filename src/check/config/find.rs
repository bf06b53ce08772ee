//! Finds the configuration of a directory: the nearest `strports.toml`, or `pyproject.toml` with a
//! table `[tool.strports]`, in it or above it.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::configuration::{Configuration, FILE};
use super::error::ConfigError;
use super::read::{read, read_project, without_file};
use crate::check::paths::real_path;
use crate::lock::lock;

/// A name that users of other tools expect. It is an error here, because hidden files are not read.
const HIDDEN: &str = ".strports.toml";
/// The configuration file of Python projects, with a table for each tool.
const PROJECT: &str = "pyproject.toml";

/// The configurations of directories. Each is read once.
#[derive(Debug, Default)]
pub(crate) struct Configurations {
    /// A configuration for all directories. If it is set, no file is read.
    fixed: Option<Arc<Configuration>>,
    /// The configuration of each directory that was looked up; directories below it share the same
    /// one.
    known: Mutex<HashMap<PathBuf, Arc<Configuration>>>,
}

impl Configurations {
    /// Creates a cache that returns `configuration` for every directory, and reads no file.
    pub(crate) fn from_one(configuration: Configuration) -> Self {
        Self { fixed: Some(Arc::new(configuration)), ..Self::default() }
    }

    /// The configuration of `directory`, which must be absolute and without symbolic links.
    pub(crate) fn for_directory(
        &self,
        directory: &Path,
    ) -> Result<Arc<Configuration>, ConfigError> {
        if let Some(fixed) = &self.fixed {
            return Ok(Arc::clone(fixed));
        }
        if let Some(configuration) = self.known().get(directory) {
            return Ok(Arc::clone(configuration));
        }
        let configuration = match in_directory(directory)? {
            Some(own) => Arc::new(own),
            None => match directory.parent() {
                Some(parent) => self.for_directory(parent)?,
                None => Arc::new(without_file(directory)?),
            },
        };
        // Another thread may have read it in the meantime. All threads must use the same one,
        // because it records matches.
        let mut known = self.known();
        Ok(Arc::clone(known.entry(directory.to_owned()).or_insert(configuration)))
    }

    /// Every configuration that was looked up so far, without duplicates.
    pub(crate) fn all(&self) -> Vec<Arc<Configuration>> {
        let known = self.known();
        let mut all: Vec<_> = self.fixed.iter().chain(known.values()).cloned().collect();
        all.sort_by_key(Arc::as_ptr);
        all.dedup_by(|one, other| Arc::ptr_eq(one, other));
        all
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<Configuration>>> {
        lock(&self.known)
    }
}

impl Configuration {
    /// Reads a configuration from a file of any name; `pyproject.toml` has a table for it.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or has an error as in [`parse`](Self::parse).
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        if is_hidden_configuration(path) {
            return Err(refused(path));
        }
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| ConfigError::unreadable(path, &error))?;
        let real = real_path(path);
        if path.file_name().is_some_and(|name| name == PROJECT) {
            let missing = || ConfigError::anywhere(path, "it has no table `[tool.strports]`");
            return read_project(&real, &text)?.ok_or_else(missing);
        }
        read(&real, &text)
    }
}

/// Whether a file is called `.strports.toml`, which is refused.
pub(crate) fn is_hidden_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == HIDDEN)
}

fn refused(path: &Path) -> ConfigError {
    ConfigError::anywhere(path, "it is not read (rename it to `strports.toml`)")
}

/// Returns an error if the directory has a file `.strports.toml`, because users expect it to be
/// read.
pub(crate) fn refuse_hidden(directory: &Path) -> Result<(), ConfigError> {
    let hidden = directory.join(HIDDEN);
    if hidden.symlink_metadata().is_ok() { Err(refused(&hidden)) } else { Ok(()) }
}

/// The configuration in `directory` itself, without its parents; `None` if it has none.
fn in_directory(directory: &Path) -> Result<Option<Configuration>, ConfigError> {
    refuse_hidden(directory)?;
    let file = directory.join(FILE);
    if let Some(text) = text(&file)? {
        return read(&file, &text).map(Some);
    }
    let project = directory.join(PROJECT);
    match text(&project) {
        Ok(Some(text)) => read_project(&project, &text),
        // The file mainly belongs to other tools, so its errors are ignored.
        Ok(None) | Err(_) => Ok(None),
    }
}

/// The text of a file; `None` if the file does not exist. Any other error is returned.
fn text(file: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(ConfigError::unreadable(file, &error)),
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

//! Which `strports.toml` holds for a directory: the nearest one upwards.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::configuration::{Configuration, FILE};
use super::error::ConfigError;
use super::read::{read, without_file};

/// The configurations of directories, each read once.
#[derive(Debug, Default)]
pub(crate) struct Configurations {
    /// Holds for every directory, in place of any file.
    fixed: Option<Arc<Configuration>>,
    known: Mutex<HashMap<PathBuf, Arc<Configuration>>>,
}

impl Configurations {
    /// One configuration for every directory.
    pub(crate) fn from_one(configuration: Configuration) -> Self {
        Self { fixed: Some(Arc::new(configuration)), ..Self::default() }
    }

    /// What holds in `directory`, which is absolute and without symbolic links.
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
        let file = directory.join(FILE);
        let configuration = match std::fs::read_to_string(&file) {
            Ok(text) => Arc::new(read(&file, &text)?),
            Err(error) if is_absent(&error) => match directory.parent() {
                Some(parent) => self.for_directory(parent)?,
                None => Arc::new(without_file(directory.to_owned())?),
            },
            Err(error) => return Err(ConfigError::unreadable(&file, &error)),
        };
        self.known().insert(directory.to_owned(), Arc::clone(&configuration));
        Ok(configuration)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<Configuration>>> {
        // No insertion is ever half done, so a poisoned map is whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

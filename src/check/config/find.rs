//! Which `strports.toml` holds for a directory: the nearest one upwards.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::read::{read, without_file};
use super::{ConfigError, Settings};

/// Its name.
pub(crate) const FILE: &str = "strports.toml";

/// The configurations that were met so far, by directory.
#[derive(Debug, Default)]
pub(crate) struct Configurations {
    known: Mutex<HashMap<PathBuf, Arc<Settings>>>,
}

impl Configurations {
    /// What holds in `directory`, which is absolute and without symbolic links.
    pub(crate) fn of(&self, directory: &Path) -> Result<Arc<Settings>, ConfigError> {
        if let Some(settings) = self.known().get(directory) {
            return Ok(Arc::clone(settings));
        }
        let file = directory.join(FILE);
        let settings = match std::fs::read_to_string(&file) {
            Ok(text) => Arc::new(read(&file, &text)?),
            Err(error) if is_absent(&error) => match directory.parent() {
                Some(parent) => self.of(parent)?,
                None => Arc::new(Self::default_settings(directory)?),
            },
            Err(error) => return Err(ConfigError::unreadable(&file, &error)),
        };
        self.known().insert(directory.to_owned(), Arc::clone(&settings));
        Ok(settings)
    }

    /// What holds where there is no configuration.
    pub(crate) fn default_settings(root: &Path) -> Result<Settings, ConfigError> {
        without_file(root.to_owned())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<Settings>>> {
        // What it holds is whole at every moment.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

//! `strports.toml`: the places of descriptions in files and command lines, and the rules to report.

mod configuration;
mod error;
mod find;
mod presets;
mod read;
#[cfg(feature = "cli")]
mod schema;
mod tables;
#[cfg(feature = "cli")]
mod words;

pub use configuration::Configuration;
pub(crate) use configuration::is_configuration;
pub use error::ConfigError;
#[cfg(feature = "cli")]
pub(crate) use find::refuse_hidden;
pub(crate) use find::{Configurations, is_hidden_configuration};
#[cfg(feature = "cli")]
pub(crate) use schema::schema;

/// The message of the error in a `strports.toml` with this text. Panics if there is none.
#[cfg(test)]
#[track_caller]
pub(crate) fn test_mistake(text: &str) -> String {
    let path = std::path::Path::new("/strports.toml");
    read::read(path, text).unwrap_err().to_string()
}

/// The configuration in a `strports.toml` with this text. Panics if the text has an error.
#[cfg(test)]
#[track_caller]
pub(crate) fn test_settings(text: &str) -> Configuration {
    let path = std::path::Path::new("/strports.toml");
    read::read(path, text).unwrap_or_else(|error| panic!("{error}"))
}

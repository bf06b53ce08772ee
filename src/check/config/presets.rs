//! Built-in settings for programs that take descriptions, such as Daphne and Cowrie.

/// The presets as TOML: a table for each one, with the tables of a `strports.toml` in it.
pub(super) const PRESETS: &str = include_str!("presets.toml");

/// The names of the presets, in the order of their file, for the JSON schema.
#[cfg(feature = "cli")]
pub(super) fn names() -> Vec<String> {
    let all = PRESETS.parse::<toml::Table>().unwrap_or_default();
    all.into_iter().map(|(name, _)| name).collect()
}

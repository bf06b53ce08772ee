//! Presets for programs that take descriptions.

/// The presets, in the format of user configurations.
pub(super) const PRESETS: &str = include_str!("presets.toml");

/// The names of the presets, in order.
#[cfg(feature = "cli")]
pub(super) fn names() -> Vec<String> {
    let all = PRESETS.parse::<toml::Table>().unwrap_or_default();
    all.into_iter().map(|(name, _)| name).collect()
}

//! What is known of programs that read descriptions.

/// The presets, written as users would write them.
pub(super) const PRESETS: &str = include_str!("presets.toml");

/// Their names, in order.
#[cfg(feature = "cli")]
pub(super) fn names() -> Vec<String> {
    let all = PRESETS.parse::<toml::Table>().unwrap_or_default();
    all.into_iter().map(|(name, _)| name).collect()
}

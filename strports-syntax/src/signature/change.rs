//! Changes of endpoint types and parameters between releases of Twisted.

#[cfg(feature = "alloc")]
use super::release::Releases;
use super::release::{RELEASES, Release};

/// One change of a type or a parameter, and the release of Twisted that made it.
///
/// Each row of the signature table lists its changes, oldest first.
///
/// ```
/// use strports_syntax::signature::{Release, server};
/// let name = server::SYSTEMD.parameter("name").unwrap();
/// assert_eq!(name.changes[0].since, Release::new(22, 10, 0));
/// assert_eq!(server::TCP.parameter("port").unwrap().changes, []);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The first release that has the change.
    pub since: Release,
    /// Which descriptions with this type or parameter the change affects.
    pub case: Case,
    /// What the change does to these descriptions.
    pub effect: Effect,
    /// How the releases before the change behave, in one clause.
    pub before: &'static str,
    /// How the releases since the change behave, in one clause.
    pub after: &'static str,
}

/// Which descriptions a [`Change`] affects, among those with its type or parameter.
///
/// ```
/// use strports_syntax::signature::{Case, server};
/// assert_eq!(server::STDIO.changes[0].case, Case::Alone);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Case {
    /// All descriptions that have the type or give the parameter.
    Given,
    /// Descriptions that consist of the type alone, without arguments and colons, such as `stdio`.
    Alone,
    /// Descriptions with an IPv6 address as the parameter's value, in which this other parameter is
    /// given.
    Ipv6Beside(&'static str),
    /// Descriptions in which none of these parameters is given.
    Without(&'static [&'static str]),
}

/// The effect of a [`Change`] on the descriptions of its [`Case`].
///
/// ```
/// use strports_syntax::signature::{Effect, client};
/// let bind_address = client::TLS.parameter("bindAddress").unwrap();
/// assert_eq!(bind_address.changes[0].effect, Effect::Works);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Releases before the change reject the descriptions; later ones accept them.
    Accepted,
    /// Releases before the change accept the descriptions but fail to listen or connect; later ones
    /// work.
    Works,
    /// The descriptions work before the change; later releases accept them but fail to listen or
    /// connect.
    Fails,
    /// Releases before the change accept the descriptions; later ones reject them.
    Refused,
    /// The descriptions work in all releases, with differences in detail, such as TLS versions.
    Behaves,
}

impl Change {
    pub(super) const fn new(
        since: (u8, u8),
        effect: Effect,
        before: &'static str,
        after: &'static str,
    ) -> Self {
        let (since, case) = (Release::new(since.0, since.1, 0), Case::Given);
        Self { since, case, effect, before, after }
    }

    pub(super) const fn in_case(self, case: Case) -> Self {
        Self { case, ..self }
    }

    /// The last release before the change; `None` if the oldest known release has it.
    pub fn last_before(&self) -> Option<Release> {
        RELEASES.iter().copied().rfind(|release| *release < self.since)
    }
}

/// The release that introduced the type or parameter with these changes.
///
/// Returns `None` if no change introduced it: every known release has it, or none.
pub(super) fn since(changes: &[Change]) -> Option<Release> {
    let is_added =
        |change: &&Change| (change.case, change.effect) == (Case::Given, Effect::Accepted);
    changes.iter().find(is_added).map(|change| change.since)
}

/// The last release that has the type or parameter with these changes.
///
/// Returns `None` if no release removed it.
pub(super) fn until(changes: &[Change]) -> Option<Release> {
    let is_removed =
        |change: &&Change| (change.case, change.effect) == (Case::Given, Effect::Refused);
    changes.iter().rfind(is_removed).and_then(Change::last_before)
}

/// The releases in `among` that reject a description of this case, or fail with it.
///
/// The last change up to a release determines the release's behavior. Releases before the first
/// change behave as if its effect were reversed.
#[cfg(feature = "alloc")]
pub(crate) fn unsupported(changes: &[Change], case: Case, among: Releases) -> Releases {
    let of_case = |it: &&Change| it.case == case && it.effect != Effect::Behaves;
    let is_good = |it: &Change| !matches!(it.effect, Effect::Fails | Effect::Refused);
    among.filter(|release| {
        let mut of_case = changes.iter().filter(of_case);
        let last = of_case.clone().rfind(|change| change.since <= release);
        match last {
            Some(change) => !is_good(change),
            None => of_case.next().is_some_and(is_good),
        }
    })
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;

    #[test]
    fn removed_features_have_a_last_release() {
        static CHANGES: &[Change] = &[
            Change::new((22, 10), Effect::Accepted, "unknown keyword", "a new parameter"),
            Change::new((24, 7), Effect::Refused, "it is accepted", "it is removed"),
        ];
        assert_eq!(since(CHANGES), Some(Release::new(22, 10, 0)));
        assert_eq!(until(CHANGES), Some(Release::new(24, 3, 0)));
        assert_eq!(until(&CHANGES[..1]), None);
        let without = unsupported(CHANGES, Case::Given, Releases::ALL);
        assert!(
            !without.is_empty()
                && without
                    .iter()
                    .all(|it| { it < Release::new(22, 10, 0) || it > Release::new(24, 3, 0) })
        );
    }
}

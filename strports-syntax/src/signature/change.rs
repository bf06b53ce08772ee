//! What releases of Twisted changed in a type or in a parameter.

#[cfg(feature = "alloc")]
use super::release::Releases;
use super::release::{RELEASES, Release};

/// A difference that a release of Twisted makes.
///
/// Each row of the signature table has its changes, the oldest first.
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
    /// The first release that has it.
    pub since: Release,
    /// The descriptions that it is about.
    pub case: Case,
    /// What becomes of them.
    pub effect: Effect,
    /// What it was, in one clause.
    pub before: &'static str,
    /// What it is, in one clause.
    pub after: &'static str,
}

/// The descriptions that a [`Change`] affects, among those with its type or parameter.
///
/// ```
/// use strports_syntax::signature::{Case, server};
/// assert_eq!(server::STDIO.changes[0].case, Case::Alone);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Case {
    /// All of them.
    Given,
    /// Those that consist of the type, without arguments.
    Alone,
    /// Those with an IPv6 address as the value, where this other parameter is given.
    Ipv6Beside(&'static str),
    /// Those without these parameters.
    Without(&'static [&'static str]),
}

/// What a [`Change`] does to descriptions.
///
/// ```
/// use strports_syntax::signature::{Effect, client};
/// let bind_address = client::TLS.parameter("bindAddress").unwrap();
/// assert_eq!(bind_address.changes[0].effect, Effect::Works);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// They are accepted, and were refused before.
    Accepted,
    /// They work, and were accepted before and failed to listen or connect.
    Works,
    /// They are accepted and fail to listen or connect, and worked before.
    Fails,
    /// They mean something else in detail.
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

    /// The last release without it.
    pub fn last_before(&self) -> Option<Release> {
        RELEASES.iter().copied().rfind(|release| *release < self.since)
    }
}

/// The first release that has what these changes are about, if some lack it.
pub(super) fn since(changes: &[Change]) -> Option<Release> {
    let is_added =
        |change: &&Change| (change.case, change.effect) == (Case::Given, Effect::Accepted);
    changes.iter().find(is_added).map(|change| change.since)
}

/// The releases of `among` that refuse a description in this case, or fail with it.
///
/// The last change up to a release tells what that release does; the first change tells what
/// happened before it.
#[cfg(feature = "alloc")]
pub(crate) fn unsupported(changes: &[Change], case: Case, among: Releases) -> Releases {
    let of_case = |it: &&Change| it.case == case && it.effect != Effect::Behaves;
    let is_good = |it: &Change| it.effect != Effect::Fails;
    among.filter(|release| {
        let mut of_case = changes.iter().filter(of_case);
        let last = of_case.clone().rfind(|change| change.since <= release);
        match last {
            Some(change) => !is_good(change),
            None => of_case.next().is_some_and(is_good),
        }
    })
}

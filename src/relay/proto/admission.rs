//! Admits or refuses connections, by the address of the peer and the number of open connections.
//!
//! Rules:
//! - An address in a denied network is refused. If there are allowed networks, an address outside
//!   them is refused too. So is a peer without an IP address, for example on a UNIX socket.
//! - IPv4 addresses that IPv6 sockets report as `::ffff:192.0.2.1` count only as IPv4: `::/0` does
//!   not contain them.
//! - At most `limit` connections are open at once. A further one is refused, or waits in the
//!   kernel's accept queue until another one has ended.
//! - If the total number of connections is limited, only that many are accepted. Refused ones do
//!   not count.
//!
//! The driver's loop:
//! 1. Call [`Admission::may_accept`]. If it returns false, wait until [`left`](Admission::left)
//!    returns true.
//! 2. Accept a connection, pass its address to [`arrived`](Admission::arrived), and follow the
//!    verdict.
//! 3. Call [`left`](Admission::left) when an admitted connection has ended.
//!
//! See [`Admission`] for an example.

use core::net::IpAddr;

use strports_syntax::value::Network;

/// Which networks peers may connect from.
///
/// # Examples
///
/// ```
/// use strports::relay::proto::admission::AccessList;
/// use strports_syntax::value::Networks;
///
/// let mut access = AccessList::default();
/// access.allow.extend(Networks::new("10.0.0.0/8").unwrap().iter());
/// access.deny.extend(Networks::new("10.6.6.6").unwrap().iter());
/// assert!(access.lets_in(Some("10.0.0.1".parse()?)));
/// assert!(!access.lets_in(Some("10.6.6.6".parse()?)));
/// assert!(!access.lets_in(None)); // a UNIX socket
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessList {
    /// The networks that peers may connect from; if empty, every address is allowed.
    pub allow: Vec<Network>,
    /// The networks that peers may not connect from, even if `allow` contains them.
    pub deny: Vec<Network>,
}

impl AccessList {
    /// Whether a peer with this address may connect; `None` is a peer without an IP address.
    pub fn lets_in(&self, peer: Option<IpAddr>) -> bool {
        let within = |networks: &[Network]| {
            peer.is_some_and(|peer| networks.iter().any(|it| it.contains(peer)))
        };
        !within(&self.deny) && (self.allow.is_empty() || within(&self.allow))
    }
}

/// What happens to a connection beyond the limit of open connections.
///
/// Part of [`RelaySettings`](crate::relay::RelaySettings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// The connection waits in the kernel's accept queue until another one has ended.
    #[default]
    Wait,
    /// The connection is accepted and closed immediately, so that the client notices.
    Refuse,
}

/// What the driver must do with a connection that it has accepted.
///
/// See [`Admission`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Serve the connection.
    Admitted,
    /// Close the connection, because its address is not allowed.
    Denied,
    /// Close the connection, because the limit of open connections is reached.
    Full,
}

/// Decides which connections are accepted and admitted.
///
/// # Examples
///
/// ```
/// use strports::relay::proto::admission::{AccessList, Admission, Verdict, WhenFull};
///
/// let mut admission = Admission::new(AccessList::default(), Some(1), WhenFull::Wait, None);
/// assert!(admission.may_accept());
/// assert_eq!(admission.arrived(Some("192.0.2.1".parse()?)), Verdict::Admitted);
/// assert!(!admission.may_accept());
/// assert!(admission.left()); // a client may have waited
/// assert!(admission.may_accept());
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Debug)]
pub struct Admission {
    access: AccessList,
    limit: Option<usize>,
    when_full: WhenFull,
    /// How many more connections may be admitted in total; `None` is no limit.
    to_serve: Option<u64>,
    inside: usize,
    elsewhere: Elsewhere,
}

/// How many connections a predecessor still has open; they count towards the same limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Elsewhere {
    /// The predecessor has not reported a number yet.
    Unknown,
    Known(usize),
}

impl Admission {
    /// Creates the state without open connections. `None` as `limit` or `to_serve` is no limit.
    pub fn new(
        access: AccessList,
        limit: Option<usize>,
        when_full: WhenFull,
        to_serve: Option<u64>,
    ) -> Self {
        Self { access, limit, when_full, to_serve, inside: 0, elsewhere: Elsewhere::Known(0) }
    }

    /// Whether a connection may be accepted now: none must wait, and not all have arrived.
    pub fn may_accept(&self) -> bool {
        !self.is_done() && !self.must_wait()
    }

    /// Whether a new connection must stay in the kernel's queue until another one ends.
    pub fn must_wait(&self) -> bool {
        let is_unknown = self.limit.is_some() && self.elsewhere == Elsewhere::Unknown;
        is_unknown || (self.when_full == WhenFull::Wait && self.is_full())
    }

    /// Whether the total number of connections to serve has been admitted.
    pub fn is_done(&self) -> bool {
        self.to_serve == Some(0)
    }

    /// Whether as many connections are open as the limit allows.
    pub fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.everywhere().unwrap_or(self.inside) >= limit)
    }

    /// The number of open connections here and in predecessors, which count towards the limit.
    /// `None` while the number of a predecessor is unknown.
    pub fn everywhere(&self) -> Option<usize> {
        match self.elsewhere {
            Elsewhere::Unknown => None,
            Elsewhere::Known(elsewhere) => Some(self.inside.saturating_add(elsewhere)),
        }
    }

    /// Sets how many connections a predecessor still has open; `None` if it is not known yet.
    ///
    /// While the number is unknown and a limit is set, new connections must wait.
    pub fn counted_elsewhere(&mut self, count: Option<usize>) {
        self.elsewhere = count.map_or(Elsewhere::Unknown, Elsewhere::Known);
    }

    /// The number of connections that were admitted here and have not ended.
    pub fn inside(&self) -> usize {
        self.inside
    }

    /// Decides about an accepted connection, and counts it if it is admitted.
    pub fn arrived(&mut self, peer: Option<IpAddr>) -> Verdict {
        if !self.access.lets_in(peer) {
            return Verdict::Denied;
        }
        if self.is_full() {
            return Verdict::Full;
        }
        self.inside += 1;
        self.to_serve = self.to_serve.map(|left| left.saturating_sub(1));
        Verdict::Admitted
    }

    /// Records that an admitted connection has ended. Returns true if the driver may be waiting for
    /// that: the limit was reached, or no connection is left.
    pub fn left(&mut self) -> bool {
        let was_full = self.is_full();
        self.inside = self.inside.saturating_sub(1);
        was_full || self.inside == 0
    }
}

#[cfg(test)]
mod tests {
    use strports_syntax::value::Networks;

    use super::*;

    fn access(allow: &str, deny: &str) -> AccessList {
        let networks = |text: &str| match text {
            "" => Vec::new(),
            text => Networks::new(text).unwrap().iter().collect(),
        };
        AccessList { allow: networks(allow), deny: networks(deny) }
    }

    #[track_caller]
    fn lets_in(access: &AccessList, peer: &str) -> bool {
        access.lets_in(Some(peer.parse().unwrap()))
    }

    #[test]
    fn without_networks_all_peers_are_admitted() {
        assert!(lets_in(&AccessList::default(), "192.0.2.1"));
        assert!(AccessList::default().lets_in(None));
    }

    #[test]
    fn denied_networks_go_before_allowed_ones() {
        let access = access("192.0.2.0/24,2001:db8::/32", "192.0.2.7");
        assert!(lets_in(&access, "192.0.2.1"));
        assert!(!lets_in(&access, "192.0.2.7"));
        assert!(lets_in(&access, "2001:db8::1"));
        assert!(!lets_in(&access, "198.51.100.1"));
    }

    #[test]
    fn a_peer_without_an_address_is_in_no_network() {
        assert!(!access("0.0.0.0/0,::/0", "").lets_in(None));
        assert!(access("", "0.0.0.0/0,::/0").lets_in(None));
    }

    #[test]
    fn ipv4_on_an_ipv6_socket_is_ipv4() {
        assert!(lets_in(&access("192.0.2.0/24", ""), "::ffff:192.0.2.1"));
        assert!(!lets_in(&access("", "192.0.2.0/24"), "::ffff:192.0.2.1"));
        assert!(lets_in(&access("", "::/0"), "::ffff:192.0.2.1"));
        assert!(!lets_in(&access("", "::ffff:192.0.2.0/120"), "192.0.2.1"));
    }

    #[test]
    fn a_connection_over_the_limit_waits() {
        let mut admission = Admission::new(AccessList::default(), Some(2), WhenFull::Wait, None);
        assert_eq!(admission.arrived(None), Verdict::Admitted);
        assert!(admission.may_accept());
        assert_eq!(admission.arrived(None), Verdict::Admitted);
        assert!(!admission.may_accept());
        assert!(admission.left());
        assert!(admission.may_accept());
        assert!(admission.left(), "no connection is left");
    }

    #[test]
    fn a_connection_over_the_limit_is_refused() {
        let mut admission = Admission::new(AccessList::default(), Some(1), WhenFull::Refuse, None);
        assert_eq!(admission.arrived(None), Verdict::Admitted);
        assert!(admission.may_accept());
        assert_eq!(admission.arrived(None), Verdict::Full);
        assert!(admission.left());
        assert_eq!(admission.arrived(None), Verdict::Admitted);
        assert_eq!(admission.inside(), 1);
    }

    #[test]
    fn connections_count_when_they_are_admitted() {
        let denied = access("", "192.0.2.1");
        let mut admission = Admission::new(denied, None, WhenFull::Wait, Some(1));
        assert_eq!(admission.arrived(Some([192, 0, 2, 1].into())), Verdict::Denied);
        assert!(admission.may_accept());
        assert_eq!(admission.arrived(Some([192, 0, 2, 2].into())), Verdict::Admitted);
        assert!(!admission.may_accept() && admission.is_done());
    }

    #[test]
    fn connections_of_a_predecessor_count_for_the_limit() {
        let mut admission = Admission::new(AccessList::default(), Some(2), WhenFull::Refuse, None);
        admission.counted_elsewhere(None);
        assert!(
            admission.must_wait() && !admission.is_full(),
            "no connection is refused meanwhile"
        );
        assert_eq!(admission.everywhere(), None);
        admission.counted_elsewhere(Some(1));
        assert!(admission.may_accept());
        assert_eq!(admission.arrived(None), Verdict::Admitted);
        assert_eq!((admission.inside(), admission.everywhere()), (1, Some(2)));
        assert_eq!(admission.arrived(None), Verdict::Full);
        admission.counted_elsewhere(Some(0));
        assert_eq!(admission.arrived(None), Verdict::Admitted);
    }
}

//! The PROXY protocol in a plan: the header that a server expects or a client sends.

use core::fmt::{self, Display, Formatter};
use std::time::Duration;

use strports_syntax::value::{Network, ProxyTlv};

use crate::duration::HumanDuration;
use crate::proto::proxy::{HEADER_TIMEOUT, MAX_LENGTH, Version};

/// Expects a PROXY header at the start of each connection of a server.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{Host, ProxyRead, ServerLayer, ServerPlan, TcpListen};
///
/// let mut plan = ServerPlan::from(TcpListen::new(Host::parse("::1"), 80));
/// plan.layers.push(ServerLayer::Proxy(ProxyRead::default()));
/// assert_eq!(
///     plan.to_string(),
///     "listen on `::1`, TCP port 80, with a backlog of 50; \
///      expect a PROXY header within 5 seconds and take the addresses from it"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProxyRead {
    /// The only version to accept; `None` accepts both.
    pub version: Option<Version>,
    /// The longest header of version 2, in bytes after the first 16; the default is [`MAX_LENGTH`].
    pub max_length: u16,
    /// The time limit for the whole header; the default is [`HEADER_TIMEOUT`].
    pub timeout: Duration,
}

impl Default for ProxyRead {
    /// Accepts both versions, with [`MAX_LENGTH`] and [`HEADER_TIMEOUT`].
    fn default() -> Self {
        Self { version: None, max_length: MAX_LENGTH, timeout: HEADER_TIMEOUT }
    }
}

/// Sends a PROXY header at the start of the connection.
///
/// A layer of [`ClientPlan`](crate::plan::ClientPlan).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProxyWrite {
    /// The version of the header: 1 is a line of text; 2 is binary, and can carry TLVs.
    pub version: Version,
    /// The extensions (type-length-value) to send. Only a header of version 2 can have them.
    ///
    /// The certificate of a TLS client is always included.
    pub tlvs: Vec<ProxyTlv>,
}

impl ProxyWrite {
    /// Sends a header of this version, with addresses and the certificate of a TLS client.
    pub fn new(version: Version) -> Self {
        Self { version, tlvs: Vec::new() }
    }
}

impl Display for ProxyRead {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("expect a PROXY header")?;
        if let Some(version) = self.version {
            write!(f, " of version {version}")?;
        }
        write!(f, " within {} and take the addresses from it", HumanDuration(self.timeout))
    }
}

impl Display for ProxyWrite {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "send a PROXY header of version {}", self.version)?;
        if self.version == Version::V1 {
            return Ok(());
        }
        for (i, tlv) in self.tlvs.iter().enumerate() {
            f.write_str(match i {
                0 => " with ",
                _ if i + 1 == self.tlvs.len() => " and ",
                _ => ", ",
            })?;
            f.write_str(match tlv {
                ProxyTlv::Authority => "the host name requested",
                ProxyTlv::Alpn => "the protocol negotiated",
                ProxyTlv::Ssl => "the facts of TLS",
                ProxyTlv::UniqueId => "a unique id",
                ProxyTlv::Forward => "what came with the connection",
            })?;
        }
        Ok(())
    }
}

/// Prints networks as part of a sentence, with `and` before the last.
pub(super) struct Listed<'a>(pub(super) &'a [Network]);

impl Display for Listed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, Network { address, prefix }) in self.0.iter().enumerate() {
            let last = i + 1 == self.0.len();
            f.write_str(match (i, last) {
                (0, _) => "",
                (_, true) => " and ",
                _ => ", ",
            })?;
            let whole = if address.is_ipv4() { 32 } else { 128 };
            write!(f, "{address}")?;
            if *prefix != whole {
                write!(f, "/{prefix}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use strports_syntax::{ClientEndpoint, ServerEndpoint};

    use super::super::{ClientPlan, ServerPlan};
    use crate::error::DescriptionProblem;

    fn server(text: &str) -> Result<String, DescriptionProblem> {
        ServerPlan::try_from(&ServerEndpoint::parse(text).unwrap()).map(|plan| plan.to_string())
    }

    fn client(text: &str) -> String {
        ClientPlan::try_from(&ClientEndpoint::parse(text).unwrap()).unwrap().to_string()
    }

    const LISTEN: &str = "listen on every IPv4 address, TCP port 80, with a backlog of 50";
    const EXPECT: &str = "expect a PROXY header within 5 seconds and take the addresses from it";

    #[test]
    fn every_argument_reaches_the_sentence() {
        assert_eq!(server("haproxy:tcp:80"), Ok(format!("{LISTEN}; {EXPECT}")));
        assert_eq!(
            server("haproxy:tcp:80:proxyVersion=1"),
            Ok(format!("{LISTEN}; {}", EXPECT.replace(" within", " of version 1 within")))
        );
        let connect = "connect to `h`, TCP port 80, within 30 seconds";
        assert_eq!(
            client("haproxy:tcp:h:80"),
            format!("{connect}; send a PROXY header of version 2")
        );
        assert_eq!(
            client("haproxy:tcp:h:80:proxyTlvs=authority,unique-id,ssl,ssl"),
            format!(
                "{connect}; send a PROXY header of version 2 with the host name requested, \
                 a unique id and the facts of TLS"
            )
        );
        assert_eq!(
            client("haproxy:haproxy:tcp:h:80:proxyVersion=1"),
            format!(
                "{connect}; send a PROXY header of version 2; send a PROXY header of version 1"
            )
        );
    }

    #[test]
    fn senders_come_before_every_header() {
        assert_eq!(
            server(r"haproxy:haproxy:tcp:80:proxyTrusted=10.0.0.0/8,\:\:1,192.0.2.1"),
            Ok(format!(
                "{LISTEN}; refuse senders outside 10.0.0.0/8, ::1 and 192.0.2.1; {EXPECT}; {EXPECT}"
            ))
        );
    }

    #[test]
    fn senders_without_an_address_are_in_no_network() {
        for (text, transport) in
            [("unix:/a", "a UNIX socket"), ("stdio:", "standard input and output")]
        {
            let problem = server(&format!("haproxy:{text}:proxyTrusted=10.0.0.0/8")).unwrap_err();
            assert_eq!(
                problem.to_string(),
                format!(
                    "`proxyTrusted` expects senders with IP addresses, but those on {transport} have none"
                )
            );
            assert!(server(&format!("haproxy:{text}")).is_ok());
        }
    }
}

//! TLS in a plan: certificates, names, versions and protocols. Nothing here opens a file.

use core::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::Duration;

use super::defaults::DEFAULT_TIMEOUT;
use super::host::Host;
use super::name_pattern::NamePattern;
use super::tls_files::{TlsIdentitySource, TlsRoots};
use crate::quoted::Quoted;

/// Performs TLS on each connection of a server, with these certificates.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{Host, ServerLayer, ServerPlan, TcpListen, TlsAccept, TlsIdentity};
///
/// let mut plan = ServerPlan::from(TcpListen::new(Host::parse("::1"), 443));
/// plan.layers.push(ServerLayer::Tls(TlsAccept::new(TlsIdentity::new("server.pem"))));
/// assert_eq!(
///     plan.to_string(),
///     "listen on `::1`, TCP port 443, with a backlog of 50; \
///      speak TLS with the certificate and the key in `server.pem`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsAccept {
    /// The certificate or certificates of the server; those in files are read again when they
    /// change.
    pub identity: TlsIdentitySource,
    /// The certificate authorities of clients. If set, each client must present a certificate that
    /// one of them issued; otherwise no certificate is requested.
    pub client_cas: Option<TlsRoots>,
    /// Patterns for names in client certificates, one of which must match; if empty, every name is
    /// accepted. Without `client_cas` they have no effect.
    pub client_names: Vec<NamePattern>,
    /// The protocols for ALPN, the best first. A client that offers only others is rejected; a
    /// client that offers none is accepted.
    pub alpn: Vec<Vec<u8>>,
    /// The versions to accept, by default 1.2 and 1.3. Older ones are not supported.
    pub versions: TlsVersions,
    /// A file of Diffie-Hellman parameters, for descriptions that were written for Twisted.
    ///
    /// It must be valid, but has no effect: the TLS library has no such key exchange.
    pub dh_parameters: Option<PathBuf>,
}

impl TlsAccept {
    /// Presents a certificate or those of a directory, accepts both versions, and requests no
    /// certificate from clients.
    pub fn new(identity: impl Into<TlsIdentitySource>) -> Self {
        Self {
            identity: identity.into(),
            client_cas: None,
            client_names: Vec::new(),
            alpn: Vec::new(),
            versions: TlsVersions::default(),
            dh_parameters: None,
        }
    }
}

/// Performs TLS on the connection of a client. The name of the server is always verified.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientLayer, ClientPlan, Host, TcpConnect, TlsConnect};
///
/// let host = Host::parse("example.com");
/// let mut plan = ClientPlan::from(TcpConnect::new(host.clone(), 443));
/// plan.layers.push(ClientLayer::Tls(TlsConnect::new(host)));
/// assert_eq!(
///     plan.to_string(),
///     "connect to `example.com`, TCP port 443, within 30 seconds; \
///      speak TLS with `example.com`, verified by the authorities of this platform"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsConnect {
    /// The name or address that the server's certificate must cover.
    pub name: Host,
    /// The trusted root certificates; `None` means those of the platform.
    ///
    /// With a private authority, name its root here: the roots of the platform are then not
    /// trusted.
    pub trust_roots: Option<TlsRoots>,
    /// The client certificate, for servers that request one; `None` presents none.
    ///
    /// From a directory, it is the first certificate.
    pub identity: Option<TlsIdentitySource>,
    /// The protocols to offer by ALPN, the best first; empty sends no offer.
    pub alpn: Vec<Vec<u8>>,
    /// The versions to offer, by default 1.2 and 1.3. Older ones are not supported.
    pub versions: TlsVersions,
    /// The time limit for the handshake; the limit of the transport also applies.
    pub timeout: Duration,
}

impl TlsConnect {
    /// Verifies the server with the roots of the platform, and presents no certificate.
    pub fn new(name: Host) -> Self {
        Self {
            name,
            trust_roots: None,
            identity: None,
            alpn: Vec::new(),
            versions: TlsVersions::default(),
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

/// Which versions of TLS a handshake may select.
///
/// Part of [`TlsConnect`](crate::plan::TlsConnect) and [`TlsAccept`](crate::plan::TlsAccept).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsVersions {
    /// TLS 1.2 and 1.3.
    #[default]
    All,
    /// Only TLS 1.2.
    Tls12,
    /// Only TLS 1.3.
    Tls13,
}

impl Display for TlsAccept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "speak {} with {}", self.versions, self.identity)?;
        if let Some(authorities) = &self.client_cas {
            f.write_str(", refuse clients without a certificate by ")?;
            match authorities {
                TlsRoots::Path(path) => write!(f, "{}", Quoted::new(path))?,
                #[cfg(feature = "__tls")]
                TlsRoots::Memory(_) => f.write_str("the program's own authorities")?,
            }
        }
        write!(f, "{}", Agreeing(&self.alpn))?;
        if let Some(file) = &self.dh_parameters {
            write!(f, ", with {} read and left without effect", Quoted::new(file))?;
        }
        Ok(())
    }
}

impl Display for TlsConnect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "speak {} with {}, verified by the authorities ", self.versions, self.name)?;
        match &self.trust_roots {
            None => f.write_str("of this platform")?,
            Some(TlsRoots::Path(path)) => write!(f, "in {}", Quoted::new(path))?,
            #[cfg(feature = "__tls")]
            Some(TlsRoots::Memory(_)) => f.write_str("of the program itself")?,
        }
        if let Some(identity) = &self.identity {
            write!(f, ", presenting {identity} if the server requests one")?;
        }
        write!(f, "{}", Agreeing(&self.alpn))
    }
}

impl Display for TlsVersions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "TLS",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// Prints the ALPN protocols as a clause, or nothing if there are none.
struct Agreeing<'a>(&'a [Vec<u8>]);

impl Display for Agreeing<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut lead = ", agreeing on ";
        for name in self.0 {
            write!(f, "{lead}{}", Quoted::bytes(name))?;
            lead = " or ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use strports_syntax::{ClientEndpoint, ServerEndpoint};

    use super::super::{ClientPlan, ServerPlan};

    fn server(text: &str) -> String {
        ServerPlan::try_from(&ServerEndpoint::parse(text).unwrap()).unwrap().to_string()
    }

    fn client(text: &str) -> String {
        ClientPlan::try_from(&ClientEndpoint::parse(text).unwrap()).unwrap().to_string()
    }

    const LISTEN: &str = "listen on every IPv4 address, TCP port 443, with a backlog of 50; speak";

    #[test]
    fn every_argument_of_a_server_reaches_the_sentence() {
        assert_eq!(
            server("ssl:443"),
            format!("{LISTEN} TLS with the certificate and the key in `server.pem`")
        );
        assert_eq!(
            server(
                "ssl:443:key.pem:cert.pem:TLSv1_2_METHOD:extraCertChain=chain.pem:dhParameters=dh.pem"
            ),
            format!(
                "{LISTEN} TLS 1.2 with the certificate in `cert.pem` and the key in `key.pem`, with the chain certificates in `chain.pem`, with `dh.pem` read and left without effect"
            )
        );
        assert_eq!(
            server("ssl:443:sslmethod=TLSv1_3_METHOD:clientCAs=ca.pem:alpn=h2,http/1.1"),
            format!(
                "{LISTEN} TLS 1.3 with the certificate and the key in `server.pem`, \
                 refuse clients without a certificate by `ca.pem`, agreeing on `h2` or `http/1.1`"
            )
        );
        for method in ["TLS_METHOD", "TLS_SERVER_METHOD", "SSLv23_METHOD"] {
            assert_eq!(server(&format!("ssl:443:sslmethod={method}")), server("ssl:443"));
        }
    }

    #[test]
    fn every_argument_of_a_server_with_a_directory_reaches_the_sentence() {
        let listen = "listen on every IPv6 and IPv4 address, TCP port 443, with a backlog of 50";
        let tls = "speak TLS with the certificates in `certs`, chosen by the requested name";
        assert_eq!(server("tls:certs"), format!("{listen}; {tls}"));
        assert_eq!(
            server("tls:certs:8443:7:127.0.0.1:reusePort=1:clientCAs=ca.pem:alpn=h2"),
            format!(
                "listen on `127.0.0.1`, TCP port 8443 shared with other sockets, with a backlog of 7; \
                 {tls}, refuse clients without a certificate by `ca.pem`, agreeing on `h2`"
            )
        );
        assert_eq!(
            server("tls:certs:v6only=1"),
            format!("{}; {tls}", listen.replace(" and IPv4", ""))
        );
    }

    #[test]
    fn a_proxy_header_comes_inside_tls_or_before_it_as_the_order_says() {
        let tls = "; speak TLS with the certificate and the key in `server.pem`";
        let proxy = "; expect a PROXY header within 5 seconds and take the addresses from it";
        let listen = LISTEN.trim_end_matches("; speak");
        assert_eq!(server("haproxy:ssl:443"), format!("{listen}{tls}{proxy}"));
        assert_eq!(server(r"ssl:endpoint=haproxy\:tcp\:443"), format!("{listen}{proxy}{tls}"));
        let listen6 = listen.replace("IPv4", "IPv6 and IPv4");
        let certs = "; speak TLS with the certificates in `certs`, chosen by the requested name";
        assert_eq!(server("haproxy:tls:certs"), format!("{listen6}{certs}{proxy}"));
        assert_eq!(
            server(r"tls:certs:endpoint=haproxy\:tcp\:443"),
            format!("{listen}{proxy}{certs}")
        );
        assert_eq!(
            server(r"ssl:endpoint=unix\:/a\:lockfile=0"),
            format!("listen on the UNIX socket `/a`, mode 666, with a backlog of 50{tls}")
        );
    }

    #[test]
    fn every_argument_of_a_client_reaches_the_sentence() {
        let connect = "connect to `h`, TCP port 443, within 30 seconds; speak TLS with";
        let platform = "verified by the authorities of this platform";
        for text in ["ssl:h:443", "tls:h:443"] {
            assert_eq!(client(text), format!("{connect} `h`, {platform}"));
        }
        assert_eq!(
            client("ssl:h:443:hostname=n:caCertsDir=ca:certKey=c.pem:privateKey=k.pem:alpn=h2"),
            format!(
                "{connect} `n`, verified by the authorities in `ca`, presenting the certificate in `c.pem` \
                 and the key in `k.pem` if the server requests one, agreeing on `h2`"
            )
        );
        assert_eq!(
            client("tls:h:443:trustRoots=ca.pem:certificate=c.pem"),
            format!(
                "{connect} `h`, verified by the authorities in `ca.pem`, \
                 presenting the certificate and the key in `c.pem` if the server requests one"
            )
        );
        assert_eq!(
            client("ssl:h:443:privateKey=k.pem"),
            client("ssl:h:443"),
            "a key alone is none"
        );
        assert_eq!(
            client(r"tls:h:443:endpoint=tls\:o\:1\:endpoint=unix\\\:/a"),
            format!(
                "connect to the UNIX socket `/a`, within 30 seconds; speak TLS with `o`, {platform}; \
                 speak TLS with `h`, {platform}"
            )
        );
    }

    #[test]
    fn a_protocol_has_a_name() {
        for (alpn, found) in [("", ""), ("h2,", ""), (&*"x".repeat(256), &*"x".repeat(256))] {
            let endpoint = format!("tls:h:443:alpn={alpn}");
            let endpoint = ClientEndpoint::parse(&endpoint).unwrap();
            assert_eq!(
                ClientPlan::try_from(&endpoint).unwrap_err().to_string(),
                format!("expected names of 1 to 255 bytes in `alpn`, but found `{found}`")
            );
        }
    }
}

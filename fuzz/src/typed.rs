//! Endpoints of every type, built through the public API from a fuzzer's bytes.
//!
//! The builders produce every value that the types allow, except those that the documentation
//! excludes: descriptors above 31 bits, the user id 2³²−1, zero seconds, an IPv6 address as the
//! `hostname` of `ssl`, an `ssl` server with neither port nor endpoint, and keywords of a
//! `haproxy` inside another one.

use std::net::{Ipv4Addr, Ipv6Addr};

use arbitrary::{Arbitrary, Result, Unstructured};
use strports_syntax::value::{
    Delay, Domain, Flag, Host, HostKind, Mode, Networks, Number, Port, ProxyTlv, ProxyTlvs,
    ProxyVersion, Seconds, StandardError, TextList, TlsMethod,
};
use strports_syntax::{
    ClientEndpoint, FdClient, FdServer, HaproxyClient, HaproxyServer, HttpConnectClient,
    NESTING_LIMIT, PassedSocket, ProcessClient, ServerEndpoint, Socks5Client, SslClient, SslServer,
    StdioClient, StdioServer, SystemdServer, Tcp6Client, Tcp6Server, TcpClient, TcpServer, Text,
    TlsClient, TlsServer, UnixClient, UnixServer,
};

/// The maximum nesting of `endpoint=`: each level doubles the escapes.
const MOST_QUOTED: usize = 5;

/// A server of any type.
pub(crate) fn server(data: &mut Unstructured<'_>) -> Result<ServerEndpoint<'static>> {
    Maker { data, depth: 0, quoted: 0 }.server(false)
}

/// A client of any type.
pub(crate) fn client(data: &mut Unstructured<'_>) -> Result<ClientEndpoint<'static>> {
    Maker { data, depth: 0, quoted: 0 }.client(false)
}

/// Sets fields of an endpoint, including absent ones, which the builder's methods do not accept.
macro_rules! with {
    ($endpoint:expr, $($field:ident $(: $value:expr)?),* $(,)?) => {{
        let mut endpoint = $endpoint;
        $(endpoint.$field = with!(@value $field $($value)?);)*
        endpoint
    }};
    (@value $field:ident) => { $field };
    (@value $field:ident $value:expr) => { $value };
}

struct Maker<'m, 'u> {
    data: &'m mut Unstructured<'u>,
    /// The number of descriptions around this one, and how many of them quote it.
    depth: usize,
    quoted: usize,
}

impl Maker<'_, '_> {
    fn server(&mut self, wrapped: bool) -> Result<ServerEndpoint<'static>> {
        Ok(match self.data.int_in_range(0..=8)? {
            0 => ServerEndpoint::Tcp(with!(
                TcpServer::new(0),
                port: self.port()?,
                interface: self.text()?,
                backlog: self.number()?,
                reuse_port: self.flag()?,
            )),
            1 => ServerEndpoint::Tcp6(with!(
                Tcp6Server::new(0),
                port: self.port()?,
                backlog: self.number()?,
                interface: self.text()?,
                reuse_port: self.flag()?,
                v6only: self.flag()?,
            )),
            2 => {
                let endpoint = self.quoted(|it| it.server(false))?;
                let port =
                    if endpoint.is_some() { self.option(Self::port)? } else { Some(self.port()?) };
                ServerEndpoint::Ssl(with!(
                    SslServer::new(0),
                    port,
                    private_key: self.text()?,
                    cert_key: self.option(Self::text)?,
                    ssl_method: self.option(|it| it.one_of(TlsMethod::ALL))?,
                    interface: self.text()?,
                    backlog: self.number()?,
                    extra_cert_chain: self.option(Self::text)?,
                    dh_parameters: self.option(Self::text)?,
                    client_cas: self.option(Self::text)?,
                    alpn: self.option(Self::text)?,
                    reuse_port: self.flag()?,
                    endpoint,
                ))
            }
            3 => ServerEndpoint::Unix(with!(
                UnixServer::new(""),
                address: self.text()?,
                mode: Mode::new(self.data.int_in_range(0..=0o7777)?).unwrap(),
                backlog: self.number()?,
                lockfile: self.flag()?,
                abstract_name: self.flag()?,
                user: self.option(Self::text)?,
                group: self.option(Self::text)?,
            )),
            4 => ServerEndpoint::Tls(with!(
                TlsServer::new(""),
                path: self.text()?,
                port: self.port()?,
                backlog: self.number()?,
                interface: self.text()?,
                client_cas: self.option(Self::text)?,
                alpn: self.option(Self::text)?,
                reuse_port: self.flag()?,
                v6only: self.flag()?,
                endpoint: self.quoted(|it| it.server(false))?,
            )),
            5 => ServerEndpoint::Systemd(with!(
                SystemdServer::at(self.one_of(Domain::ALL)?, 0),
                socket: if self.data.arbitrary()? {
                    PassedSocket::Index(self.descriptor()?)
                } else {
                    PassedSocket::Name(self.text()?)
                },
            )),
            6 if self.depth < NESTING_LIMIT => {
                let endpoint = self.inside(|it| it.server(true))?;
                let keywords = !wrapped;
                ServerEndpoint::Haproxy(with!(
                    HaproxyServer::new(endpoint),
                    proxy_trusted: self.option(Self::networks)?.filter(|_| keywords),
                    proxy_version: self.option(Self::version)?.filter(|_| keywords),
                ))
            }
            7 => ServerEndpoint::Fd(FdServer::new(self.descriptor()?.value())),
            _ => ServerEndpoint::Stdio(StdioServer::new()),
        })
    }

    fn client(&mut self, wrapped: bool) -> Result<ClientEndpoint<'static>> {
        Ok(match self.data.int_in_range(0..=10)? {
            0 => ClientEndpoint::Tcp(with!(
                TcpClient::new("", 0),
                host: self.text()?,
                port: self.port()?,
                timeout: self.seconds()?,
                bind_address: self.option(Self::text)?,
                attempt_delay: self.delay()?,
            )),
            1 => ClientEndpoint::Tcp6(with!(
                Tcp6Client::new("", 0),
                host: self.text()?,
                port: self.port()?,
                timeout: self.seconds()?,
                bind_address: self.option(Self::text)?,
                attempt_delay: self.delay()?,
            )),
            2 => ClientEndpoint::Ssl(with!(
                SslClient::new("", 0),
                host: self.text()?,
                port: self.port()?,
                timeout: self.seconds()?,
                bind_address: self.option(Self::text)?,
                cert_key: self.option(Self::text)?,
                private_key: self.option(Self::text)?,
                ca_certs_dir: self.option(Self::text)?,
                hostname: self.option(Self::host)?.filter(|it| it.kind() != HostKind::Ipv6),
                alpn: self.option(Self::text)?,
                attempt_delay: self.delay()?,
            )),
            3 => ClientEndpoint::Unix(with!(
                UnixClient::new(""),
                path: self.text()?,
                lockfile: self.flag()?,
                timeout: self.seconds()?,
                abstract_name: self.flag()?,
            )),
            4 => ClientEndpoint::Tls(with!(
                TlsClient::new(self.host()?, 0),
                port: self.port()?,
                timeout: self.seconds()?,
                bind_address: self.option(Self::text)?,
                certificate: self.option(Self::text)?,
                private_key: self.option(Self::text)?,
                trust_roots: self.option(Self::text)?,
                endpoint: self.quoted(|it| it.client(false))?,
                alpn: self.option(Self::text)?,
                attempt_delay: self.delay()?,
            )),
            5 => ClientEndpoint::Process(with!(
                ProcessClient::new(""),
                executable: self.text()?,
                args: self.texts()?,
                cwd: self.option(Self::text)?,
                env: self.texts()?,
                clear_env: self.flag()?,
                uid: self.option(Self::id)?,
                gid: self.option(Self::id)?,
                use_pty: self.flag()?,
                stderr: self.one_of(StandardError::ALL)?,
            )),
            6 if self.depth < NESTING_LIMIT => {
                let endpoint = self.inside(|it| it.client(true))?;
                let version = self.option(Self::version)?.filter(|_| !wrapped);
                let proxy_version = version.unwrap_or(ProxyVersion::V2);
                let proxy_tlvs = self.option(Self::proxy_tlvs)?.filter(|_| !wrapped);
                ClientEndpoint::Haproxy(with!(
                    HaproxyClient::new(endpoint).proxy_version(proxy_version),
                    proxy_tlvs,
                ))
            }
            7 => ClientEndpoint::Fd(FdClient::new(self.descriptor()?.value())),
            kind @ 9..=10 => {
                let (host, port, credentials) =
                    (self.host()?, self.port()?.value(), self.option(Self::text)?);
                match (self.quoted(|it| it.client(false))?, kind) {
                    (Some(endpoint), 9) => ClientEndpoint::Socks5(with!(
                        Socks5Client::new(host, port, *endpoint),
                        credentials,
                    )),
                    (Some(endpoint), _) => ClientEndpoint::HttpConnect(with!(
                        HttpConnectClient::new(host, port, *endpoint),
                        credentials,
                    )),
                    (None, _) => ClientEndpoint::Stdio(StdioClient::new()),
                }
            }
            _ => ClientEndpoint::Stdio(StdioClient::new()),
        })
    }

    fn inside<T>(&mut self, make: impl FnOnce(&mut Maker<'_, '_>) -> Result<T>) -> Result<T> {
        make(&mut Maker { data: &mut *self.data, depth: self.depth + 1, quoted: self.quoted })
    }

    /// An endpoint for `endpoint=`, or none.
    fn quoted<T>(
        &mut self,
        make: impl FnOnce(&mut Maker<'_, '_>) -> Result<T>,
    ) -> Result<Option<Box<T>>> {
        let fits = self.depth < NESTING_LIMIT && self.quoted < MOST_QUOTED;
        if !self.data.arbitrary::<bool>()? || !fits {
            return Ok(None);
        }
        self.quoted += 1;
        let endpoint = self.inside(make).map(Box::new).map(Some);
        self.quoted -= 1;
        endpoint
    }

    fn option<T>(&mut self, make: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.data.arbitrary()? { make(self).map(Some) } else { Ok(None) }
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Result<T> {
        self.data.choose(all).copied()
    }

    /// Arbitrary bytes, a text that needs escapes, or the default of a parameter.
    fn text(&mut self) -> Result<Text<'static>> {
        const WORDS: [&str; 10] =
            ["", "::", "=", "a=b", ":", "\\", "/run/a", "server.pem", "é", "666"];
        if self.data.arbitrary()? {
            return self.data.choose(&WORDS).map(|word| Text::literal(word));
        }
        let wanted = self.data.int_in_range(0..=24)?.min(self.data.len());
        self.data.bytes(wanted).map(|bytes| Text::from(bytes.to_vec()))
    }

    fn texts(&mut self) -> Result<TextList<'static>> {
        let count = self.data.int_in_range(0..=4)?;
        (0..count).map(|_| self.text()).collect()
    }

    fn flag(&mut self) -> Result<Flag<'static>> {
        self.data.arbitrary().map(Flag::new)
    }

    fn number<T: Copy + for<'a> Arbitrary<'a>>(&mut self) -> Result<Number<'static, T>> {
        self.data.arbitrary().map(Number::new)
    }

    fn port(&mut self) -> Result<Port<'static>> {
        self.number()
    }

    fn seconds(&mut self) -> Result<Seconds<'static>> {
        self.data.int_in_range(1..=u64::MAX).map(Number::new)
    }

    fn delay(&mut self) -> Result<Delay<'static>> {
        let millis = self.data.int_in_range(100..=2_000)?;
        Ok(Delay::from_millis(millis).expect("within the bounds"))
    }

    fn descriptor(&mut self) -> Result<Number<'static, u32>> {
        self.data.int_in_range(0..=u32::MAX / 2).map(Number::new)
    }

    fn id(&mut self) -> Result<Number<'static, u32>> {
        self.data.int_in_range(0..=u32::MAX - 1).map(Number::new)
    }

    fn version(&mut self) -> Result<ProxyVersion> {
        self.one_of(&[ProxyVersion::V1, ProxyVersion::V2])
    }

    /// The bytes as a host name if they are one, otherwise an address.
    fn host(&mut self) -> Result<Host<'static>> {
        let name = self.text()?;
        if let Ok(host) = Host::new(name) {
            return Ok(host);
        }
        let address = self.address()?;
        Ok(Host::new(address.into_bytes()).expect("an address is a host"))
    }

    fn networks(&mut self) -> Result<Networks<'static>> {
        let mut list = self.address()?;
        for _ in 0..self.data.int_in_range(0..=2)? {
            list = format!("{list}/{},{}", self.data.int_in_range(0..=32)?, self.address()?);
        }
        Ok(Networks::new(list.into_bytes()).expect("it was made of networks"))
    }

    fn proxy_tlvs(&mut self) -> Result<ProxyTlvs<'static>> {
        let mut list = self.one_of(ProxyTlv::ALL)?.to_string();
        for _ in 0..self.data.int_in_range(0..=2)? {
            list = format!("{list},{}", self.one_of(ProxyTlv::ALL)?);
        }
        Ok(ProxyTlvs::new(list.into_bytes()).expect("it was made of words"))
    }

    fn address(&mut self) -> Result<String> {
        Ok(if self.data.arbitrary()? {
            Ipv4Addr::from(self.data.arbitrary::<u32>()?).to_string()
        } else {
            Ipv6Addr::from(self.data.arbitrary::<u128>()?).to_string()
        })
    }
}

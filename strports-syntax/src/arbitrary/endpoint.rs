//! Endpoints of every type, decoded from a fuzzer's bytes.

use alloc::boxed::Box;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::values::Values;
use crate::value::{Domain, ProxyVersion, StandardError, TlsMethod};
use crate::{
    ClientEndpoint, FdClient, FdServer, HaproxyClient, HaproxyServer, HttpConnectClient,
    NESTING_LIMIT, PassedSocket, ProcessClient, ServerEndpoint, Socks5Client, SslClient, SslServer,
    StdioClient, StdioServer, SystemdServer, Tcp6Client, Tcp6Server, TcpClient, TcpServer,
    TlsClient, TlsServer, UnixClient, UnixServer,
};

/// The maximum number of nested `endpoint=` values; each level doubles the escapes.
const MOST_QUOTED: usize = 5;

/// Decodes a server endpoint of any type with arbitrary values.
impl<'d> Arbitrary<'d> for ServerEndpoint<'static> {
    fn arbitrary(data: &mut Unstructured<'d>) -> Result<Self> {
        Maker { values: Values(data), depth: 0, quoted: 0 }.server(false)
    }
}

/// Decodes a client endpoint of any type with arbitrary values.
impl<'d> Arbitrary<'d> for ClientEndpoint<'static> {
    fn arbitrary(data: &mut Unstructured<'d>) -> Result<Self> {
        Maker { values: Values(data), depth: 0, quoted: 0 }.client(false)
    }
}

/// Assigns fields of an endpoint directly, because its setters cannot store `None`.
macro_rules! with {
    ($endpoint:expr, $($field:ident $(: $value:expr)?),* $(,)?) => {{
        let mut endpoint = $endpoint;
        $(endpoint.$field = with!(@value $field $($value)?);)*
        endpoint
    }};
    (@value $field:ident) => { $field };
    (@value $field:ident $value:expr) => { $value };
}

/// Like `with!`, but also assigns arbitrary values to the fields that all TCP endpoints have.
macro_rules! over_tcp {
    ($maker:ident, $endpoint:expr, $($field:ident $(: $value:expr)?),* $(,)?) => {
        with!(
            $endpoint,
            $($field $(: $value)?,)*
            keep_alive: $maker.values.option(Values::keep_alive)?,
            user_timeout: $maker.values.option(Values::seconds)?,
            device: $maker.values.option(Values::text)?,
        )
    };
}

/// Builds one endpoint, and the endpoints nested in it, from the fuzzer's bytes.
struct Maker<'m, 'u> {
    values: Values<'m, 'u>,
    /// The number of descriptions around this one, to stay within [`NESTING_LIMIT`].
    depth: usize,
    /// How many of these contain this one as an escaped value, to stay within [`MOST_QUOTED`].
    quoted: usize,
}

impl<'u> Maker<'_, 'u> {
    fn server(&mut self, wrapped: bool) -> Result<ServerEndpoint<'static>> {
        Ok(match self.values.0.int_in_range(0..=8)? {
            0 => ServerEndpoint::Tcp(over_tcp!(
                self,
                TcpServer::new(0),
                port: self.values.port()?,
                interface: self.values.text()?,
                backlog: self.values.number()?,
                reuse_port: self.values.flag()?,
            )),
            1 => ServerEndpoint::Tcp6(over_tcp!(
                self,
                Tcp6Server::new(0),
                port: self.values.port()?,
                backlog: self.values.number()?,
                interface: self.values.text()?,
                reuse_port: self.values.flag()?,
                v6only: self.values.flag()?,
            )),
            2 => {
                let endpoint = self.quoted(|it| it.server(false))?;
                let port = if endpoint.is_some() {
                    self.values.option(Values::port)?
                } else {
                    Some(self.values.port()?)
                };
                ServerEndpoint::Ssl(over_tcp!(
                    self,
                    SslServer::new(0),
                    port,
                    private_key: self.values.text()?,
                    cert_key: self.values.option(Values::text)?,
                    ssl_method: self.values.option(|it| it.one_of(TlsMethod::ALL))?,
                    interface: self.values.text()?,
                    backlog: self.values.number()?,
                    extra_cert_chain: self.values.option(Values::text)?,
                    dh_parameters: self.values.option(Values::text)?,
                    client_cas: self.values.option(Values::text)?,
                    alpn: self.values.option(Values::text)?,
                    reuse_port: self.values.flag()?,
                    endpoint,
                ))
            }
            3 => ServerEndpoint::Unix(with!(
                UnixServer::new(""),
                address: self.values.text()?,
                mode: self.values.mode()?,
                backlog: self.values.number()?,
                lockfile: self.values.flag()?,
                abstract_name: self.values.flag()?,
                user: self.values.option(Values::text)?,
                group: self.values.option(Values::text)?,
            )),
            4 => ServerEndpoint::Tls(over_tcp!(
                self,
                TlsServer::new(""),
                path: self.values.text()?,
                port: self.values.port()?,
                backlog: self.values.number()?,
                interface: self.values.text()?,
                client_cas: self.values.option(Values::text)?,
                alpn: self.values.option(Values::text)?,
                reuse_port: self.values.flag()?,
                v6only: self.values.flag()?,
                endpoint: self.quoted(|it| it.server(false))?,
            )),
            5 => ServerEndpoint::Systemd(with!(
                SystemdServer::at(self.values.one_of(Domain::ALL)?, 0),
                socket: if self.values.0.arbitrary()? {
                    PassedSocket::Index(self.values.descriptor()?)
                } else {
                    PassedSocket::Name(self.values.text()?)
                },
            )),
            6 if self.depth < NESTING_LIMIT => {
                let endpoint = self.inside(|it| it.server(true))?;
                let keywords = !wrapped;
                ServerEndpoint::Haproxy(with!(
                    HaproxyServer::new(endpoint),
                    proxy_trusted: self.values.option(Values::networks)?.filter(|_| keywords),
                    proxy_version: self.values.option(Values::version)?.filter(|_| keywords),
                ))
            }
            7 => ServerEndpoint::Fd(FdServer::new(self.values.descriptor()?.value())),
            _ => ServerEndpoint::Stdio(StdioServer::new()),
        })
    }

    fn client(&mut self, wrapped: bool) -> Result<ClientEndpoint<'static>> {
        Ok(match self.values.0.int_in_range(0..=10)? {
            0 => ClientEndpoint::Tcp(over_tcp!(
                self,
                TcpClient::new("", 0),
                host: self.values.text()?,
                port: self.values.port()?,
                timeout: self.values.seconds()?,
                bind_address: self.values.option(Values::text)?,
                attempt_delay: self.values.delay()?,
            )),
            1 => ClientEndpoint::Tcp6(over_tcp!(
                self,
                Tcp6Client::new("", 0),
                host: self.values.text()?,
                port: self.values.port()?,
                timeout: self.values.seconds()?,
                bind_address: self.values.option(Values::text)?,
                attempt_delay: self.values.delay()?,
            )),
            2 => ClientEndpoint::Ssl(over_tcp!(
                self,
                SslClient::new("", 0),
                host: self.values.text()?,
                port: self.values.port()?,
                timeout: self.values.seconds()?,
                bind_address: self.values.option(Values::text)?,
                cert_key: self.values.option(Values::text)?,
                private_key: self.values.option(Values::text)?,
                ca_certs_dir: self.values.option(Values::text)?,
                hostname: self.values.tls_hostname()?,
                alpn: self.values.option(Values::text)?,
                attempt_delay: self.values.delay()?,
            )),
            3 => ClientEndpoint::Unix(with!(
                UnixClient::new(""),
                path: self.values.text()?,
                lockfile: self.values.flag()?,
                timeout: self.values.seconds()?,
                abstract_name: self.values.flag()?,
            )),
            4 => ClientEndpoint::Tls(over_tcp!(
                self,
                TlsClient::new(self.values.host()?, 0),
                port: self.values.port()?,
                timeout: self.values.seconds()?,
                bind_address: self.values.option(Values::text)?,
                certificate: self.values.option(Values::text)?,
                private_key: self.values.option(Values::text)?,
                trust_roots: self.values.option(Values::text)?,
                endpoint: self.quoted(|it| it.client(false))?,
                alpn: self.values.option(Values::text)?,
                attempt_delay: self.values.delay()?,
            )),
            5 => ClientEndpoint::Process(with!(
                ProcessClient::new(""),
                executable: self.values.text()?,
                args: self.values.texts()?,
                cwd: self.values.option(Values::text)?,
                env: self.values.texts()?,
                clear_env: self.values.flag()?,
                uid: self.values.option(Values::id)?,
                gid: self.values.option(Values::id)?,
                use_pty: self.values.flag()?,
                stderr: self.values.one_of(StandardError::ALL)?,
            )),
            6 if self.depth < NESTING_LIMIT => {
                let endpoint = self.inside(|it| it.client(true))?;
                let version = self.values.option(Values::version)?.filter(|_| !wrapped);
                let proxy_version = version.unwrap_or(ProxyVersion::V2);
                let proxy_tlvs = self.values.option(Values::proxy_tlvs)?.filter(|_| !wrapped);
                ClientEndpoint::Haproxy(with!(
                    HaproxyClient::new(endpoint).proxy_version(proxy_version),
                    proxy_tlvs,
                ))
            }
            7 => ClientEndpoint::Fd(FdClient::new(self.values.descriptor()?.value())),
            kind @ 9..=10 => self.through_proxy(kind == 9)?,
            _ => ClientEndpoint::Stdio(StdioClient::new()),
        })
    }

    /// A client that connects through a SOCKS5 or HTTP proxy.
    ///
    /// Returns a `stdio` client instead if no endpoint is decoded for the proxy, which requires
    /// one.
    fn through_proxy(&mut self, is_socks: bool) -> Result<ClientEndpoint<'static>> {
        let (host, port) = (self.values.host()?, self.values.port()?.value());
        let credentials = self.values.option(Values::text)?;
        let Some(proxy) = self.quoted(|it| it.client(false))? else {
            return Ok(ClientEndpoint::Stdio(StdioClient::new()));
        };
        Ok(if is_socks {
            ClientEndpoint::Socks5(with!(Socks5Client::new(host, port, *proxy), credentials))
        } else {
            ClientEndpoint::HttpConnect(with!(
                HttpConnectClient::new(host, port, *proxy),
                credentials
            ))
        })
    }

    fn inside<T>(&mut self, make: impl FnOnce(&mut Maker<'_, 'u>) -> Result<T>) -> Result<T> {
        let values = Values(&mut *self.values.0);
        make(&mut Maker { values, depth: self.depth + 1, quoted: self.quoted })
    }

    /// Decodes an endpoint for the value of `endpoint=`.
    ///
    /// Returns `None` if the bytes choose so, or if another level of nesting is not allowed.
    fn quoted<T>(
        &mut self,
        make: impl FnOnce(&mut Maker<'_, 'u>) -> Result<T>,
    ) -> Result<Option<Box<T>>> {
        let fits = self.depth < NESTING_LIMIT && self.quoted < MOST_QUOTED;
        if !self.values.0.arbitrary::<bool>()? || !fits {
            return Ok(None);
        }
        self.quoted += 1;
        let endpoint = self.inside(make).map(Box::new).map(Some);
        self.quoted -= 1;
        endpoint
    }
}

//! `haproxy`: the PROXY protocol around another endpoint.

use alloc::boxed::Box;

use super::field::{Field, Reader, display};
use super::{ClientEndpoint, Sealed, ServerEndpoint};
use crate::bind::Binder;
use crate::signature::{Signature, client, server};
use crate::value::{Networks, ProxyTlvs, ProxyVersion};
use crate::{Description, Error, ErrorKind, NESTING_LIMIT, Parameters, Span, Value};

/// Listens on another endpoint, whose connections must begin with a PROXY protocol header.
///
/// If `haproxy` wraps `haproxy`, the outermost takes all keywords when it is parsed. A description
/// therefore parses back to the same value only if the inner ones have default values.
///
/// ```
/// use strports_syntax::{HaproxyServer, TcpServer};
/// assert_eq!(HaproxyServer::new(TcpServer::new(80)).to_string(), "haproxy:tcp:80");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct HaproxyServer<'a> {
    /// The networks of proxies whose headers are trusted; `None` trusts every peer. An extension to
    /// Twisted.
    pub proxy_trusted: Option<Networks<'a>>,
    /// The only version of the header to accept; `None` accepts 1 and 2. An extension to Twisted.
    pub proxy_version: Option<ProxyVersion>,
    /// The endpoint whose connections begin with a PROXY header.
    pub endpoint: Box<ServerEndpoint<'a>>,
}

impl<'a> HaproxyServer<'a> {
    /// The row of the signature table that describes this type.
    pub const SIGNATURE: &'static Signature = &server::HAPROXY;

    /// Wraps `endpoint`, accepts both versions of the header, and trusts the headers of every peer.
    pub fn new(endpoint: impl Into<ServerEndpoint<'a>>) -> Self {
        Self { proxy_trusted: None, proxy_version: None, endpoint: Box::new(endpoint.into()) }
    }

    /// Sets `proxyTrusted`; see [the field](field@Self::proxy_trusted).
    #[must_use]
    pub fn proxy_trusted(mut self, value: Networks<'a>) -> Self {
        self.proxy_trusted = Some(value);
        self
    }

    /// Sets `proxyVersion`; see [the field](field@Self::proxy_version).
    #[must_use]
    pub const fn proxy_version(mut self, value: ProxyVersion) -> Self {
        self.proxy_version = Some(value);
        self
    }

    pub(crate) fn read(reader: &mut Reader<'_, '_, 'a>) -> Option<Self> {
        let proxy_trusted = reader.read(const { server::HAPROXY.row("proxyTrusted") });
        let proxy_version = reader.read(const { server::HAPROXY.row("proxyVersion") });
        let endpoint = wrapped(reader, ServerEndpoint::bind);
        Some(Self {
            proxy_trusted: proxy_trusted?,
            proxy_version: proxy_version?,
            endpoint: Box::new(endpoint?),
        })
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    pub fn into_owned(self) -> HaproxyServer<'static> {
        HaproxyServer {
            proxy_trusted: self.proxy_trusted.map(Networks::into_owned),
            proxy_version: self.proxy_version,
            endpoint: self.endpoint.into_owned(),
        }
    }
}

impl Sealed for HaproxyServer<'_> {}

impl Parameters for HaproxyServer<'_> {
    fn signature(&self) -> &'static Signature {
        Self::SIGNATURE
    }

    fn value(&self, name: &str) -> Value<'_> {
        match name {
            "proxyTrusted" => self.proxy_trusted.value(),
            "proxyVersion" => self.proxy_version.value(),
            "endpoint" => Value::Server(&self.endpoint),
            _ => Value::Absent,
        }
    }
}

display!(HaproxyServer<'_>);

/// Connects to another endpoint and sends it a PROXY protocol header first; an extension to
/// Twisted.
///
/// ```
/// use strports_syntax::{HaproxyClient, TcpClient};
/// let endpoint = HaproxyClient::new(TcpClient::new("h", 80));
/// assert_eq!(endpoint.to_string(), "haproxy:tcp:h:80");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct HaproxyClient<'a> {
    /// The version of the header to send; 2 by default.
    pub proxy_version: ProxyVersion,
    /// The TLVs (typed extra fields) of a version 2 header; `None` sends none.
    pub proxy_tlvs: Option<ProxyTlvs<'a>>,
    /// The endpoint whose connection begins with a PROXY header.
    pub endpoint: Box<ClientEndpoint<'a>>,
}

impl<'a> HaproxyClient<'a> {
    /// The row of the signature table that describes this type.
    pub const SIGNATURE: &'static Signature = &client::HAPROXY;

    /// Wraps `endpoint`, and sends a header of version 2 without TLVs.
    pub fn new(endpoint: impl Into<ClientEndpoint<'a>>) -> Self {
        let endpoint = Box::new(endpoint.into());
        Self { proxy_version: ProxyVersion::V2, proxy_tlvs: None, endpoint }
    }

    /// Sets `proxyVersion`; see [the field](field@Self::proxy_version).
    #[must_use]
    pub const fn proxy_version(mut self, value: ProxyVersion) -> Self {
        self.proxy_version = value;
        self
    }

    /// Sets `proxyTlvs`; see [the field](field@Self::proxy_tlvs).
    #[must_use]
    pub fn proxy_tlvs(mut self, value: ProxyTlvs<'a>) -> Self {
        self.proxy_tlvs = Some(value);
        self
    }

    pub(crate) fn read(reader: &mut Reader<'_, '_, 'a>) -> Option<Self> {
        let proxy_version = reader.read(const { client::HAPROXY.row("proxyVersion") });
        let proxy_tlvs = reader.read(const { client::HAPROXY.row("proxyTlvs") });
        let endpoint = wrapped(reader, ClientEndpoint::bind);
        Some(Self {
            proxy_version: proxy_version?,
            proxy_tlvs: proxy_tlvs?,
            endpoint: Box::new(endpoint?),
        })
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    pub fn into_owned(self) -> HaproxyClient<'static> {
        HaproxyClient {
            proxy_version: self.proxy_version,
            proxy_tlvs: self.proxy_tlvs.map(ProxyTlvs::into_owned),
            endpoint: Field::into_owned(self.endpoint),
        }
    }
}

impl Sealed for HaproxyClient<'_> {}

impl Parameters for HaproxyClient<'_> {
    fn signature(&self) -> &'static Signature {
        Self::SIGNATURE
    }

    fn value(&self, name: &str) -> Value<'_> {
        match name {
            "proxyVersion" => self.proxy_version.value(),
            "proxyTlvs" => self.proxy_tlvs.value(),
            "endpoint" => Value::Client(&self.endpoint),
            _ => Value::Absent,
        }
    }
}

display!(HaproxyClient<'_>);

/// Calls `bind` for the wrapped description: the text without the wrapper's type and keywords.
///
/// Returns `None` after an error, which was already reported.
fn wrapped<'a, E>(
    reader: &mut Reader<'_, '_, 'a>,
    bind: impl FnOnce(&Description<'a>, &mut Binder<'_>) -> Result<E, Error>,
) -> Option<E> {
    let signature = reader.arguments.signature();
    let description = reader.arguments.description();
    let binder = &mut *reader.binder;
    if binder.depth >= NESTING_LIMIT {
        let kind = ErrorKind::NestedTooDeep { limit: NESTING_LIMIT };
        binder.error(kind, description.type_span());
        return None;
    }
    let Some(inner) = description.wrapped(signature) else {
        let Signature { name: type_name, role, .. } = *signature;
        let kind = ErrorKind::MissingArgument { type_name, role, parameter: "endpoint" };
        binder.error(kind, Span::empty(description.text().len()));
        return None;
    };
    // The wrapped description is not escaped, so its spans need no further mapping.
    let origin = binder.origin;
    binder.inside(signature, origin, |binder| bind(&inner, binder)).ok()
}

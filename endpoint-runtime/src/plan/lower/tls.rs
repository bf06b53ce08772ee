//! Converts TLS endpoints to plans: a transport with a TLS layer.

use strports_syntax::value::{Number, TlsMethod};
use strports_syntax::{SslClient, SslServer, Text, TlsClient, TlsServer};

use super::super::{
    ClientLayer, ClientPlan, Family, ServerLayer, ServerPlan, TcpConnect, TcpListen, TlsAccept,
    TlsConnect, TlsIdentity, TlsIdentitySource, TlsVersions,
};
use super::text::{bind, delay, duration, host, path, socket_options};
use crate::error::DescriptionProblem;

/// Converts an `ssl` server: TLS over `endpoint` if that is given, and otherwise over TCP.
///
/// The parser ensures that the port is absent only if `endpoint` is given, so 0 is never used.
pub(super) fn lower_ssl_server(ssl: &SslServer<'_>) -> Result<ServerPlan, DescriptionProblem> {
    let mut plan: ServerPlan = if let Some(endpoint) = &ssl.endpoint {
        ServerPlan::try_from(&**endpoint)?
    } else {
        let port = ssl.port.as_ref().map_or(0, Number::value);
        let mut listen = TcpListen::new(host("interface", &ssl.interface)?, port);
        listen.backlog = ssl.backlog.value();
        listen.reuse_port = ssl.reuse_port.is_on();
        listen.options = socket_options(
            ssl.keep_alive.as_ref(),
            ssl.user_timeout.as_ref(),
            ssl.device.as_ref(),
        )?;
        listen.into()
    };
    let mut identity = TlsIdentity::new(path(ssl.certificate_file())?);
    identity.key = path(&ssl.private_key)?;
    identity.chain = ssl.extra_cert_chain.as_ref().map(path).transpose()?;
    let mut tls = TlsAccept::new(identity);
    tls.client_cas = ssl.client_cas.as_ref().map(path).transpose()?.map(Into::into);
    tls.alpn = alpn(ssl.alpn.as_ref())?;
    tls.versions = match ssl.ssl_method {
        None | Some(TlsMethod::Tls | TlsMethod::TlsServer | TlsMethod::Ssl23) => TlsVersions::All,
        Some(TlsMethod::Tls12) => TlsVersions::Tls12,
        Some(TlsMethod::Tls13) => TlsVersions::Tls13,
    };
    tls.dh_parameters = ssl.dh_parameters.as_ref().map(path).transpose()?;
    plan.layers.push(ServerLayer::Tls(tls));
    Ok(plan)
}

pub(super) fn lower_tls_server(tls: &TlsServer<'_>) -> Result<ServerPlan, DescriptionProblem> {
    let mut plan: ServerPlan = if let Some(endpoint) = &tls.endpoint {
        ServerPlan::try_from(&**endpoint)?
    } else {
        let mut listen = TcpListen::new(host("interface", &tls.interface)?, tls.port.value());
        listen.backlog = tls.backlog.value();
        listen.prefer = Family::V6;
        listen.reuse_port = tls.reuse_port.is_on();
        listen.options = socket_options(
            tls.keep_alive.as_ref(),
            tls.user_timeout.as_ref(),
            tls.device.as_ref(),
        )?;
        listen.v6only = tls.v6only.is_on();
        listen.into()
    };
    let mut layer = TlsAccept::new(TlsIdentitySource::Directory(path(&tls.path)?));
    layer.client_cas = tls.client_cas.as_ref().map(path).transpose()?.map(Into::into);
    layer.alpn = alpn(tls.alpn.as_ref())?;
    plan.layers.push(ServerLayer::Tls(layer));
    Ok(plan)
}

/// Converts an `ssl` client. Unlike in Twisted, `host` is verified if `hostname` is absent.
pub(super) fn lower_ssl_client(ssl: &SslClient<'_>) -> Result<ClientPlan, DescriptionProblem> {
    let mut connect = TcpConnect::new(host("host", &ssl.host)?, ssl.port.value());
    connect.timeout = duration(&ssl.timeout);
    connect.attempt_delay = delay(&ssl.attempt_delay);
    connect.options =
        socket_options(ssl.keep_alive.as_ref(), ssl.user_timeout.as_ref(), ssl.device.as_ref())?;
    bind(&mut connect, ssl.bind_address.as_ref())?;
    let name = match &ssl.hostname {
        Some(name) => host("hostname", name.text())?,
        None => connect.host.clone(),
    };
    let mut tls = TlsConnect::new(name);
    tls.timeout = connect.timeout;
    tls.trust_roots = ssl.ca_certs_dir.as_ref().map(path).transpose()?.map(Into::into);
    tls.identity = identity(ssl.cert_key.as_ref(), ssl.private_key.as_ref())?;
    tls.alpn = alpn(ssl.alpn.as_ref())?;
    let mut plan = ClientPlan::from(connect);
    plan.layers.push(ClientLayer::Tls(tls));
    Ok(plan)
}

pub(super) fn lower_tls_client(tls: &TlsClient<'_>) -> Result<ClientPlan, DescriptionProblem> {
    let name = host("host", tls.host.text())?;
    let mut layer = TlsConnect::new(name.clone());
    let mut plan: ClientPlan = if let Some(endpoint) = &tls.endpoint {
        ClientPlan::try_from(&**endpoint)?
    } else {
        let mut connect = TcpConnect::new(name, tls.port.value());
        connect.timeout = duration(&tls.timeout);
        connect.attempt_delay = delay(&tls.attempt_delay);
        connect.options = socket_options(
            tls.keep_alive.as_ref(),
            tls.user_timeout.as_ref(),
            tls.device.as_ref(),
        )?;
        layer.timeout = connect.timeout;
        bind(&mut connect, tls.bind_address.as_ref())?;
        connect.into()
    };
    layer.trust_roots = tls.trust_roots.as_ref().map(path).transpose()?.map(Into::into);
    layer.identity = identity(tls.certificate.as_ref(), tls.private_key.as_ref())?;
    layer.alpn = alpn(tls.alpn.as_ref())?;
    plan.layers.push(ClientLayer::Tls(layer));
    Ok(plan)
}

/// The certificate and key of a client; `None` if it presents no certificate.
///
/// As in Twisted, a key without a certificate is ignored; `strports check` reports it.
fn identity(
    certificate: Option<&Text<'_>>,
    key: Option<&Text<'_>>,
) -> Result<Option<TlsIdentitySource>, DescriptionProblem> {
    let Some(certificate) = certificate else { return Ok(None) };
    let identity = TlsIdentity::new(path(certificate)?);
    let identity = match key {
        Some(key) => identity.with_key(path(key)?),
        None => identity,
    };
    Ok(Some(identity.into()))
}

/// Parses the value of `alpn`: protocol names separated by commas. No value is an empty list.
fn alpn(text: Option<&Text<'_>>) -> Result<Vec<Vec<u8>>, DescriptionProblem> {
    let Some(text) = text.map(Text::to_bytes) else { return Ok(Vec::new()) };
    let name = |name: &[u8]| match name.len() {
        1..=255 => Ok(name.to_vec()),
        _ => Err(DescriptionProblem::BadProtocol { name: name.to_vec() }),
    };
    text.split(|byte| *byte == b',').map(name).collect()
}

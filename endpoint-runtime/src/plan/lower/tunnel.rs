//! Converts proxy endpoints to plans: the endpoint of the proxy, with a tunnel layer.

use strports_syntax::value::{Host, Port};
use strports_syntax::{ClientEndpoint, HttpConnectClient, Socks5Client, Text};

use super::super::{ClientPlan, TunnelConnect, TunnelProtocol};
use super::text::{host, path};
use crate::error::DescriptionProblem;

pub(super) fn lower_socks5(socks5: &Socks5Client<'_>) -> Result<ClientPlan, DescriptionProblem> {
    let Socks5Client { host, port, endpoint, credentials, .. } = socks5;
    lower_tunnel(TunnelProtocol::Socks5, (host, port), endpoint, credentials.as_ref())
}

pub(super) fn lower_http_connect(
    http: &HttpConnectClient<'_>,
) -> Result<ClientPlan, DescriptionProblem> {
    let HttpConnectClient { host, port, endpoint, credentials, .. } = http;
    lower_tunnel(TunnelProtocol::HttpConnect, (host, port), endpoint, credentials.as_ref())
}

/// Adds a tunnel to `target` to the plan of `endpoint`, which connects to the proxy.
fn lower_tunnel(
    protocol: TunnelProtocol,
    target: (&Host<'_>, &Port<'_>),
    endpoint: &ClientEndpoint<'_>,
    credentials: Option<&Text<'_>>,
) -> Result<ClientPlan, DescriptionProblem> {
    let mut plan = ClientPlan::try_from(endpoint)?;
    let host = host("host", target.0.text())?;
    let mut layer = TunnelConnect::new(protocol, host, target.1.value());
    layer.credentials = credentials.map(path).transpose()?;
    plan.layers.push(layer.into());
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(text: &str) -> String {
        ClientPlan::try_from(&ClientEndpoint::parse(text).unwrap()).unwrap().to_string()
    }

    #[test]
    fn every_argument_reaches_the_sentence() {
        assert_eq!(
            planned(r"socks5:h:443:credentials=/run/c:endpoint=unix\:/run/proxy"),
            "connect to the UNIX socket `/run/proxy`, within 30 seconds; \
             have the SOCKS5 proxy there connect to `h`, TCP port 443, \
             with the credentials in `/run/c`"
        );
        assert_eq!(
            planned(r"tls:h:443:endpoint=http-connect\:\\\:\\\:1\:443\:endpoint=stdio\\\:"),
            "use standard input and output as the connection; \
             have the HTTP proxy there connect to `::1`, TCP port 443; \
             speak TLS with `h`, verified by the authorities of this platform"
        );
    }
}

//! Options of socat that change more than one parameter, or whose values need a conversion.

use crate::convert::address::port_number;
use crate::convert::draft::{Draft, RelayOption};
use crate::convert::words::is_no;
use strports_syntax::Role;

pub(super) fn bind_server(draft: &mut Draft, value: &str) -> Result<(), String> {
    let address = value.trim_matches(['[', ']']);
    match (draft.set("interface", address), draft.transport.kind) {
        (true, _) => Ok(()),
        (false, kind) => Err(format!("`{kind}` has no `interface`")),
    }
}

pub(super) fn bind_client(draft: &mut Draft, value: &str) -> Result<(), String> {
    let (address, port) = match value.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':')),
        None => value.split_once(':').map_or((value, None), |(host, port)| (host, Some(port))),
    };
    if !address.is_empty() && !draft.set("bindAddress", address) {
        return Err(format!("`{}` has no `bindAddress`", draft.transport.kind));
    }
    port.map_or(Ok(()), |_| Err("the system chooses the local port".to_owned()))
}

pub(super) fn family(draft: &mut Draft, value: &str) -> Result<(), String> {
    if !matches!(draft.transport.kind, "tcp" | "tcp6") {
        return Err(format!("`{}` has no address family", draft.transport.kind));
    }
    match value.trim_start_matches("ip").trim_start_matches("inet") {
        "4" | "" if draft.role == Role::Client && is_name(draft) => {
            Err("the addresses of a name may be of both families".to_owned())
        }
        "4" | "" => Ok(()),
        "6" | "v6" => {
            draft.transport.kind = "tcp6";
            Ok(())
        }
        _ => Err("descriptions have no address family of this name".to_owned()),
    }
}

/// Whether a client connects to a host name, and not to an IP address.
fn is_name(draft: &Draft) -> bool {
    let host = draft.transport.get("host").unwrap_or_default();
    host.parse::<std::net::IpAddr>().is_err()
}

/// Sets the port of the proxy that a client connects through.
pub(super) fn proxy_port(draft: &mut Draft, value: &str) -> Result<(), String> {
    let port = port_number(value).map_err(|failure| failure.why)?;
    let Some(endpoint) = draft.transport.take("endpoint") else {
        return Err("the address has no proxy".to_owned());
    };
    // The proxy is written `tcp:HOST:PORT`, so the port follows the last colon.
    let host = endpoint.rsplit_once(':').map_or(&*endpoint, |(host, _)| host);
    draft.transport.set("endpoint", format!("{host}:{port}"));
    Ok(())
}

pub(super) fn range(draft: &mut Draft, value: &str) -> Result<(), String> {
    let Some((address, mask)) = value.split_once([':', '/']) else {
        return Err("expected a network such as 10.0.0.0/8".to_owned());
    };
    let prefix = match mask.parse::<std::net::Ipv4Addr>() {
        Ok(mask) => mask.to_bits().leading_ones().to_string(),
        Err(_) => mask.to_owned(),
    };
    let value = format!("{}/{prefix}", address.trim_matches(['[', ']']));
    let from = format!("range={value}");
    draft.options.push(RelayOption { name: "--allow", value, from });
    Ok(())
}

pub(super) fn verify_client(_: &mut Draft, value: &str) -> Result<(), String> {
    if is_no(value) {
        return Err("the certificate of a server is always verified".to_owned());
    }
    Ok(())
}

pub(super) fn verify_server(draft: &mut Draft, value: &str) -> Result<(), String> {
    if is_no(value) {
        draft.tls().take("clientCAs");
    }
    Ok(())
}

/// Sets the name that the server's certificate must be valid for.
pub(super) fn name(draft: &mut Draft, value: &str) -> Result<(), String> {
    draft.set_name(value)
}

pub(super) fn tls_version(draft: &mut Draft, value: &str) -> Result<(), String> {
    match value.to_ascii_uppercase().as_str() {
        "TLS1.3" | "TLS13" => draft.tls().set("sslmethod", "TLSv1_3_METHOD"),
        "TLS1.2" => {}
        _ => return Err("only TLS 1.2 and 1.3 are supported".to_owned()),
    }
    Ok(())
}

pub(super) fn inherit(draft: &mut Draft) -> Result<(), String> {
    draft.set("stderr", "log");
    Err("the standard error of the program goes to the log, not to the connection".to_owned())
}

pub(super) fn id(draft: &mut Draft, name: &'static str, value: &str) -> Result<(), String> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{name}` takes a number, and this is a name"));
    }
    let is_set = draft.set(name, value);
    if is_set { Ok(()) } else { Err(format!("`{}` has no `{name}`", draft.transport.kind)) }
}

/// Whether a TLS server of socat requests certificates from clients, which is its default.
pub(super) fn demands_certificates(draft: &Draft) -> bool {
    draft.role == Role::Server
        && draft.tls.as_ref().is_some_and(|tls| tls.get("clientCAs").is_none())
}

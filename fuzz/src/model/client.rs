//! Ports Twisted's `clientFromString` and the parser of each client type.

use super::endpoint::{Endpoint, Value, optional};
use super::parse::parse;
use super::python::{
    Args, Kwargs, Raised, call, idna_decode, idna_encode, int, is_ip_address, is_ipv6_address,
};
use super::server::flag;

/// Ports `clientFromString(reactor, description)`. All files are assumed to exist.
///
/// # Errors
///
/// Returns the exception that Twisted raises.
pub fn client_from_string(description: &str) -> Result<Endpoint, Raised> {
    nested(description, 0)
}

/// Parses a description inside `depth` wrappers.
fn nested(description: &str, depth: usize) -> Result<Endpoint, Raised> {
    if depth > 16 {
        return Err(Raised::Undecided("nested-too-deep"));
    }
    let (mut args, kwargs) = parse(description)?;
    if args.is_empty() {
        return Err(Raised::Index);
    }
    // Case is ignored. Case folding outside ASCII is left out of the model.
    match args.remove(0).to_ascii_uppercase().as_str() {
        "TCP" => parse_client_tcp(args, kwargs),
        "SSL" => parse_client_ssl(args, kwargs),
        "UNIX" => parse_client_unix(args, kwargs),
        "TLS" => parse_client_tls(args, kwargs, depth),
        _ => Err(Raised::Value),
    }
}

/// Ports `_parseClientTCP(*args, **kwargs)`. Two positional arguments replace keywords; three or
/// more are ignored.
fn host_and_port(mut args: Args, kwargs: &mut Kwargs) {
    if args.len() == 2 {
        kwargs.insert("port".into(), args.remove(1));
        kwargs.insert("host".into(), args.remove(0));
    } else if args.len() == 1 {
        let name = if kwargs.contains_key("host") { "port" } else { "host" };
        kwargs.insert(name.into(), args.remove(0));
    }
}

/// Ports `TCP4ClientEndpoint(reactor, host, port, timeout=30, bindAddress=None)`.
fn parse_client_tcp(args: Args, mut kwargs: Kwargs) -> Result<Endpoint, Raised> {
    host_and_port(args, &mut kwargs);
    let names = ["host", "port", "timeout", "bindAddress"];
    let [host, port, timeout, bind_address] =
        call(&["self", "reactor"], names, 2, Vec::new(), kwargs)?;
    Ok(Endpoint::new(
        "tcp",
        [
            ("host", optional(host)),
            ("port", integer(port)?),
            ("timeout", integer(timeout)?),
            ("bindAddress", optional(bind_address)),
        ],
    ))
}

/// Ports `SSL4ClientEndpoint(reactor, host, port, sslContextFactory, timeout=30,
/// bindAddress=None)`. `_parseClientSSLOptions` always replaces `sslContextFactory`.
fn parse_client_ssl(args: Args, mut kwargs: Kwargs) -> Result<Endpoint, Raised> {
    host_and_port(args, &mut kwargs);
    kwargs.remove("sslContextFactory");
    let names = [
        "host",
        "port",
        "timeout",
        "bindAddress",
        "certKey",
        "privateKey",
        "caCertsDir",
        "hostname",
    ];
    let [host, port, timeout, bind_address, cert_key, private_key, ca_certs_dir, hostname] =
        call(&["self", "reactor"], names, 2, Vec::new(), kwargs)?;
    if let Some(hostname) = &hostname {
        idna_decode(hostname)?;
        options_for_client_tls(hostname)?;
    }
    Ok(Endpoint::new(
        "ssl",
        [
            ("host", optional(host)),
            ("port", integer(port)?),
            ("timeout", integer(timeout)?),
            ("bindAddress", optional(bind_address)),
            ("certKey", optional(cert_key)),
            ("privateKey", optional(private_key)),
            ("caCertsDir", optional(ca_certs_dir)),
            ("hostname", optional(hostname)),
        ],
    ))
}

/// Ports `UNIXClientEndpoint(reactor, path, timeout=30, checkPID=0)`; `lockfile` becomes
/// `checkPID`.
fn parse_client_unix(mut args: Args, mut kwargs: Kwargs) -> Result<Endpoint, Raised> {
    if args.len() == 1 {
        kwargs.insert("path".into(), args.remove(0));
    }
    if kwargs.contains_key("checkPID") {
        if !kwargs.contains_key("lockfile") {
            return Err(Raised::Undecided("checkpid-text"));
        }
        kwargs.remove("checkPID");
    }
    let names = ["path", "lockfile", "timeout"];
    let [path, lockfile, timeout] = call(&["self", "reactor"], names, 1, Vec::new(), kwargs)?;
    Ok(Endpoint::new(
        "unix",
        [
            ("path", optional(path)),
            ("lockfile", flag(lockfile, false)?),
            ("timeout", integer(timeout)?),
        ],
    ))
}

/// Ports `_parseClientTLS(reactor, host, port, timeout=b"30", bindAddress=None, …)`.
fn parse_client_tls(args: Args, kwargs: Kwargs, depth: usize) -> Result<Endpoint, Raised> {
    let names = [
        "host",
        "port",
        "timeout",
        "bindAddress",
        "certificate",
        "privateKey",
        "trustRoots",
        "endpoint",
    ];
    let [host, port, timeout, bind_address, certificate, private_key, trust_roots, endpoint] =
        call(&["reactor"], names, 2, args, kwargs)?;
    let host = host.ok_or(Raised::Type)?;
    let (port, timeout) = (integer(port)?, integer(timeout)?);
    options_for_client_tls(&host)?;
    let endpoint = if let Some(endpoint) = endpoint {
        Value::Endpoint(Box::new(nested(&endpoint, depth + 1)?))
    } else {
        idna_encode(&host)?;
        Value::None
    };
    Ok(Endpoint::new(
        "tls",
        [
            ("host", Value::Text(host)),
            ("port", port),
            ("timeout", timeout),
            ("bindAddress", optional(bind_address)),
            ("certificate", optional(certificate)),
            ("privateKey", optional(private_key)),
            ("trustRoots", optional(trust_roots)),
            ("endpoint", endpoint),
        ],
    ))
}

/// Ports `optionsForClientTLS(hostname)`, which takes an address, or a name that IDNA can encode.
fn options_for_client_tls(hostname: &str) -> Result<(), Raised> {
    let is_address = is_ip_address(hostname) || is_ipv6_address(hostname);
    if is_address && hostname.is_ascii() { Ok(()) } else { idna_encode(hostname) }
}

/// Returns `int(text)`, or Twisted's default of 30 without a text.
fn integer(text: Option<String>) -> Result<Value, Raised> {
    text.map_or(Ok(30), |text| int(&text)).map(Value::Integer)
}

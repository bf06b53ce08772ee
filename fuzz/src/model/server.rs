//! Ports Twisted's `serverFromString` and the parser of each server type.

use super::endpoint::{Endpoint, Value, optional};
use super::parse::parse;
use super::python::{Args, Kwargs, Raised, call, int, int_base_8};

/// Ports `serverFromString(reactor, description)`. Files and inherited sockets are assumed to
/// exist.
///
/// # Errors
///
/// Returns the exception that Twisted raises.
pub fn server_from_string(description: &str) -> Result<Endpoint, Raised> {
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
    let endpoint_type = args.remove(0);
    match endpoint_type.as_str() {
        "tcp" => return parse_tcp(args, kwargs),
        "unix" => return parse_unix(args, kwargs),
        "ssl" => return parse_ssl(args, kwargs),
        _ => {}
    }
    // Case is ignored. Case folding outside ASCII is left out of the model.
    match endpoint_type.to_ascii_lowercase().as_str() {
        "stdio" => parse_stdio(&kwargs),
        "systemd" => parse_systemd(args, kwargs),
        "tcp6" => parse_tcp6(args, kwargs),
        "tls" => parse_tls(args, kwargs),
        "haproxy" => parse_haproxy(&args, &kwargs, depth),
        _ => Err(Raised::Value),
    }
}

/// Ports `_parseTCP(factory, port, interface="", backlog=50)`.
fn parse_tcp(args: Args, kwargs: Kwargs) -> Result<Endpoint, Raised> {
    let names = ["port", "interface", "backlog"];
    let [port, interface, backlog] = call(&["factory"], names, 1, args, kwargs)?;
    Ok(Endpoint::new(
        "tcp",
        [
            ("port", integer(port, 0)?),
            ("interface", text(interface, "")),
            ("backlog", integer(backlog, 50)?),
        ],
    ))
}

/// Ports `_parseUNIX(factory, address, mode="666", backlog=50, lockfile=True)`.
fn parse_unix(args: Args, kwargs: Kwargs) -> Result<Endpoint, Raised> {
    let names = ["address", "mode", "backlog", "lockfile"];
    let [address, mode, backlog, lockfile] = call(&["factory"], names, 1, args, kwargs)?;
    Ok(Endpoint::new(
        "unix",
        [
            ("address", text(address, "")),
            ("mode", Value::Integer(int_base_8(mode.as_deref().unwrap_or("666"))?)),
            ("backlog", integer(backlog, 50)?),
            ("lockfile", flag(lockfile, true)?),
        ],
    ))
}

/// Ports `_parseSSL(factory, port, privateKey="server.pem", certKey=None, …)`.
fn parse_ssl(args: Args, kwargs: Kwargs) -> Result<Endpoint, Raised> {
    let names = [
        "port",
        "privateKey",
        "certKey",
        "sslmethod",
        "interface",
        "backlog",
        "extraCertChain",
        "dhParameters",
    ];
    let [port, private_key, cert_key, method, interface, backlog, chain, dh_parameters] =
        call(&["factory"], names, 1, args, kwargs)?;
    let private_key = private_key.unwrap_or_else(|| "server.pem".into());
    let cert_key = cert_key.unwrap_or_else(|| private_key.clone());
    // The methods that a current server can use. Twisted also accepts a few others, which the rows
    // `sslmethod-…` of `spec/DIFFERENCES.md` refuse.
    let usable = ["TLS_METHOD", "TLS_SERVER_METHOD", "SSLv23_METHOD", "TLSv1_2_METHOD"];
    if method.as_deref().is_some_and(|method| !usable.contains(&method)) {
        return Err(Raised::Attribute);
    }
    Ok(Endpoint::new(
        "ssl",
        [
            ("port", integer(port, 0)?),
            ("privateKey", Value::Text(private_key)),
            ("certKey", Value::Text(cert_key)),
            ("sslmethod", optional(method)),
            ("interface", text(interface, "")),
            ("backlog", integer(backlog, 50)?),
            ("extraCertChain", optional(chain)),
            ("dhParameters", optional(dh_parameters)),
        ],
    ))
}

/// Ports `_StandardIOParser.parseStreamServer(self, reactor, *args, **kwargs)`, which ignores all
/// arguments.
fn parse_stdio(kwargs: &Kwargs) -> Result<Endpoint, Raised> {
    refuse_hidden(kwargs)?;
    Ok(Endpoint::new("stdio", []))
}

/// Ports `_SystemdParser._parseServer(self, reactor, domain, index=None, name=None)`.
fn parse_systemd(args: Args, kwargs: Kwargs) -> Result<Endpoint, Raised> {
    let names = ["domain", "index", "name"];
    let [domain, index, name] = call(&["self", "reactor"], names, 1, args, kwargs)?;
    if index.is_none() == name.is_none() {
        return Err(Raised::Value);
    }
    let domain = domain.ok_or(Raised::Type)?;
    // Twisted parses other address families too, but cannot adopt their sockets (`systemd-domain`).
    if !["INET", "INET6", "UNIX"].contains(&domain.as_str()) {
        return Err(Raised::Attribute);
    }
    let index = index.map_or(Ok(Value::None), |index| int(&index).map(Value::Integer))?;
    let values = [("domain", Value::Text(domain)), ("index", index), ("name", optional(name))];
    Ok(Endpoint::new("systemd", values))
}

/// Ports `_TCP6ServerParser._parseServer(self, reactor, port, backlog=50, interface="::")`.
fn parse_tcp6(args: Args, kwargs: Kwargs) -> Result<Endpoint, Raised> {
    let names = ["port", "backlog", "interface"];
    let [port, backlog, interface] = call(&["self", "reactor"], names, 1, args, kwargs)?;
    Ok(Endpoint::new(
        "tcp6",
        [
            ("port", integer(port, 0)?),
            ("backlog", integer(backlog, 50)?),
            ("interface", text(interface, "::")),
        ],
    ))
}

/// Ports `_actualParseStreamServer(self, reactor, path, port="443", backlog="50", interface="::")`.
fn parse_tls(args: Args, kwargs: Kwargs) -> Result<Endpoint, Raised> {
    let names = ["path", "port", "backlog", "interface"];
    let [path, port, backlog, interface] = call(&["self", "reactor"], names, 1, args, kwargs)?;
    Ok(Endpoint::new(
        "tls",
        [
            ("path", text(path, "")),
            ("port", integer(port, 443)?),
            ("backlog", integer(backlog, 50)?),
            ("interface", text(interface, "::")),
        ],
    ))
}

/// Ports `HAProxyServerParser.parseStreamServer(self, reactor, *args, **kwargs)`.
fn parse_haproxy(args: &Args, kwargs: &Kwargs, depth: usize) -> Result<Endpoint, Raised> {
    refuse_hidden(kwargs)?;
    if args.iter().chain(kwargs.keys()).any(|it| it.contains('=')) {
        return Err(Raised::Undecided("haproxy-equals"));
    }
    let inner = nested(&unparse_endpoint(args, kwargs), depth + 1)?;
    let own = ["proxyTrusted", "proxyVersion"];
    if inner.type_name == "stdio" && own.iter().any(|key| kwargs.contains_key(*key)) {
        return Err(Raised::Undecided("stdio-swallows-proxy"));
    }
    Ok(Endpoint::new("haproxy", [("endpoint", Value::Endpoint(Box::new(inner)))]))
}

/// Ports `unparseEndpoint(args, kwargs)`.
fn unparse_endpoint(args: &Args, kwargs: &Kwargs) -> String {
    let mut segments: Vec<String> = args.iter().map(|it| quote_string_argument(it)).collect();
    let mut keywords: Vec<String> = kwargs
        .iter()
        .map(|(key, value)| {
            format!("{}={}", quote_string_argument(key), quote_string_argument(value))
        })
        .collect();
    keywords.sort();
    segments.append(&mut keywords);
    segments.join(":")
}

/// Ports `quoteStringArgument(argument)`.
fn quote_string_argument(argument: &str) -> String {
    argument.replace('\\', "\\\\").replace(':', "\\:")
}

/// Returns `TypeError` for the keywords `self` and `reactor`, which the method gets by position.
fn refuse_hidden(kwargs: &Kwargs) -> Result<(), Raised> {
    let hidden = ["self", "reactor"].iter().any(|key| kwargs.contains_key(*key));
    if hidden { Err(Raised::Type) } else { Ok(()) }
}

fn text(text: Option<String>, default: &str) -> Value {
    Value::Text(text.unwrap_or_else(|| default.into()))
}

fn integer(text: Option<String>, default: i128) -> Result<Value, Raised> {
    text.map_or(Ok(default), |text| int(&text)).map(Value::Integer)
}

/// Returns `bool(int(text))`, or the default without a text.
pub(super) fn flag(text: Option<String>, default: bool) -> Result<Value, Raised> {
    let Some(text) = text else { return Ok(Value::Flag(default)) };
    let number = int(&text)?;
    if i64::try_from(number).is_err() {
        return Err(Raised::Undecided("integer-beyond-64-bits"));
    }
    Ok(Value::Flag(number != 0))
}

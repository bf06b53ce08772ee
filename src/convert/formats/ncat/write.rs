//! Writes drafts as command lines of ncat.

use super::flags::{Does, FLAGS};
use crate::convert::draft::{Draft, Layer};
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::words::command as to_text;
use strports_syntax::Role;

const WHY: &str = "ncat has no such option";

/// Writes the command line that listens on or connects to the address of a draft.
pub(super) fn command(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut words = vec!["ncat".to_owned()];
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default().to_owned();
    let is_server = draft.role == Role::Server;
    if is_server {
        words.push("-lk".to_owned());
    }
    let mut places = match layer.kind {
        "tcp" | "tcp6" => {
            words.push(if layer.kind == "tcp6" { "-6" } else { "-4" }.to_owned());
            let host = layer.get(if is_server { "interface" } else { "host" });
            let host = host.map_or(Ok(""), plain::host)?;
            vec![host.to_owned(), get("port")]
        }
        "unix" if layer.get("abstract").is_none() => {
            words.push("-U".to_owned());
            vec![get("address"), get("path")]
        }
        kind @ ("socks5" | "http-connect") => {
            // For a proxy, ncat takes only `HOST:PORT`. The text after `tcp:` is that if it has no
            // keywords and no escapes.
            let proxy = layer.get("endpoint").and_then(|it| it.strip_prefix("tcp:"));
            let proxy = proxy.filter(|it| !it.contains('\\') && it.matches(':').count() == 1);
            let why = "ncat goes through a proxy with a host and a port";
            let proxy = proxy.ok_or_else(|| Failure::new(kind, why))?;
            plain::host(proxy.split(':').next().unwrap_or_default())?;
            let kind = if kind == "socks5" { "socks5" } else { "http" };
            words.extend(["--proxy-type", kind, "--proxy", proxy].map(str::to_owned));
            vec![plain::host(&get("host"))?.to_owned(), get("port")]
        }
        kind => return Err(Failure::new(kind, "ncat has no such address")),
    };
    // A host name may have addresses of both families, so the `-4` from above is removed.
    if !is_server && layer.kind == "tcp" {
        words.pop();
    }
    places.retain(|place| !place.is_empty());
    if let Some(tls) = &draft.tls {
        words.push("--ssl".to_owned());
        if !is_server {
            words.push("--ssl-verify".to_owned());
        }
        if let (true, None, Some(file)) = (is_server, tls.get("certificate"), tls.get("privateKey"))
        {
            words.extend(["--ssl-cert".to_owned(), file.to_owned()]);
        }
    }
    for (name, value) in layer.arguments() {
        match name {
            "host" | "port" | "interface" | "address" | "path" | "endpoint" => {}
            "timeout" => words.extend(["-w".to_owned(), value.to_owned()]),
            "bindAddress" => words.extend(["-s".to_owned(), value.to_owned()]),
            _ => losses.push(Loss::new(format!("{name}={value}"), WHY)),
        }
    }
    for (name, value) in draft.tls.iter().flat_map(Layer::arguments) {
        if name == "host" {
            if layer.get("host") != Some(value) {
                words.extend(["--ssl-servername".to_owned(), value.to_owned()]);
            }
            continue;
        }
        let flag = FLAGS.iter().find(|flag| match flag.does {
            Does::Authorities => !is_server && name == "trustRoots",
            Does::TlsWith(server, client) => (if is_server { server } else { client }) == name,
            _ => false,
        });
        match flag {
            Some(flag) => words.extend([flag.names[0].to_owned(), value.to_owned()]),
            None => losses.push(Loss::new(format!("{name}={value}"), WHY)),
        }
    }
    if draft.proxy.is_some() {
        losses.push(Loss::new("haproxy", "ncat does not support the PROXY protocol"));
    }
    // After `--`, a path that begins with a hyphen is not read as a flag.
    if places.iter().any(|place| place.starts_with('-')) {
        words.push("--".to_owned());
    }
    words.extend(places);
    to_text(&words)
}

//! Prints the result of `test` as one JSON object a line; the keys are stable.

use std::io::{self, Write};
use std::net::IpAddr;
use std::time::Duration;
#[cfg(feature = "__tls")]
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::Tested;
use crate::runtime::Address;
use crate::runtime::probe::{ProbeFacts, ProbeSocket, ProbeStep};
#[cfg(feature = "__tls")]
use crate::runtime::probe::{ProbeIdentity, ProbeTls};
#[cfg(feature = "__tls")]
use crate::runtime::{CertificateDetails, TlsHandshake};

/// Writes the result for one description as a JSON object, and a line feed.
pub(in crate::cli) fn write(tested: &Tested<'_>, out: &mut dyn Write) -> io::Result<()> {
    let message = tested.parse_error().or_else(|| tested.not_tried.clone());
    let message = message.unwrap_or_else(|| "the description is read".to_owned());
    let parse = json!({
        "step": "parse",
        "ok": tested.parse_error().is_none(),
        "seconds": tested.read.as_secs_f64(),
        "message": message,
        "warnings": [],
        "advice": [],
    });
    let steps = tested.probe.iter().flat_map(|probe| probe.steps.iter().map(step));
    let object = json!({
        "description": String::from_utf8_lossy(&tested.description),
        "role": tested.report.role().as_str(),
        "ok": tested.is_ok(),
        "seconds": tested.took.as_secs_f64(),
        "steps": std::iter::once(parse).chain(steps).collect::<Vec<_>>(),
    });
    serde_json::to_writer(&mut *out, &object)?;
    out.write_all(b"\n")
}

fn step(step: &ProbeStep) -> Value {
    let mut object = Map::new();
    object.insert("step".to_owned(), step.kind.as_str().into());
    object.insert("ok".to_owned(), step.is_ok.into());
    object.insert("seconds".to_owned(), step.took.as_secs_f64().into());
    object.insert("message".to_owned(), step.message.clone().into());
    object.insert("warnings".to_owned(), step.warnings.clone().into());
    object.insert("advice".to_owned(), step.advice.clone().into());
    if let Value::Object(facts) = facts(&step.facts, step.began) {
        object.extend(facts);
    }
    Value::Object(object)
}

fn facts(facts: &ProbeFacts, began: Duration) -> Value {
    match facts {
        ProbeFacts::Lookup { name, addresses, source } => json!({
            "name": name,
            "addresses": addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>(),
            "source": source,
        }),
        ProbeFacts::Attempts { attempts, local, peer } => {
            let attempts = attempts.iter().map(|it| {
                json!({
                    "address": it.address.to_string(),
                    "after": it.began.saturating_sub(began).as_secs_f64(),
                    "seconds": it.took.as_secs_f64(),
                    "result": it.end.as_str(),
                    "message": it.end.to_string(),
                })
            });
            json!({
                "address": text(peer.as_ref()),
                "local": text(local.as_ref()),
                "attempts": attempts.collect::<Vec<_>>(),
            })
        }
        ProbeFacts::Passage { from, to } => json!({ "from": from, "to": to }),
        #[cfg(feature = "__tls")]
        ProbeFacts::Tls(tls) => of_tls(tls),
        ProbeFacts::Bytes { first, protocol, is_end } => json!({
            "bytes": first.len(),
            "text": String::from_utf8_lossy(first),
            "protocol": protocol,
            "end": is_end,
        }),
        #[cfg(feature = "__tls")]
        ProbeFacts::Presented(identities) => json!({
            "presented": identities.iter().map(identity).collect::<Vec<_>>(),
        }),
        ProbeFacts::Program { path } => json!({ "path": path.to_string_lossy() }),
        ProbeFacts::Socket(socket) => of_socket(socket),
        _ => Value::Null,
    }
}

fn text(address: Option<&Address>) -> Option<String> {
    address.map(Address::to_string)
}

fn of_socket(socket: &ProbeSocket) -> Value {
    let holders = socket.holders.iter().map(|it| json!({ "pid": it.pid, "program": it.program }));
    json!({
        "address": text(socket.address.as_ref()),
        "ipv4": socket.takes_ipv4,
        "holders": holders.collect::<Vec<_>>(),
    })
}

#[cfg(feature = "__tls")]
fn of_tls(tls: &ProbeTls) -> Value {
    let facts = tls.facts.as_ref();
    let request = tls
        .request
        .as_ref()
        .map(|it| json!({ "authorities": it.authorities, "presented": it.presented }));
    json!({
        "name": tls.name,
        "protocol": facts.map(|it| it.protocol().to_string()),
        "cipher": facts.map(crate::runtime::TlsFacts::cipher),
        "group": facts.and_then(crate::runtime::TlsFacts::group),
        "alpn": facts.and_then(|it| it.alpn()).map(String::from_utf8_lossy),
        "resumed": facts.map(|it| it.handshake() == TlsHandshake::Resumed),
        "root": tls.root,
        "certificates": tls.certificates.iter().map(certificate).collect::<Vec<_>>(),
        "request": request,
    })
}

#[cfg(feature = "__tls")]
fn identity(identity: &ProbeIdentity) -> Value {
    json!({
        "path": identity.path.to_string_lossy(),
        "default": identity.is_default,
        "root": identity.root,
        "certificates": identity.certificates.iter().map(certificate).collect::<Vec<_>>(),
    })
}

#[cfg(feature = "__tls")]
fn certificate(it: &CertificateDetails) -> Value {
    json!({
        "subject": it.subject,
        "names": it.names,
        "issuer": it.issuer,
        "not_before": rfc3339(it.not_before),
        "not_after": rfc3339(it.not_after),
        "days_left": days_left(it.not_after),
        "key": it.key,
        "signature": it.signature,
        "serial": it.serial,
        "ca": it.is_ca,
    })
}

#[cfg(feature = "__tls")]
fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time.max(UNIX_EPOCH)).to_string()
}

/// Returns the number of whole days until a certificate expires; negative if it has expired.
#[cfg(feature = "__tls")]
pub(super) fn days_left(not_after: SystemTime) -> i64 {
    const DAY: u64 = 24 * 60 * 60;
    let days = |time: Duration| i64::try_from(time.as_secs() / DAY).unwrap_or(i64::MAX);
    match not_after.duration_since(SystemTime::now()) {
        Ok(left) => days(left),
        Err(past) => -days(past.duration()) - 1,
    }
}

//! Every description that a conversion returns is valid, and addresses keep their meaning.

use std::net::Ipv6Addr;

use strports::convert::{Form, convert};
use strports::{ClientEndpoint, Parameters, Role, ServerEndpoint, Value, check};
use strports_syntax::quote_string_argument;

use crate::meaning;

/// Checks the law: `input` is a text, which is converted from every form to every form.
pub fn holds(input: &[u8]) {
    keeps_address(input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    for role in [Role::Server, Role::Client] {
        let goal = goal(text, role);
        for form in Form::all() {
            one(text, Some(form), Form::DESCRIPTION, role);
            one(text, None, form, role);
            if let Some(goal) = &goal {
                comes_back(text, goal, form, role);
            }
        }
    }
}

fn one(text: &str, from: Option<Form>, to: Form, role: Role) {
    let conversion = convert(text, from, to, Some(role));
    let says_something = !conversion.results.is_empty() || !conversion.failures.is_empty();
    assert!(says_something, "neither a result nor a failure for {text:?}");
    let whole = conversion.losses.is_empty() && conversion.failures.is_empty();
    assert_eq!(conversion.is_whole(), whole && !conversion.results.is_empty());
    if to != Form::DESCRIPTION {
        return;
    }
    for converted in &conversion.results {
        let Some(role) = converted.role else { continue };
        let report = check(&converted.text, role);
        assert!(report.is_ok(), "{from:?} {text:?} became {:?}: {report:?}", converted.text);
    }
}

/// If a form writes a description without losses, it reads back the same port, path and host.
///
/// Other parts may differ: few forms distinguish `ssl` from `tls`, or can express every default.
fn comes_back(text: &str, expected: &Goal, form: Form, role: Role) {
    let written = convert(text, Some(Form::DESCRIPTION), form, Some(role));
    let [converted] = &written.results[..] else { return };
    if form == Form::DESCRIPTION || !written.is_whole() {
        return;
    }
    let read = convert(&converted.text, Some(form), Form::DESCRIPTION, Some(role));
    for it in read.results.iter().filter(|it| it.role == Some(role)) {
        let found = goal(&it.text, role);
        let same = found.as_ref().is_none_or(|found| found == expected);
        assert!(same, "{text:?} became {converted:?}, then {it:?}");
    }
}

/// The address of a description: its port, its path, whether that is abstract, and a client's host.
type Goal = [Option<String>; 4];

/// Returns the address of a description. `None` if it has TLS or a proxy, which few forms support.
fn goal(text: &str, role: Role) -> Option<Goal> {
    let (server, client);
    let endpoint: &dyn Parameters = match role {
        Role::Server => {
            server = ServerEndpoint::parse(text).ok()?;
            &server
        }
        Role::Client => {
            client = ClientEndpoint::parse(text).ok()?;
            &client
        }
    };
    let value = |name: &str| Some(endpoint.value(name).to_string()).filter(|it| !it.is_empty());
    let is_plain = ["tcp", "tcp6", "ssl", "tls", "unix"].contains(&endpoint.signature().name);
    let ends_here = endpoint.value("endpoint") == Value::Absent;
    let is_unix = endpoint.signature().name == "unix";
    let path = if role == Role::Server { "address" } else { "path" };
    // Some forms require `./` before a relative path, so it is removed before comparing.
    let path = value(path).filter(|_| is_unix);
    let path = path.map(|it| it.strip_prefix("./").unwrap_or(&it).to_owned());
    let host = value("host").filter(|_| role == Role::Client);
    let port = value("port").filter(|_| !is_unix);
    let is_abstract = value("abstract").filter(|_| is_unix);
    (is_plain && ends_here).then_some([port, path, is_abstract, host])
}

/// An IPv6 address in brackets is read as one host, although colons also separate other parts.
fn keeps_address(input: &[u8]) {
    // Addresses in 2000::/8 have no special meaning in any form.
    let mut octets = [0; 16];
    octets[0] = 0x20;
    octets[1..].iter_mut().zip(input).for_each(|(octet, byte)| *octet = *byte);
    let (host, port) = (Ipv6Addr::from(octets), 1 + input.len() % 65535);
    let written = quote_string_argument(&host.to_string());
    for (form, address, type_name) in [
        ("socat", format!("TCP:[{host}]:{port}"), "tcp"),
        ("socat", format!("TCP6:[{host}]:{port},nodelay"), "tcp6"),
        ("go", format!("[{host}]:{port}"), "tcp"),
    ] {
        let from = Form::from_name(form).expect("the name of a form");
        let conversion = convert(&address, Some(from), Form::DESCRIPTION, Some(Role::Client));
        let [converted] = &conversion.results[..] else { panic!("{address}: {conversion:?}") };
        let same = |text: &str| meaning(text.as_bytes(), Role::Client).expect("a valid text");
        let expected = format!("{type_name}:host={written}:port={port}");
        assert_eq!(same(&converted.text), same(&expected), "{address}");
    }
}

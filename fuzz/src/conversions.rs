//! Every description that `strports convert` writes is valid, and addresses keep their meaning.

use std::net::Ipv6Addr;

use strports::convert::{Form, convert};
use strports::{Role, check};
use strports_syntax::quote_string_argument;

use crate::meaning;

/// Checks the law on one text, from every form to every form.
pub fn holds(input: &[u8]) {
    keeps_address(input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    for role in [Role::Server, Role::Client] {
        for form in Form::all() {
            one(text, Some(form), Form::DESCRIPTION, role);
            one(text, None, form, role);
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

/// An IPv6 address in brackets stays one host, although it contains separators.
fn keeps_address(input: &[u8]) {
    // Addresses of 2000::/8 mean the same everywhere.
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

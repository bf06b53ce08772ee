//! A printed endpoint parses back to an equal endpoint. Its text has no needless escapes, and
//! printing it again changes nothing.

use arbitrary::{Arbitrary, Unstructured};
use strports_syntax::{ClientEndpoint, Parameters, ParseError, ServerEndpoint, canonical_bytes};

use crate::{parsed, shown};

/// Checks the law. The bytes are the text of a description, and also data to construct endpoints.
pub fn holds(input: &[u8]) {
    if let Ok(endpoint) = ServerEndpoint::parse(input) {
        server(&endpoint);
        assert_eq!(endpoint.clone().into_owned(), endpoint);
    }
    if let Ok(endpoint) = ClientEndpoint::parse(input) {
        client(&endpoint);
        assert_eq!(endpoint.clone().into_owned(), endpoint);
    }
    if let Ok(endpoint) = ServerEndpoint::arbitrary(&mut Unstructured::new(input)) {
        server(&endpoint);
    }
    if let Ok(endpoint) = ClientEndpoint::arbitrary(&mut Unstructured::new(input)) {
        client(&endpoint);
    }
}

fn server(endpoint: &ServerEndpoint<'_>) {
    if let ServerEndpoint::Haproxy(outer) = endpoint
        && let ServerEndpoint::Haproxy(inner) = &*outer.endpoint
    {
        let has_none = inner.proxy_trusted.is_none() && inner.proxy_version.is_none();
        assert!(has_none, "the keywords belong to the outermost wrapper: {endpoint:?}");
    }
    let canonical = canonical_bytes(endpoint);
    let again = read(ServerEndpoint::parse(&canonical), &canonical, endpoint);
    assert_eq!(again, *endpoint, "{}", shown(&canonical));
    prints(&again, &canonical);
    each_escape_is_needed(&canonical, |text| {
        ServerEndpoint::parse(text).is_ok_and(|it| it == again)
    });
}

fn client(endpoint: &ClientEndpoint<'_>) {
    if let ClientEndpoint::Haproxy(outer) = endpoint
        && let ClientEndpoint::Haproxy(inner) = &*outer.endpoint
    {
        let has_none = inner.proxy_tlvs.is_none();
        assert!(has_none, "the keywords belong to the outermost wrapper: {endpoint:?}");
    }
    let canonical = canonical_bytes(endpoint);
    let again = read(ClientEndpoint::parse(&canonical), &canonical, endpoint);
    assert_eq!(again, *endpoint, "{}", shown(&canonical));
    prints(&again, &canonical);
    each_escape_is_needed(&canonical, |text| {
        ClientEndpoint::parse(text).is_ok_and(|it| it == again)
    });
}

/// The maximum number of escapes of one text that are removed to test that they are needed.
const MOST_ESCAPES: usize = 6;

/// If one escape is removed, the canonical text has another meaning. Tries the first few escapes.
fn each_escape_is_needed(canonical: &[u8], means_the_same: impl Fn(&[u8]) -> bool) {
    let mut at = 0;
    for _ in 0..MOST_ESCAPES {
        let Some(found) = canonical[at..].iter().position(|byte| *byte == b'\\') else { return };
        let without = [&canonical[..at + found], &canonical[at + found + 1..]].concat();
        assert!(
            !means_the_same(&without),
            "a needless escape at {} in {}",
            at + found,
            shown(canonical)
        );
        at += found + 2;
    }
}

fn read<E: std::fmt::Debug>(result: Result<E, ParseError>, canonical: &[u8], endpoint: &E) -> E {
    if result.is_err() {
        eprintln!("{endpoint:?}");
    }
    parsed(result, canonical)
}

fn prints(endpoint: &(impl Parameters + ToString), canonical: &[u8]) {
    assert_eq!(shown(&canonical_bytes(endpoint)), shown(canonical), "canonical text changed");
    if let Ok(canonical) = std::str::from_utf8(canonical) {
        assert_eq!(endpoint.to_string(), canonical, "`Display` differs from the canonical text");
    }
}

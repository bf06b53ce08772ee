//! Tests of decoding and encoding PROXY headers, by vectors and by random headers.
//!
//! The vectors are the examples and rules of HAProxy's proxy-protocol.txt, what a real HAProxy
//! sent, and each way to break the format.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::net::SocketAddr;

use endpoint_runtime::Address;
use endpoint_runtime::plan::UnixName;
use endpoint_runtime::proto::proxy::{
    Command, Config, Decoded, Decoder, Header, HeaderError, Transport, Version, kind,
};
use proptest::prelude::*;
use serde_json::Value;

/// Data after the header, which looks like another header but must not be decoded.
const DATA: &[u8] = b"PROXY TCP4 \r\n";

/// One entry of `vectors/proxy.json`.
struct Vector {
    /// Where the header is from, for messages.
    from: String,
    bytes: Vec<u8>,
    /// The expected content of the header, or the expected error message.
    answer: Result<Value, String>,
}

fn vectors() -> Vec<Vector> {
    let all: Vec<Value> = serde_json::from_str(include_str!("vectors/proxy.json")).unwrap();
    let vector = |vector: &Value| Vector {
        from: vector["from"].as_str().unwrap().to_owned(),
        bytes: match vector["text"].as_str() {
            Some(text) => text.into(),
            None => from_hex(vector["hex"].as_str().unwrap()),
        },
        answer: match vector["err"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(vector["ok"].clone()),
        },
    };
    all.iter().map(vector).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Feeds pieces to a decoder, and returns the header with its length in bytes.
///
/// `None` if the header is incomplete after all pieces.
fn decode<'a>(
    mut decoder: Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<(Header, usize)>, HeaderError> {
    let mut length = 0;
    for piece in pieces {
        match decoder.feed(piece)? {
            Decoded::NeedMore { at_least } => {
                assert!(at_least > 0);
                length += piece.len();
                assert_eq!(length, decoder.seen());
            }
            Decoded::Header { header, consumed } => return Ok(Some((*header, length + consumed))),
        }
    }
    Ok(None)
}

fn decode_whole(bytes: &[u8]) -> Result<Option<(Header, usize)>, HeaderError> {
    decode(Decoder::default(), [bytes])
}

/// Compares all fields of a header with the expected ones of the vector `from`.
fn check_facts(header: &Header, facts: &Value, from: &str) {
    let text = |fact: &str| facts[fact].as_str().map(str::to_owned);
    let version = if header.version() == Version::V1 { 1 } else { 2 };
    assert_eq!(Some(version), facts["version"].as_u64(), "{from}");
    let command = if header.command() == Command::Local { "local" } else { "proxy" };
    assert_eq!(command, facts["command"].as_str().unwrap_or("proxy"), "{from}");
    let transport = header.original().map(|original| match original.transport {
        Transport::Stream => "stream",
        Transport::Datagram => "datagram",
    });
    let expected = text("transport").or(text("source").map(|_| "stream".to_owned()));
    assert_eq!(transport, expected.as_deref(), "{from}");
    assert_eq!(header.source().map(Address::to_string), text("source"), "{from}");
    assert_eq!(header.destination().map(Address::to_string), text("destination"), "{from}");
    assert_eq!(header.has_checksum(), facts["checksum"].as_bool().unwrap_or(false), "{from}");

    let tlvs = header.tlvs().map(|tlv| serde_json::json!([tlv.kind, to_hex(tlv.value)]));
    let tlvs = Value::Array(tlvs.collect());
    assert_eq!(&tlvs, facts.get("tlvs").unwrap_or(&Value::Array(Vec::new())), "{from}");
    // Each getter must return the value of its TLV; those for text only if it is UTF-8.
    let has = |kind, value: Option<&[u8]>| assert_eq!(header.tlvs().value(kind), value, "{from}");
    has(kind::ALPN, header.alpn());
    has(kind::UNIQUE_ID, header.unique_id());
    assert_eq!(header.authority().map(str::to_owned), text("authority"), "{from}");
    assert_eq!(header.network_namespace().map(str::to_owned), text("network_namespace"), "{from}");
    check_ssl(header, &facts["ssl"], from);
}

fn check_ssl(header: &Header, facts: &Value, from: &str) {
    let Some(ssl) = header.ssl() else { return assert!(facts.is_null(), "{from}") };
    assert_eq!(Some(ssl.client().into()), facts["client"].as_u64(), "{from}");
    assert_eq!(Some(ssl.verify().into()), facts["verify"].as_u64(), "{from}");
    assert_eq!(Some(ssl.is_verified()), facts["is_verified"].as_bool(), "{from}");
    let texts = [
        ("version", ssl.version()),
        ("common_name", ssl.common_name()),
        ("cipher", ssl.cipher()),
        ("signature_algorithm", ssl.signature_algorithm()),
        ("key_algorithm", ssl.key_algorithm()),
        ("group", ssl.group()),
        ("signature_scheme", ssl.signature_scheme()),
    ];
    for (name, text) in texts {
        assert_eq!(text, facts[name].as_str(), "{from}: {name}");
    }
    let certificate = ssl.tlvs().value(kind::SSL_CLIENT_CERT);
    assert_eq!(ssl.client_certificate(), certificate, "{from}");
}

#[test]
fn every_vector_is_answered() {
    let mut counts = (0, 0);
    for Vector { from, bytes, answer } in vectors() {
        match (decode_whole(&bytes), answer) {
            (Ok(Some((header, length))), Ok(facts)) => {
                assert_eq!(length, bytes.len(), "{from}");
                check_facts(&header, &facts, &from);
                counts.0 += 1;
            }
            (Err(error), Err(expected)) => {
                assert_eq!(error.to_string(), expected, "{from}");
                counts.1 += 1;
            }
            (found, expected) => panic!("{from}: {found:?} instead of {expected:?}"),
        }
    }
    assert!(counts.0 > 40 && counts.1 > 50, "{counts:?}");
}

#[test]
fn every_prefix_of_a_header_needs_more() {
    for Vector { from, bytes, .. } in vectors().into_iter().filter(|vector| vector.answer.is_ok()) {
        for end in 0..bytes.len() {
            let answer = Decoder::default().feed(&bytes[..end]);
            let Ok(Decoded::NeedMore { at_least }) = answer else {
                panic!("{from}: {answer:?} after {end} bytes");
            };
            // No more than the rest, so that a driver never reads data after the header.
            assert!((1..=bytes.len() - end).contains(&at_least), "{from}: {at_least} after {end}");
        }
    }
}

#[test]
fn data_after_a_header_is_left() {
    for Vector { from, bytes, .. } in vectors().into_iter().filter(|vector| vector.answer.is_ok()) {
        let whole = decode_whole(&bytes).unwrap();
        assert_eq!(decode_whole(&[&bytes, DATA].concat()).unwrap(), whole, "{from}");
    }
}

#[test]
fn headers_and_errors_are_the_same_in_pieces() {
    for Vector { from, mut bytes, .. } in vectors() {
        bytes.extend(DATA);
        let whole = decode_whole(&bytes);
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(decode(Decoder::default(), [first, second]), whole, "{from}: cut at {at}");
        }
        assert_eq!(decode(Decoder::default(), bytes.chunks(1)), whole, "{from}: single bytes");
    }
}

#[test]
fn a_decision_is_final() {
    for Vector { from, bytes, .. } in vectors() {
        let mut decoder = Decoder::default();
        let first = decoder.feed(&bytes);
        for more in [&b"PROXY UNKNOWN\r\n"[..], b""] {
            match (&first, decoder.feed(more)) {
                (Err(first), Err(again)) => assert_eq!(*first, again, "{from}"),
                (
                    Ok(Decoded::Header { header: first, .. }),
                    Ok(Decoded::Header { header, consumed: 0 }),
                ) => assert_eq!(*first, header, "{from}"),
                (first, again) => panic!("{from}: {again:?} after {first:?}"),
            }
        }
    }
}

#[test]
fn every_error_is_one_of_its_own() {
    let errors = vectors().into_iter().filter_map(|vector| decode_whole(&vector.bytes).err());
    let mut kinds: Vec<_> = errors.map(|error| std::mem::discriminant(&error)).collect();
    let mut different = Vec::new();
    while let Some(kind) = kinds.pop() {
        if !different.contains(&kind) {
            different.push(kind);
        }
    }
    // All errors except `WrongVersion`, which needs a decoder for only one version.
    assert_eq!(different.len(), 22);
}

#[test]
fn a_decoder_may_accept_one_version() {
    let mut config = Config::default();
    let mut decode_as = |version, bytes: &[u8]| {
        config.version = Some(version);
        decode(Decoder::new(config), bytes.chunks(1)).map(|header| header.is_some())
    };
    let one = Header::local(Version::V1).to_bytes();
    let two = Header::local(Version::V2).to_bytes();
    assert_eq!(decode_as(Version::V1, &one), Ok(true));
    assert_eq!(decode_as(Version::V2, &two), Ok(true));
    let error = decode_as(Version::V2, &one).unwrap_err();
    assert_eq!(error.to_string(), "expected a header of version 2, but found version 1");
    let error = decode_as(Version::V1, &two).unwrap_err();
    assert_eq!(error.to_string(), "expected a header of version 1, but found version 2");
}

#[test]
fn a_decoder_holds_no_more_than_its_limit() {
    let mut config = Config::default();
    config.max_length = 40;
    let header = |value: &[u8]| Header::local(Version::V2).with_tlv(0xE0, value).unwrap();
    let decode = |bytes: &[u8]| decode(Decoder::new(config), [bytes]);
    assert!(decode(&header(&[0; 37]).to_bytes()).unwrap().is_some());
    let found = HeaderError::TooLong { found: 41, limit: 40 };
    assert_eq!(decode(&header(&[0; 38]).to_bytes()), Err(found));

    let mut decoder = Decoder::default();
    assert_eq!(
        decoder.feed(&[&b"PROXY "[..], &vec![b'x'; 1 << 20]].concat()),
        Err(HeaderError::LineTooLong)
    );
    assert_eq!(decoder.seen(), 107);
}

fn any_address() -> impl Strategy<Value = Address> {
    let path = "/[a-z]{1,106}".prop_map(|path| UnixName::path(path).unwrap());
    // The NULs that pad an abstract name cannot be distinguished from its own.
    let name = prop::collection::vec(any::<u8>(), 1..=107)
        .prop_filter("ends in NUL", |name| name.last() != Some(&0))
        .prop_map(|name| UnixName::abstract_name(name).unwrap());
    prop_oneof![
        any::<SocketAddr>().prop_map(Address::Tcp),
        path.prop_map(Address::Unix),
        name.prop_map(Address::Unix),
        Just(Address::UnixUnnamed),
        Just(Address::Stdio),
    ]
}

fn any_header() -> impl Strategy<Value = Header> {
    let version = prop_oneof![Just(Version::V1), Just(Version::V2)];
    let value = || prop::collection::vec(any::<u8>(), 0..200);
    let tlvs = prop::collection::vec((any::<u8>(), value()), 0..5);
    let ssl = prop::option::of((any::<u8>(), any::<u32>(), any::<u8>(), value()));
    (version, any_address(), any_address(), tlvs, ssl, any::<bool>()).prop_map(
        |(version, source, destination, tlvs, ssl, checksum)| {
            let mut header = Header::proxied(version, &source, &destination);
            if version == Version::V1 {
                return header;
            }
            for (kind, value) in tlvs {
                // Types that the encoder reserves for itself are not added.
                header = header.clone().with_tlv(kind, &value).unwrap_or(header);
            }
            if let Some((client, verify, kind, value)) = ssl {
                header = header.with_ssl(client, verify, &[(kind, &value)]).unwrap();
            }
            if checksum { header.with_checksum() } else { header }
        },
    )
}

/// Random bytes that often begin like a header, to reach the code for later fields.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let line =
        "PROXY (TCP4|TCP6|UNKNOWN)( [0-9a-f.:+]{0,9}){0,5}\r?\n?".prop_map(String::into_bytes);
    let changed = (any_header(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(header, index, byte)| {
            let mut bytes = header.to_bytes();
            *index.get_mut(&mut bytes) = byte;
            bytes
        },
    );
    prop_oneof![line, changed, prop::collection::vec(any::<u8>(), 0..64)]
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(header in any_header()) {
        let bytes = header.to_bytes();
        let (decoded, length) = decode_whole(&[&bytes, DATA].concat()).unwrap().unwrap();
        prop_assert_eq!(length, bytes.len());
        prop_assert_eq!(decoded, header);
    }

    #[test]
    fn pieces_decode_like_the_whole(
        bytes in any_bytes(),
        cuts in prop::collection::vec(1..40_usize, 0..20),
    ) {
        let mut rest = bytes.as_slice();
        let mut pieces: Vec<&[u8]> = Vec::new();
        for cut in cuts {
            let (piece, left) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = left;
        }
        pieces.push(rest);
        let whole = decode_whole(&bytes);
        prop_assert_eq!(decode(Decoder::default(), pieces), whole.clone());
        prop_assert_eq!(decode(Decoder::default(), bytes.chunks(1)), whole.clone());
        if let Ok(Some((header, _))) = whole {
            let again = decode_whole(&header.to_bytes()).unwrap().unwrap().0;
            prop_assert_eq!(again, header);
        }
    }
}

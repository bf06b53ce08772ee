//! Laws of PROXY headers. The decoder agrees with the model, however the bytes are split, and with
//! the crate `proxy-header`. Decoding is the inverse of encoding. Networks of trusted senders have
//! one spelling.

use std::net::{IpAddr, SocketAddr};

use endpoint_runtime::Address;
use endpoint_runtime::plan::UnixName;
use endpoint_runtime::proto::proxy::{
    Command, Config, Decoded, Decoder, EncodeError, Header, HeaderError, Transport, Version, kind,
};
use proxy_header::{ParseConfig, ProxyHeader};
use strports_syntax::value::Networks;

use crate::model::proxy as model;

/// Feeds the decoder these pieces. Returns the header with its length, or `None` if more bytes are
/// needed.
fn decode<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<Option<(Box<Header>, usize)>, HeaderError> {
    let mut decoder = Decoder::default();
    let mut length = 0;
    for piece in pieces {
        match decoder.feed(piece)? {
            Decoded::NeedMore { at_least } => assert!(at_least > 0),
            Decoded::Header { header, consumed } => return Ok(Some((header, length + consumed))),
        }
        length += piece.len();
        assert_eq!(decoder.seen(), length, "what needs more belongs to the header");
    }
    Ok(None)
}

/// Checks the law. The first byte determines how the other bytes are split into pieces.
///
/// # Panics
///
/// Panics if the law does not hold.
pub fn holds(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else { return };
    if let Some(bits) = bytes.first() {
        network(*size, *bits);
    }
    let whole = decode([bytes].into_iter());
    assert_eq!(decode(bytes.chunks(1)), whole);
    assert_eq!(decode(bytes.chunks(usize::from(*size).max(1))), whole);
    let expected = model::decode(bytes);
    match (&whole, &expected) {
        (Err(_), Err(model::NoHeader)) => return,
        // Addresses and TLVs are checked only once the header is complete, and a line at its end.
        (Ok(None), Ok(None)) => return needs_what_it_reads(bytes),
        (Ok(Some((header, length))), Ok(Some(expected))) => {
            assert_eq!(facts(header, *length), *expected);
        }
        _ => panic!("{whole:?}, and for the model {expected:?}"),
    }
    let Ok(Some((header, length))) = whole else { return };
    for end in 0..length {
        assert_eq!(decode([&bytes[..end]].into_iter()), Ok(None), "a prefix needs more");
    }
    agrees(&header, length, bytes);
    configured(&header, length, bytes);
    forwarded(&header);
    proxied(&header);
    about_tls(&header);
    let encoded = header.to_bytes();
    let length = encoded.len();
    assert_eq!(decode([encoded.as_slice()].into_iter()), Ok(Some((header, length))));
}

/// The text of a network is an address, optionally with `/` and a prefix length in decimal digits.
fn network(first: u8, second: u8) {
    const ADDRESSES: [(&str, u16); 3] = [("192.0.2.0", 32), ("2001:db8::", 128), ("192.0.2", 0)];
    const MARKS: [&str; 8] = ["/", "/+", "/-", "/ ", "//", "/0x", "/_", "/1,"];
    let (address, width) = ADDRESSES[usize::from(first) % ADDRESSES.len()];
    let mark = MARKS[usize::from(first / 3) % MARKS.len()];
    let bits = u16::from(second);
    let is_network = mark == "/" && bits <= width && width > 0;
    let text = format!("{address}{mark}{bits}");
    assert_eq!(Networks::new(text.as_str()).is_some(), is_network, "{text}");
    assert_eq!(Networks::new(address).is_some(), width > 0, "{address}");
}

/// A decoder that is configured for one version or a maximum length refuses other headers.
fn configured(header: &Header, length: usize, bytes: &[u8]) {
    let decode = |version, max_length| {
        let mut config = Config::default();
        (config.version, config.max_length) = (version, max_length);
        Decoder::new(config).feed(bytes).map(|it| matches!(it, Decoded::Header { .. }))
    };
    for expected in [Version::V1, Version::V2] {
        let is_same = header.version() == expected;
        let result = if is_same { Ok(true) } else { Err(HeaderError::WrongVersion { expected }) };
        assert_eq!(decode(Some(expected), u16::MAX), result);
    }
    if header.version() == Version::V2 {
        let found = u16::try_from(length - 16).expect("the length of a header has 16 bits");
        assert_eq!(decode(None, found), Ok(true));
        if let Some(limit) = found.checked_sub(1) {
            assert_eq!(decode(None, limit), Err(HeaderError::TooLong { found, limit }));
        }
    }
}

/// A new header can take the TLVs of a received one. They follow its own TLVs, which have priority.
fn forwarded(received: &Header) {
    let one = Header::local(Version::V1);
    let forwarded = one.clone().with_tlvs_of(received);
    let has_some = received.tlvs().next().is_some();
    assert_eq!(forwarded, if has_some { Err(EncodeError::Version1) } else { Ok(one) });
    let two = Header::local(Version::V2).with_tlv(kind::AUTHORITY, b"ours").expect("it is short");
    let header = two.with_tlvs_of(received).expect("a received header is shorter than the limit");
    let mut expected = vec![(kind::AUTHORITY, b"ours".to_vec())];
    let new = received.tlvs().filter(|tlv| tlv.kind != kind::AUTHORITY);
    expected.extend(new.map(|tlv| (tlv.kind, tlv.value.to_vec())));
    let bytes = header.to_bytes();
    let Ok(Some(decoded)) = model::decode(&bytes) else {
        return assert!(bytes.len() > 4096 + 16, "what was written is no header");
    };
    assert_eq!((decoded.tlvs, decoded.has_checksum, decoded.is_local), (expected, true, true));
    for length in [128, 129] {
        let long = Header::local(Version::V2).with_tlv(kind::UNIQUE_ID, &vec![7; length]);
        assert_eq!(long.is_ok(), length == 128, "ids have at most 128 bytes");
    }
}

/// An encoded header has both addresses in one family, or no addresses.
fn proxied(header: &Header) {
    let mut addresses = vec![
        Address::Tcp(([192, 0, 2, 7], 80).into()),
        Address::Tcp("[2001:db8::7]:443".parse().expect("an address")),
        Address::Tcp("[::ffff:192.0.2.9]:1".parse().expect("an address")),
        Address::UnixUnnamed,
        Address::Unix(UnixName::path("/run/a").expect("it is short")),
        Address::Unix(UnixName::abstract_name("a").expect("it is short")),
        Address::Stdio,
    ];
    addresses.extend(header.source().into_iter().chain(header.destination()).cloned());
    for version in [Version::V1, Version::V2] {
        for source in &addresses {
            for destination in &addresses {
                let bytes = Header::proxied(version, source, destination).to_bytes();
                let found = model::decode(&bytes).ok().flatten().expect("a header");
                let expected = match (source, destination) {
                    (Address::Tcp(source), Address::Tcp(destination)) => {
                        let [one, other] = in_one_family(*source, *destination);
                        Some((false, Address::Tcp(one), Address::Tcp(other)))
                    }
                    (
                        Address::Unix(_) | Address::UnixUnnamed,
                        Address::Unix(_) | Address::UnixUnnamed,
                    ) if version == Version::V2 => {
                        Some((false, source.clone(), destination.clone()))
                    }
                    _ => None,
                };
                let is_local = expected.is_none() && version == Version::V2;
                assert_eq!((found.original, found.is_local), (expected, is_local));
                assert_eq!(found.length, bytes.len());
            }
        }
    }
}

/// Returns both addresses as IPv4 if that is possible, and otherwise both as IPv6.
fn in_one_family(source: SocketAddr, destination: SocketAddr) -> [SocketAddr; 2] {
    let ips = [source.ip().to_canonical(), destination.ip().to_canonical()];
    let are_v4 = ips.iter().all(IpAddr::is_ipv4);
    let written = ips.map(|ip| match ip {
        IpAddr::V4(it) if !are_v4 => it.to_ipv6_mapped().into(),
        ip => ip,
    });
    [SocketAddr::new(written[0], source.port()), SocketAddr::new(written[1], destination.port())]
}

/// The TLV about TLS has flags of the client, the result of the verification, and texts.
fn about_tls(header: &Header) {
    let value = header.tlvs().find(|tlv| tlv.kind == kind::SSL).map(|tlv| tlv.value.to_vec());
    let Some(value) = value else { return assert!(header.ssl().is_none()) };
    let (ssl, [client, a, b, c, d, tlvs @ ..]) = (header.ssl(), &value[..]) else {
        panic!("{value:?} is too short")
    };
    let ssl = ssl.expect("it is long enough");
    let verify = u32::from_be_bytes([*a, *b, *c, *d]);
    assert_eq!((ssl.client(), ssl.verify()), (*client, verify));
    let has_certificate = client & 6 != 0;
    assert_eq!((ssl.is_tls(), ssl.has_certificate()), (client & 1 != 0, has_certificate));
    assert_eq!(ssl.is_verified(), has_certificate && verify == 0);
    let mut rest = tlvs;
    for tlv in ssl.tlvs() {
        let [kind, high, low, behind @ ..] = rest else { panic!("{tlv:?} is invented") };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        assert_eq!((tlv.kind, Some(tlv.value)), (*kind, behind.get(..length)));
        rest = &behind[length..];
    }
}

/// No valid header that begins with these bytes is shorter than the decoder's `at_least`.
fn needs_what_it_reads(bytes: &[u8]) {
    let mut decoder = Decoder::default();
    let Ok(Decoded::NeedMore { at_least }) = decoder.feed(bytes) else { return };
    let ends: [&[u8]; 8] = [
        b"\r\n",
        b"\n",
        b"1\r\n",
        b"1 1\r\n",
        b"1.1.1.1 1 1\r\n",
        b" ::1 1 1\r\n",
        b"UNKNOWN\r\n",
        &[0; 300],
    ];
    for end in ends {
        let text = [bytes, end].concat();
        if let Ok(Some(header)) = model::decode(&text) {
            assert!(bytes.len() + at_least <= header.length, "{at_least} more are too many");
        }
    }
}

fn facts(header: &Header, length: usize) -> model::Header {
    let original = header.original().map(|it| {
        let is_datagram = it.transport == Transport::Datagram;
        (is_datagram, it.source.clone(), it.destination.clone())
    });
    model::Header {
        length,
        version: if header.version() == Version::V1 { 1 } else { 2 },
        is_local: header.command() == Command::Local,
        original,
        tlvs: header.tlvs().map(|tlv| (tlv.kind, tlv.value.to_vec())).collect(),
        has_checksum: header.has_checksum(),
    }
}

/// Returns headers of every shape, each followed by data.
pub fn samples() -> Vec<Vec<u8>> {
    let mut headers: Vec<Vec<u8>> = Vec::new();
    for line in [
        "UNKNOWN",
        "UNKNOWN anything  at all",
        "TCP4 192.0.2.1 198.51.100.2 1 65535",
        "TCP4 192.0.2.1 198.51.100.2 01 65536",
        "TCP4 2001:db8::1 198.51.100.2 1 2",
        "TCP6 2001:db8::1 ::ffff:192.0.2.1 0 443",
        "TCP6 192.0.2.1 ::1 0 443",
        "TCP4 192.0.2.1 198.51.100.2 1 2 3",
        "TCP6 ::1 ::2 1",
        "UDP4 192.0.2.1 198.51.100.2 1 2",
    ] {
        headers.push(format!("PROXY {line}\r\n").into_bytes());
    }
    for length in 106..=108 {
        headers
            .push([b"PROXY UNKNOWN ".to_vec(), vec![b'x'; length - 16], b"\r\n".to_vec()].concat());
    }
    let mut unix = vec![0; 216];
    unix[..6].copy_from_slice(b"/run/a");
    unix[108..114].copy_from_slice(b"\0name\0");
    let mut long = vec![b'/'; 216];
    long[107] = 0;
    let tlvs: [&[u8]; 10] = [
        b"",
        b"\x01\0\x02h2\x04\0\0\x02\0\x04host",
        b"\x05\0\x02id\xe0\x01\0",
        b"\x20\0\x0c\x07\0\0\0\0\x21\0\x04TLSv",
        b"\x20\0\x05\x01\0\0\0\0\x02\0\x04host",
        b"\x20\0\x05\x02\0\0\0\x01",
        b"\x20\0\x04\x07\0\0\0",
        b"\x03\0\x03abc",
        b"\x02\0\x09short",
        b"\x02\0",
    ];
    let blocks = [Vec::new(), (1..13).collect(), (1..37).collect(), unix, long];
    for command in [0x20, 0x21, 0x22, 0x11] {
        for (family, block) in
            [0_u8, 1, 2, 3, 3, 4].into_iter().zip(blocks.iter().chain([&blocks[0]]))
        {
            for transport in 0..=3 {
                for tlvs in tlvs {
                    headers.push(binary(command, family << 4 | transport, block, tlvs, false));
                }
                headers.push(binary(command, family << 4 | transport, block, tlvs[1], true));
            }
        }
    }
    // A header with two checksums is refused.
    headers.push(binary(0x21, 0x11, &blocks[1], b"\x03\0\x04\0\0\0\0", true));
    for length in [128, 129] {
        let id = [&[5, 0, length][..], &vec![7; usize::from(length)]].concat();
        headers.push(binary(0x21, 0x11, &blocks[1], &id, true));
    }
    for length in [4096 - 12 - 3, 4097 - 12 - 3_u16] {
        let tlv = [&[0xe1][..], &length.to_be_bytes(), &vec![7; usize::from(length)]].concat();
        headers.push(binary(0x21, 0x11, &blocks[1], &tlv, false));
    }
    headers.into_iter().map(|it| [b"\x05".to_vec(), it, b"data".to_vec()].concat()).collect()
}

/// Writes a header of version 2, which may be invalid.
fn binary(command: u8, family: u8, block: &[u8], tlvs: &[u8], has_checksum: bool) -> Vec<u8> {
    let checksum: &[u8] = if has_checksum { &[3, 0, 4, 0, 0, 0, 0] } else { &[] };
    let length = block.len() + tlvs.len() + checksum.len();
    let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let start = b"\r\n\r\n\0\r\nQUIT\n";
    let mut header = [&start[..], &[command, family], &length, block, tlvs, checksum].concat();
    if has_checksum {
        let sum = model::crc32c(&header).to_be_bytes();
        let at = header.len() - 4;
        header[at..].copy_from_slice(&sum);
    }
    header
}

/// The crate `proxy-header` decodes every header that this project accepts, with the same result.
/// It accepts more than the format allows (`+443`, lines over 107 bytes), but no UNIX sockets.
fn agrees(header: &Header, length: usize, bytes: &[u8]) {
    let (Some(Address::Tcp(source)), Some(Address::Tcp(destination))) =
        (header.source(), header.destination())
    else {
        return;
    };
    let (theirs, their_length) = ProxyHeader::parse(bytes, ParseConfig::default())
        .unwrap_or_else(|error| panic!("{header:?}, and for proxy-header {error}"));
    let proxied = theirs.proxied_address().map(|it| (it.source, it.destination));
    assert_eq!((proxied, their_length), (Some((*source, *destination)), length));
}

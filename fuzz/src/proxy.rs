//! PROXY headers: the result does not depend on how the bytes are split, decoding inverts encoding,
//! and the crate `proxy-header` agrees.

use endpoint_runtime::Address;
use endpoint_runtime::proto::proxy::{Decoded, Decoder, Header, HeaderError};
use proxy_header::{ParseConfig, ProxyHeader};

/// The decoder's result after these pieces: the header and its length.
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

/// Checks the law; the first byte determines how the others are split.
///
/// # Panics
///
/// Panics if the law does not hold.
pub fn holds(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else { return };
    let whole = decode([bytes].into_iter());
    assert_eq!(decode(bytes.chunks(1)), whole);
    assert_eq!(decode(bytes.chunks(usize::from(*size).max(1))), whole);
    let Ok(Some((header, length))) = whole else { return };
    for end in 0..length {
        assert_eq!(decode([&bytes[..end]].into_iter()), Ok(None), "a prefix needs more");
    }
    agrees(&header, length, bytes);
    let encoded = header.to_bytes();
    let length = encoded.len();
    assert_eq!(decode([encoded.as_slice()].into_iter()), Ok(Some((header, length))));
}

/// The crate `proxy-header` accepts every header that this project accepts, with the same result.
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

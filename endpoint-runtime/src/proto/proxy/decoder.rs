//! Decodes a PROXY header from bytes that arrive in pieces.

use super::error::HeaderError;
use super::header::Header;
use super::v1::{self, Line};
use super::v2;
use super::{MAX_LENGTH, Version};

/// What a [`Decoder`] accepts: which versions, and how long a header.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::proxy::{Config, Decoder, Version};
///
/// let mut config = Config::default();
/// config.version = Some(Version::V2);
/// let mut decoder = Decoder::new(config);
/// assert!(decoder.feed(b"PROXY UNKNOWN\r\n").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The only version to accept; `None` accepts both.
    pub version: Option<Version>,
    /// The longest header of version 2, in bytes after the first 16. It bounds the memory of a
    /// decoder.
    pub max_length: u16,
}

impl Default for Config {
    /// Accepts both versions, with [`MAX_LENGTH`].
    fn default() -> Self {
        Self { version: None, max_length: MAX_LENGTH }
    }
}

/// What a [`Decoder`] returns for a piece of the input.
///
/// See [`Decoder`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decoded {
    /// The header is incomplete. All bytes so far belong to it.
    NeedMore {
        /// The minimum number of missing bytes, at least one. A driver that reads no more than this
        /// never reads beyond the header.
        at_least: usize,
    },
    /// The header is complete.
    Header {
        /// The decoded header.
        header: Box<Header>,
        /// The number of bytes of the last piece that belong to the header. The rest is data.
        consumed: usize,
    },
}

/// A state machine that decodes the PROXY header at the beginning of one connection.
///
/// 1. Call [`feed`](Self::feed) with no bytes: the result is the number of bytes to read first.
/// 2. After [`NeedMore`](Decoded::NeedMore), read and feed again. After
///    [`Header`](Decoded::Header), return the bytes that were not consumed to the connection.
/// 3. After an error, drop the connection. Do the same if it ends before the header is complete, or
///    if [`HEADER_TIMEOUT`](super::HEADER_TIMEOUT) passes.
///
/// The result does not depend on how the bytes are split into pieces. Errors are detected at the
/// first wrong byte. Lines of version 1, addresses and TLVs are exceptions: they are parsed when
/// they are complete. After a header or an error, further calls return the same result.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::proxy::{Decoded, Decoder};
///
/// let mut decoder = Decoder::default();
/// assert_eq!(decoder.feed(b"PROXY UNKNOW")?, Decoded::NeedMore { at_least: 3 });
/// let Decoded::Header { header, consumed } = decoder.feed(b"N\r\nGET /")? else { panic!() };
/// assert_eq!((header.original(), consumed), (None, 3));
/// # Ok::<(), endpoint_runtime::proto::proxy::HeaderError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    config: Config,
    /// The bytes of the header so far, and none after it.
    seen: Vec<u8>,
    /// The result, once the header is complete or invalid.
    end: Option<Result<Box<Header>, HeaderError>>,
}

impl Decoder {
    /// Creates a decoder without input.
    pub fn new(config: Config) -> Self {
        Self { config, seen: Vec::new(), end: None }
    }

    /// How many bytes of the header the decoder has taken so far.
    pub fn seen(&self) -> usize {
        self.seen.len()
    }

    /// Decodes the next bytes of the connection.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not a header (`GET / HTTP/1.1`), if its version is not
    /// accepted, or if it violates the format (`PROXY TCP4 1.2.3.4\r\n`).
    pub fn feed(&mut self, piece: &[u8]) -> Result<Decoded, HeaderError> {
        let mut rest = piece;
        let end = loop {
            if let Some(end) = &self.end {
                break end;
            }
            match self.step() {
                Ok(Step::NeedMore(at_least)) if rest.is_empty() => {
                    return Ok(Decoded::NeedMore { at_least });
                }
                Ok(Step::NeedMore(at_least)) => {
                    let (taken, left) = rest.split_at(at_least.min(rest.len()));
                    self.seen.extend(taken);
                    rest = left;
                }
                Ok(Step::Header(header)) => self.end = Some(Ok(Box::new(header))),
                Err(error) => self.end = Some(Err(error)),
            }
        };
        let consumed = piece.len() - rest.len();
        end.clone().map(|header| Decoded::Header { header, consumed })
    }

    /// Decodes the bytes so far from the beginning. After an error, more would not change it.
    fn step(&self) -> Result<Step, HeaderError> {
        let seen = self.seen.as_slice();
        if starts_alike(seen, v1::START) {
            if seen.len() < v1::START.len() {
                return Ok(Step::NeedMore(v1::MIN_LINE - seen.len()));
            }
            self.check_version(Version::V1)?;
            return match v1::end(seen)? {
                Line::Whole(length) => v1::parse(&seen[..length - 2]).map(Step::Header),
                Line::Partial(at_least) => Ok(Step::NeedMore(at_least)),
            };
        }
        let signature = v2::SIGNATURE.as_slice();
        if !starts_alike(seen, signature) {
            return Err(not_proxy(seen));
        }
        if seen.len() >= signature.len() {
            self.check_version(Version::V2)?;
        }
        let length = v2::check_fixed(seen, self.config.max_length)?.unwrap_or(v2::FIXED);
        match length.checked_sub(seen.len()) {
            Some(missing @ 1..) => Ok(Step::NeedMore(missing)),
            // No byte is missing, so `length` is that of the whole header.
            _ => v2::parse(seen).map(Step::Header),
        }
    }

    fn check_version(&self, found: Version) -> Result<(), HeaderError> {
        match self.config.version {
            Some(expected) if expected != found => Err(HeaderError::WrongVersion { expected }),
            _ => Ok(()),
        }
    }
}

/// The result of decoding the bytes so far.
enum Step {
    /// The header is incomplete: at least so many bytes are missing.
    NeedMore(usize),
    Header(Header),
}

/// Whether one of the two is a prefix of the other.
fn starts_alike(seen: &[u8], start: &[u8]) -> bool {
    seen.iter().zip(start).all(|(a, b)| a == b)
}

/// The error for bytes that fit neither version, at the first one that does not.
///
/// The versions differ in their first byte already, so the one that fits longer is meant.
fn not_proxy(seen: &[u8]) -> HeaderError {
    let longest = |start: &[u8]| seen.iter().zip(start).take_while(|(a, b)| a == b).count();
    let at = longest(v1::START).max(longest(v2::SIGNATURE));
    HeaderError::NotProxy { at: at + 1, found: seen.get(at).copied().unwrap_or_default() }
}

//! From bytes, in any pieces, to a header.

use super::error::HeaderError;
use super::header::Header;
use super::v1::{self, Line};
use super::v2;
use super::{MAX_LENGTH, Version};

/// What a decoder takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The one version to take; `None` takes both.
    pub version: Option<Version>,
    /// The longest header of version 2, in bytes after the first 16: the memory that a sender can
    /// claim.
    pub max_length: u16,
}

impl Default for Config {
    /// Both versions, [`MAX_LENGTH`].
    fn default() -> Self {
        Self { version: None, max_length: MAX_LENGTH }
    }
}

/// What a decoder answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decoded {
    /// The header goes on. All bytes so far belong to it.
    NeedMore {
        /// So many bytes are still missing for sure, one at least: a driver that reads no more than
        /// these never reads what comes after the header.
        at_least: usize,
    },
    /// The header is whole.
    Header {
        /// What it says.
        header: Box<Header>,
        /// How many bytes of the last piece belong to it; the rest is the connection's data.
        consumed: usize,
    },
}

/// Reads one header.
///
/// 1. [`feed`](Self::feed) nothing: the answer says how much to read for a start.
/// 2. On [`NeedMore`](Decoded::NeedMore), read and feed again. On [`Header`](Decoded::Header),
///    leave what was not consumed to the connection.
/// 3. On an error, drop the connection; likewise if it ends, or if
///    [`HEADER_TIMEOUT`](super::HEADER_TIMEOUT) passes, before there is a header.
///
/// How the bytes are cut into pieces changes neither the header nor the error. A mistake is found
/// at its first byte, but for what stands in a line or among addresses and TLVs: these are read
/// when they are whole. After a header or an error, the decoder stands still and says the same
/// again.
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
    seen: Vec<u8>,
    end: Option<Result<Box<Header>, HeaderError>>,
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub fn new(config: Config) -> Self {
        Self { config, seen: Vec::new(), end: None }
    }

    /// How many bytes of the header were seen.
    pub fn seen(&self) -> usize {
        self.seen.len()
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// Bytes that are no header (`GET / HTTP/1.1`), a header of a version that is not taken, and
    /// each way to break the format (`PROXY TCP4 1.2.3.4\r\n`).
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

    /// Decides by all that was seen. Once this is an error, it stays one whatever follows.
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
            // The fixed part is there, and may be all there is.
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

enum Step {
    NeedMore(usize),
    Header(Header),
}

/// Whether one of the two begins with the other.
fn starts_alike(seen: &[u8], start: &[u8]) -> bool {
    seen.iter().zip(start).all(|(a, b)| a == b)
}

/// Names the byte that fits neither beginning; they differ in the first one.
fn not_proxy(seen: &[u8]) -> HeaderError {
    let longest = |start: &[u8]| seen.iter().zip(start).take_while(|(a, b)| a == b).count();
    let at = longest(v1::START).max(longest(v2::SIGNATURE));
    HeaderError::NotProxy { at: at + 1, found: seen.get(at).copied().unwrap_or_default() }
}

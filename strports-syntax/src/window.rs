//! Finds the delimiters of a text in windows of 64 bytes, as one bit for each byte.
//!
//! A [`Cursor`] scans a window once, eight bytes at a time, and then moves from bit to bit. Short
//! arguments in one window are therefore not scanned again, and cause no mispredicted branches.
//! Plain `u64` arithmetic works on every machine; `memchr` does not pay off for arguments of about
//! ten bytes.

#![expect(
    clippy::inline_always,
    reason = "one fused loop: left to the compiler, it costs several times as much"
)]

use crate::escape::RawText;

/// The size of a window in bytes: one for each bit of a `u64`.
const WIDTH: usize = 64;

/// A position in a text, with bit masks of the delimiters in the window around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    /// The byte offset of the position in the text.
    at: usize,
    /// The byte offset in the text at which the window begins.
    base: usize,
    /// The stops in the window that are not passed yet: `:`, `=`, `\`, and the end of the text.
    /// After the first `\` was met, only unescaped `:` and `=` and the end. Some bits are false
    /// positives.
    stops: u64,
    /// Each `\` in the window that escapes the next byte, from the first one that was met.
    escapes: u64,
}

impl<'a> Cursor<'a> {
    /// Places the cursor at the beginning of `text`, and scans the first window.
    #[inline(always)]
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, base: 0, stops: stops(text), escapes: 0 }
    }

    /// The whole text, including the bytes before the position.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The byte offset of the position in the text.
    #[inline(always)]
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Takes the bytes up to an unescaped `:`, up to an unescaped `=` if `equals_ends`, or up to
    /// the end.
    ///
    /// Returns `None` if the text ends in an unescaped `\`. Must not be called after the end has
    /// been passed.
    #[inline(always)]
    pub(crate) fn run(&mut self, equals_ends: bool) -> Option<RawText<'a>> {
        let mut escaped = false;
        let end = loop {
            if self.stops == 0 {
                escaped |= self.escapes != 0;
                self.advance()?;
                continue;
            }
            let stop = self.base + self.stops.trailing_zeros() as usize;
            match self.text.get(stop) {
                None | Some(b':') => break stop,
                Some(b'=') if equals_ends => break stop,
                Some(b'\\') => self.find_escapes(),
                // A `=` in a value, or a false positive: clears its bit.
                Some(_) => self.stops &= self.stops - 1,
            }
        };
        // Only escapes before the stop are in this run; the others belong to later text.
        if self.escapes != 0 {
            let before = (self.stops - 1) & !self.stops;
            escaped |= self.escapes & before != 0;
            self.escapes &= !before;
        }
        let bytes = self.text.get(self.at..end)?;
        self.at = end;
        Some(if escaped { RawText::Escaped(bytes) } else { RawText::Plain(bytes) })
    }

    /// The byte at which [`run`](Self::run) stopped; `None` at the end of the text.
    #[inline(always)]
    pub(crate) fn delimiter(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Whether the end of the text was passed, so that no run is left.
    #[inline(always)]
    pub(crate) const fn is_behind_end(&self) -> bool {
        self.at > self.text.len()
    }

    /// Skips the delimiter at which [`run`](Self::run) stopped, or the end of the text.
    #[inline(always)]
    pub(crate) const fn pass(&mut self) {
        self.at += 1;
        self.stops &= self.stops.wrapping_sub(1);
    }

    /// Moves to the next window; `None` if the text ends before it, which a trailing `\` causes.
    #[inline(always)]
    fn advance(&mut self) -> Option<()> {
        // A `\` at the end of a window escapes the next byte, so the next window begins after it.
        let escape_at_end = self.escapes >> (WIDTH - 1);
        self.base += WIDTH + usize::from(escape_at_end != 0);
        self.escapes = 0;
        self.stops = later_stops(self.text, self.base);
        (self.base <= self.text.len()).then_some(())
    }

    /// Finds which `\` of the window are escapes, and removes escaped bytes from the stops.
    ///
    /// If a trailing `\` escapes the end of the text, the stop there is removed too.
    #[inline(always)]
    fn find_escapes(&mut self) {
        let backslashes = backslashes(self.text, self.base);
        let escaped = escaped(backslashes);
        self.stops &= !(backslashes | escaped);
        self.escapes = backslashes & !escaped;
    }
}

/// Marks the bytes that `backslashes` escape: every second one after the start of a run.
///
/// One addition handles all runs: the carry out of a run lands after it and shows whether the run
/// began at an even offset. The method is from simdjson; there an escape can reach into the next
/// window, here it cannot.
const fn escaped(backslashes: u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let behind = backslashes << 1;
    let begins_odd = backslashes & !EVEN & !behind;
    let ends_of_even = begins_odd.wrapping_add(backslashes) << 1;
    (EVEN ^ ends_of_even) & behind
}

/// The stops of the window at the offset `base`, for windows after the first one.
///
/// It is not inlined because short texts do not need it. It takes values instead of a reference to
/// the cursor, so that the cursor stays in registers.
#[inline(never)]
fn later_stops(text: &[u8], base: usize) -> u64 {
    text.get(base..).map_or(0, stops)
}

/// Marks the stops in the first 64 bytes of `text`, and the end of the text if it is there.
///
/// Compares seven bits of each byte, and treats `:` to `=` as one range. `;`, `<` and some
/// non-ASCII bytes are therefore false positives, which [`Cursor::run`] skips. An exact test would
/// need half as many instructions again, and such bytes are rare.
#[inline(always)]
fn stops(text: &[u8]) -> u64 {
    let stops = mask(text, |word| {
        let seven = word & repeat(0x7f);
        // Sets the high bit of each byte that is at least `byte`: two such masks bound a range.
        let from = |byte| seven + repeat(0x80 - byte);
        from(b':') ^ from(b'=' + 1) ^ from(b'\\') ^ from(b'\\' + 1)
    });
    stops | if text.len() < WIDTH { 1 << text.len() } else { 0 }
}

/// Marks each `\` in the window at the offset `base`, without false positives.
///
/// It is not inlined and takes values, like [`later_stops`]: most windows have no backslash.
#[inline(never)]
fn backslashes(text: &[u8], base: usize) -> u64 {
    mask(text.get(base..).unwrap_or_default(), |word| {
        // The sum of seven bits and 0x7f never carries into the next byte.
        let other = ((word & repeat(0x7f)) ^ repeat(b'\\')) + repeat(0x7f);
        !(other | word)
    })
}

/// Gathers one bit for each byte of the window: the high bit that `marks` sets in the byte.
///
/// `marks` receives eight bytes as a little-endian word. It must not mark a zero byte, because the
/// last word may be padded with zeros.
#[inline(always)]
fn mask(text: &[u8], marks: impl Fn(u64) -> u64) -> u64 {
    let mut mask = 0;
    let mut rest = text;
    for shift in (0..WIDTH).step_by(8) {
        let Some((word, behind)) = rest.split_first_chunk() else {
            // Fewer than eight bytes are left: reads them in a word that overlaps the previous one
            // if the text is long enough.
            let last = match text.last_chunk() {
                Some(word) => bits(marks(u64::from_le_bytes(*word))) >> (8 - rest.len()),
                None => bits(marks(short_word(rest))),
            };
            return mask | last << shift;
        };
        mask |= bits(marks(u64::from_le_bytes(*word))) << shift;
        rest = behind;
    }
    mask
}

/// Gathers the high bits of the eight bytes of a word in the low byte of the result.
#[inline(always)]
const fn bits(word: u64) -> u64 {
    // Bit 8i + 7 times bit 49 - 7i is bit 56 + i; no other products reach these bits.
    (word & repeat(0x80)).wrapping_mul(0x0002_0408_1020_4081) >> 56
}

/// A word of eight equal bytes.
const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Reads up to seven bytes as a little-endian word padded with zeros, without a loop.
#[inline(always)]
fn short_word(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let tail = u64::from(u32::from_le_bytes(*tail)) << ((len - 4) * 8);
        return u64::from(u32::from_le_bytes(*head)) | tail;
    }
    match *bytes {
        [a, b, c] => u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]),
        [a, b] => u64::from_le_bytes([a, b, 0, 0, 0, 0, 0, 0]),
        [a] => u64::from(a),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference implementation: finds runs byte by byte.
    ///
    /// Returns the end of each run and whether it has escapes; `None` for a trailing backslash.
    fn naive(text: &[u8], equals_ends: bool) -> std::vec::Vec<Option<(usize, bool)>> {
        let (mut runs, mut at, mut escaped) = (std::vec::Vec::new(), 0, false);
        loop {
            match text.get(at) {
                Some(b'\\') if at + 1 == text.len() => {
                    runs.push(None);
                    return runs;
                }
                Some(b'\\') => (at, escaped) = (at + 2, true),
                Some(b'=') if !equals_ends => at += 1,
                None | Some(b':' | b'=') => {
                    runs.push(Some((at, escaped)));
                    (at, escaped) = (at + 1, false);
                    if at > text.len() {
                        runs.push(None);
                        return runs;
                    }
                }
                Some(_) => at += 1,
            }
        }
    }

    fn assert_as_naive(text: &[u8]) {
        for equals_ends in [false, true] {
            let mut cursor = Cursor::new(text);
            for expected in naive(text, equals_ends) {
                let start = cursor.at();
                let found = cursor.run(equals_ends);
                let found = found.map(|run| {
                    assert_eq!(run.bytes(), &text[start..cursor.at()]);
                    (cursor.at(), matches!(run, RawText::Escaped(_)))
                });
                assert_eq!(found, expected, "{}", text.escape_ascii());
                cursor.pass();
            }
        }
    }

    #[test]
    fn runs_agree_with_a_byte_loop_at_every_offset() {
        for len in 0..150 {
            let mut bytes = std::vec![b'x'; len];
            assert_as_naive(&bytes);
            for at in 0..len {
                for special in *b":=\\" {
                    bytes[at] = special;
                    // Bytes that differ in one bit show errors in carries and borrows.
                    for neighbor in [special ^ 0x80, special ^ 1, b'\\', b':', 0, 0x7f, 0xff] {
                        if let Some(byte) = bytes.get_mut(at + 1) {
                            *byte = neighbor;
                        }
                        assert_as_naive(&bytes);
                    }
                    bytes[at..].fill(b'x');
                }
            }
        }
    }

    #[test]
    fn rows_of_backslashes_agree_with_a_byte_loop_across_windows() {
        for before in 0..70 {
            for row in 0..140 {
                for behind in [&b""[..], b":", b"a:\\:b", b"=\\\\:"] {
                    let text = [&b"x".repeat(before)[..], &b"\\".repeat(row), behind].concat();
                    assert_as_naive(&text);
                }
            }
        }
    }

    #[test]
    fn random_bytes_agree_with_a_byte_loop() {
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let mut next = |limit: usize| {
                state =
                    state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                usize::try_from(state >> 33).unwrap() % limit
            };
            let text: std::vec::Vec<u8> =
                (0..next(200)).map(|_| b"\\\\\\:=a\\;<]\x00\xba\xdc"[next(13)]).collect();
            assert_as_naive(&text);
        }
    }

    #[test]
    fn short_words_hold_their_bytes_and_nothing_else() {
        for len in 0..8 {
            let mut bytes = [0; 8];
            bytes[..len].copy_from_slice(&b"abcdefgh"[..len]);
            assert_eq!(short_word(&bytes[..len]), u64::from_le_bytes(bytes));
        }
    }
}

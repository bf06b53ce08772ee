//! Escaping text for a description, into a buffer of the caller.

use core::ffi::c_char;

use strports_syntax::quote_bytes;

use crate::text::{Status, read, status, write};

/// The place of a text in a description: one of the three constants.
pub type Place = u32;

/// A positional argument, where `\`, `:` and `=` are escaped.
pub const STRPORTS_POSITIONAL: Place = 0;
/// The key of a keyword argument, as a positional argument.
pub const STRPORTS_KEY: Place = 1;
/// The value of a keyword argument, where `\` and `:` are escaped.
pub const STRPORTS_KEYWORD_VALUE: Place = 2;

/// Escapes `len` bytes at `text` for `place`, into `capacity` bytes at `buffer`.
///
/// `*needed` becomes the length of the result, without the zero byte that ends it. If `capacity` is
/// more than that, `buffer` gets the result. Otherwise `buffer` gets the empty string, if it has
/// room for one: the result is never cut. A call with a capacity of 0 returns only the length.
///
/// # Safety
///
/// `text` points to `len` readable bytes, or is NULL; `buffer` points to `capacity` writable bytes
/// that `text` does not overlap, or is NULL if `capacity` is 0; `needed` is writable, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_quote(
    place: Place,
    text: *const c_char,
    len: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Status {
    // SAFETY: the caller's promises are those of `try_quote`.
    status(unsafe { try_quote(place, text, len, buffer, capacity, needed) })
}

/// # Safety
///
/// As for [`strports_quote`].
unsafe fn try_quote(
    place: Place,
    text: *const c_char,
    len: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Result<Status, Status> {
    // SAFETY: the caller ensures that `needed` is writable or NULL.
    unsafe { write(needed, 0) }?;
    let place = match place {
        STRPORTS_POSITIONAL => strports_syntax::Place::Positional,
        STRPORTS_KEY => strports_syntax::Place::Key,
        STRPORTS_KEYWORD_VALUE => strports_syntax::Place::Value,
        _ => return Err(Status::STRPORTS_BAD_CONSTANT),
    };
    if buffer.is_null() && capacity > 0 {
        return Err(Status::STRPORTS_BAD_POINTER);
    }
    // SAFETY: the caller ensures that the text is readable, until this call returns.
    let quoted = quote_bytes(unsafe { read(text, len) }?, place);
    // SAFETY: it was writable above.
    unsafe { write(needed, quoted.len()) }?;
    if capacity > 0 {
        let fits = quoted.len() < capacity;
        let copied = if fits { quoted.as_slice() } else { &[] };
        // SAFETY: `buffer` is not NULL, the caller ensures that it has `capacity` bytes, and
        // `copied` is shorter than that; it is ours, so the two do not overlap.
        unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(copied.as_ptr(), copied.len()) };
        // SAFETY: `copied.len()` is less than `capacity`.
        let end = unsafe { buffer.add(copied.len()) };
        // SAFETY: as above, so this is one of the bytes of `buffer`.
        unsafe { end.write(0) };
    }
    Ok(Status::STRPORTS_OK)
}

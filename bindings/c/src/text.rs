//! Texts that are passed from C and to C, and the status of a call.

use core::ffi::c_char;
use core::{ptr, slice};

/// The status of a call.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names that C sees")]
pub enum Status {
    /// Success.
    STRPORTS_OK = 0,
    /// The text is not the description of an endpoint; the report says why.
    STRPORTS_INVALID = 1,
    /// A pointer is NULL that must not be, or a length is more than half of the address space.
    STRPORTS_BAD_POINTER = 2,
    /// A role or a place is not one of the constants.
    STRPORTS_BAD_CONSTANT = 3,
}

/// Bytes that a handle lends, with a zero byte after them that `len` does not count.
///
/// If there is no text, `bytes` is NULL and `len` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The first byte.
    pub bytes: *const c_char,
    /// The number of bytes; a zero byte among them counts.
    pub len: usize,
}

impl Text {
    pub(crate) const NONE: Self = Self { bytes: ptr::null(), len: 0 };
}

/// The bytes behind a [`Text`].
#[derive(Debug)]
pub(crate) struct OwnedText(Box<[u8]>);

impl OwnedText {
    pub(crate) fn new(text: impl Into<Vec<u8>>) -> Self {
        let mut bytes = text.into();
        bytes.push(0);
        Self(bytes.into_boxed_slice())
    }

    pub(crate) fn lend(&self) -> Text {
        Text { bytes: self.0.as_ptr().cast(), len: self.0.len() - 1 }
    }

    pub(crate) fn lend_some(text: Option<&Self>) -> Text {
        text.map_or(Text::NONE, Self::lend)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0[..self.0.len() - 1]
    }
}

/// The bytes that a caller passes; NULL is empty if `len` is 0.
///
/// # Safety
///
/// Unless `text` is NULL, it points to `len` bytes, which do not change while `'a` lasts.
pub(crate) unsafe fn read<'a>(text: *const c_char, len: usize) -> Result<&'a [u8], Status> {
    if text.is_null() {
        return if len == 0 { Ok(&[]) } else { Err(Status::STRPORTS_BAD_POINTER) };
    }
    if isize::try_from(len).is_err() {
        return Err(Status::STRPORTS_BAD_POINTER);
    }
    // SAFETY: `text` is not NULL and `len` fits; the caller ensures that the bytes are there.
    Ok(unsafe { slice::from_raw_parts(text.cast(), len) })
}

/// Writes a value to a place of the caller.
///
/// # Safety
///
/// Unless `place` is NULL, it is aligned and may be written to; the previous value is not dropped.
pub(crate) unsafe fn write<T>(place: *mut T, value: T) -> Result<(), Status> {
    if place.is_null() {
        return Err(Status::STRPORTS_BAD_POINTER);
    }
    // SAFETY: it is not NULL; the caller ensures that it may be written to.
    unsafe { place.write(value) };
    Ok(())
}

/// The object behind a handle; `None` for NULL.
///
/// # Safety
///
/// Unless `handle` is NULL, a function of this library has returned it, and it is not freed while
/// `'a` lasts.
pub(crate) unsafe fn borrow<'a, T>(handle: *const T) -> Option<&'a T> {
    // SAFETY: a pointer of `Box::into_raw` is aligned and initialized; the caller ensures the rest.
    unsafe { handle.as_ref() }
}

/// Frees a handle; NULL is ignored.
///
/// # Safety
///
/// Unless `handle` is NULL, `Box::into_raw` has returned it, and it is not used afterwards.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: the caller ensures that it is from `Box::into_raw` and was not freed yet.
        drop(unsafe { Box::from_raw(handle) });
    }
}

/// The status of a call that may end early.
pub(crate) fn status(result: Result<Status, Status>) -> Status {
    result.unwrap_or_else(|status| status)
}

//! Users and groups by name, from the system's name service.

use std::ffi::{CString, c_char, c_int};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// The largest buffer for an entry, in bytes. A group with many members needs a large one.
const LARGEST: usize = 1024 * 1024;

/// The number of a user; `None` if there is no such user. May block.
pub(crate) fn user_id(name: &str) -> io::Result<Option<u32>> {
    find(name, libc::getpwnam_r, |entry: &libc::passwd| entry.pw_uid)
}

/// The number of a group; `None` if there is no such group. May block.
pub(crate) fn group_id(name: &str) -> io::Result<Option<u32>> {
    find(name, libc::getgrnam_r, |entry: &libc::group| entry.gr_gid)
}

/// `getpwnam_r` or `getgrnam_r`, with the entry as `T`.
type Lookup<T> =
    unsafe extern "C" fn(*const c_char, *mut T, *mut c_char, usize, *mut *mut T) -> c_int;

/// Looks up an entry by name, with larger buffers until it fits, and returns its number.
fn find<T>(name: &str, look_up: Lookup<T>, id: fn(&T) -> u32) -> io::Result<Option<u32>> {
    let name = CString::new(name)?;
    let mut buffer = vec![0; 1024];
    loop {
        let (mut entry, mut found) = (MaybeUninit::<T>::uninit(), ptr::null_mut());
        // SAFETY: `name` ends with a NUL, `entry` has room for an entry, `buffer` for its length,
        // and `found` for a pointer; all of them live until the call returns.
        let error = unsafe {
            look_up(
                name.as_ptr(),
                entry.as_mut_ptr(),
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut found,
            )
        };
        match error {
            libc::EINTR => {}
            libc::ERANGE if buffer.len() < LARGEST => buffer.resize(buffer.len() * 4, 0),
            0 if found.is_null() => return Ok(None),
            // SAFETY: the call has succeeded and found an entry, which it has written to `entry`;
            // `found` points there.
            0 => return Ok(Some(id(unsafe { &*found }))),
            // Some systems return these errors if there is no such name (getpwnam(3)).
            libc::ENOENT | libc::ESRCH => return Ok(None),
            error => return Err(io::Error::from_raw_os_error(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_numbers() {
        assert_eq!(user_id("root").unwrap(), Some(0));
        assert_eq!(group_id("root").or_else(|_| group_id("wheel")).unwrap(), Some(0));
        assert_eq!(user_id("no-such-user-here").unwrap(), None);
        assert_eq!(group_id("no-such-group-here").unwrap(), None);
        user_id("a\0b").unwrap_err();
    }
}

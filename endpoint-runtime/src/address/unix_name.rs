//! Names of UNIX sockets, which must fit in a `sockaddr_un`.

use core::fmt;
use std::path::{Path, PathBuf};

use super::sockaddr::MAX_UNIX_NAME;
use crate::error::DescriptionProblem;
use crate::quoted::Quoted;

/// The name of a UNIX socket: a path, or a Linux abstract name.
///
/// A value of this type always fits in a socket address, so later steps need not check it.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::UnixName;
///
/// assert_eq!(UnixName::path("/run/app.sock")?.to_string(), "`/run/app.sock`");
/// assert_eq!(UnixName::abstract_name("app")?.to_string(), "`@app`");
/// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnixName(Name);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Path(PathBuf),
    /// The abstract name without its leading NUL byte.
    Abstract(Vec<u8>),
}

impl UnixName {
    /// Creates the name of a socket in the file system.
    ///
    /// # Errors
    ///
    /// Returns an error if the path is empty (the kernel would choose a name), contains a NUL byte,
    /// or is longer than [`MAX_UNIX_NAME`] bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::plan::UnixName;
    ///
    /// assert!(UnixName::path("/run/app.sock").is_ok());
    /// let problem = UnixName::path("/".repeat(108)).unwrap_err();
    /// assert!(problem.to_string().ends_with("but a socket name has at most 107"));
    /// ```
    pub fn path(path: impl Into<PathBuf>) -> Result<Self, DescriptionProblem> {
        let path = path.into();
        let bytes = path.as_os_str().as_encoded_bytes();
        check_length(bytes)?;
        if bytes.is_empty() {
            return Err(DescriptionProblem::EmptySocketPath);
        }
        if bytes.contains(&0) {
            return Err(DescriptionProblem::NulInSocketPath { path });
        }
        Ok(Self(Name::Path(path)))
    }

    /// Creates a Linux abstract name, which is in no directory and disappears with its socket.
    ///
    /// # Errors
    ///
    /// Returns an error if the name is empty (the kernel would choose one), or longer than
    /// [`MAX_UNIX_NAME`] bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::plan::UnixName;
    ///
    /// let name = UnixName::abstract_name("app")?;
    /// assert_eq!((name.as_abstract(), name.as_path()), (Some(&b"app"[..]), None));
    /// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
    /// ```
    pub fn abstract_name(name: impl Into<Vec<u8>>) -> Result<Self, DescriptionProblem> {
        let name = name.into();
        check_length(&name)?;
        if name.is_empty() {
            return Err(DescriptionProblem::EmptySocketPath);
        }
        Ok(Self(Name::Abstract(name)))
    }

    /// Creates the name of a socket from the bytes of its path.
    ///
    /// On UNIX, any bytes but NUL can be a path; elsewhere they must be UTF-8.
    #[cfg(unix)]
    pub(crate) fn path_of_bytes(path: &[u8]) -> Result<Self, DescriptionProblem> {
        use std::os::unix::ffi::OsStrExt;
        Self::path(std::ffi::OsStr::from_bytes(path))
    }

    #[cfg(not(unix))]
    pub(crate) fn path_of_bytes(path: &[u8]) -> Result<Self, DescriptionProblem> {
        match core::str::from_utf8(path) {
            Ok(path) => Self::path(path),
            Err(_) => Err(DescriptionProblem::NotUtf8 { argument: "path", value: path.to_vec() }),
        }
    }

    /// The path of the socket; `None` for an abstract name.
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Name::Path(path) => Some(path),
            Name::Abstract(_) => None,
        }
    }

    /// The path of the socket's lock file: its own with `.lock` appended, as in Twisted.
    ///
    /// `None` for an abstract name: the kernel removes it with its socket, so it needs no lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    /// use endpoint_runtime::plan::UnixName;
    ///
    /// let name = UnixName::path("/run/app.sock")?;
    /// assert_eq!(name.lock_path().as_deref(), Some(Path::new("/run/app.sock.lock")));
    /// assert_eq!(UnixName::abstract_name("app")?.lock_path(), None);
    /// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
    /// ```
    pub fn lock_path(&self) -> Option<PathBuf> {
        self.as_path().map(|path| {
            let mut lock = path.as_os_str().to_owned();
            lock.push(".lock");
            lock.into()
        })
    }

    /// The abstract name without its leading NUL; `None` for a path.
    pub fn as_abstract(&self) -> Option<&[u8]> {
        match &self.0 {
            Name::Path(_) => None,
            Name::Abstract(name) => Some(name),
        }
    }
}

/// Prints a path in back-quotes, and an abstract name with a leading `@`, as `ss` and `netstat` do.
impl fmt::Display for UnixName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Name::Path(path) => Quoted::new(path).fmt(f),
            Name::Abstract(name) => Quoted::bytes(&[b"@", name.as_slice()].concat()).fmt(f),
        }
    }
}

fn check_length(name: &[u8]) -> Result<(), DescriptionProblem> {
    if name.len() > MAX_UNIX_NAME {
        return Err(DescriptionProblem::SocketPathTooLong { name: name.to_vec() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_passes_and_one_byte_more_does_not() {
        assert!(UnixName::path("x".repeat(MAX_UNIX_NAME)).is_ok());
        assert!(UnixName::path("x".repeat(MAX_UNIX_NAME + 1)).is_err());
        assert!(UnixName::abstract_name("x".repeat(MAX_UNIX_NAME)).is_ok());
        assert!(UnixName::abstract_name("x".repeat(MAX_UNIX_NAME + 1)).is_err());
    }

    #[test]
    fn names_that_the_kernel_would_read_differently_are_refused() {
        assert!(UnixName::path("").is_err());
        assert!(UnixName::path("a\0b").is_err());
        assert!(UnixName::abstract_name("").is_err());
        assert!(UnixName::abstract_name(*b"a\0b").is_ok());
    }
}

//! The user name and password for a proxy, as one line of text.
//!
//! ```abnf
//! line = user ":" password [ CRLF / LF ]
//! ```
//!
//! The user name must not have a colon (RFC 7617); the password may. Neither may have control
//! characters.

use core::fmt;

use thiserror::Error as ThisError;

/// The user name and the password for a proxy. `Debug` shows neither.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::tunnel::Credentials;
///
/// let credentials = Credentials::parse(b"fred:pa:ss\n")?;
/// assert_eq!((credentials.user(), credentials.password()), (&b"fred"[..], &b"pa:ss"[..]));
/// assert_eq!(format!("{credentials:?}"), "Credentials(…)");
/// # Ok::<(), endpoint_runtime::proto::tunnel::CredentialsError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: Vec<u8>,
    password: Vec<u8>,
}

/// Why a line is not a user name with a password. No message shows a part of the line.
///
/// See [`Credentials`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The line has no colon between user name and password.
    #[error("expected one line `user:password`, but found no colon")]
    NoColon,
    /// The user name is empty.
    #[error("expected a user name before the colon, but found none")]
    NoUser,
    /// There is a control character, for example a second line.
    #[error("expected one line `user:password`, but found a control character or a second line")]
    ControlCharacter,
    /// The user name or password is too long for SOCKS5, which has one byte for the length.
    #[error("expected 1 to 255 bytes as {what} for SOCKS5, but found {found}")]
    LengthForSocks5 {
        /// Which one is too long or empty, in words: the user name or the password.
        what: &'static str,
        /// The length of the name or password in bytes.
        found: usize,
    },
}

impl Credentials {
    /// Parses a line `user:password`, with or without its end.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no colon, no user name, a control character, or a second line.
    pub fn parse(line: &[u8]) -> Result<Self, CredentialsError> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().any(u8::is_ascii_control) {
            return Err(CredentialsError::ControlCharacter);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(CredentialsError::NoColon)?;
        let (user, password) = (line[..colon].to_vec(), line[colon + 1..].to_vec());
        if user.is_empty() {
            return Err(CredentialsError::NoUser);
        }
        Ok(Self { user, password })
    }

    /// The user name, as bytes without a colon.
    pub fn user(&self) -> &[u8] {
        &self.user
    }

    /// The password, as bytes; it may be empty.
    pub fn password(&self) -> &[u8] {
        &self.password
    }
}

/// Prints neither the user name nor the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_one_line_with_or_without_a_newline() {
        for line in ["u:p", "u:p\n", "u:p\r\n"] {
            let credentials = Credentials::parse(line.as_bytes()).unwrap();
            assert_eq!((credentials.user(), credentials.password()), (&b"u"[..], &b"p"[..]));
        }
        assert_eq!(Credentials::parse(b"\xc3\xa9 :").unwrap().user(), b"\xc3\xa9 ");
    }

    #[test]
    fn malformed_credentials_are_refused() {
        let error = |line: &[u8]| Credentials::parse(line).unwrap_err();
        assert_eq!(error(b""), CredentialsError::NoColon);
        assert_eq!(error(b"user\n"), CredentialsError::NoColon);
        assert_eq!(error(b":p"), CredentialsError::NoUser);
        for line in [&b"u:p\n\n"[..], b"u:p\nu:p", b"u\0:p", b"u:\x7f", b"u:p\r\r\n", b"\nu:p"] {
            assert_eq!(error(line), CredentialsError::ControlCharacter, "{line:?}");
        }
    }
}

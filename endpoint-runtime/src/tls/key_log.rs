//! A log of TLS secrets, with which recorded sessions can be decrypted.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::quoted::Quoted;

/// A file for the secrets of TLS sessions, in the format of NSS, which Wireshark and others read.
///
/// The file decrypts everything that is sent in these sessions. Secrets are written only for a
/// server or client that is given one of these: the variable `SSLKEYLOGFILE` has no effect.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::{KeyLog, client_from_string};
///
/// let client = client_from_string("tls:example.com:443")?.key_log(&KeyLog::append("keys.log")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyLog(Arc<Log>);

#[derive(Debug)]
struct Log(Mutex<File>);

impl KeyLog {
    /// Opens a file to append to, or creates it, readable for its owner only, and logs a warning.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened, or whose mode cannot be changed, such as that of another user.
    pub fn append(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        tracing::warn!(
            "the secrets of all TLS sessions go to {}: who has it can read what is said in them",
            Quoted::new(path)
        );
        Ok(Self(Arc::new(Log(Mutex::new(file)))))
    }

    pub(super) fn as_rustls(&self) -> Arc<dyn rustls::KeyLog> {
        Arc::clone(&self.0) as _
    }
}

impl rustls::KeyLog for Log {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        let mut file = lock(&self.0);
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::warn!("the secret of a TLS session cannot be written down: {error}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

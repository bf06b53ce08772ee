//! The secrets of sessions, written down for whoever looks at a recording of them: only where somebody asks for it.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::quoted::Quoted;

/// A file that the secrets of TLS sessions go to, in the format of NSS, which Wireshark and others read.
///
/// Whoever has the file can read everything that is said in these sessions. Nothing is written anywhere unless a server or
/// client is given one of these: the variable `SSLKEYLOGFILE` by itself has no effect.
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
    /// Opens a file to append to, or makes one; a file is made readable for its owner alone, be it there or not. Says
    /// in the log that it does so.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened, or whose mode cannot be changed, as that of somebody else.
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
        // Into a string everything can be written.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

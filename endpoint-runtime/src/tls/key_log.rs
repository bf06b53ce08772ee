//! A log of TLS secrets, for decrypting recorded sessions.

use std::fmt::Write as _;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::lock::lock;
use crate::quoted::Quoted;

/// A file for the secrets of TLS sessions, in the NSS format, which Wireshark reads.
///
/// The file decrypts all data of these sessions. Secrets are written only for servers and clients
/// that were given a key log; the variable `SSLKEYLOGFILE` has no effect.
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

/// The open file of a key log, which is locked while a line is written.
#[derive(Debug)]
struct Log(Mutex<File>);

impl KeyLog {
    /// Opens a file to append to, or creates it with access only for its owner, and logs a warning.
    ///
    /// # Errors
    ///
    /// Returns an error if the file:
    ///
    /// - cannot be opened;
    /// - is a symbolic link, or not a regular file;
    /// - belongs to another user, or other users may read or write it;
    /// - has several names (hard links).
    pub fn append(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        // Opens without blocking: a FIFO would block until it has a reader.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).custom_flags(flags);
        let file = options.open(path).map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => refused("it is a symbolic link, which could lead anywhere"),
            // The path is a FIFO without a reader, or a socket.
            Some(Errno::NXIO) => refused(NOT_A_FILE),
            _ => error,
        })?;
        check(&file.metadata()?)?;
        tracing::warn!(
            "the secrets of all TLS sessions are written to {}, and with them the sessions can be decrypted",
            Quoted::new(path)
        );
        Ok(Self(Arc::new(Log(Mutex::new(file)))))
    }

    pub(super) fn as_rustls(&self) -> Arc<dyn rustls::KeyLog> {
        Arc::clone(&self.0) as _
    }
}

const NOT_A_FILE: &str = "expected a file, but found a device, a pipe or a socket";

/// Returns an error for a file that other users created or may read.
fn check(found: &Metadata) -> io::Result<()> {
    if !found.is_file() {
        return Err(refused(NOT_A_FILE));
    }
    if found.uid() != geteuid().as_raw() {
        return Err(refused("it belongs to another user"));
    }
    if found.nlink() > 1 {
        return Err(refused("it has further hard links, which other programs could use"));
    }
    if found.mode() & 0o077 != 0 {
        return Err(refused("other users may read or write it (`chmod 600` it, or remove it)"));
    }
    Ok(())
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

impl rustls::KeyLog for Log {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        let mut file = lock(&self.0);
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::warn!("the secret of a TLS session cannot be written: {error}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

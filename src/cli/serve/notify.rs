//! Sends notifications to the service manager, with the protocol of `sd_notify(3)`.
//!
//! The crate sd-notify 0.5 does not fit. It does not support abstract socket names, which
//! containers use; it reads the environment at every call; and it may block.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The socket of the service manager; without one, messages are discarded.
#[derive(Default)]
pub(super) struct ServiceManager {
    socket: Option<UnixDatagram>,
    /// The interval between watchdog messages; `None` if the manager expects none.
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// Connects to the socket in `NOTIFY_SOCKET`, and reads the watchdog's timeout. A successor
    /// ignores `WATCHDOG_PID`, which still names its predecessor.
    pub(super) fn from_environment(is_successor: bool) -> io::Result<Self> {
        let socket = env::var_os("NOTIFY_SOCKET").map(|name| connect(&name)).transpose()?;
        let names_us = |pid: OsString| pid.to_str() == Some(&*std::process::id().to_string());
        let is_ours = is_successor || env::var_os("WATCHDOG_PID").is_none_or(names_us);
        let watchdog = env::var("WATCHDOG_USEC").ok().filter(|_| is_ours && socket.is_some());
        Ok(Self { socket, watchdog: watchdog.and_then(|micros| interval(&micros)) })
    }

    #[cfg(test)]
    pub(super) fn with_watchdog(socket: UnixDatagram, interval: Duration) -> Self {
        Self { socket: Some(socket), watchdog: Some(interval) }
    }

    /// Sends a state such as `READY=1`. Errors are ignored: the service runs without the manager
    /// too.
    pub(super) fn send(&self, state: &str) {
        let _ = self.socket.as_ref().map(|socket| socket.send(state.as_bytes()));
    }

    /// Notifies the service manager that a reload begins; a later `READY=1` ends it.
    pub(super) fn send_reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        // The manager ignores a message with a time before its own reload request.
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// The interval between watchdog messages; `None` if the manager expects none.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }
}

/// Half of the watchdog's timeout in microseconds, as `sd_watchdog_enabled(3)` recommends. `None`
/// if the text is no positive number.
fn interval(micros: &str) -> Option<Duration> {
    let micros = micros.parse().ok().filter(|micros| *micros > 0)?;
    Some(Duration::from_micros(micros) / 2)
}

/// Connects to a UNIX datagram socket; a name that begins with `@` is abstract (Linux only).
fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    match name.as_bytes() {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt;
            use std::os::unix::net::SocketAddr;
            socket.connect_addr(&SocketAddr::from_abstract_name(name)?)?;
        }
        _ => socket.connect(name)?,
    }
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchdog_messages_come_twice_as_often_as_required() {
        assert_eq!(interval("30000000"), Some(Duration::from_secs(15)));
        assert_eq!(interval("0"), None);
        assert_eq!(interval("soon"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_abstract_name_is_connected() {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::SocketAddr;
        let name = format!("notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let manager = UnixDatagram::bind_addr(&address).unwrap();
        connect(OsStr::new(&format!("@{name}"))).unwrap().send(b"READY=1").unwrap();
        let mut said = [0; 32];
        let length = manager.recv(&mut said).unwrap();
        assert_eq!(&said[..length], b"READY=1");
    }
}

//! What a service manager is told, by the protocol of `sd_notify(3)`.
//!
//! By hand, because the crate for it (sd-notify 0.5) knows no abstract names, which containers use, looks at the
//! environment at every call, and may block.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The service manager, where there is one.
#[derive(Default)]
pub(super) struct Manager {
    socket: Option<UnixDatagram>,
    /// How often it wants to hear that all is well, at least.
    watchdog: Option<Duration>,
}

impl Manager {
    /// The one that the environment names; `is_successor` says that this process took over from another one, for which
    /// the watchdog was meant.
    pub(super) fn of_environment(is_successor: bool) -> io::Result<Self> {
        let socket = env::var_os("NOTIFY_SOCKET").map(|name| connect(&name)).transpose()?;
        let names_us = |pid: OsString| pid.to_str() == Some(&*std::process::id().to_string());
        let is_ours = is_successor || env::var_os("WATCHDOG_PID").is_none_or(names_us);
        let watchdog = env::var("WATCHDOG_USEC").ok().filter(|_| is_ours && socket.is_some());
        Ok(Self { socket, watchdog: watchdog.and_then(|micros| interval(&micros)) })
    }

    /// Says something; nobody can do anything about it if that fails.
    pub(super) fn say(&self, state: &str) {
        let _ = self.socket.as_ref().map(|socket| socket.send(state.as_bytes()));
    }

    /// Says that something is read again; `READY=1` says when that is done.
    pub(super) fn say_reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        // A manager takes it for an answer to its signal only if it was said after that.
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// How long to wait between two signs of life.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }
}

/// Half of what is allowed, as `sd_watchdog_enabled(3)` recommends.
fn interval(micros: &str) -> Option<Duration> {
    let micros = micros.parse().ok().filter(|micros| *micros > 0)?;
    Some(Duration::from_micros(micros) / 2)
}

/// A name that begins with `@` is abstract.
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
    fn signs_of_life_come_twice_as_often_as_they_must() {
        assert_eq!(interval("30000000"), Some(Duration::from_secs(15)));
        assert_eq!(interval("0"), None);
        assert_eq!(interval("soon"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn abstract_names_are_reached() {
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

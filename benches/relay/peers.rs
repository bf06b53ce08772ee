//! The relays that are compared: how each is started and stopped.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::usage;

/// A relay that is compared: ours or another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Strports,
    /// HAProxy in TCP mode, with the configuration of its Debian package.
    Haproxy,
    /// HAProxy that splices data in the kernel, through pipes of 1 `MiB`.
    HaproxyTuned,
    SocketProxyd,
    Socat,
}

/// The transport from a relay to its target; clients always connect by TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Tcp,
    Unix,
}

impl Route {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Unix => "unix",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Tcp, Self::Unix].into_iter().find(|route| route.name() == name)
    }
}

/// The address of the target that a relay connects to.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Tcp(u16),
    Unix(PathBuf),
}

/// A target that a benchmark provides for relays.
pub(crate) trait Goal {
    fn target(&self) -> &Target;

    /// Accepts and drops the connection that checked whether the relay is ready, unless the target
    /// already serves all connections.
    fn forget_one(&self) -> Result<()>;
}

impl Peer {
    pub(crate) const ALL: [Self; 5] =
        [Self::Strports, Self::Haproxy, Self::HaproxyTuned, Self::SocketProxyd, Self::Socat];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Strports => "strports",
            Self::Haproxy => "haproxy",
            Self::HaproxyTuned => "haproxy-tuned",
            Self::SocketProxyd => "socket-proxyd",
            Self::Socat => "socat",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }

    /// Returns the command of a relay from a TCP port on loopback to `target`. Its files are in
    /// `place`.
    fn command(self, strports: &Path, port: u16, target: &Target, place: &Path) -> Result<Command> {
        let mut command = as_nobody();
        match self {
            Self::Strports => {
                // The program is copied, because the user `nobody` may have no access to the build
                // directory.
                let program = place.join("strports");
                fs::copy(strports, &program)?;
                // The same backlog as other relays have; the default of 50 overflows under some
                // loads.
                let server = format!("tcp:{port}:interface=127.0.0.1:backlog=1024");
                command.arg(program).arg("relay").arg(server);
                command.arg(match target {
                    Target::Tcp(port) => format!("tcp:127.0.0.1:{port}"),
                    Target::Unix(path) => format!("unix:{}", path.display()),
                });
            }
            Self::Haproxy | Self::HaproxyTuned => {
                let file = place.join("haproxy.cfg");
                fs::write(&file, haproxy_configuration(self, port, target))?;
                command.args(["haproxy", "-db", "-q", "-f"]).arg(file);
            }
            Self::SocketProxyd => {
                command.args(["systemd-socket-activate", "-l"]).arg(format!("127.0.0.1:{port}"));
                command.args(["/lib/systemd/systemd-socket-proxyd", "--connections-max=100000"]);
                command.arg(match target {
                    Target::Tcp(port) => format!("127.0.0.1:{port}"),
                    Target::Unix(path) => path.display().to_string(),
                });
            }
            Self::Socat => {
                command.arg("socat");
                command
                    .arg(format!("TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,backlog=1024"));
                command.arg(match target {
                    Target::Tcp(port) => format!("TCP:127.0.0.1:{port}"),
                    Target::Unix(path) => format!("UNIX-CONNECT:{}", path.display()),
                });
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    }

    /// Starts the relay, and waits until it accepts connections.
    pub(crate) fn start(self, strports: &Path, goal: &impl Goal) -> Result<Relay> {
        let place = tempfile::tempdir()?;
        open_to_all(place.path())?;
        let port = free_port()?;
        let command = self.command(strports, port, goal.target(), place.path())?;
        let (relay, probe) = Relay::start(command, port, place, Duration::from_millis(2))?;
        // With socket activation, only the first connection starts the relay, so it is one that is
        // not measured.
        goal.forget_one()?;
        drop(probe);
        Ok(relay)
    }

    /// Returns the time from the start of the relay until it accepts connections, in milliseconds.
    pub(crate) fn until_it_listens(self, strports: &Path, goal: &impl Goal) -> Result<f64> {
        let place = tempfile::tempdir()?;
        open_to_all(place.path())?;
        let port = free_port()?;
        let command = self.command(strports, port, goal.target(), place.path())?;
        let began = Instant::now();
        Relay::start(command, port, place, Duration::from_micros(50))?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A child process of this program that listens without a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    /// The listener of endpoint-runtime.
    Library,
    /// A listener in a bare epoll loop.
    Epoll,
}

impl Bare {
    const ALL: [(&'static str, Self); 2] =
        [("by-library", Self::Library), ("by-epoll", Self::Epoll)];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(it, _)| *it == name).map(|(_, listener)| listener)
    }

    pub(crate) fn start(self) -> Result<Relay> {
        let mut command = Command::new(std::env::current_exe()?);
        let port = free_port()?;
        let name = Self::ALL.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name);
        command.arg(name).arg(port.to_string()).stdin(Stdio::null());
        let place = tempfile::tempdir()?;
        Ok(Relay::start(command, port, place, Duration::from_millis(2))?.0)
    }
}

/// Returns HAProxy's configuration: that of its package, `/etc/haproxy/haproxy.cfg`, in TCP mode.
///
/// It leaves out settings that require root (chroot, user, statistics socket), and logs, which cost
/// time.
fn haproxy_configuration(peer: Peer, port: u16, target: &Target) -> String {
    let (global, defaults) = match peer {
        // With only `option splice-auto`, HAProxy would copy this traffic through its own memory.
        Peer::HaproxyTuned => (
            "tune.pipesize 1048576\n maxpipes 1024",
            "option splice-request\n option splice-response",
        ),
        _ => ("", ""),
    };
    let target = match target {
        Target::Tcp(port) => format!("127.0.0.1:{port}"),
        Target::Unix(path) => format!("unix@{}", path.display()),
    };
    format!(
        "global\n {global}\n\
         defaults\n mode tcp\n option dontlognull\n timeout connect 5000\n timeout client 50000\n \
         timeout server 50000\n {defaults}\n\
         frontend from\n bind 127.0.0.1:{port}\n default_backend to\n\
         backend to\n server s {target}\n"
    )
}

/// Returns the start of a relay's command. If this program runs as root, it drops privileges.
fn as_nobody() -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new("env");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    command
}

/// Gives all users access to a directory, because relays may run as `nobody`.
pub(crate) fn open_to_all(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777))
}

/// A running relay in a child process, which is killed on drop.
pub(crate) struct Relay {
    child: Child,
    port: u16,
    _place: tempfile::TempDir,
}

impl Relay {
    /// Starts the relay, and polls every `pause` until it accepts. Also returns that first
    /// connection.
    fn start(
        mut command: Command,
        port: u16,
        place: tempfile::TempDir,
        pause: Duration,
    ) -> Result<(Self, TcpStream)> {
        let mut relay = Self { child: command.spawn()?, port, _place: place };
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Ok(probe) = relay.connect() {
                return Ok((relay, probe));
            }
            if let Some(status) = relay.child.try_wait()? {
                return Err(format!("{command:?} has ended: {status}").into());
            }
            if Instant::now() > end {
                return Err(format!("{command:?} does not listen").into());
            }
            thread::sleep(pause);
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Connects to the relay as a client.
    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.address())
    }

    /// Returns the CPU time that the relay and its children have used so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        usage::cpu(self.pid())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        for pid in usage::family(self.pid()) {
            let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
            if let Some(pid) = pid {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
        let _ = self.child.wait();
    }
}

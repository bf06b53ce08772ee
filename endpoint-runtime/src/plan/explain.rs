//! Prints a plan as one English sentence.

use core::fmt::{self, Display, Formatter};
use core::mem;
use core::net::IpAddr;

use super::defaults::DEFAULT_ATTEMPT_DELAY;
use super::proxy::Listed;
use super::{
    ClientLayer, ClientPlan, ClientTransport, EnvRule, Host, ProcessSpawn, ServerLayer, ServerPlan,
    ServerTransport, SocketOptions, StandardErrorBehavior, TcpConnect, TcpListen, UnixConnect,
    UnixListen,
};
use crate::address::Address;
use crate::duration::HumanDuration;
use crate::quoted::Quoted;

impl Display for ServerPlan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.transport {
            ServerTransport::Tcp(listen) => listen.fmt(f)?,
            ServerTransport::Unix(listen) => listen.fmt(f)?,
            ServerTransport::Systemd(listen) => listen.fmt(f)?,
            ServerTransport::Fd(descriptor) => write!(f, "listen on the socket at {descriptor}")?,
            ServerTransport::Opened(Address::UnixUnnamed) => {
                f.write_str("listen on an unnamed UNIX socket that the program opened")?;
            }
            ServerTransport::Opened(local) => {
                write!(f, "listen on the socket at {local} that the program opened")?;
            }
            ServerTransport::Stdio => {
                f.write_str("serve one connection, made of standard input and output")?;
            }
            ServerTransport::Plugin(call) => write!(f, "listen as {call}")?,
        }
        self.layers.iter().try_for_each(|layer| write!(f, "; {layer}"))
    }
}

impl Display for ClientPlan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.transport {
            ClientTransport::Tcp(connect) => connect.fmt(f)?,
            ClientTransport::Unix(connect) => connect.fmt(f)?,
            ClientTransport::Fd(descriptor) => write!(f, "use {descriptor} as the connection")?,
            ClientTransport::Opened(peer) => {
                write!(f, "use the socket connected to {peer} that the program opened")?;
            }
            ClientTransport::Stdio => {
                f.write_str("use standard input and output as the connection")?;
            }
            ClientTransport::Process(spawn) => spawn.fmt(f)?,
            ClientTransport::Plugin(call) => write!(f, "connect to {call}")?,
        }
        self.layers.iter().try_for_each(|layer| write!(f, "; {layer}"))
    }
}

impl Display for ServerLayer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Senders(networks) => write!(f, "refuse senders outside {}", Listed(networks)),
            Self::Proxy(read) => read.fmt(f),
            Self::Tls(accept) => accept.fmt(f),
            #[cfg(feature = "__tls")]
            Self::TlsWith(accept) => accept.fmt(f),
        }
    }
}

impl Display for ClientLayer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proxy(write) => write.fmt(f),
            Self::Tunnel(connect) => connect.fmt(f),
            Self::Tls(connect) => connect.fmt(f),
            #[cfg(feature = "__tls")]
            Self::TlsWith(connect) => connect.fmt(f),
        }
    }
}

impl Display for TcpListen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("listen on ")?;
        match &self.interface {
            Host::Address(IpAddr::V4(address)) if address.is_unspecified() => {
                f.write_str("every IPv4 address")?;
            }
            Host::Address(IpAddr::V6(address)) if address.is_unspecified() => {
                let families =
                    if self.v6only { "every IPv6 address" } else { "every IPv6 and IPv4 address" };
                f.write_str(families)?;
            }
            Host::Address(_) | Host::Scoped { .. } => self.interface.fmt(f)?,
            Host::Name(_) => {
                write!(f, "an {} address of the host name {}", self.prefer, self.interface)?;
            }
        }
        match self.port {
            0 => f.write_str(", a TCP port that the system chooses")?,
            port => write!(f, ", TCP port {port}")?,
        }
        if self.reuse_port {
            f.write_str(" shared with other sockets")?;
        }
        self.options.fmt(f)?;
        write!(f, ", with a backlog of {}", self.backlog)
    }
}

/// Prints each option that is set as a clause, and nothing for system defaults.
impl Display for SocketOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(device) = &self.device {
            write!(f, ", through the network interface {}", Quoted::new(device))?;
        }
        match &self.keep_alive {
            None => {}
            Some(probes) if probes.idle.is_zero() => f.write_str(", never probing silent peers")?,
            Some(probes) => {
                write!(f, ", probing peers after {} of silence", HumanDuration(probes.idle))?;
                if let Some(interval) = probes.interval {
                    write!(f, ", then every {}", HumanDuration(interval))?;
                }
                if let Some(count) = probes.count {
                    let s = if count == 1 { "" } else { "s" };
                    write!(f, ", until {count} probe{s} had no answer")?;
                }
            }
        }
        if let Some(limit) = self.user_timeout {
            write!(f, ", with {} for peers to acknowledge data", HumanDuration(limit))?;
        }
        Ok(())
    }
}

impl Display for UnixListen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(lock) = self.name.lock_path() else {
            return write!(
                f,
                "listen on the abstract UNIX socket {}, with a backlog of {}",
                self.name, self.backlog
            );
        };
        write!(f, "listen on the UNIX socket {}, mode {:03o}", self.name, self.mode)?;
        for (what, owner) in [("user", &self.user), ("group", &self.group)] {
            if let Some(owner) = owner {
                write!(f, ", of the {what} {}", Quoted::new(owner))?;
            }
        }
        write!(f, ", with a backlog of {}", self.backlog)?;
        if self.lockfile {
            write!(f, ", guarded by the lock file {}", Quoted::new(&lock))?;
        }
        Ok(())
    }
}

impl Display for TcpConnect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "connect to {}", self.host)?;
        if let Some(family) = self.family {
            if self.host.family() != Some(family) {
                write!(f, " over {family}")?;
            }
        }
        write!(f, ", TCP port {}", self.port)?;
        if let Some(bind_address) = &self.bind_address {
            write!(f, ", from {bind_address}")?;
            if self.bind_port != 0 {
                write!(f, " port {}", self.bind_port)?;
            }
        }
        if self.attempt_delay != DEFAULT_ATTEMPT_DELAY {
            write!(f, ", {} between attempts", HumanDuration(self.attempt_delay))?;
        }
        self.options.fmt(f)?;
        write!(f, ", within {}", HumanDuration(self.timeout))
    }
}

impl Display for UnixConnect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(lock) = self.name.lock_path() else {
            return write!(
                f,
                "connect to the abstract UNIX socket {}, within {}",
                self.name,
                HumanDuration(self.timeout)
            );
        };
        write!(
            f,
            "connect to the UNIX socket {}, within {}",
            self.name,
            HumanDuration(self.timeout)
        )?;
        if self.lockfile {
            write!(f, ", if a running server holds {}", Quoted::new(&lock))?;
        }
        Ok(())
    }
}

/// Prints no values of the environment, because they often contain secrets.
impl Display for ProcessSpawn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "run {}", Quoted::new(&self.executable))?;
        if let Some(arg0) = &self.arg0 {
            write!(f, " as {}", Quoted::new(arg0))?;
        }
        match self.args.as_slice() {
            [] => {}
            [_] => f.write_str(" with the argument ")?,
            _ => f.write_str(" with the arguments ")?,
        }
        list(f, self.args.iter())?;
        if let Some(cwd) = &self.cwd {
            write!(f, ", in the directory {}", Quoted::new(cwd))?;
        }
        let mut named = self.env.iter().map(EnvRule::name).peekable();
        match (self.clear_env, named.peek().is_some()) {
            (false, false) => {}
            (false, true) => {
                f.write_str(", with ")?;
                list(f, named)?;
                f.write_str(" set")?;
            }
            (true, false) => f.write_str(", with an empty environment")?,
            (true, true) => {
                f.write_str(", with nothing but ")?;
                list(f, named)?;
                f.write_str(" in its environment")?;
            }
        }
        if let Some(uid) = self.uid {
            write!(f, ", as user {uid}")?;
        }
        if let Some(gid) = self.gid {
            write!(f, ", as group {gid}")?;
        }
        if self.use_pty {
            return f.write_str(", on a terminal of its own");
        }
        f.write_str(match self.stderr {
            StandardErrorBehavior::Log => ", its standard error logged",
            StandardErrorBehavior::Drop => ", its standard error dropped",
            StandardErrorBehavior::Inherit => ", its standard error inherited",
        })
    }
}

/// Prints texts in back-quotes, separated by commas, with `and` before the last.
fn list<'a>(
    f: &mut Formatter<'_>,
    texts: impl Iterator<Item = &'a std::ffi::OsString>,
) -> fmt::Result {
    let mut texts = texts.peekable();
    let mut first = true;
    while let Some(text) = texts.next() {
        let separator = match (mem::take(&mut first), texts.peek()) {
            (true, _) => "",
            (false, Some(_)) => ", ",
            (false, None) => " and ",
        };
        write!(f, "{separator}{}", Quoted::new(text))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use strports_syntax::value::Domain;

    use super::super::{Descriptor, Family, SystemdListen, SystemdSocket, UnixName};
    use super::*;

    #[test]
    fn servers_are_sentences() {
        let mut tcp = TcpListen::new(Host::parse("::"), 0);
        assert_eq!(
            ServerPlan::from(tcp.clone()).to_string(),
            "listen on every IPv6 and IPv4 address, a TCP port that the system chooses, with a backlog of 50"
        );
        tcp.v6only = true;
        tcp.reuse_port = true;
        tcp.port = 80;
        assert_eq!(
            tcp.to_string(),
            "listen on every IPv6 address, TCP port 80 shared with other sockets, with a backlog of 50"
        );
        tcp = TcpListen::new(Host::parse("localhost"), 80);
        assert_eq!(
            tcp.to_string(),
            "listen on an IPv4 address of the host name `localhost`, TCP port 80, with a backlog of 50"
        );
        let mut unix = UnixListen::new(UnixName::path("/run/a.sock").unwrap());
        unix.mode = 0o60;
        assert_eq!(
            unix.to_string(),
            "listen on the UNIX socket `/run/a.sock`, mode 060, with a backlog of 50, \
             guarded by the lock file `/run/a.sock.lock`"
        );
        unix.name = UnixName::abstract_name("a").unwrap();
        assert_eq!(
            unix.to_string(),
            "listen on the abstract UNIX socket `@a`, with a backlog of 50"
        );
        assert_eq!(
            ServerPlan::from(ServerTransport::Stdio).to_string(),
            "serve one connection, made of standard input and output"
        );
        assert_eq!(
            SystemdListen::new(Domain::Unix, SystemdSocket::Index(2)).to_string(),
            "listen on the UNIX socket that systemd passed at index 2"
        );
        assert_eq!(
            ServerPlan::from(ServerTransport::Fd(Descriptor::new(3))).to_string(),
            "listen on the socket at descriptor 3"
        );
    }

    #[test]
    fn clients_are_sentences() {
        let mut tcp = TcpConnect::new(Host::parse("h"), 1);
        tcp.family = Some(Family::V6);
        tcp.bind_address = Some(Host::parse("::1"));
        tcp.timeout = Duration::from_secs(1);
        assert_eq!(
            ClientPlan::from(tcp.clone()).to_string(),
            "connect to `h` over IPv6, TCP port 1, from `::1`, within 1 second"
        );
        tcp = TcpConnect::new(Host::parse("h"), 1);
        (tcp.bind_address, tcp.bind_port) = (Some(Host::parse("::1")), 4711);
        assert_eq!(
            tcp.to_string(),
            "connect to `h`, TCP port 1, from `::1` port 4711, within 30 seconds"
        );
        let mut unix = UnixConnect::new(UnixName::path("/a").unwrap());
        unix.lockfile = true;
        assert_eq!(
            unix.to_string(),
            "connect to the UNIX socket `/a`, within 30 seconds, if a running server holds `/a.lock`"
        );
    }

    #[test]
    fn programs_are_sentences_without_their_secrets() {
        let mut spawn = ProcessSpawn::new("/bin/a b");
        spawn.stderr = StandardErrorBehavior::Drop;
        assert_eq!(spawn.to_string(), "run `/bin/a b`, its standard error dropped");
        spawn.arg0 = Some("-a".into());
        assert_eq!(spawn.to_string(), "run `/bin/a b` as `-a`, its standard error dropped");
        spawn.arg0 = None;
        spawn.args = vec!["x".into(), "".into(), "y".into()];
        spawn.cwd = Some("/tmp".into());
        spawn.env = vec![EnvRule::Set("KEY".into(), "secret".into()), EnvRule::Copy("B".into())];
        (spawn.uid, spawn.gid) = (Some(1), Some(2));
        (spawn.clear_env, spawn.use_pty) = (true, true);
        assert_eq!(
            spawn.to_string(),
            "run `/bin/a b` with the arguments `x`, `` and `y`, in the directory `/tmp`, \
             with nothing but `KEY` and `B` in its environment, as user 1, as group 2, \
             on a terminal of its own"
        );
    }
}

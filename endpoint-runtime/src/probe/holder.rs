//! Finds the processes that hold a listening port or a UNIX socket, from Linux's procfs.
//!
//! The socket tables (`proc_pid_net(5)`) contain the inode of each socket, and the descriptors of a
//! process are links with that inode. Processes of other users are not visible without privileges,
//! so they are not found.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::report::Holder;

/// The processes whose listening TCP sockets conflict with `address`. Blocks.
pub(super) fn of_port(address: SocketAddr) -> Vec<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let listening = tables.iter().flatten().flat_map(|table| table.lines().filter_map(listening));
    let in_the_way = listening.filter(|(bound, _)| conflict(*bound, address));
    of_inodes(&in_the_way.map(|(_, inode)| inode).collect::<Vec<_>>())
}

/// The processes that have a UNIX socket at this path open. Blocks to read `/proc`.
pub(super) fn of_path(path: &Path) -> Vec<Holder> {
    let table = fs::read("/proc/net/unix").unwrap_or_default();
    let lines = table.split(|byte| *byte == b'\n');
    let inodes = lines.filter_map(|line| unix_inode(line, path)).collect::<Vec<_>>();
    of_inodes(&inodes)
}

/// The process with this id, and its program if `/proc` has its name.
pub(super) fn of_pid(pid: u32) -> Holder {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok();
    Holder { pid, program: name.map(|it| it.trim_end().to_owned()) }
}

/// The address and the inode of a listening socket, from a line of the table of TCP sockets:
/// `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 12345 …`.
fn listening(line: &str) -> Option<(SocketAddr, u64)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, local, _, "0A", _, _, _, _, _, inode, ..] = fields[..] else { return None };
    let (ip, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some((SocketAddr::new(address(ip)?, port), inode.parse().ok()?))
}

/// An address as 32-bit words in hexadecimal, each in the byte order of this machine.
fn address(hexadecimal: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = hexadecimal.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    if hexadecimal.len() == 8 {
        return Some(Ipv4Addr::from(word(0)?).into());
    }
    let mut octets = [0; 16];
    for at in 0..4 {
        octets[at * 4..][..4].copy_from_slice(&word(at)?);
    }
    Some(Ipv6Addr::from(octets).into())
}

/// Whether a listening socket on `bound` prevents another one on `wanted`.
fn conflict(bound: SocketAddr, wanted: SocketAddr) -> bool {
    let (a, b) = (bound.ip().to_canonical(), wanted.ip().to_canonical());
    bound.port() == wanted.port() && (a == b || a.is_unspecified() || b.is_unspecified())
}

/// The inode in a line of the table of UNIX sockets; `None` if the line is for another path:
/// `0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/app.sock`.
fn unix_inode(line: &[u8], path: &Path) -> Option<u64> {
    const BEFORE_INODE: usize = 6;
    let mut rest = line.trim_ascii_start();
    let mut next = || {
        let end = rest.iter().position(|byte| *byte == b' ')?;
        let (field, after) = rest.split_at(end);
        rest = after.trim_ascii_start();
        Some(field)
    };
    for _ in 0..BEFORE_INODE {
        next()?;
    }
    let inode = std::str::from_utf8(next()?).ok()?.parse().ok()?;
    (rest == path.as_os_str().as_bytes()).then_some(inode)
}

/// The processes with a descriptor of one of these sockets.
fn of_inodes(inodes: &[u64]) -> Vec<Holder> {
    if inodes.is_empty() {
        return Vec::new();
    }
    let links: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok());
    let has_one = |pid: &u32| {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut targets = descriptors.filter_map(|it| fs::read_link(it.path()).ok());
        targets.any(|target| links.iter().any(|link| target.as_os_str() == &**link))
    };
    let mut holders: Vec<_> = pids.filter(has_one).map(of_pid).collect();
    holders.sort_by_key(|it| it.pid);
    holders
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn this_process_is_found_by_its_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ours = of_pid(std::process::id());
        assert_eq!(of_port(address), std::slice::from_ref(&ours));
        let every = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port());
        assert_eq!(of_port(every), [ours]);
        let elsewhere = SocketAddr::new([127, 0, 0, 9].into(), address.port());
        assert!(of_port(elsewhere).is_empty());
    }

    #[test]
    fn this_process_is_found_by_its_socket() {
        let path = std::env::temp_dir().join(format!("hold er-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        let _listener = UnixListener::bind(&path).unwrap();
        let found = of_path(&path);
        fs::remove_file(&path).unwrap();
        assert_eq!(found, [of_pid(std::process::id())]);
    }
}

//! UNIX sockets: never more permissions than asked for, and only our own are removed.
//!
//! A server in the file system takes these steps, each of which may fail without leaving anything
//! behind:
//! 1. take the lock, if there is one;
//! 2. look at what stands at the path: only a socket without a listener is removed, and only under
//!    the lock;
//! 3. restrict the socket itself (fchmod before bind), because bind takes the mode from there,
//!    minus the umask;
//! 4. bind, and remember which file that made;
//! 5. add by name what the umask took; 6. listen.
//!
//! Other systems than Linux take no mode from the socket: there steps 3 to 5 bind in a private
//! directory, set the mode, and link the file to its path.

pub(crate) mod lockfile;
mod own_locks;
mod ownership;

use std::io;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
use rustix::fd::AsRawFd;
use rustix::fd::OwnedFd;
use rustix::fs::{
    Access, AtFlags, CWD, FileType, Mode, RawMode, Stat, accessat, chmod, statat, unlink,
};
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
use rustix::fs::{OFlags, chmodat, fchmod, fstat, open};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, connect, listen};

use self::lockfile::{LockFile, drive_acquire, has_holder};
pub(crate) use self::ownership::Ownership;
use crate::address::Address;
use crate::error::{Attempt, Doing, EnvironmentProblem, PeerProblem, Problem};
use crate::plan::{UnixConnect, UnixListen, UnixName};
use crate::proto::backoff::Backoff;
use crate::reactor::{Async, Timer};
use crate::reserve::with_reserve;
use crate::sys::socket::new_socket;

/// What a server made in the file system; dropping it removes that, the socket first, then its
/// lock.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The name that was asked for, by which clients know the socket.
    name: UnixName,
    socket: SocketFile,
    lock: Option<LockFile>,
}

impl Claim {
    /// What a process that is gone, or soon will be, has made for the socket that this one has now;
    /// it is ours once `ownership` says so.
    pub(crate) fn taken_over(
        plan: &UnixListen,
        ownership: Ownership,
    ) -> Result<Option<Self>, Problem> {
        let Some(path) = plan.name.as_path() else { return Ok(None) };
        let lock = match plan.name.lock_path() {
            Some(lock) if plan.lockfile => {
                Some(LockFile::taken_over(absolute(lock), ownership.clone())?)
            }
            _ => None,
        };
        let socket = SocketFile::made(absolute(path.to_owned()), ownership)?;
        Ok(Some(Self { name: plan.name.clone(), socket, lock }))
    }

    /// The address of the socket: the kernel may know the name that it was first bound to.
    pub(crate) fn address(&self) -> Address {
        Address::Unix(self.name.clone())
    }

    /// The lock file, where there is one.
    pub(crate) fn lock_path(&self) -> Option<PathBuf> {
        self.lock.as_ref().map(|lock| lock.path().to_owned())
    }

    /// Whether it is ours to remove.
    pub(crate) fn ownership(&self) -> Ownership {
        self.socket.ownership.clone()
    }

    /// Removes what was made, and says what could not be.
    pub(crate) fn release(mut self) -> Result<(), Problem> {
        let socket = self.socket.remove();
        let lock = self.lock.as_mut().map_or(Ok(()), LockFile::release);
        socket.and(lock)
    }
}

/// Listens as planned. Blocks: the file system may be slow, and other takers of a stale lock come
/// first.
pub(crate) fn listen_as(
    plan: &UnixListen,
) -> Result<(Async<UnixListener>, Option<Claim>), Problem> {
    let refused = |error: Errno| EnvironmentProblem::Listen {
        address: Address::Unix(plan.name.clone()),
        error: error.into(),
    };
    let address = socket_address(&plan.name).map_err(refused)?;
    let (socket, claim) = match plan.name.as_path() {
        None => {
            let socket = stream_socket().map_err(refused)?;
            bind(&socket, &address).map_err(refused)?;
            (socket, None)
        }
        Some(path) => {
            let path = absolute(path.to_owned());
            let ownership = Ownership::new(true);
            let lock = match plan.name.lock_path() {
                Some(lock) if plan.lockfile => {
                    let is_served = || is_served(&address) == Ok(Some(true));
                    Some(drive_acquire(absolute(lock), ownership.clone(), is_served)?)
                }
                _ => None,
            };
            clear_the_way(&path, &address, lock.is_some())?;
            let mode = Mode::from_raw_mode(plan.mode as RawMode);
            let socket = bind_narrow(&path, &address, mode).map_err(refused)?;
            let socket_file = SocketFile::made(path, ownership)?;
            let claim = Claim { name: plan.name.clone(), socket: socket_file, lock };
            claim.socket.widen_to(mode)?;
            (socket, Some(claim))
        }
    };
    listen(&socket, plan.backlog).map_err(refused)?;
    let listener = Async::new_nonblocking(UnixListener::from(socket));
    let listener = listener.map_err(|error| EnvironmentProblem::Listen {
        address: Address::Unix(plan.name.clone()),
        error,
    })?;
    Ok((listener, claim))
}

/// What stands where a server would listen.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// The process that is gone, whose lock would be taken over.
    pub(crate) stale_lock: Option<i32>,
    /// Whether a socket that no process serves would be removed.
    pub(crate) stale_socket: bool,
}

/// Looks whether a server could listen as planned, and changes nothing. Blocks.
pub(crate) fn look_as(plan: &UnixListen) -> Result<Standing, Problem> {
    let refused = |error: Errno| EnvironmentProblem::Listen {
        address: Address::Unix(plan.name.clone()),
        error: error.into(),
    };
    let address = socket_address(&plan.name).map_err(refused)?;
    let Some(path) = plan.name.as_path() else {
        // An abstract name is gone with its socket.
        stream_socket().and_then(|socket| bind(&socket, &address)).map_err(refused)?;
        return Ok(Standing::default());
    };
    let path = absolute(path.to_owned());
    let rights = || {
        let above = path.parent().unwrap_or(Path::new("/"));
        let rights = Access::WRITE_OK | Access::EXEC_OK;
        accessat(CWD, above, rights, AtFlags::EACCESS)
    };
    let lock = plan.name.lock_path().filter(|_| plan.lockfile).map(absolute);
    let Some(lock) = lock else {
        let stale_socket = stands(&path, &address, false)?;
        rights().map_err(refused)?;
        return Ok(Standing { stale_lock: None, stale_socket });
    };
    let is_served = || is_served(&address) == Ok(Some(true));
    let stale = lockfile::look(&lock, is_served)?;
    rights().map_err(|error| failed(Doing::Create, &lock, error))?;
    let stale_socket = stands(&path, &address, true)?;
    Ok(Standing { stale_lock: stale.map(Into::into), stale_socket })
}

/// Binds a socket whose file has the permissions `mode` at most, from the moment it exists.
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
fn bind_narrow(_: &Path, address: &SocketAddrUnix, mode: Mode) -> Result<OwnedFd, Errno> {
    let socket = stream_socket()?;
    fchmod(&socket, mode)?;
    bind(&socket, address)?;
    Ok(socket)
}

/// Binds a socket whose file has the permissions `mode` at most, from the moment it exists.
///
/// Only Linux gives the file the permissions of the socket. Elsewhere the socket is bound in a
/// directory that no other user can enter, beside the path, and moves from there by a link, which
/// replaces no file.
#[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
fn bind_narrow(path: &Path, _: &SocketAddrUnix, mode: Mode) -> Result<OwnedFd, Errno> {
    let beside = path.parent().unwrap_or(Path::new("."));
    let directory = private_directory(beside)?;
    let inside = directory.join("s");
    let made = SocketAddrUnix::new(&inside).and_then(|address| {
        let socket = stream_socket()?;
        bind(&socket, &address)?;
        chmod(&inside, mode)?;
        rustix::fs::link(&inside, path)?;
        Ok(socket)
    });
    // Neither removal has anything to say that the caller could act upon.
    let _ = unlink(&inside);
    let _ = rustix::fs::rmdir(&directory);
    // Another file stands there by now: for `bind` that is an address in use.
    made.map_err(|error| if error == Errno::EXIST { Errno::ADDRINUSE } else { error })
}

/// A new directory inside `parent` that only this user may enter.
#[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
fn private_directory(parent: &Path) -> Result<PathBuf, Errno> {
    loop {
        // Short, because the whole path has to fit in a socket address.
        let directory = parent.join(format!(".{:x}", fastrand::u32(..)));
        match rustix::fs::mkdir(&directory, Mode::RWXU) {
            Ok(()) => return Ok(directory),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes sure that nothing stands at the path, if that can be had without harm.
fn clear_the_way(path: &Path, address: &SocketAddrUnix, locked: bool) -> Result<(), Problem> {
    if !stands(path, address, locked)? {
        return Ok(());
    }
    match unlink(path) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(failed(Doing::Remove, path, error)),
    }
}

/// Whether a socket that may be removed stands at the path; an error if something else does.
fn stands(path: &Path, address: &SocketAddrUnix, locked: bool) -> Result<bool, Problem> {
    let found = match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(false),
        found => found.map_err(|error| failed(Doing::Inspect, path, error))?,
    };
    let path = path.to_owned();
    if !is_socket(&found) {
        return Err(EnvironmentProblem::NotASocket { path }.into());
    }
    // Even under the lock: a program that takes no lock may be serving this very path.
    match is_served(address) {
        Ok(None) => Ok(false),
        Ok(Some(true)) => Err(EnvironmentProblem::PathInUse { path }.into()),
        Ok(Some(false)) if locked => Ok(true),
        Ok(Some(false)) => Err(EnvironmentProblem::StaleSocket { path }.into()),
        Err(error) => Err(failed(Doing::Inspect, &path, error)),
    }
}

/// Whether a process has the socket at an address open; `None` if there is no socket.
///
/// The probe is a datagram socket: a server does not hear of it, and a socket that is bound and
/// does not listen yet counts as served, too.
fn is_served(address: &SocketAddrUnix) -> Result<Option<bool>, Errno> {
    match unix_socket(SocketType::DGRAM).and_then(|probe| connect(&probe, address)) {
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::CONNREFUSED) => Ok(Some(false)),
        // A socket of another type, as those for streams are, or one for datagrams, which may have
        // a partner.
        Err(Errno::PROTOTYPE | Errno::PERM) | Ok(()) => Ok(Some(true)),
        Err(error) => Err(error),
    }
}

/// The file that bind made. Dropping it removes the file, unless another one stands there by now.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    identity: Option<Identity>,
    ownership: Ownership,
}

/// Which file it is, whatever its name: device and inode, whose types differ between systems.
type Identity = (i128, i128);

impl SocketFile {
    /// Fails if another file stands at the path by now.
    fn made(path: PathBuf, ownership: Ownership) -> Result<Self, Problem> {
        match statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if is_socket(&found) => {
                Ok(Self { path, identity: Some(identity(&found)), ownership })
            }
            Ok(_) => Err(EnvironmentProblem::NotASocket { path }.into()),
            Err(error) => Err(failed(Doing::Inspect, &path, error)),
        }
    }

    /// Makes sure that the file is the one that was bound, and has these permissions.
    #[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
    fn widen_to(&self, mode: Mode) -> Result<(), Problem> {
        // `bind_narrow` has set the permissions already, and a link keeps them.
        let found = statat(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW);
        let same = found.and_then(|found| {
            let is_ours = Some(identity(&found)) == self.identity && is_socket(&found);
            (is_ours && Mode::from_raw_mode(found.st_mode) == mode)
                .then_some(())
                .ok_or(Errno::STALE)
        });
        same.map_err(|error| failed(Doing::SetMode, &self.path, error))
    }

    /// Adds the permissions that the umask took away at bind.
    ///
    /// chmod follows symlinks. A process that may write to the directory could make us change
    /// another file, so the change goes through a handle that is known to be our socket.
    #[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
    fn widen_to(&self, mode: Mode) -> Result<(), Problem> {
        let widen = || {
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let handle = open(&self.path, flags, Mode::empty())?;
            let found = fstat(&handle)?;
            if Some(identity(&found)) != self.identity || !is_socket(&found) {
                return Err(Errno::STALE);
            }
            if Mode::from_raw_mode(found.st_mode) == mode {
                return Ok(());
            }
            match chmod(format!("/proc/self/fd/{}", handle.as_raw_fd()), mode) {
                // Without /proc here. A link that stands at the path by now is not followed.
                Err(Errno::NOENT) => chmodat(CWD, &self.path, mode, AtFlags::SYMLINK_NOFOLLOW),
                done => done,
            }
        };
        widen().map_err(|error| failed(Doing::SetMode, &self.path, error))
    }

    fn remove(&mut self) -> Result<(), Problem> {
        let Some(ours) = self.identity.take().filter(|_| self.ownership.is_ours()) else {
            return Ok(());
        };
        match statat(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if identity(&found) == ours && is_socket(&found) => unlink(&self.path),
            Ok(_) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        }
        .map_err(|error| failed(Doing::Remove, &self.path, error))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // `drop` cannot report a failure; `Claim::release` can.
        let _ = self.remove();
    }
}

/// Connects as planned, waiting while the queue of the server is full.
pub(crate) async fn connect_as(plan: &UnixConnect) -> Result<Async<UnixStream>, Problem> {
    if let Some(lock) = plan.name.lock_path().filter(|_| plan.lockfile) {
        let looked_at = lock.clone();
        if !smol::unblock(move || has_holder(&looked_at)).await? {
            return Err(PeerProblem::NotLocked { lock }.into());
        }
    }
    attempt(&plan.name).await.map_err(|error| {
        Problem::connect(vec![Attempt { address: Address::Unix(plan.name.clone()), error }])
    })
}

async fn attempt(name: &UnixName) -> io::Result<Async<UnixStream>> {
    let address = socket_address(name)?;
    let mut backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(50));
    let socket = loop {
        let socket = with_reserve(stream_socket)?;
        match connect(&socket, &address) {
            Ok(()) => return Async::new_nonblocking(socket.into()),
            // An interrupted connect goes on in the background, too.
            Err(Errno::INPROGRESS | Errno::INTR) => break socket,
            // The queue is full. Other than for TCP nothing is under way then, and no event tells
            // when to try again; async-io takes this answer for a connection in progress.
            Err(Errno::AGAIN) => {
                Timer::after(backoff.failed()).await;
            }
            Err(error) => return Err(error.into()),
        }
    };
    let stream = Async::new_nonblocking(UnixStream::from(socket))?;
    stream.writable().await?;
    match stream.get_ref().take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}

/// The address of one side as the kernel tells it.
pub(crate) fn address_of(address: &SocketAddr) -> Address {
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        if let Some(name) = address.as_abstract_name() {
            return UnixName::abstract_name(name).map_or(Address::UnixUnnamed, Address::Unix);
        }
    }
    let name = address.as_pathname().and_then(|path| UnixName::path(path).ok());
    name.map_or(Address::UnixUnnamed, Address::Unix)
}

fn socket_address(name: &UnixName) -> Result<SocketAddrUnix, Errno> {
    match (name.as_path(), name.as_abstract()) {
        (Some(path), _) => SocketAddrUnix::new(path),
        #[cfg(target_os = "linux")]
        (None, Some(name)) => SocketAddrUnix::new_abstract_name(name),
        _ => Err(Errno::OPNOTSUPP),
    }
}

fn stream_socket() -> Result<OwnedFd, Errno> {
    unix_socket(SocketType::STREAM)
}

fn unix_socket(socket_type: SocketType) -> Result<OwnedFd, Errno> {
    new_socket(AddressFamily::UNIX, socket_type)
}

fn identity(found: &Stat) -> Identity {
    (found.st_dev.into(), found.st_ino.into())
}

fn is_socket(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::Socket
}

fn failed(doing: Doing, path: &Path, error: Errno) -> Problem {
    EnvironmentProblem::File { doing, path: path.to_owned(), error: error.into() }.into()
}

/// The path from the root, because the current directory may change before the file is removed.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_socket_file_is_never_wider_than_asked_for() {
        let path = std::env::temp_dir().join(format!("narrow-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let address = SocketAddrUnix::new(&path).unwrap();
        let _socket = bind_narrow(&path, &address, Mode::from_raw_mode(0o640)).unwrap();
        let found = statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        std::fs::remove_file(&path).unwrap();
        // The umask may have taken more, but bind alone would have given 777 less the umask.
        assert_eq!(found.st_mode & 0o7777 & !0o640, 0);
    }

    /// A socket file of ours, and a path beside it.
    #[cfg(target_os = "linux")]
    fn made(name: &str) -> (SocketFile, PathBuf) {
        let path = std::env::temp_dir().join(format!("{name}-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let address = SocketAddrUnix::new(&path).unwrap();
        drop(bind_narrow(&path, &address, Mode::from_raw_mode(0o600)).unwrap());
        let file = SocketFile::made(path.clone(), Ownership::new(true)).unwrap();
        (file, path)
    }

    /// Puts another file, with some permissions, at the path.
    #[cfg(target_os = "linux")]
    fn swap(path: &Path) {
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, "theirs").unwrap();
        chmod(path, Mode::from_raw_mode(0o600)).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_no_socket_counts_as_not_made() {
        let (file, path) = made("not-made");
        swap(&path);
        let error = SocketFile::made(path.clone(), Ownership::new(true)).unwrap_err();
        assert!(matches!(
            error,
            Problem::Environment(EnvironmentProblem::NotASocket { path: found }) if found == path
        ));
        drop(file);
        assert!(path.exists(), "a file of others is not removed");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn permissions_of_what_took_the_place_of_the_socket_are_left_alone() {
        let (file, path) = made("replaced");
        file.widen_to(Mode::from_raw_mode(0o666)).unwrap();
        let mode = || statat(CWD, &path, AtFlags::empty()).unwrap().st_mode & 0o777;
        assert_eq!(mode(), 0o666);
        // A link to a file of others, and the file itself.
        let others = path.with_extension("others");
        std::fs::write(&others, "theirs").unwrap();
        chmod(&others, Mode::from_raw_mode(0o600)).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&others, &path).unwrap();
        file.widen_to(Mode::from_raw_mode(0o666)).unwrap_err();
        assert_eq!(mode(), 0o600);
        swap(&path);
        file.widen_to(Mode::from_raw_mode(0o666)).unwrap_err();
        assert_eq!(mode(), 0o600);
        std::fs::remove_file(others).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}

//! Tests of `unix` servers and clients: permissions, lock files, and the removal of files.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use endpoint_runtime::{
    Address, Blame, EnvironmentProblem, PeerProblem, Problem, client_from_string,
};
use smol::future::poll_once;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, child, connect, exists, is_child, listen, listen_error, outlive, pair};

fn mode_of(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

/// The id of a process that has ended, for a stale lock.
fn dead_pid() -> u32 {
    let mut process = Command::new("true").spawn().unwrap();
    process.wait().unwrap();
    process.id()
}

#[test]
fn each_direction_transfers_and_ends_independently() {
    let dir = TempDir::new();
    let socket = dir.text("s");
    let mut listener = listen(&format!("unix:{socket}"));
    let (mut ours, mut theirs) = pair(&mut listener, &format!("unix:{socket}"));
    assert_eq!(ours.peer_address(), listener.local_address());
    assert_eq!(theirs.local_address(), listener.local_address());
    assert_eq!(theirs.peer_address(), &Address::UnixUnnamed);
    smol::block_on(async {
        ours.write_all(b"question").await.unwrap();
        ours.close().await.unwrap();
        let mut question = Vec::new();
        theirs.read_to_end(&mut question).await.unwrap();
        assert_eq!(question, b"question");
        theirs.write_all(b"answer").await.unwrap();
        drop(theirs);
        let mut answer = Vec::new();
        ours.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"answer");
    });
}

#[test]
fn the_mode_is_exact_whatever_the_umask() {
    if is_child() {
        let dir = TempDir::new();
        for mode in ["666", "660", "600", "0", "777", "1640"] {
            let _listener = listen(&format!("unix:{}:mode={mode}", dir.text("s")));
            assert_eq!(mode_of(&dir.path("s")), u32::from_str_radix(mode, 8).unwrap());
        }
        return;
    }
    for umask in ["000", "022", "077", "277"] {
        let test = "the_mode_is_exact_whatever_the_umask";
        // The umask 777 is left out: the child could not enter the directory that it creates.
        let output = child(test, &format!("umask {umask}")).output().unwrap();
        assert!(output.status.success(), "{umask}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn a_server_removes_its_files() {
    let dir = TempDir::new();
    let (socket, lock) = (dir.path("s"), dir.path("s.lock"));
    let description = format!("unix:{}", dir.text("s"));

    let listener = listen(&description);
    assert!(socket.symlink_metadata().unwrap().file_type().is_socket());
    assert_eq!(lock.read_link().unwrap().to_str().unwrap(), std::process::id().to_string());
    drop(listener);
    assert!(!exists(&socket) && !exists(&lock));

    let listener = listen(&description);
    smol::block_on(listener.close()).unwrap();
    assert!(!exists(&socket) && !exists(&lock));

    let listener = listen(&format!("{description}:lockfile=0"));
    assert!(exists(&socket) && !exists(&lock));
    drop(listener);
    assert!(!exists(&socket));
}

#[test]
fn live_connections_survive_their_listener() {
    let dir = TempDir::new();
    let description = format!("unix:{}", dir.text("s"));
    outlive(listen(&description), &description);
}

#[test]
fn files_of_other_processes_stay() {
    let dir = TempDir::new();
    let (socket, lock) = (dir.path("s"), dir.path("s.lock"));
    let listener = listen(&format!("unix:{}", dir.text("s")));
    std::fs::remove_file(&socket).unwrap();
    std::fs::remove_file(&lock).unwrap();
    let _theirs = UnixListener::bind(&socket).unwrap();
    symlink("1", &lock).unwrap();
    drop(listener);
    assert!(exists(&socket) && exists(&lock));
}

#[test]
fn a_lock_held_by_a_running_process_is_refused() {
    let dir = TempDir::new();
    symlink("1", dir.path("s.lock")).unwrap();
    let error = listen_error(&format!("unix:{}", dir.text("s")));
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(
        error.problem().to_string(),
        format!("`{}` is held by process 1", dir.text("s.lock"))
    );
    assert!(exists(&dir.path("s.lock")) && !exists(&dir.path("s")));
}

#[test]
fn a_second_server_of_this_process_is_refused() {
    let dir = TempDir::new();
    let description = format!("unix:{}", dir.text("s"));
    let _first = listen(&description);
    let error = listen_error(&description);
    let own = i32::try_from(std::process::id()).unwrap();
    assert!(matches!(
        error.problem(),
        Problem::Environment(EnvironmentProblem::Locked { pid, .. }) if *pid == own
    ));
    connect(&description).expect("the first server is unharmed");
}

#[test]
fn a_stale_lock_and_socket_are_taken_over() {
    let dir = TempDir::new();
    symlink(dead_pid().to_string(), dir.path("s.lock")).unwrap();
    drop(UnixListener::bind(dir.path("s")).unwrap());
    let description = format!("unix:{}", dir.text("s"));
    let mut listener = listen(&description);
    pair(&mut listener, &description);
    drop(listener);
    assert!(!exists(&dir.path("s")) && !exists(&dir.path("s.lock")));
}

#[test]
fn a_lock_with_our_pid_that_we_do_not_hold_is_stale() {
    let dir = TempDir::new();
    let description = format!("unix:{}", dir.text("s"));
    symlink(std::process::id().to_string(), dir.path("s.lock")).unwrap();
    let mut listener = listen(&description);
    pair(&mut listener, &description);
    // Other spellings of the path refer to the same lock, which this process holds.
    let error = listen_error(&format!("unix:{}", dir.text("./s")));
    assert!(error.to_string().contains("is held by"), "{error}");
    drop(listener);
    assert!(!exists(&dir.path("s")) && !exists(&dir.path("s.lock")));
    drop(listen(&description));
}

#[test]
fn a_lock_with_our_pid_is_held_if_the_socket_answers() {
    let (dir, own) = (TempDir::new(), std::process::id());
    // A process in another container may have the same id, so the socket decides.
    symlink(own.to_string(), dir.path("s.lock")).unwrap();
    let _theirs = UnixListener::bind(dir.path("s")).unwrap();
    assert_eq!(
        listen_error(&format!("unix:{}", dir.text("s"))).problem().to_string(),
        format!("`{}` is held by process {own}", dir.text("s.lock"))
    );
    assert!(exists(&dir.path("s.lock")));
}

#[test]
fn one_of_many_processes_takes_over_a_stale_lock() {
    let dir = TempDir::new();
    let description = format!("unix:{}", dir.text("s"));
    for round in 0..20 {
        let left = if round % 2 == 0 { dead_pid() } else { std::process::id() };
        symlink(left.to_string(), dir.path("s.lock")).unwrap();
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let server = endpoint_runtime::server_from_string(&description).unwrap();
                std::thread::spawn(move || smol::block_on(server.listen()))
            })
            .collect();
        let won: Vec<_> =
            takers.into_iter().filter_map(|taker| taker.join().unwrap().ok()).collect();
        assert_eq!(won.len(), 1);
    }
}

#[test]
fn a_file_that_is_not_a_lock_is_left_alone() {
    let dir = TempDir::new();
    let description = format!("unix:{}", dir.text("s"));
    let lock = dir.path("s.lock");
    std::fs::write(&lock, "precious").unwrap();
    let error = listen_error(&description);
    assert_eq!(
        error.problem().to_string(),
        format!(
            "`{}` exists and is not a lock (expected a symlink to a process number)",
            lock.display()
        )
    );
    assert_eq!(std::fs::read(&lock).unwrap(), b"precious");
    std::fs::remove_file(&lock).unwrap();
    symlink("/etc/passwd", &lock).unwrap();
    listen_error(&description);
    assert!(exists(&lock));
}

#[test]
fn a_file_that_is_not_a_socket_is_left_alone() {
    let dir = TempDir::new();
    let path = dir.path("s");
    let stale = format!("unix:{}", dir.text("s"));
    for description in [stale.clone(), format!("{stale}:lockfile=0")] {
        std::fs::write(&path, "precious").unwrap();
        let error = listen_error(&description);
        let expected = format!("`{}` exists and is not a socket", path.display());
        assert_eq!(error.problem().to_string(), expected);
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
        assert!(!exists(&dir.path("s.lock")), "a failed listen leaves nothing behind");
    }
    // A symlink to a stale socket is not a stale socket: it is neither followed nor removed.
    std::fs::remove_file(&path).unwrap();
    drop(UnixListener::bind(dir.path("other")).unwrap());
    symlink(dir.path("other"), &path).unwrap();
    listen_error(&stale);
    assert!(exists(&path) && exists(&dir.path("other")));
}

#[test]
fn a_served_socket_is_left_alone() {
    let dir = TempDir::new();
    let _theirs = UnixListener::bind(dir.path("s")).unwrap();
    // The socket is in use although its lock is stale.
    symlink(dead_pid().to_string(), dir.path("s.lock")).unwrap();
    let error = listen_error(&format!("unix:{}", dir.text("s")));
    assert_eq!(
        error.problem().to_string(),
        format!("`{}` is in use by another program", dir.text("s"))
    );
    connect(&format!("unix:{}", dir.text("s"))).unwrap();
}

#[test]
fn a_stale_socket_is_removed_only_under_the_lock() {
    let dir = TempDir::new();
    drop(UnixListener::bind(dir.path("s")).unwrap());
    let description = format!("unix:{}", dir.text("s"));
    let error = listen_error(&format!("{description}:lockfile=0"));
    assert_eq!(
        error.problem().to_string(),
        format!(
            "`{}` is left over from another program (it is removed only with `lockfile=1`)",
            dir.text("s")
        )
    );
    assert!(exists(&dir.path("s")));
    listen(&description);
}

#[test]
fn an_over_long_path_is_refused_by_name() {
    let path = format!("/tmp/{}", "x".repeat(103));
    let description = format!("unix:{path}");
    let expected =
        format!("`{description}`: `{path}` is 108 bytes long, but a socket name has at most 107");
    let error = endpoint_runtime::server_from_string(&description).unwrap_err();
    assert_eq!((error.blame(), error.to_string()), (Blame::Description, expected.clone()));
    assert_eq!(client_from_string(&description).unwrap_err().to_string(), expected);
}

#[test]
fn a_missing_directory_is_named() {
    let dir = TempDir::new();
    let error = listen_error(&format!("unix:{}", dir.text("none/s")));
    let expected = format!(
        "cannot create `{}`: no such file or directory (os error 2)",
        dir.text("none/s.lock")
    );
    assert_eq!(error.problem().to_string(), expected);

    let error = listen_error(&format!("unix:{}:lockfile=0", dir.text("none/s")));
    let expected = format!(
        "cannot listen on `{}`: no such file or directory (os error 2)",
        dir.text("none/s")
    );
    assert_eq!(error.problem().to_string(), expected);
}

#[test]
#[cfg(target_os = "linux")]
fn abstract_names_leave_no_file() {
    let name = format!("endpoint-runtime-{}", std::process::id());
    let description = format!("unix:{name}:abstract=1");
    let mut listener = listen(&description);
    let (ours, theirs) = pair(&mut listener, &description);
    assert_eq!(ours.peer_address().to_string(), format!("`@{name}`"));
    assert_eq!(theirs.local_address(), ours.peer_address());
    assert!(!exists(Path::new(&name)));
    drop(listener);
    listen(&description);
}

#[test]
fn a_client_can_demand_the_lock() {
    let dir = TempDir::new();
    let client = format!("unix:{}:lockfile=1", dir.text("s"));
    let theirs = UnixListener::bind(dir.path("s")).unwrap();
    let error = connect(&client).unwrap_err();
    assert!(matches!(error.problem(), Problem::Peer(PeerProblem::NotLocked { .. })));
    assert_eq!(
        error.problem().to_string(),
        format!("no running server holds `{}`", dir.text("s.lock"))
    );
    drop(theirs);
    std::fs::remove_file(dir.path("s")).unwrap();

    symlink(dead_pid().to_string(), dir.path("s.lock")).unwrap();
    connect(&client).unwrap_err();
    let _listener = listen(&format!("unix:{}", dir.text("s")));
    connect(&client).unwrap();
}

#[test]
fn a_missing_server_is_blamed_on_the_peer() {
    let dir = TempDir::new();
    let error = connect(&format!("unix:{}", dir.text("s"))).unwrap_err();
    assert_eq!(error.blame(), Blame::Peer);
    let expected =
        format!("cannot connect to `{}`: no such file or directory (os error 2)", dir.text("s"));
    assert_eq!(error.problem().to_string(), expected);
}

#[test]
fn a_client_waits_while_the_queue_is_full() {
    let dir = TempDir::new();
    let mut listener = listen(&format!("unix:{}:backlog=0", dir.text("s")));
    let client = client_from_string(&format!("unix:{}", dir.text("s"))).unwrap();
    smol::block_on(async {
        // Linux accepts one connection beyond the backlog.
        let _first = client.connect().await.unwrap();
        let mut second = Box::pin(client.connect());
        assert!(poll_once(&mut second).await.is_none());
        listener.accept().await.unwrap();
        let mut second = second.await.unwrap();
        let mut theirs = listener.accept().await.unwrap();
        second.write_all(b"x").await.unwrap();
        theirs.read_exact(&mut [0]).await.unwrap();
    });
}

#[test]
fn dropping_the_future_of_listen_leaves_nothing_behind() {
    let dir = TempDir::new();
    let description = format!("unix:{}", dir.text("s"));
    let server = endpoint_runtime::server_from_string(&description).unwrap();
    for _ in 0..20 {
        smol::block_on(async { poll_once(server.listen()).await.map(drop) });
    }
    // The threads of dropped futures remove their files. After the last one, the lock is free.
    loop {
        match smol::block_on(server.listen()) {
            Ok(listener) => break drop(listener),
            Err(error) => assert_eq!(error.blame(), Blame::Environment),
        }
    }
}

#[test]
fn checks_of_a_socket_make_no_connection() {
    let dir = TempDir::new();
    let theirs = UnixListener::bind(dir.path("s")).unwrap();
    theirs.set_nonblocking(true).unwrap();
    for rest in ["", ":lockfile=0"] {
        let error = listen_error(&format!("unix:{}{rest}", dir.text("s")));
        assert!(matches!(
            error.problem(),
            Problem::Environment(EnvironmentProblem::PathInUse { .. })
        ));
    }
    assert_eq!(theirs.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_bound_socket_that_does_not_listen_is_left_alone() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, socket};
    let dir = TempDir::new();
    for socket_type in [SocketType::STREAM, SocketType::DGRAM, SocketType::SEQPACKET] {
        let theirs = socket(AddressFamily::UNIX, socket_type, None).unwrap();
        bind(&theirs, &SocketAddrUnix::new(dir.path("s")).unwrap()).unwrap();
        let error = listen_error(&format!("unix:{}", dir.text("s")));
        assert!(matches!(
            error.problem(),
            Problem::Environment(EnvironmentProblem::PathInUse { .. })
        ));
        std::fs::remove_file(dir.path("s")).unwrap();
    }
}

#[test]
fn a_socket_has_the_user_and_the_group_that_are_asked_for() {
    use std::os::unix::fs::MetadataExt;
    let dir = TempDir::new();
    let path = dir.text("owned");
    let error = listen_error(&format!("unix:{path}:user=no-such-user-here"));
    assert_eq!(error.problem().to_string(), "there is no user `no-such-user-here`");
    let error = listen_error(&format!("unix:{path}:group=no-such-group-here"));
    assert_eq!(error.problem().to_string(), "there is no group `no-such-group-here`");
    assert!(!dir.path("owned").exists());
    // A user may give a socket to itself; only root may give it to others.
    let us = std::fs::metadata(dir.path(".")).unwrap();
    let (user, group) = if us.uid() == 0 { (65533, 65532) } else { (us.uid(), us.gid()) };
    let _listener = listen(&format!("unix:{path}:mode=660:user={user}:group={group}"));
    let found = std::fs::metadata(&path).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (user, group, 0o660));
    if us.uid() == 0 {
        let by_name = dir.text("named");
        let _listener = listen(&format!("unix:{by_name}:user=root:group=root"));
        assert_eq!(std::fs::metadata(&by_name).unwrap().uid(), 0);
    }
}

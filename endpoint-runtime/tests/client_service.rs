//! Tests of `ClientService`: a client that stays connected, shared by several tasks.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use endpoint_runtime::proto::retry::RetryPolicy;
use endpoint_runtime::{
    Blame, ClientService, Connection, Listener, NotConnected, client_from_string,
};
use smol::future::{or, pending, poll_once, zip};
use smol::io::AsyncReadExt;
use support::{TempDir, loopback};

/// A policy with pauses of a millisecond at most, so that tests need not wait.
fn quickly() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    (policy.first, policy.longest) = (Duration::from_micros(1), Duration::from_millis(1));
    policy
}

fn service() -> (Listener, ClientService<u32>) {
    let (listener, client) = loopback();
    (listener, client_from_string(&client).unwrap().service(quickly()))
}

/// A service whose attempts to connect all fail, because no server listens.
fn lonely(policy: RetryPolicy) -> (TempDir, ClientService<u32>) {
    let directory = TempDir::new();
    let client = client_from_string(&format!("unix:{}", directory.text("socket"))).unwrap();
    (directory, client.service(policy))
}

/// Reads and drops data until the peer has closed the connection.
async fn until_closed(mut connection: Connection) {
    while connection.read(&mut [0]).await.is_ok_and(|read| read > 0) {}
}

/// Runs a service whose connections are numbered from 1, concurrently with a test.
///
/// The test is polled first, so it can wait for a connection before the service runs.
#[track_caller]
fn beside(service: &ClientService<u32>, test: impl Future<Output = ()>) {
    let count = Cell::new(0);
    let running = service.run(async |connection: Connection| {
        count.set(count.get() + 1);
        Ok((count.get(), until_closed(connection)))
    });
    let ((), ran) = smol::block_on(zip(test, running));
    ran.unwrap();
}

#[test]
fn all_waiters_share_one_connection() {
    let (mut listener, service) = service();
    let (one, other) = (service.clone(), service.clone());
    beside(&service, async {
        let (first, second) = zip(one.when_connected(None), other.when_connected(Some(1))).await;
        assert_eq!((first.unwrap(), second.unwrap()), (1, 1));
        let _theirs = listener.accept().await.unwrap();
        assert!(poll_once(listener.accept()).await.is_none(), "there is no other connection");
        assert_eq!(other.when_connected(None).await.unwrap(), 1, "at once, as it is there");
        other.stop().await;
    });
}

#[test]
fn a_connection_that_ends_is_followed_by_another() {
    let (mut listener, service) = service();
    let handle = service.clone();
    beside(&service, async {
        drop(listener.accept().await.unwrap());
        let _second = listener.accept().await.unwrap();
        while handle.when_connected(None).await.unwrap() != 2 {
            smol::future::yield_now().await;
        }
        handle.stop().await;
    });
}

#[test]
fn preparing_counts_as_connecting() {
    let (_listener, service) = service();
    let calls = Cell::new(0);
    let running = service.run(async |connection: Connection| {
        calls.set(calls.get() + 1);
        match calls.get() {
            1 | 2 => Err(io::Error::new(ErrorKind::ConnectionReset, "not ready")),
            call => Ok((call, until_closed(connection))),
        }
    });
    let waiting = async {
        let (failed, connected) =
            zip(service.when_connected(Some(2)), service.when_connected(None)).await;
        let NotConnected::Failed(error) = failed.unwrap_err() else {
            unreachable!("there were two failures")
        };
        assert_eq!(error.blame(), Blame::Peer);
        assert!(error.to_string().contains("not ready"), "{error}");
        assert_eq!(connected.unwrap(), 3);
        service.stop().await;
    };
    let ((), ran) = smol::block_on(zip(waiting, running));
    ran.unwrap();
}

#[test]
fn failures_from_before_the_wait_do_not_count() {
    let (_directory, service) = lonely(quickly());
    let handle = service.clone();
    beside(&service, async {
        for _ in 0..3 {
            assert!(matches!(handle.when_connected(Some(2)).await, Err(NotConnected::Failed(_))));
        }
        handle.stop().await;
    });
}

#[test]
fn stopping_closes_the_connection_and_ends_the_waits() {
    let (mut listener, service) = service();
    let handle = service.clone();
    beside(&service, async {
        let mut theirs = listener.accept().await.unwrap();
        handle.when_connected(None).await.unwrap();
        handle.stop().await;
        assert_eq!(theirs.read(&mut [0]).await.unwrap(), 0);
    });
    let stopped = smol::block_on(service.when_connected(None)).unwrap_err();
    assert_eq!(stopped.to_string(), "the client was stopped");
    // A stopped service may run again.
    let handle = service.clone();
    beside(&service, async {
        let _theirs = listener.accept().await.unwrap();
        while handle.when_connected(None).await.is_err() {
            smol::future::yield_now().await;
        }
        handle.stop().await;
    });
}

#[test]
fn stopping_ends_a_long_pause() {
    let directory = TempDir::new();
    let client = client_from_string(&format!("unix:{}", directory.text("socket"))).unwrap();
    let service: ClientService<u32> = client.service_with(|_| Duration::from_secs(3600));
    let handle = service.clone();
    beside(&service, async {
        handle.when_connected(Some(1)).await.unwrap_err();
        handle.stop().await;
    });
}

#[test]
fn a_policy_receives_the_number_of_consecutive_failures() {
    let (mut listener, client) = loopback();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&asked);
    let calls = Cell::new(0);
    let service: ClientService<u32> =
        client_from_string(&client).unwrap().service_with(move |failures| {
            told.lock().unwrap().push(failures);
            Duration::ZERO
        });
    let running = service.run(async |connection: Connection| {
        calls.set(calls.get() + 1);
        if [1, 2, 4].contains(&calls.get()) {
            return Err(ErrorKind::ConnectionReset.into());
        }
        Ok((calls.get(), until_closed(connection)))
    });
    let test = async {
        // The third connection succeeds and ends, the fourth is refused, and the fifth succeeds.
        for _ in 0..3 {
            drop(listener.accept().await.unwrap());
        }
        drop(listener.accept().await.unwrap());
        let _fifth = listener.accept().await.unwrap();
        while service.when_connected(None).await.unwrap() != 5 {
            smol::future::yield_now().await;
        }
        service.stop().await;
    };
    smol::block_on(zip(running, test)).0.unwrap();
    assert_eq!(*asked.lock().unwrap(), [1, 2, 1, 2]);
}

#[test]
fn a_service_gives_up_as_its_policy_says_and_runs_once_at_a_time() {
    let mut policy = quickly();
    policy.attempts = Some(3);
    let (_directory, service) = lonely(policy);
    let prepare = async |_: Connection| Ok((0, pending::<()>()));
    let (ran, waited) = smol::block_on(zip(service.run(prepare), service.when_connected(None)));
    assert!(matches!(ran, Err(NotConnected::Failed(_))));
    assert!(matches!(waited, Err(NotConnected::Failed(_))));

    let (_listener, client) = loopback();
    let service: ClientService<u32> = client_from_string(&client).unwrap().service(quickly());
    let first = service.run(prepare);
    let second = async {
        service.when_connected(None).await.unwrap();
        let error = service.run(prepare).await.unwrap_err();
        assert_eq!(error.to_string(), "the client runs already");
        Ok(())
    };
    smol::block_on(or(first, second)).unwrap();
    assert!(smol::block_on(service.when_connected(None)).is_err(), "dropping it stops it");
}

#[test]
fn a_mistake_in_the_description_is_not_tried_again() {
    let mistaken = r"tcp:127.0.0.1:1:bindAddress=\:\:1";
    let service: ClientService<u32> = client_from_string(mistaken).unwrap().service(quickly());
    let prepare = async |_: Connection| Ok((0, pending::<()>()));
    let NotConnected::Failed(error) = smol::block_on(service.run(prepare)).unwrap_err() else {
        unreachable!("the description is mistaken")
    };
    assert_eq!(error.blame(), Blame::Description);
}

#[test]
fn a_service_runs_on_an_executor() {
    let (mut listener, service) = service();
    let running = service.clone();
    let task = smol::spawn(async move {
        running.run(async |connection: Connection| Ok((7, until_closed(connection)))).await
    });
    smol::block_on(async {
        assert_eq!(service.when_connected(None).await.unwrap(), 7);
        let _theirs = listener.accept().await.unwrap();
        service.stop().await;
        task.await.unwrap();
    });
}

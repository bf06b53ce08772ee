//! Tests of `connect_protocol`, and of clients that reconnect after failures.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use endpoint_runtime::proto::retry::RetryPolicy;
use endpoint_runtime::{Blame, Connection, client_from_string, connect_protocol};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, child, is_child, loopback};

/// A policy with pauses of a millisecond at most, so that tests need not wait.
fn quickly() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    (policy.first, policy.longest) = (Duration::from_micros(1), Duration::from_millis(1));
    policy
}

#[test]
fn a_protocol_is_a_function_of_the_connection() {
    let (mut listener, client) = loopback();
    let client = client_from_string(&client).unwrap();
    smol::block_on(async {
        let asking = connect_protocol(&client, async |mut connection: Connection| {
            connection.write_all(b"question").await?;
            connection.close().await?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.map(|_| answer)
        });
        let answering = async {
            let mut connection = listener.accept().await.unwrap();
            let mut question = String::new();
            connection.read_to_string(&mut question).await.unwrap();
            connection.write_all(b"answer").await.unwrap();
            question
        };
        let (answer, question) = zip(asking, answering).await;
        assert_eq!((answer.unwrap().unwrap().as_str(), question.as_str()), ("answer", "question"));
    });
}

#[test]
fn failures_of_a_layer_count_and_are_tried_again() {
    let (_listener, client) = loopback();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let fussy = client_from_string(&client).unwrap().wrapped(move |connection| {
        let call = counted.fetch_add(1, Ordering::Relaxed);
        let done: io::Result<Connection> =
            if call < 2 { Err(ErrorKind::ConnectionReset.into()) } else { Ok(connection) };
        async { done }
    });
    let mut fussy = fussy.retrying(quickly());
    let connection = smol::block_on(fussy.connect()).unwrap();
    assert_eq!(connection.endpoint(), client);
    assert_eq!((fussy.failures(), calls.load(Ordering::Relaxed)), (2, 3));
}

#[test]
fn enough_failures_in_a_row_are_an_error() {
    let directory = TempDir::new();
    let nobody = format!("unix:{}", directory.text("socket"));
    let mut policy = quickly();
    policy.attempts = Some(3);
    let mut client = client_from_string(&nobody).unwrap().retrying(policy);
    let error = smol::block_on(client.connect()).unwrap_err();
    assert_eq!((error.blame(), client.failures()), (Blame::Peer, 3));
    assert_eq!(error.endpoint(), nobody);
}

#[test]
fn a_mistake_in_the_description_is_not_tried_again() {
    let mistaken = r"tcp:127.0.0.1:1:bindAddress=\:\:1";
    let mut client = client_from_string(mistaken).unwrap().retrying(RetryPolicy::default());
    let error = smol::block_on(client.connect()).unwrap_err();
    assert_eq!((error.blame(), client.failures()), (Blame::Description, 0));
}

#[test]
fn a_protocol_is_run_again_until_it_breaks_off() {
    let (mut listener, client) = loopback();
    let mut client = client_from_string(&client).unwrap().retrying(quickly());
    smol::block_on(async {
        let mut words = Vec::new();
        let listening = client.run(async |mut connection: Connection| {
            let mut word = String::new();
            connection.read_to_string(&mut word).await.unwrap();
            words.push(word);
            if words.len() == 3 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
        });
        let speaking = async {
            for word in ["one", "two", "three"] {
                let mut connection = listener.accept().await.unwrap();
                connection.write_all(word.as_bytes()).await.unwrap();
            }
        };
        let (done, ()) = zip(listening, speaking).await;
        assert_eq!(done.unwrap(), "enough");
        assert_eq!(words, ["one", "two", "three"]);
    });
}

#[test]
fn pauses_need_no_descriptor() {
    let test = "pauses_need_no_descriptor";
    if !is_child() {
        assert!(child(test, ":").status().unwrap().success());
        return;
    }
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(3), ..limit }).unwrap();
    let mut policy = quickly();
    (policy.first, policy.attempts) = (Duration::from_millis(1), Some(3));
    let mut client = client_from_string("tcp:127.0.0.1:1").unwrap().retrying(policy);
    // A pause must not start async-io's reactor, which panics without descriptors.
    let error = endpoint_runtime::block_on(client.connect()).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(client.failures(), 3, "{error}");
}

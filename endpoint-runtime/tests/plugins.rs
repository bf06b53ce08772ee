//! Tests of endpoint types that plugins define: that of the example `memory`, and of the tests.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../examples/memory.rs"]
#[allow(dead_code, reason = "the test does not call its `main`")]
mod memory;
mod support;

use std::io;
use std::sync::Arc;

use endpoint_runtime::{
    Blame, Boxed, Client, Connect, Connection, Registry, Server, server_from_string,
};
use smol::future::zip;
use strports_syntax::signature::{Kind, Parameter};
use strports_syntax::{Role, Signature};
use support::converse;

#[test]
fn each_direction_transfers_and_ends_independently() {
    let registry = memory::registry().unwrap();
    let server = registry.server_from_string("memory:a").unwrap();
    let client = registry.client_from_string("memory:a").unwrap();
    let (ours, theirs) = smol::block_on(async {
        let mut listener = server.listen().await.unwrap();
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
        assert_eq!((ours.endpoint(), theirs.endpoint()), ("memory:a", "memory:a"));
        (ours, theirs)
    });
    converse(ours, theirs);
}

#[test]
fn errors_of_a_plugin_name_the_endpoint() {
    let registry = memory::registry().unwrap();
    let error = registry.server_from_string("memory:").unwrap_err();
    assert_eq!(error.blame(), Blame::Description);
    assert_eq!(error.to_string(), "`memory:`: expected a name, but found nothing");

    let client = registry.client_from_string("memory:nobody").unwrap();
    let error = smol::block_on(client.connect()).unwrap_err();
    assert_eq!(error.blame(), Blame::Peer);
    assert_eq!(
        error.to_string(),
        "`memory:nobody`: the plugin `memory` cannot connect: connection refused"
    );

    let server = registry.server_from_string("memory:a").unwrap();
    let _listener = smol::block_on(server.listen()).unwrap();
    let error = smol::block_on(server.listen()).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(error.to_string(), "`memory:a`: the plugin `memory` cannot listen: address in use");
}

#[test]
fn a_listener_that_is_dropped_makes_room() {
    let registry = memory::registry().unwrap();
    let server = registry.server_from_string("memory:a").unwrap();
    drop(smol::block_on(server.listen()).unwrap());
    smol::block_on(server.listen()).unwrap();
}

#[test]
fn only_the_registry_knows_the_type() {
    let registry = memory::registry().unwrap();
    assert!(
        server_from_string("memory:a").unwrap_err().to_string().contains("unknown server type")
    );

    let server = registry.types().server("haproxy:memory:a").unwrap();
    let error = Server::new(&server).unwrap_err();
    assert_eq!(error.to_string(), "`haproxy:memory:a`: there is no plugin for `memory` here");
    assert!(registry.server(&server).is_ok());

    let client = registry.types().client("memory:a").unwrap();
    let plan = registry.client(&client).unwrap().plan().clone();
    let error = smol::block_on(Client::from_plan(plan).connect()).unwrap_err();
    assert_eq!(error.blame(), Blame::Misuse);
    assert!(Client::new(&client).is_err());
}

#[test]
fn a_plan_has_the_arguments_for_the_plugin() {
    let registry = memory::registry().unwrap();
    let server = registry.server_from_string("haproxy:memory:a").unwrap();
    let plan = server.plan().to_string();
    assert!(plan.starts_with("listen as a peer in this process (`memory:a`); "), "{plan}");
}

#[test]
fn a_parameter_timeout_is_the_time_limit() {
    static NEVER: Signature = Signature::plugin(
        Role::Client,
        "never",
        "nobody",
        &[Parameter::or("timeout", Kind::Seconds, "30", "how long to wait")],
    );
    struct Never;
    impl Connect for Never {
        fn connect(&self) -> Boxed<'_, io::Result<Connection>> {
            Box::pin(std::future::pending())
        }
    }
    let registry = Registry::new().with_client(&NEVER, |_| Ok(Arc::new(Never))).unwrap();
    let client = registry.client_from_string("never:timeout=1").unwrap();
    let error = smol::block_on(client.connect()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`never:timeout=1`: no connection to never:timeout=1 within 1 second"
    );
    let taken = registry.with_client(&NEVER, |_| Ok(Arc::new(Never))).unwrap_err();
    assert_eq!(taken.to_string(), "the type `never` exists already");
}

//! State that a process inherits: variables of systemd, the handover message, and lock files.

use std::num::NonZero;

use endpoint_runtime::proto::activation::{FIRST_DESCRIPTOR, Passed, Variables};
use endpoint_runtime::proto::handover::Handoff;
use endpoint_runtime::proto::lockfile::{Acquire, Fact, Order, parse_pid};

/// Checks the law; NUL bytes separate the texts.
pub fn holds(input: &[u8]) {
    let mut texts = input.split(|byte| *byte == 0);
    activation(Variables { pid: texts.next(), fds: texts.next(), names: texts.next() });
    if let Ok(text) = std::str::from_utf8(input)
        && let Some(handoff) = Handoff::parse(text)
    {
        assert_eq!(handoff.to_string(), text, "a message has one spelling");
    }
    if let Some(pid) = parse_pid(input) {
        assert!(pid.get() > 0, "{pid}");
    }
    lock(input);
}

/// Descriptors start at 3, and a name selects only descriptors with that name.
fn activation(variables: Variables<'_>) {
    let ours = 4711;
    let Ok(passed) = Passed::read(variables, ours) else { return };
    assert_eq!(passed.index(0).ok(), passed.descriptors().next());
    assert!(passed.index(passed.count()).is_err());
    for descriptor in passed.descriptors().take(100) {
        assert!(descriptor >= FIRST_DESCRIPTOR);
        let Some(name) = passed.name_of(descriptor) else { continue };
        let found: Vec<u32> = passed.name(name).expect("it has this name").take(200).collect();
        assert!(found.contains(&descriptor) || found.len() == 200);
        assert!(found.iter().all(|it| passed.name_of(*it) == Some(name)));
    }
}

/// A lock is acquired only after its symlink was created, and every script of facts terminates.
fn lock(script: &[u8]) {
    let (mut machine, mut order) = Acquire::new();
    let mut facts = script.iter();
    for turn in 0.. {
        assert!(turn < 1000, "the lock is never given up");
        // After the last fact, another process acquires and releases the lock repeatedly.
        let choice = facts.next().copied();
        let fact = match order {
            Order::Create => match choice {
                Some(byte) if byte & 1 == 0 => Fact::Created,
                _ => Fact::Exists,
            },
            Order::Read => match choice.map(|byte| byte & 3) {
                Some(0) => Fact::Vanished,
                Some(1) => Fact::NoSymlink,
                _ => Fact::Target(b"4711"),
            },
            Order::Probe(pid) => {
                assert_eq!(Some(pid), NonZero::new(4711));
                if choice.is_some_and(|byte| byte & 1 == 0) { Fact::Alive } else { Fact::Gone }
            }
            Order::Remove(_) => Fact::Removed,
            _ => return,
        };
        let created = matches!(fact, Fact::Created);
        order = machine.next(fact);
        assert_eq!(created, matches!(order, Order::Acquired), "acquired without a symlink");
    }
}

//! Laws of what a process inherits: variables of systemd, the handover message, and lock files.
//!
//! The parsers agree with a simple implementation of each format.

use std::num::NonZero;

use endpoint_runtime::proto::activation::{ActivationError, FIRST_DESCRIPTOR, Passed, Variables};
use endpoint_runtime::proto::handover::Handoff;
use endpoint_runtime::proto::lockfile::{Acquire, AcquireError, Fact, Order, parse_pid};

/// The process id that this process has in the tests.
const OURS: u32 = 4711;

/// Checks the law. NUL bytes separate the texts of the variables.
pub fn holds(input: &[u8]) {
    let mut texts = input.split(|byte| *byte == 0);
    activation(Variables { pid: texts.next(), fds: texts.next(), names: texts.next() });
    if let Ok(text) = std::str::from_utf8(input) {
        handoff(text);
    }
    assert_eq!(parse_pid(input), pid(input));
    lock(input);
}

/// Returns texts of every shape, valid and invalid.
pub fn samples() -> Vec<Vec<u8>> {
    let numbers = ["4711", "+4711", "-4711", "04711", " 4711", "4712", "0", "4294967296", "0x1267"];
    let counts = ["0", "1", "2", "3", "+1", "2147483645", "2147483646", "4294967295", "", "1 "];
    let names = ["", "a", "a:b", "a:a", ":a", "a:b:a", "a:b:c:d"];
    let mut texts = Vec::new();
    for number in numbers {
        texts.push(number.to_owned());
        for count in counts {
            texts.push(format!("{number}\0{count}"));
            texts.extend(names.map(|names| format!("{number}\0{count}\0{names}")));
        }
        for rest in
            ["3:4", "3:4,5;6", "3:", "3:;", "3:4,", "03:4", "3:+4", "3:4:5", "3", "3:4;5,6;7"]
        {
            texts.push(format!("{number}:{rest}"));
        }
    }
    let mut samples: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    // Scripts for the lock: every sequence of four events, and a long contest for the lock.
    samples.extend((0..4096_u16).map(|script| (0..4).map(|at| low(script >> (3 * at))).collect()));
    samples.extend([[1, 0].repeat(100), [1, 2, 1].repeat(100)]);
    samples
}

/// Returns the lowest three bits, from which a script chooses an event.
fn low(bits: u16) -> u8 {
    u8::try_from(bits & 7).expect("three bits")
}

/// Parses decimal digits without a sign; `None` for any other text.
fn digits(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok().filter(|it| !it.is_empty())?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn pid(text: &[u8]) -> Option<NonZero<i32>> {
    NonZero::new(i32::try_from(digits(text)?).ok()?)
}

/// With systemd's variables, descriptors start at 3, and a name selects the descriptors with it.
fn activation(variables: Variables<'_>) {
    let number = |variable, value: Option<&[u8]>| {
        let value = value.ok_or(ActivationError::NotSet { variable })?;
        let wrong = || ActivationError::NotANumber { variable, value: value.to_owned() };
        digits(value).and_then(|it| u32::try_from(it).ok()).ok_or_else(wrong)
    };
    let expected = match number("LISTEN_PID", variables.pid) {
        Ok(pid) if pid != OURS => Err(ActivationError::OtherProcess { pid, ours: OURS }),
        Ok(_) => number("LISTEN_FDS", variables.fds),
        Err(error) => Err(error),
    };
    let passed = Passed::read(variables, OURS);
    // Descriptors are non-negative numbers of a C `int`.
    let expected = expected.and_then(|count| match i32::try_from(count) {
        Ok(count) if count <= i32::MAX - 2 => Ok(count.unsigned_abs()),
        _ => {
            let value = variables.fds.unwrap_or_default().to_owned();
            Err(ActivationError::NotANumber { variable: "LISTEN_FDS", value })
        }
    });
    assert_eq!(passed.as_ref().map(Passed::count), expected.as_ref().copied());
    let Ok(passed) = passed else { return };
    let (count, all) = (passed.count(), passed.descriptors().take(100).collect::<Vec<_>>());
    let named: Option<Vec<&[u8]>> = variables.names.map(|it| it.split(|it| *it == b':').collect());
    let fits = named.as_ref().is_some_and(|it| u32::try_from(it.len()) == Ok(count));
    assert!(all.iter().copied().eq((FIRST_DESCRIPTOR..).take(all.len())));
    assert_eq!(all.len(), usize::try_from(count.min(100)).unwrap_or_default());
    assert!(passed.index(count).is_err());
    for (descriptor, index) in all.iter().zip(0..) {
        assert_eq!(passed.index(index), Ok(*descriptor));
        let name = named.as_ref().filter(|_| fits).map(|it| it[at(index)]);
        assert_eq!(passed.name_of(*descriptor), name);
        let Some(name) = name else { continue };
        let found: Vec<u32> = passed.name(name).expect("it has this name").collect();
        let same = |it: &(u32, &&[u8])| *it.1 == name;
        let wanted = (FIRST_DESCRIPTOR..).zip(named.iter().flatten()).filter(same).map(|it| it.0);
        assert_eq!(found, wanted.collect::<Vec<_>>());
    }
    // Colons separate names, so that none contains one.
    let absent = b"no:such:name";
    match (passed.name(absent).err(), named) {
        (Some(ActivationError::Unnamed { .. }), None) => {}
        (Some(ActivationError::NoSuchName { .. }), Some(_)) => assert!(fits),
        (Some(ActivationError::NameCount { .. }), Some(_)) => assert!(!fits),
        (other, _) => panic!("{other:?}"),
    }
}

fn at(index: u32) -> usize {
    usize::try_from(index).expect("an index")
}

/// A handover message has only one spelling: canonical numbers, and nothing else.
fn handoff(text: &str) {
    let number = |text: &str| text.parse::<u32>().ok().filter(|it| it.to_string() == text);
    let listener = |text: &str| text.split(',').map(number).collect::<Option<Vec<u32>>>();
    let expected = || {
        let (predecessor, rest) = text.split_once(':')?;
        let (channel, listeners) = rest.split_once(':')?;
        Some(Handoff {
            predecessor: number(predecessor)?,
            channel: number(channel)?,
            listeners: listeners.split(';').map(listener).collect::<Option<_>>()?,
        })
    };
    let found = Handoff::parse(text);
    assert_eq!(found, expected());
    assert!(found.is_none_or(|it| it.to_string() == text), "a message has one spelling");
}

/// A lock is acquired only once its symbolic link was created, and every script terminates.
fn lock(script: &[u8]) {
    const TARGETS: [&[u8]; 5] = [b"4712", b"0", b"+7", b"2147483648", b"/etc/passwd"];
    let (mut machine, mut order) = Acquire::new();
    let mut facts = script.iter();
    let mut rounds = 0;
    for turn in 0.. {
        assert!(turn < 1000, "the lock is never given up");
        // After the script's end, another process acquires and releases the lock again and again.
        let choice = facts.next().copied();
        let fact = match order {
            Order::Create => match choice {
                Some(byte) if byte & 1 == 0 => Fact::Created,
                _ => Fact::Exists,
            },
            Order::Read => match choice.map(|byte| byte & 7) {
                None | Some(0) => Fact::Vanished,
                Some(1) => Fact::NoSymlink,
                Some(byte) => Fact::Target(TARGETS[usize::from(byte - 2) % TARGETS.len()]),
            },
            Order::Probe(_) => {
                if choice.is_some_and(|byte| byte & 1 == 0) {
                    Fact::Alive
                } else {
                    Fact::Gone
                }
            }
            Order::Remove(_) => Fact::Removed,
            _ => return,
        };
        let expected = match fact {
            Fact::Created => Order::Acquired,
            Fact::Exists => Order::Read,
            Fact::Target(text) => match pid(text) {
                Some(pid) => Order::Probe(pid),
                None => Order::Refused(AcquireError::NotALock),
            },
            Fact::NoSymlink => Order::Refused(AcquireError::NotALock),
            Fact::Alive => Order::Refused(AcquireError::Held(NonZero::new(4712).expect("an id"))),
            Fact::Gone => Order::Remove(NonZero::new(4712).expect("an id")),
            Fact::Vanished | Fact::Removed => {
                rounds += 1;
                let gives_up = rounds > 32;
                if gives_up { Order::Refused(AcquireError::Contended) } else { Order::Create }
            }
        };
        order = machine.next(fact);
        assert_eq!(order, expected, "after {fact:?}");
    }
}

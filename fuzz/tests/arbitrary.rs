//! Endpoints and descriptions from arbitrary bytes: of every type, and valid where they must be.

use arbitrary::{Arbitrary, Unstructured};
use strports_syntax::arbitrary::NearlyValid;
use strports_syntax::{
    ClientEndpoint, Description, Role, ServerEndpoint, Signature, canonical_bytes,
};

/// Bytes of a linear congruential generator.
fn bytes(seed: u32) -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(seed), next)
        .skip(1)
        .take(2048)
        .map(|it| it.to_be_bytes()[0])
        .collect()
}

fn type_name(text: &[u8]) -> String {
    Description::parse(text).unwrap().type_name().to_string()
}

#[test]
fn endpoints_of_every_type_are_valid() {
    let (mut servers, mut clients) = (Vec::new(), Vec::new());
    for seed in 0..2000 {
        let bytes = bytes(seed);
        if let Ok(endpoint) = ServerEndpoint::arbitrary(&mut Unstructured::new(&bytes)) {
            let text = canonical_bytes(&endpoint);
            assert_eq!(ServerEndpoint::parse(&text).unwrap(), endpoint);
            servers.push(type_name(&text));
        }
        if let Ok(endpoint) = ClientEndpoint::arbitrary(&mut Unstructured::new(&bytes)) {
            let text = canonical_bytes(&endpoint);
            assert_eq!(ClientEndpoint::parse(&text).unwrap(), endpoint);
            clients.push(type_name(&text));
        }
    }
    for (role, found) in [(Role::Server, servers), (Role::Client, clients)] {
        for signature in Signature::all(role) {
            assert!(
                found.iter().any(|name| name == signature.name),
                "no {role} `{}`",
                signature.name
            );
        }
    }
}

#[test]
fn some_texts_are_valid_and_some_are_not() {
    let mut valid = [0_u32; 2];
    for seed in 0..1000 {
        let bytes = bytes(seed);
        let made = NearlyValid::arbitrary(&mut Unstructured::new(&bytes));
        let Ok(NearlyValid { text, role }) = made else { continue };
        let is_valid = match role {
            Role::Server => ServerEndpoint::parse(&text).is_ok(),
            Role::Client => ClientEndpoint::parse(&text).is_ok(),
        };
        valid[usize::from(is_valid)] += 1;
    }
    assert!(valid.iter().all(|count| *count > 200), "{valid:?}");
}

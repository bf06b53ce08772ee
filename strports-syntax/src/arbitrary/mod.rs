//! Descriptions and endpoints for fuzzers and property tests: the traits of the crate `arbitrary`.
//!
//! [`ServerEndpoint`] and [`ClientEndpoint`] implement [`Arbitrary`] and are always valid, so that
//! they print a description that parses. [`NearlyValid`] is such a description after a few changes.
//!
//! ```
//! use arbitrary::{Arbitrary, Unstructured};
//! use strports_syntax::arbitrary::NearlyValid;
//! use strports_syntax::{Role, ServerEndpoint};
//!
//! let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
//! let mut data = Unstructured::new(&bytes);
//! let endpoint = ServerEndpoint::arbitrary(&mut data)?;
//! assert_eq!(ServerEndpoint::parse(&endpoint.to_string()).unwrap(), endpoint);
//!
//! // A program under test gets the text.
//! let NearlyValid { text, role } = NearlyValid::arbitrary(&mut data)?;
//! assert!(!text.is_empty() && matches!(role, Role::Server | Role::Client));
//! # Ok::<(), arbitrary::Error>(())
//! ```

mod endpoint;
mod mutate;
mod values;

use alloc::vec::Vec;

use arbitrary::{Arbitrary, Result, Unstructured};

pub use self::mutate::mutate;
use crate::{ClientEndpoint, Role, ServerEndpoint, canonical_bytes};

/// The maximum number of mutations of a valid description in [`NearlyValid`].
const MOST_CHANGES: u32 = 3;

/// The description of an arbitrary endpoint after up to three mutations.
///
/// About a third of the texts is valid. The others have typical errors: a missing or
/// doubled argument, an unknown keyword, a value out of range, an escape too many.
///
/// See the [module](self) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearlyValid {
    /// The mutated description, which may be invalid and need not be UTF-8.
    pub text: Vec<u8>,
    /// The role of the endpoint whose description was mutated.
    pub role: Role,
}

impl<'d> Arbitrary<'d> for NearlyValid {
    fn arbitrary(data: &mut Unstructured<'d>) -> Result<Self> {
        let (mut text, role) = if data.arbitrary()? {
            (canonical_bytes(&ServerEndpoint::arbitrary(data)?), Role::Server)
        } else {
            (canonical_bytes(&ClientEndpoint::arbitrary(data)?), Role::Client)
        };
        for _ in 0..data.int_in_range(0..=MOST_CHANGES)? {
            text = mutate(&text, data.arbitrary()?);
        }
        Ok(Self { text, role })
    }
}

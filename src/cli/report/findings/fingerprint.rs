//! Fingerprints, by which a code-review site recognizes a finding after its line has moved.

use std::collections::HashMap;

use crate::check::Finding;

/// Returns each finding with its fingerprint, which does not depend on the line number.
///
/// The fingerprint is the FNV-1a hash of the path, the code, the description, the message, and the
/// number of equal findings before it. A cryptographic hash is not needed: a collision only makes a
/// code-review site take two findings for one.
pub(super) fn with_fingerprints(findings: &[Finding]) -> impl Iterator<Item = (&Finding, String)> {
    let mut seen = HashMap::new();
    findings.iter().map(move |finding| {
        let path = finding.path.to_string_lossy();
        let description = finding.description.as_deref().unwrap_or_default();
        let parts = [&path, finding.rule.slug(), description, &finding.message];
        let hash = parts.iter().fold(FNV_BASIS, |hash, part| fnv(fnv(hash, part.as_bytes()), &[0]));
        let count: &mut u64 = seen.entry(hash).or_default();
        *count += 1;
        (finding, format!("{:016x}", fnv(hash, &count.to_le_bytes())))
    })
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

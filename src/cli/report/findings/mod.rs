//! What the linter found, in the ways that people and programs read it: a file each.

mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
mod short;

use std::io;

use crate::check::finding::Finding;
use crate::cli::args::FindingsFormat;
use crate::cli::stream::Stream;

/// Writes `findings`, which are in order; `fixed` is how many others were fixed.
pub(in crate::cli) fn write(
    format: FindingsFormat,
    findings: &[Finding],
    fixed: usize,
    out: &mut Stream,
) -> io::Result<()> {
    match format {
        FindingsFormat::Human => human::write(findings, fixed, out),
        FindingsFormat::Short => short::write(findings, out),
        FindingsFormat::Json => json::write(findings, out),
        FindingsFormat::Sarif => sarif::write(findings, out),
        FindingsFormat::Github => github::write(findings, out),
        FindingsFormat::Gitlab => gitlab::write(findings, out),
        FindingsFormat::Junit => junit::write(findings, out),
    }
}

/// A number for each finding that stays the same when lines move.
///
/// It is FNV-1a of the path, the code, the description, the message, and how many alike there were
/// before: no secret, and nobody gains from two that are equal.
fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    let one = |finding: &Finding| {
        let path = finding.path.to_string_lossy();
        let description = finding.description.as_deref().unwrap_or_default();
        let parts = [&path, finding.rule.slug(), description, &finding.message];
        let hash = parts.iter().fold(FNV_BASIS, |hash, part| fnv(fnv(hash, part.as_bytes()), &[0]));
        let count: &mut u64 = seen.entry(hash).or_default();
        *count += 1;
        format!("{:016x}", fnv(hash, &count.to_le_bytes()))
    };
    findings.iter().map(one).collect()
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A path with `/` between its parts, and what a URI cannot hold written in percent.
fn uri(path: &std::path::Path) -> String {
    use std::fmt::Write as _;
    let mut uri = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            // Writing into a string does not fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

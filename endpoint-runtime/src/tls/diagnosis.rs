//! Finds the root that verifies a server's certificate, and advice if none does.
//!
//! The handshake decides, and nothing here changes its result. After a rejection, the same check is
//! repeated with more certificates: those in files beside the trusted ones, and those of the
//! platform. Nothing is downloaded.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::der::Decode;
use x509_cert::name::Name;

use super::certificate::CertificateInfo;
use super::crypto::provider;
use super::details::CertificateDetails;
use super::store::file::Origin;
use super::store::pem::PemFile;
use super::store::trust_anchors::{TrustAnchors, platform_certificates};
use crate::error::TlsProblem;
use crate::quoted::Quoted;
use crate::regular_file::open_regular;
use crate::utc_date::UtcDate;

/// The maximum number of files that are read beside the trust roots.
const MOST_FILES: usize = 200;

/// Which root verifies a certificate chain, and advice if none does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// The distinguished name of the root that verifies the chain; `None` if none does.
    pub(crate) root: Option<String>,
    /// Further problems, and what the user can do; empty if the handshake accepted the chain.
    pub(crate) advice: Vec<String>,
}

/// A chain that a server presented, and the name to verify.
pub(super) struct Presented<'a> {
    pub(super) chain: &'a [CertificateDer<'static>],
    pub(super) name: &'a ServerName<'static>,
    /// The trusted certificates.
    pub(super) anchors: &'a TrustAnchors,
    /// The file or directory of the trusted certificates; `None` means those of the platform.
    pub(super) path: Option<&'a Path>,
    /// Why the handshake rejected the chain; `None` if it was verified.
    pub(super) refusal: Option<&'a TlsProblem>,
}

/// A certificate that is not trusted but available, and its file.
struct Candidate {
    /// `None` for a certificate of the platform.
    path: Option<PathBuf>,
    der: CertificateDer<'static>,
}

impl Presented<'_> {
    /// Searches for a path to a root. Blocks, because it reads files.
    pub(super) fn diagnose(&self) -> Diagnosis {
        let Some(leaf) = self.chain.first() else { return Diagnosis::default() };
        let root = if self.anchors.given.contains(leaf) {
            CertificateInfo::parse(leaf).map(|it| it.subject)
        } else {
            find_path(self.chain, &self.anchors.roots.roots, self.time()).map(|it| it.root)
        };
        let advice = self.refusal.map(|refusal| self.advice(refusal)).unwrap_or_default();
        Diagnosis { root, advice }
    }

    /// Advice, and problems beyond the one that the handshake has reported.
    fn advice(&self, refusal: &TlsProblem) -> Vec<String> {
        // What the handshake has reported: no path to a root, invalid dates, or a wrong name.
        let (of_path, of_dates, of_name) = match refusal {
            TlsProblem::UnknownIssuer { .. } | TlsProblem::SelfSigned { .. } => {
                (true, false, false)
            }
            TlsProblem::Expired { .. } | TlsProblem::NotYetValid { .. } => (false, true, false),
            TlsProblem::WrongName { .. } => (false, false, true),
            _ => return Vec::new(),
        };
        let mut advice = if of_path { self.path_remedies() } else { Vec::new() };
        if !of_dates {
            advice.extend(self.dates());
        }
        if !self.is_for_name() {
            let names = self.chain.first().and_then(|der| CertificateDetails::parse(der));
            let names = names.map(|it| it.names).unwrap_or_default();
            let name = self.name.to_str();
            match (of_name, names.first()) {
                (true, Some(first)) => advice.push(format!(
                    "the name to verify may differ from the host: {} is one that it is for \
                     (`hostname=` of `ssl`; the host of `tls`, with `endpoint=` for the address)",
                    Quoted::new(first)
                )),
                (false, _) => advice.push(format!("it is not for {} either", Quoted::new(&*name))),
                (true, None) => {}
            }
        }
        advice
    }

    /// Sentences on the certificates of the chain that have expired or are not valid yet.
    fn dates(&self) -> Vec<String> {
        let now = SystemTime::now();
        let certificates = self.chain.iter().filter_map(|der| CertificateDetails::parse(der));
        let advice = certificates.filter_map(|it| {
            let subject = Quoted::new(&it.subject);
            if it.not_after < now {
                Some(format!("{subject} has expired, too, on {}", UtcDate(it.not_after)))
            } else if it.not_before > now {
                let date = UtcDate(it.not_before);
                Some(format!("{subject} is not valid before {date} either"))
            } else {
                None
            }
        });
        advice.collect()
    }

    /// The time for path searches, at which most certificates of the chain are valid: now, or when
    /// the first one expired. Dates then do not hide other problems.
    fn time(&self) -> UnixTime {
        let infos = self.chain.iter().filter_map(|der| CertificateDetails::parse(der));
        let (mut first, mut last) = (Duration::ZERO, Duration::MAX);
        for it in infos {
            first = first.max(since_1970(it.not_before));
            last = last.min(since_1970(it.not_after));
        }
        let now = since_1970(SystemTime::now());
        UnixTime::since_unix_epoch(now.max(first).min(last))
    }

    fn is_for_name(&self) -> bool {
        let leaf = self.chain.first().map(EndEntityCert::try_from);
        let Some(Ok(leaf)) = leaf else { return false };
        leaf.verify_is_valid_for_subject_name(self.name).is_ok()
    }

    /// Advice on a path to a root: a missing intermediate, another root, or the issuer to get.
    fn path_remedies(&self) -> Vec<String> {
        let time = self.time();
        let candidates = self.candidates();
        let roots = &self.anchors.roots.roots;
        let mut advice = Vec::new();

        // The chain as if the server also presented the available certificates.
        let mut longer = self.chain.to_vec();
        longer.extend(candidates.iter().map(|it| it.der.clone()));
        if let Some(path) = find_path(&longer, roots, time) {
            for der in path.intermediates.iter().filter(|der| !self.chain.contains(der)) {
                let from = candidates.iter().find(|it| it.der == *der);
                advice.push(missing_intermediate(der, from, &path.root));
            }
            return advice;
        }
        if self.path.is_some() {
            if let Some(platform) = TrustAnchors::look_at_platform() {
                if let Some(path) = find_path(self.chain, &platform.roots.roots, time) {
                    advice.push(format!(
                        "{}, which this platform trusts, verifies it (leave out `trustRoots=`, \
                         or `caCertsDir=` of `ssl`)",
                        Quoted::new(&path.root)
                    ));
                    return advice;
                }
            }
        }
        for candidate in &candidates {
            let Some(path) = &candidate.path else { continue };
            let Ok(anchor) = anchor_from_trusted_cert(&candidate.der) else { continue };
            if let Some(found) = find_path(&longer, &[anchor], time) {
                advice.push(format!(
                    "{} in {} verifies it (add that to `trustRoots=`, or `caCertsDir=` of `ssl`)",
                    Quoted::new(&found.root),
                    Quoted::new(path)
                ));
                return advice;
            }
        }
        let Some(top) = self.chain.last().and_then(|der| CertificateDetails::parse(der)) else {
            return advice;
        };
        let above = |it: &CertificateDetails| it.subject == it.issuer;
        advice.push(if above(&top) {
            format!(
                "the server presents {}, which is not trusted here: if it should be, \
                 save it and name its file by `trustRoots=`, or `caCertsDir=` of `ssl`",
                Quoted::new(&top.subject)
            )
        } else {
            format!(
                "a file with the certificate {} would verify it, named by `trustRoots=`, \
                 or `caCertsDir=` of `ssl`; or the server has to present what is between that \
                 and a trusted root",
                Quoted::new(&top.issuer)
            )
        });
        advice.extend(top.issuer_addresses.first().map(|address| {
            format!("the certificate of its issuer is at {} (not fetched)", Quoted::new(address))
        }));
        advice
    }

    /// Available certificates: in files beside the trusted ones, and on the platform.
    fn candidates(&self) -> Vec<Candidate> {
        let mut found = Vec::new();
        for path in self.path.map(beside).unwrap_or_default() {
            let file = open_regular(&path).ok().flatten();
            let file = file.and_then(|(it, _)| PemFile::read_open(&path, it, Origin::Named).ok());
            let Some(file) = file else { continue };
            for der in file.certificates().unwrap_or_default() {
                found.push(Candidate { path: Some(path.clone()), der: der.clone() });
            }
        }
        let platform = platform_certificates().into_iter();
        found.extend(platform.map(|der| Candidate { path: None, der }));
        found
    }
}

/// The advice to present an intermediate certificate, with the file that contains it.
fn missing_intermediate(der: &CertificateDer<'_>, from: Option<&Candidate>, root: &str) -> String {
    let subject = CertificateInfo::parse(der).map(|it| it.subject).unwrap_or_default();
    let place = match from.and_then(|it| it.path.as_deref()) {
        Some(path) => format!("in {}", Quoted::new(path)),
        None => "among those of this platform".to_owned(),
    };
    format!(
        "the server does not present the intermediate certificate {}, which is {place}; \
         with it, {} verifies the server (the server has to present it)",
        Quoted::new(&subject),
        Quoted::new(root)
    )
}

/// The paths of certificate files in a directory, or beside a file; ordered, at most
/// [`MOST_FILES`].
fn beside(path: &Path) -> Vec<PathBuf> {
    let directory = match path.parent() {
        _ if path.is_dir() => path,
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    let is_certificate = |path: &PathBuf| {
        let end = path.extension().unwrap_or_default().to_ascii_lowercase();
        ["pem", "crt", "cer", "cert"].iter().any(|it| end == **it)
    };
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let paths = entries.map(|it| it.path()).filter(is_certificate);
    let mut paths: Vec<_> = paths.take(MOST_FILES).collect();
    paths.sort();
    paths
}

/// A verified path from a certificate to a root.
struct Found {
    root: String,
    intermediates: Vec<CertificateDer<'static>>,
}

/// Searches for a path from the first certificate to one of `anchors`, through the others.
///
/// Returns `None` if no path is valid at `time`.
fn find_path(
    chain: &[CertificateDer<'static>],
    anchors: &[TrustAnchor<'_>],
    time: UnixTime,
) -> Option<Found> {
    let (leaf, above) = chain.split_first()?;
    let leaf = EndEntityCert::try_from(leaf).ok()?;
    let algorithms = provider().signature_verification_algorithms.all;
    let usage = KeyUsage::server_auth();
    let path = leaf.verify_for_usage(algorithms, anchors, above, time, usage, None, None).ok()?;
    let intermediates = path.intermediate_certificates();
    Some(Found {
        root: name_of(path.anchor()),
        intermediates: intermediates.map(|it| it.der().into_owned()).collect(),
    })
}

/// The root of the platform that verifies a chain, if there is one. Blocks.
pub(crate) fn verifying_root(chain: &[CertificateDer<'static>]) -> Option<String> {
    let platform = TrustAnchors::look_at_platform()?;
    find_path(chain, &platform.roots.roots, UnixTime::now()).map(|it| it.root)
}

/// The distinguished name of a root.
fn name_of(anchor: &TrustAnchor<'_>) -> String {
    let name = rustls::DistinguishedName::in_sequence(anchor.subject.as_ref());
    Name::from_der(name.as_ref()).map(|it| it.to_string()).unwrap_or_default()
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

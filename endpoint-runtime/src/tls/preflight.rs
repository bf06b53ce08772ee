//! The files of this machine, for [`preflight`](crate::plan::preflight).
//!
//! The paths may come from a hostile description. Only regular files are opened, and never in a way
//! that blocks. Files and directories are read with the limits of servers and clients.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use strports_syntax::signature::Purpose;

use super::certificate::CertificateInfo;
use super::store::file::{Origin, not_a_file};
use super::store::pem::PemFile;
use super::store::search::search;
use super::store::trust_anchors::anchor_files;
use crate::error::{CredentialsProblem, EnvironmentProblem, TlsFileProblem, TlsFileProblemKind};
use crate::lock::lock;
use crate::plan::ProcessSpawn;
use crate::plan::preflight::{CertificateFacts, Machine, Others, Pem, Seen, What};
use crate::proxy_credentials::read_credentials;
use crate::quoted::Quoted;
use crate::regular_file::open_regular;

/// The machine that this process runs on.
///
/// Methods block; each path is read only once.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::ThisMachine;
/// use endpoint_runtime::plan::preflight::{PreflightOptions, preflight};
/// use strports_syntax::{Code, Role, check};
///
/// let report = check("unix:/nonexistent/app.sock", Role::Server);
/// let found = preflight(&report, &PreflightOptions::default(), &ThisMachine::default()).findings;
/// assert_eq!(found[0].code, Code::MissingFile);
/// ```
#[derive(Debug, Default)]
pub struct ThisMachine {
    /// What was found at each path, by the purpose of the path.
    seen: Mutex<HashMap<(PathBuf, Purpose), Arc<Seen>>>,
}

impl Machine for ThisMachine {
    fn now(&self) -> Duration {
        since_1970(SystemTime::now())
    }

    fn look(&self, path: &Path, purpose: Purpose) -> Arc<Seen> {
        let key = (path.to_owned(), purpose);
        let seen = || lock(&self.seen);
        if let Some(seen) = seen().get(&key) {
            return Arc::clone(seen);
        }
        let found = Arc::new(look(path, purpose));
        seen().insert(key, Arc::clone(&found));
        found
    }

    #[cfg(feature = "process")]
    fn program(&self, spawn: &ProcessSpawn) -> What {
        use crate::error::{Problem, ProcessProblem};

        let Err(problem) = crate::process::find(spawn) else { return What::There };
        let missing = match &problem {
            Problem::Environment(EnvironmentProblem::Process(problem)) => match problem {
                ProcessProblem::NotFound { .. } => true,
                ProcessProblem::Execute { error, .. } => is_missing(error),
                _ => false,
            },
            _ => false,
        };
        if missing { What::Missing } else { What::Unusable(problem.to_string()) }
    }

    /// Without the feature `process`, programs are not checked.
    #[cfg(not(feature = "process"))]
    fn program(&self, _: &ProcessSpawn) -> What {
        What::There
    }
}

/// Inspects a path for the purpose that a description has for it.
fn look(path: &Path, purpose: Purpose) -> Seen {
    match purpose {
        Purpose::NewSocket => new_socket(path).into(),
        Purpose::Directory => match fs::metadata(path) {
            Ok(found) if found.is_dir() => What::There,
            Ok(_) => What::Unusable(format!("{} is no directory", Quoted::new(path))),
            Err(error) => refused(path, error),
        }
        .into(),
        Purpose::Identities | Purpose::Authorities if path.is_dir() => files(path, purpose).into(),
        Purpose::Credentials => credentials(path).into(),
        Purpose::PrivateKey
        | Purpose::Certificate
        | Purpose::Chain
        | Purpose::DhParameters
        | Purpose::Identities
        | Purpose::Authorities => file(path, purpose),
        _ => What::There.into(),
    }
}

/// Why a path cannot be read: it is missing, not permitted, or unusable for another reason.
fn refused(path: &Path, error: io::Error) -> What {
    if is_missing(&error) {
        return What::Missing;
    }
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    let message = TlsFileProblem::unreadable(path, error).to_string();
    if denied { What::Unreadable(message) } else { What::Unusable(message) }
}

/// Checks the file with the credentials for a proxy by the same rules as a connection.
fn credentials(path: &Path) -> What {
    match read_credentials(path) {
        Ok(_) => What::There,
        Err(EnvironmentProblem::Credentials {
            problem: CredentialsProblem::Unreadable(error),
            ..
        }) => refused(path, error),
        Err(problem) => What::Unusable(problem.to_string()),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Checks that a socket can be created: nothing exists at the path, or an old socket.
fn new_socket(path: &Path) -> What {
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    match fs::metadata(above) {
        Err(error) => return refused(above, error),
        Ok(found) if !found.is_dir() => {
            return What::Unusable(format!("{} is no directory", Quoted::new(above)));
        }
        Ok(_) => {}
    }
    match fs::symlink_metadata(path) {
        Ok(found) if !is_socket(&found) => {
            What::Unusable(format!("{} is there already, and is no socket", Quoted::new(path)))
        }
        _ => What::There,
    }
}

#[cfg(unix)]
fn is_socket(found: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&found.file_type())
}

#[cfg(not(unix))]
fn is_socket(_: &Metadata) -> bool {
    true
}

/// Inspects one file of certificates and keys, and the permissions of other users.
fn file(path: &Path, purpose: Purpose) -> Seen {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) => return refused(path, error).into(),
    };
    if !found.is_file() {
        return What::Unusable(not_a_file(path).to_string()).into();
    }
    let what = match open_regular(path) {
        Ok(Some((file, _))) => match read(path, file, purpose) {
            Ok(pem) => What::Pem(pem),
            Err(TlsFileProblem { kind: TlsFileProblemKind::Unreadable(error), .. }) => {
                refused(path, error)
            }
            Err(problem) => What::Unusable(problem.to_string()),
        },
        // The file was replaced in the meantime.
        Ok(None) => What::Unusable(not_a_file(path).to_string()),
        Err(error) => refused(path, error),
    };
    Seen { what, others: others(path, &found) }
}

/// Parses an open file, and checks the parts that matter for its purpose.
fn read(path: &Path, file: File, purpose: Purpose) -> Result<Pem, TlsFileProblem> {
    let is_directory = purpose == Purpose::Identities;
    let origin = if is_directory { Origin::Directory } else { Origin::Named };
    let file = PemFile::read_open(path, file, origin)?;
    let mut pem = Pem::default();
    if purpose == Purpose::DhParameters {
        file.check_parameters()?;
        return Ok(pem);
    }
    let keys_matter = purpose == Purpose::PrivateKey;
    if keys_matter || file.has_keys() {
        match file.signing_keys() {
            Ok(keys) => {
                let public = keys.iter().map(|key| key.public_key().map(|it| it.to_vec()));
                pem.keys = public.collect();
            }
            Err(problem) if keys_matter || purpose == Purpose::Identities => return Err(problem),
            // The file still counts as one with a key: an unusable key must be protected, too.
            Err(_) => pem.keys.push(Some(Vec::new())),
        }
    }
    let may_lack = keys_matter || (purpose == Purpose::Identities && file.has_keys());
    if !may_lack || file.has_certificates() {
        match file.certificate_infos() {
            Ok(infos) => pem.certificates = infos.into_iter().map(CertificateFacts::from).collect(),
            Err(_) if keys_matter => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(pem)
}

impl From<CertificateInfo> for CertificateFacts {
    fn from(it: CertificateInfo) -> Self {
        let CertificateInfo { subject, issuer, dns_names, addresses, .. } = it;
        let CertificateInfo { other_names, signs_others, public_key, .. } = it;
        let (not_before, not_after) = (since_1970(it.not_before), since_1970(it.not_after));
        Self {
            subject,
            issuer,
            dns_names,
            addresses,
            other_names,
            signs_others,
            not_before,
            not_after,
            public_key,
        }
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The permissions of other users; none if they cannot enter a directory on the path.
#[cfg(unix)]
fn others(path: &Path, found: &Metadata) -> Others {
    use std::os::unix::fs::PermissionsExt;

    let mode = found.permissions().mode();
    let real = fs::canonicalize(path);
    let above = real.iter().flat_map(|real| real.ancestors().skip(1));
    let closed = |above: &Path| {
        fs::metadata(above).is_ok_and(|above| above.permissions().mode() & 0o001 == 0)
    };
    if mode & 0o006 == 0 || above.into_iter().any(closed) {
        return Others::default();
    }
    Others { read: mode & 0o004 != 0, write: mode & 0o002 != 0 }
}

/// Other systems have no permissions for "other users", so none are reported.
#[cfg(not(unix))]
fn others(_: &Path, _: &Metadata) -> Others {
    Others::default()
}

/// Inspects the files of a directory that a TLS server or client would read.
fn files(path: &Path, purpose: Purpose) -> What {
    let paths = if purpose == Purpose::Authorities {
        anchor_files(path)
    } else {
        // A subdirectory that cannot be entered is skipped.
        search(path, &mut Vec::new()).map(|found| found.files)
    };
    let paths = match paths {
        Ok(paths) => paths,
        Err(TlsFileProblem { path, kind: TlsFileProblemKind::Unreadable(error) }) => {
            return refused(&path, error);
        }
        Err(problem) => return What::Unusable(problem.to_string()),
    };
    let seen = |path: PathBuf| {
        let seen = file(&path, purpose);
        (path, seen)
    };
    What::Directory(paths.into_iter().map(seen).collect())
}

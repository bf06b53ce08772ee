//! Preflight: checks whether the files that a description needs exist and are usable.
//!
//! Nothing here opens a file or reads the clock. The rules:
//! 1. `site` finds the paths in a description, with their purposes and their places in the text.
//! 2. A [`Machine`] returns facts about each path, and the time.
//! 3. The facts are checked, and problems become findings at the argument with the path.
//!
//! Unknown values, such as placeholders of a template, are not checked.
//!
//! See [`preflight()`] for an example.

mod facts;
mod identity;
mod names;
mod options;
mod site;

use core::time::Duration;
use std::path::Path;
use std::sync::Arc;

use strports_syntax::signature::Purpose;
use strports_syntax::{ClientEndpoint, Code, Diagnostic, Report, Span};

use self::site::{Named, Site, is_name, sites};
use super::{ClientPlan, ClientTransport};
use crate::quoted::Quoted;

pub use self::facts::{CertificateFacts, Machine, Others, Pem, Seen, What};
pub use self::options::{PreflightOptions, Start};

/// Certificates that expire within this time are reported by default.
///
/// Certificates for 90 days are usually renewed 30 days before they expire, and those for 45 days
/// 15 days before. With less time left, a renewal has probably failed.
///
/// The default of [`PreflightOptions::expires_within`]; see [`preflight()`] for an example.
pub const DEFAULT_EXPIRES_WITHIN: Duration = Duration::from_secs(14 * DAY);

/// A certificate's validity period is divided by this: a quarter of it limits the default.
///
/// A certificate that is valid for a week would otherwise be reported from its first day.
const QUARTER: u32 = 4;

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

/// What a preflight found on the machine.
///
/// See [`preflight`] for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preflight {
    /// The findings, each at the argument that names the file.
    pub findings: Vec<Diagnostic>,
    /// The certificates that a server may present; `None` if they are unknown.
    pub presented: Option<Vec<CertificateFacts>>,
}

/// Checks whether a machine has the files that a description needs.
///
/// A description with errors has no findings, because it cannot be used anyway.
///
/// # Examples
///
/// ```
/// use std::path::Path;
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use endpoint_runtime::plan::ProcessSpawn;
/// use endpoint_runtime::plan::preflight::{PreflightOptions, Machine, Seen, What, preflight};
/// use strports_syntax::signature::Purpose;
/// use strports_syntax::{Role, check};
///
/// /// A machine without any file.
/// struct Empty;
///
/// impl Machine for Empty {
///     fn now(&self) -> Duration {
///         Duration::ZERO
///     }
///
///     fn look(&self, _: &Path, _: Purpose) -> Arc<Seen> {
///         Arc::new(What::Missing.into())
///     }
///
///     fn program(&self, _: &ProcessSpawn) -> What {
///         What::Missing
///     }
/// }
///
/// let report = check("ssl:443:privateKey=key.pem", Role::Server);
/// let found = preflight(&report, &PreflightOptions::default(), &Empty).findings;
/// assert_eq!(found[0].message, "expected a private key in `key.pem`, but there is no such file");
/// assert_eq!(found[0].span.slice(report.text()), b"privateKey=key.pem");
/// ```
pub fn preflight(
    report: &Report<'_>,
    options: &PreflightOptions,
    machine: &dyn Machine,
) -> Preflight {
    let mut look = Look { machine, options, now: machine.now(), found: Preflight::default() };
    for site in sites(report, options) {
        look.at(&site);
    }
    let Preflight { mut findings, presented } = look.found;
    findings.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
    findings.dedup();
    Preflight { findings, presented }
}

/// A preflight in progress: what it is given, and what it has found so far.
struct Look<'m> {
    machine: &'m dyn Machine,
    options: &'m PreflightOptions,
    /// The time that certificates are compared with, since the beginning of 1970.
    now: Duration,
    found: Preflight,
}

impl Look<'_> {
    /// Checks all files that one description names, but not those of a nested description.
    fn at(&mut self, site: &Site<'_>) {
        self.identity(site);
        self.identities(site);
        self.authorities(site);
        for purpose in [Purpose::DhParameters, Purpose::Credentials] {
            if let Some(file) = site.named(purpose) {
                self.seen(&file, purpose);
            }
        }
        if !site.flag("abstract") {
            if let Some(socket) = site.named(Purpose::NewSocket) {
                self.seen(&socket, Purpose::NewSocket);
            }
        }
        let directory = site.named(Purpose::Directory);
        let directory = directory.map(|it| self.seen(&it, Purpose::Directory).what.clone());
        if matches!(directory, None | Some(What::There)) {
            self.program(site);
        }
    }

    /// Returns what exists at a path, and reports a missing, unreadable or unusable file.
    fn seen(&mut self, named: &Named, purpose: Purpose) -> Arc<Seen> {
        let seen = self.machine.look(&named.path, purpose);
        self.report(named, &seen.what, purpose);
        seen
    }

    /// Adds a finding if the file is missing, unreadable or unusable.
    fn report(&mut self, Named { path, span }: &Named, what: &What, purpose: Purpose) {
        let (code, message) = match what {
            What::Missing => (Code::MissingFile, missing(path, purpose)),
            What::Unreadable(message) => (Code::UnreadableFile, message.clone()),
            What::Unusable(message) => (Code::UnusableFile, message.clone()),
            What::There | What::Pem(_) | What::Directory(_) => return,
        };
        let finding = Diagnostic::lint(code, *span, message);
        self.found.findings.push(match code {
            Code::MissingFile if path.is_relative() && purpose != Purpose::Program => finding
                .with_help("a relative path starts from the directory in which the program runs"),
            Code::MissingFile if purpose == Purpose::NewSocket && path.starts_with("/run") => {
                finding.with_help(
                    "with `RuntimeDirectory=` systemd makes it when it starts the service",
                )
            }
            Code::UnreadableFile => finding.with_help("check as the user that runs the program"),
            _ => finding,
        });
    }

    /// Reports a program of a `process` client that would not be found or could not be run.
    fn program(&mut self, site: &Site<'_>) {
        let (Some(client), Some(named)) = (site.client(), site.named(Purpose::Program)) else {
            return;
        };
        let ClientEndpoint::Process(_) = client else { return };
        let Ok(ClientTransport::Process(mut spawn)) =
            ClientPlan::try_from(client).map(|plan| plan.transport)
        else {
            return;
        };
        let is_name = is_name(&spawn.executable);
        let cwd = site.named(Purpose::Directory).map(|it| it.path);
        let cwd_is_unknown = site.has(Purpose::Directory) && cwd.is_none();
        // An unknown part of the text may change where the program is found: `cwd` or `PATH`.
        if (is_name && !self.options.unknown.is_empty())
            || (cwd_is_unknown && !is_name && spawn.executable.is_relative())
        {
            return;
        }
        if !is_name && cwd.is_none() {
            spawn.executable.clone_from(&named.path);
        }
        let named = Named { path: spawn.executable.clone(), ..named };
        spawn.cwd = cwd;
        let what = self.machine.program(&spawn);
        self.report(&named, &what, Purpose::Program);
    }

    fn push(&mut self, code: Code, span: Span, message: String) {
        self.found.findings.push(Diagnostic::lint(code, span, message));
    }

    fn push_with_help(&mut self, code: Code, span: Span, message: String, help: &str) {
        self.found.findings.push(Diagnostic::lint(code, span, message).with_help(help));
    }
}

/// The message for a missing file, which says what the endpoint expects there.
fn missing(path: &Path, purpose: Purpose) -> String {
    let shown = Quoted::new(path);
    let expected = match purpose {
        Purpose::PrivateKey => "a private key",
        Purpose::Certificate => "a certificate",
        Purpose::Chain => "the certificates above the one to show",
        Purpose::DhParameters => "Diffie-Hellman parameters",
        Purpose::Identities => "certificates with their keys",
        Purpose::Credentials => "the credentials for a proxy",
        Purpose::Authorities => "certificates to trust",
        Purpose::NewSocket => {
            let above = match path.parent() {
                Some(above) if !above.as_os_str().is_empty() => above,
                _ => Path::new("."),
            };
            let above = Quoted::new(above);
            return format!("expected a directory for the socket {shown}, but there is no {above}");
        }
        Purpose::Directory => {
            return format!("expected a directory to run the program in, but there is no {shown}");
        }
        _ if is_name(path) => {
            return format!("there is no program {shown} in the directories of `PATH`");
        }
        _ => return format!("there is no program {shown}"),
    };
    let what = match purpose {
        Purpose::Identities | Purpose::Authorities => "file or directory",
        _ => "file",
    };
    format!("expected {expected} in {shown}, but there is no such {what}")
}

#[cfg(test)]
mod tests;

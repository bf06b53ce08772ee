//! Creates servers and clients from arguments, and logs errors in them and addresses.

use std::ffi::OsStr;

use tracing::Level;

use super::log::{Entry, Log};
use crate::cli::args::{LogFormat, bytes};
use crate::cli::exit::Failure;
use crate::cli::report::{Shown, human};
use crate::cli::stream::Stream;
use crate::runtime::{
    Address, Client, Connection, Error, Listener, Reach, Server, client_from_string,
    server_from_string, without_secrets,
};
use crate::types::packages;
use strports_syntax::{Code, Diagnostic, Role, Severity, Span, canonical_bytes, check};

/// Creates servers and clients from arguments, and reports errors in their descriptions.
pub(in crate::cli) struct Endpoints<'a> {
    pub(in crate::cli) log: &'a Log,
    /// Receives findings with source lines, if the log is for people. A JSON log has entries
    /// instead.
    pub(in crate::cli) errors: &'a mut Stream,
}

impl Endpoints<'_> {
    /// Creates the server of a description; `None` if errors in it were reported.
    pub(in crate::cli) fn server(&mut self, argument: &OsStr) -> Result<Option<Server>, Failure> {
        if !self.is_valid(argument, Role::Server) {
            return Ok(None);
        }
        Ok(Some(server_from_string(bytes(argument))?))
    }

    /// Creates the client of a description; `None` if errors in it were reported.
    pub(in crate::cli) fn client(&mut self, argument: &OsStr) -> Result<Option<Client>, Failure> {
        if !self.is_valid(argument, Role::Client) {
            return Ok(None);
        }
        Ok(Some(client_from_string(bytes(argument))?))
    }

    fn is_valid(&mut self, argument: &OsStr, role: Role) -> bool {
        let report = check(bytes(argument), role);
        if report.is_ok() {
            return true;
        }
        if let Some((message, span)) = needs_plugin(bytes(argument), role) {
            let entry = Entry::new(Level::ERROR, "description", message);
            self.log.write(&about(entry, argument, Code::NeedsPlugin, span));
            return false;
        }
        match self.log.format() {
            LogFormat::Json => {
                report.diagnostics().iter().for_each(|it| self.log.write(&invalid(argument, it)));
            }
            LogFormat::Human => {
                // If standard error is closed, the failure cannot be reported anywhere.
                let _ = human::write_findings_without_secrets(&report, self.errors);
            }
        }
        false
    }
}

/// Returns the log entry for one finding in a description.
fn invalid(argument: &OsStr, diagnostic: &Diagnostic) -> Entry {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        _ => Level::WARN,
    };
    let entry = Entry::new(level, "description", &*diagnostic.message);
    about(entry, argument, diagnostic.code, diagnostic.span)
}

/// Adds to an entry the code of a finding, its description without secrets, and its byte span.
fn about(entry: Entry, argument: &OsStr, code: Code, span: Span) -> Entry {
    entry
        .with("code", code.slug())
        .with("description", String::from_utf8_lossy(&without_secrets(bytes(argument))))
        .with("span", vec![span.start, span.end])
}

/// Returns why a description cannot be run whose type is of a Python package, and the type's span.
/// `None` if strports implements the type.
fn needs_plugin(description: &[u8], role: Role) -> Option<(String, Span)> {
    let report = packages().types().check(description, role);
    let found = report.diagnostics().iter().find(|it| it.code == Code::NeedsPlugin)?;
    Some((format!("{}; strports cannot run it", found.message), found.span))
}

/// Opens standard input and output as a connection.
pub(in crate::cli) async fn standard_streams() -> Result<Connection, Error> {
    client_from_string("stdio:")?.connect().await
}

/// Logs each address of a listener, with a client description that connects to it. With port 0,
/// this entry is how the caller gets the actual port.
pub(in crate::cli) fn log_addresses(listener: &Listener, log: &Log) {
    for reach in listener.reaches() {
        if reach.address != Address::Stdio {
            log.write(&listening(&reach));
        }
    }
}

/// Returns the entry for one address. The client description that connects to it is a separate
/// field.
fn listening(reach: &Reach) -> Entry {
    let entry = Entry::new(Level::INFO, "listening", format!("listening on {reach}"));
    let entry = entry.with("address", reach.address.to_string());
    let Some(client) = &reach.client else { return entry };
    let needs: Vec<_> = reach.needs.iter().map(ToString::to_string).collect();
    let client = canonical_bytes(client);
    entry.with("client", Shown::whole(&client).text()).with("client_needs", needs)
}

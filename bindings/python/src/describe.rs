//! Functions for one description: parse, check, explain, print and quote.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use strports::runtime::plan::{ClientPlan, ServerPlan};
use strports::signature::Releases;
use strports::{ClientEndpoint, ParseError, Place, Report, Role, ServerEndpoint, quote_bytes};

use crate::exception::ParseError as PyParseError;
use crate::text::{to_bytes, to_string};
use crate::{endpoint, finding};

/// Texts above this length, in bytes, are parsed without the interpreter's lock. For shorter ones,
/// releasing and acquiring the lock would cost more than parsing.
const LONG: usize = 4096;

/// Parses the name of a role; `None` means either.
pub(crate) fn role(name: Option<&str>) -> PyResult<Option<Role>> {
    match name {
        None => Ok(None),
        Some("server") => Ok(Some(Role::Server)),
        Some("client") => Ok(Some(Role::Client)),
        Some(_) => Err(PyValueError::new_err("expected `server` or `client` for the role")),
    }
}

/// Parses a range of Twisted's releases; the default is the newest one.
pub(crate) fn releases(text: Option<&str>) -> PyResult<Releases> {
    match text {
        None => Ok(Releases::NEWEST),
        Some(text) => text.parse().map_err(|error| PyValueError::new_err(format!("{error}"))),
    }
}

/// Parses a description in the named role.
#[pyfunction]
pub(crate) fn parse<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyString>,
    is_server: bool,
) -> PyResult<Bound<'py, PyTuple>> {
    let bytes = to_bytes(text)?;
    if is_server {
        let parsed = unlocked(py, &bytes, ServerEndpoint::parse);
        endpoint::to_tuple(py, &parsed.map_err(|error| raised(py, text, &bytes, &error))?)
    } else {
        let parsed = unlocked(py, &bytes, ClientEndpoint::parse);
        endpoint::to_tuple(py, &parsed.map_err(|error| raised(py, text, &bytes, &error))?)
    }
}

/// Calls `read` with `text`, without the interpreter's lock if the text is long.
fn unlocked<'t, T: Send>(py: Python<'_>, text: &'t [u8], read: fn(&'t [u8]) -> T) -> T {
    if text.len() > LONG { py.detach(|| read(text)) } else { read(text) }
}

/// Converts an error to `strports.ParseError`.
fn raised(py: Python<'_>, text: &Bound<'_, PyString>, bytes: &[u8], error: &ParseError) -> PyErr {
    match finding::of_text(py, bytes, error.diagnostic()) {
        Ok(diagnostic) => {
            let arguments = (error.to_string(), text.clone().unbind(), diagnostic.unbind());
            PyParseError::new_err(arguments)
        }
        Err(error) => error,
    }
}

/// Checks a description: `(role, portable, canonical, corrected, endpoint, diagnostics, more)`.
#[pyfunction]
pub(crate) fn check<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyString>,
    role: Option<&str>,
    twisted: Option<&str>,
) -> PyResult<Bound<'py, PyTuple>> {
    let bytes = to_bytes(text)?;
    let report = report(py, &bytes, role, twisted)?;
    let string = |text: Option<Vec<u8>>| text.map(|text| to_string(py, &text)).transpose();
    let (canonical, corrected) = (string(report.canonical())?, string(report.corrected())?);
    let endpoint = report.endpoint().map(|it| endpoint::to_tuple(py, it)).transpose()?;
    let diagnostics = report.diagnostics().iter().map(|it| finding::of_text(py, &bytes, it));
    let diagnostics = PyList::new(py, diagnostics.collect::<PyResult<Vec<_>>>()?)?;
    let (role, portable, more) = (report.role().as_str(), report.portable(), report.more());
    (role, portable, canonical, corrected, endpoint, diagnostics, more).into_pyobject(py)
}

/// Returns the JSON text of `strports explain --format json`; its spans count bytes.
#[pyfunction]
pub(crate) fn check_json(
    py: Python<'_>,
    text: &Bound<'_, PyString>,
    role: Option<&str>,
    twisted: Option<&str>,
) -> PyResult<String> {
    let bytes = to_bytes(text)?;
    let report = report(py, &bytes, role, twisted)?;
    serde_json::to_string(&report).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn report<'t>(
    py: Python<'_>,
    text: &'t [u8],
    role: Option<&str>,
    twisted: Option<&str>,
) -> PyResult<Report<'t>> {
    let (role, releases) = (self::role(role)?, releases(twisted)?);
    let read = || {
        let mut report = match role {
            Some(role) => strports::check(text, role),
            None => strports::check_either(text).0,
        };
        report.read_by(releases);
        report
    };
    Ok(if text.len() > LONG { py.detach(read) } else { read() })
}

/// Returns what the endpoint does, in one sentence.
#[pyfunction]
pub(crate) fn explain(
    py: Python<'_>,
    text: &Bound<'_, PyString>,
    role: Option<&str>,
) -> PyResult<String> {
    let bytes = to_bytes(text)?;
    let report = report(py, &bytes, role, None)?;
    let plan = match (report.server(), report.client()) {
        (Some(server), _) => ServerPlan::try_from(server).map(|plan| plan.to_string()),
        (_, Some(client)) => ClientPlan::try_from(client).map(|plan| plan.to_string()),
        (None, None) => return Err(refused(py, text, &bytes, &report)),
    };
    plan.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Returns the canonical form.
#[pyfunction]
pub(crate) fn fmt<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyString>,
    role: Option<&str>,
) -> PyResult<Bound<'py, PyString>> {
    let bytes = to_bytes(text)?;
    let report = report(py, &bytes, role, None)?;
    match report.canonical() {
        Some(canonical) => to_string(py, &canonical),
        None => Err(refused(py, text, &bytes, &report)),
    }
}

/// The exception for a report with errors: the error of parsing in the report's role.
fn refused(py: Python<'_>, text: &Bound<'_, PyString>, bytes: &[u8], report: &Report<'_>) -> PyErr {
    let error = match report.role() {
        Role::Server => ServerEndpoint::parse(bytes).err(),
        Role::Client => ClientEndpoint::parse(bytes).err(),
    };
    match error {
        Some(error) => raised(py, text, bytes, &error),
        None => PyValueError::new_err("the description has errors"),
    }
}

/// Escapes a text for a place in a description.
#[pyfunction]
pub(crate) fn quote<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyString>,
    place: &str,
) -> PyResult<Bound<'py, PyString>> {
    let place = match place {
        "value" => Place::Value,
        "positional" => Place::Positional,
        "key" => Place::Key,
        _ => return Err(PyValueError::new_err("expected `value`, `positional` or `key`")),
    };
    to_string(py, &quote_bytes(&to_bytes(text)?, place))
}

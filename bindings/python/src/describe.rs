//! Functions for one description: parse, check, explain, format and quote.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use strports::runtime::plan::{ClientPlan, ServerPlan};
use strports::signature::Releases;
use strports::{ClientEndpoint, ParseError, Place, Report, Role, ServerEndpoint, quote_bytes};

use crate::exception::ParseError as PyParseError;
use crate::text::{to_bytes, to_string};
use crate::{endpoint, finding};

/// The length in bytes above which a text is parsed without the interpreter's lock. For shorter
/// texts, releasing and acquiring the lock would cost more than parsing.
const LONG: usize = 4096;

/// Parses the name of a role; `None` means that both roles are tried.
pub(crate) fn role(name: Option<&str>) -> PyResult<Option<Role>> {
    match name {
        None => Ok(None),
        Some("server") => Ok(Some(Role::Server)),
        Some("client") => Ok(Some(Role::Client)),
        Some(_) => Err(PyValueError::new_err("expected `server` or `client` for the role")),
    }
}

/// Parses a release of Twisted or a range of them; `None` means the newest release.
pub(crate) fn releases(text: Option<&str>) -> PyResult<Releases> {
    match text {
        None => Ok(Releases::NEWEST),
        Some(text) => text.parse().map_err(|error| PyValueError::new_err(format!("{error}"))),
    }
}

/// Parses a description as a server or a client. Raises `ParseError` if it is invalid.
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

/// Calls `read` with `text`. If the text is long, other Python threads can run meanwhile.
fn unlocked<'t, T: Send>(py: Python<'_>, text: &'t [u8], read: fn(&'t [u8]) -> T) -> T {
    if text.len() > LONG { py.detach(|| read(text)) } else { read(text) }
}

/// Returns the Python exception `ParseError` for an error of the parser.
fn raised(py: Python<'_>, text: &Bound<'_, PyString>, bytes: &[u8], error: &ParseError) -> PyErr {
    match finding::of_text(py, bytes, error.diagnostic()) {
        Ok(diagnostic) => {
            let arguments = (error.to_string(), text.clone().unbind(), diagnostic.unbind());
            PyParseError::new_err(arguments)
        }
        Err(error) => error,
    }
}

/// Checks a description. Returns `(role, portable, canonical, corrected, endpoint, diagnostics,
/// more)`.
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

/// Returns what an endpoint does, in one sentence. Raises `ParseError` if there are errors.
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

/// Returns a description in canonical form. Raises `ParseError` if there are errors.
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

/// Returns the exception for a report with errors: that of parsing the text in the report's role.
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

/// Escapes a text so that a description can contain it in the position `place`.
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

//! Functions of the linter: check files, or a text as if it were a file.

use std::path::PathBuf;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use strports::check::{Checked, Checker, Options, Selection, Selector};

use crate::describe::{releases, role};
use crate::finding;

/// Checks files, and all files below folders. Returns `(findings, problems, files, descriptions)`.
#[pyfunction]
pub(crate) fn check_files<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyTuple>> {
    let checker = Checker::new(read(options)?);
    let found = py.detach(|| checker.check_paths(&paths));
    to_tuple(py, &found)
}

/// Checks a text as if it were the file at `path`, which need not exist.
#[pyfunction]
pub(crate) fn check_text<'py>(
    py: Python<'py>,
    path: PathBuf,
    text: &[u8],
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyTuple>> {
    let checker = Checker::new(read(options)?);
    let found = py.detach(|| checker.check_bytes(&path, text));
    to_tuple(py, &found.map_err(|problem| PyOSError::new_err(problem.to_string()))?)
}

fn read(given: &Bound<'_, PyDict>) -> PyResult<Options> {
    let text = |key: &str| -> PyResult<Option<String>> {
        given.get_item(key)?.map(|value| value.extract()).transpose()
    };
    let list = |key: &str| -> PyResult<Option<Vec<Selector>>> {
        let Some(names) = given.get_item(key)? else { return Ok(None) };
        let names: Vec<String> = names.extract()?;
        let selectors = names.iter().map(|name| name.parse());
        let selectors: Result<Vec<Selector>, _> = selectors.collect();
        selectors.map(Some).map_err(|error| PyValueError::new_err(error.to_string()))
    };
    let mut selection = Selection::default();
    selection.select = list("select")?;
    selection.ignore = list("ignore")?.unwrap_or_default();
    let mut options = Options::default();
    options.selection = selection;
    options.role = role(text("role")?.as_deref())?;
    options.twisted = releases(text("twisted")?.as_deref())?;
    Ok(options)
}

/// Converts a result to a tuple. Each problem has a message, and whether it makes the check
/// incomplete.
fn to_tuple<'py>(py: Python<'py>, checked: &Checked) -> PyResult<Bound<'py, PyTuple>> {
    let findings = checked.findings();
    let findings = findings.iter().map(|it| finding::of_file(py, it));
    let findings = findings.collect::<PyResult<Vec<_>>>()?;
    let problems = checked.problems().iter().map(|it| (it.to_string(), it.is_failure()));
    let problems: Vec<(String, bool)> = problems.collect();
    let coverage = checked.coverage();
    (findings, problems, coverage.files, coverage.descriptions).into_pyobject(py)
}

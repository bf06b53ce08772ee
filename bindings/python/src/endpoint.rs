//! Converts a typed endpoint to a tuple: type, role, canonical form and values.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use strports::{Parameters, Value, canonical_bytes};

use crate::text::to_string;

/// Converts an endpoint to `(type, role, canonical, values)`. Nested endpoints become such tuples
/// too.
pub(crate) fn to_tuple<'py>(
    py: Python<'py>,
    endpoint: &dyn Parameters,
) -> PyResult<Bound<'py, PyTuple>> {
    let signature = endpoint.signature();
    let values = PyDict::new(py);
    for (name, value) in endpoint.values() {
        values.set_item(name, to_object(py, &value)?)?;
    }
    let canonical = to_string(py, &canonical_bytes(endpoint))?;
    (signature.name, signature.role.as_str(), canonical, values).into_pyobject(py)
}

fn to_object<'py>(py: Python<'py>, value: &Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Integer(integer) => integer.into_pyobject(py)?.into_any(),
        Value::Octal(bits) => bits.into_pyobject(py)?.into_any(),
        Value::Thousandths(value) => (f64::from(*value) / 1000.0).into_pyobject(py)?.into_any(),
        Value::Flag(on) => on.into_pyobject(py)?.to_owned().into_any(),
        Value::Text(text) => to_string(py, &text.to_bytes())?.into_any(),
        Value::Word(word) => PyString::new(py, word).into_any(),
        Value::Texts(texts) => {
            let texts = texts.iter().map(|text| to_string(py, &text.to_bytes()));
            texts.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)?
        }
        Value::Server(endpoint) => to_tuple(py, *endpoint)?.into_any(),
        Value::Client(endpoint) => to_tuple(py, *endpoint)?.into_any(),
        _ => py.None().into_bound(py),
    })
}

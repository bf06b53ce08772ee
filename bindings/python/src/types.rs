//! Lists the built-in types and their parameters.

use pyo3::prelude::*;
use strports::signature::Parameter;
use strports::{Role, Signature};

use crate::describe::role;

/// A parameter: `(name, kind, required, default, keyword_only, extension, summary)`.
type OneParameter =
    (&'static str, &'static str, bool, Option<&'static str>, bool, bool, &'static str);
/// A type: `(name, role, summary, extension, parameters)`.
type OneType = (&'static str, &'static str, &'static str, bool, Vec<OneParameter>);

/// Returns the built-in types of a role, or with `None` of both roles.
#[pyfunction]
pub(crate) fn types(role: Option<&str>) -> PyResult<Vec<OneType>> {
    let wanted = self::role(role)?;
    let roles = [Role::Server, Role::Client].into_iter();
    let roles = roles.filter(|role| wanted.is_none_or(|wanted| wanted == *role));
    Ok(roles.flat_map(|role| Signature::all(role).iter().copied().map(one)).collect())
}

fn one(it: &Signature) -> OneType {
    let parameters = it.parameters.iter().map(parameter).collect();
    (it.name, it.role.as_str(), it.summary, it.extension, parameters)
}

fn parameter(it: &Parameter) -> OneParameter {
    let Parameter { name, kind, keyword_only, extension, summary, .. } = *it;
    (name, kind.describe(), it.is_required(), it.default_text(), keyword_only, extension, summary)
}

//! Checks descriptions whose types may come from packages.

use std::convert::Infallible;

use crate::types::packages;
use strports_syntax::signature::Releases;
use strports_syntax::{Code, Report, Role, Types};

/// Checks a description in `role`, or with `None` in the role that fits better.
///
/// The types of packages are recognized. The `bool` says whether the text is valid in both roles.
///
/// ```
/// use strports::describe::check;
/// assert!(check(b"onion:80", None).0.is_ok());
/// ```
pub fn check(text: &[u8], role: Option<Role>) -> (Report<'_>, bool) {
    match check_with(text, role, || Ok::<_, Infallible>(packages().types())) {
        Ok(checked) => checked,
        Err(never) => match never {},
    }
}

/// Checks like [`check`], with the types that `others` returns in place of those of packages.
///
/// `others` is called only if a description has a type that is not built in. Few have one, and
/// reading a configuration takes longer than checking.
pub(crate) fn check_with<E>(
    text: &[u8],
    role: Option<Role>,
    others: impl FnOnce() -> Result<Types<'static>, E>,
) -> Result<(Report<'_>, bool), E> {
    let check = |types: Types<'static>| match role {
        Some(role) => (types.check(text, role), false),
        None => types.check_either(text),
    };
    let builtin = check(Types::BUILTIN);
    if !builtin.0.errors().any(|it| it.code == Code::UnknownType) {
        return Ok(builtin);
    }
    Ok(check(others()?))
}

/// Adds findings about features that some of the Twisted `releases` refuse. `None` is the newest
/// release.
///
/// With `releases`, suggested fixes are also removed if one of the releases refuses the result.
///
/// # Examples
///
/// ```
/// use strports::Role;
/// use strports::describe::{check, read_by};
///
/// let (mut report, _) = check(br"socks5:a.example:80:endpoint=tcp\:b\:1080", Some(Role::Client));
/// read_by(&mut report, None);
/// assert!(report.is_ok()); // a warning: Twisted has no type `socks5`
/// assert_eq!(report.diagnostics().len(), 1);
/// ```
pub fn read_by(report: &mut Report<'_>, releases: Option<Releases>) {
    let Some(releases) = releases else {
        let types = report.types();
        return report.add(types.unsupported(report.text(), report.role(), Releases::NEWEST));
    };
    report.read_by(releases);
}

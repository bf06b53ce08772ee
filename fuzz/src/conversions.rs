//! Every description that `strports convert` writes is valid.

use strports::convert::{Form, convert};
use strports::{Role, check};

/// Checks the law on one text, from every form to every form.
pub fn holds(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for role in [Role::Server, Role::Client] {
        for form in Form::all() {
            one(text, Some(form), Form::DESCRIPTION, role);
            one(text, None, form, role);
        }
    }
}

fn one(text: &str, from: Option<Form>, to: Form, role: Role) {
    let conversion = convert(text, from, to, Some(role));
    let says_something = !conversion.results.is_empty() || !conversion.failures.is_empty();
    assert!(says_something, "neither a result nor a failure for {text:?}");
    let whole = conversion.losses.is_empty() && conversion.failures.is_empty();
    assert_eq!(conversion.is_whole(), whole && !conversion.results.is_empty());
    if to != Form::DESCRIPTION {
        return;
    }
    for converted in &conversion.results {
        let Some(role) = converted.role else { continue };
        let report = check(&converted.text, role);
        assert!(report.is_ok(), "{from:?} {text:?} became {:?}: {report:?}", converted.text);
    }
}

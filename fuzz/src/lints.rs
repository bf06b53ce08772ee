//! The fix of a lint lies within the text, and the fix of a style lint keeps the meaning.

use strports_syntax::{Code, Role, Severity, apply_fixes, check};

use crate::{bind, meaning, shown};

/// Checks the law: `input` is the text of a description, which is checked in both roles.
pub fn holds(input: &[u8]) {
    for role in [Role::Server, Role::Client] {
        let report = check(input, role);
        bind::findings_stand_in_the_input(&report);
        let Some(before) = report.canonical() else { continue };
        for lint in report.diagnostics() {
            assert_ne!(lint.severity(), Severity::Error, "{lint:?}");
            assert!(!lint.code.page().is_empty(), "{}", lint.code);
            let Some(fix) = &lint.fix else { continue };
            let fixed = apply_fixes(input, [fix]);
            let after = meaning(&fixed, role);
            // Together with other fixes, a style fix may be only a suggestion. Applied alone, it
            // keeps the meaning.
            if is_style(lint.code) {
                let after = after.as_deref().map(shown).map_err(ToString::to_string);
                assert_eq!(after, Ok(shown(&before)), "{} made it {}", lint.code, shown(&fixed));
            } else if fix.safe {
                assert!(after.is_ok(), "{} made it {}: {after:?}", lint.code, shown(&fixed));
            }
        }
    }
}

/// Whether a lint is about style only, so that its fix keeps the meaning.
fn is_style(code: Code) -> bool {
    matches!(
        code,
        Code::NeedlessEscape
            | Code::NoncanonicalInteger
            | Code::TypeCase
            | Code::TypeNotFirst
            | Code::DuplicateKeyword
            | Code::ShadowedKeyword
    )
}

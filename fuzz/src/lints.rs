//! A lint's fix stands in the text; one that is a matter of style changes no meaning.

use strports_syntax::{Code, Role, Severity, apply_fixes, check};

use crate::{bind, meaning, shown};

/// The law, on one input, in both roles.
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
            // Such a fix may be no more than a suggestion beside others; alone it is right.
            if is_style(lint.code) {
                let after = after.as_deref().map(shown).map_err(ToString::to_string);
                assert_eq!(after, Ok(shown(&before)), "{} made it {}", lint.code, shown(&fixed));
            } else if fix.safe {
                assert!(after.is_ok(), "{} made it {}: {after:?}", lint.code, shown(&fixed));
            }
        }
    }
}

/// Whether what the lint finds means the same as what it says to write.
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

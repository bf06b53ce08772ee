//! Laws that hold for every text, such as "print, then parse" being the identity; random texts test
//! them.

mod rebinding;

use proptest::prelude::*;
use strports_syntax::{
    ClientEndpoint, Description, Diagnostic, Error, Fix, MOST_FINDINGS, Place, Role,
    ServerEndpoint, Sink, Text, TokenKind, apply_fixes, canonical_bytes, check, quote_bytes,
    tokens,
};

use rebinding::REBINDING;

/// Tests at least 2,000 random texts, or more if `PROPTEST_CASES` is larger.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(2000), failure_persistence: None, ..default }
}

/// Random bytes, most of which are delimiters, backslashes and a few letters.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b"ab:=\\:1\xc3\xa9".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..40)
}

/// Random texts that resemble descriptions of every type, valid and invalid.
fn descriptions() -> impl Strategy<Value = Vec<u8>> {
    let types = "tcp tcp6 ssl unix tls systemd stdio haproxy fd process TCP tpc 8080";
    let keys = "port host interface backlog timeout bindAddress address path mode lockfile index \
                name domain privateKey certKey endpoint env cwd proxyVersion proxyTrusted prot";
    let values = "80 0 -1 0o660 h /x /a\\=b ::1 [::1] \\:\\:1 C:/x C:\\x INET TLS_METHOD \
                  10.0.0.0/8 tcp\\:h\\:1 unix\\:/x haproxy\\:tcp\\:80 \
                  tls\\:h\\:1\\:endpoint=tcp\\\\\\:h\\\\\\:1 é";
    let word =
        |list: &'static str| prop::sample::select(list.split_whitespace().collect::<Vec<_>>());
    let value = prop_oneof![4 => word(values).prop_map(str::to_owned), 1 => Just(String::new())];
    let segment = prop_oneof![
        3 => value.clone(),
        3 => (word(keys), value).prop_map(|(key, value)| format!("{key}={value}")),
        1 => word(types).prop_map(str::to_owned),
        1 => word(keys).prop_map(str::to_owned),
    ];
    (word(types), prop::collection::vec(segment, 0..6)).prop_map(|(name, segments)| {
        let mut all = vec![name.to_owned()];
        all.extend(segments);
        all.join(":").into_bytes()
    })
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![noise(), descriptions()]
}

/// Prints a description of any type with the fewest escapes; unlike `Display`, keeps bytes that are
/// not UTF-8.
fn description_bytes(description: &Description<'_>) -> Vec<u8> {
    let mut bytes = quote_bytes(&description.type_name().to_bytes(), Place::Positional);
    for argument in description.arguments() {
        bytes.push(b':');
        if let Some(key) = &argument.key {
            bytes.extend(quote_bytes(&key.to_bytes(), Place::Key));
            bytes.push(b'=');
            bytes.extend(quote_bytes(&argument.value.to_bytes(), Place::Value));
        } else {
            bytes.extend(quote_bytes(&argument.value.to_bytes(), Place::Positional));
        }
    }
    bytes
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn tokens_tile_every_text(text in texts()) {
        let mut at = 0;
        for token in tokens(&text) {
            prop_assert_eq!(token.span.start, at);
            prop_assert!(!token.span.is_empty());
            at = token.span.end;
            let last = at == text.len();
            prop_assert!(last || token.kind != TokenKind::TrailingBackslash);
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn a_printed_description_parses_back_to_it(text in texts()) {
        if let Ok(description) = Description::parse(&text) {
            let printed = description_bytes(&description);
            let again = Description::parse(&printed).unwrap();
            prop_assert_eq!(&again, &description);
            prop_assert_eq!(description_bytes(&again), printed);
        }
    }

    #[test]
    fn a_printed_endpoint_parses_back_to_it(text in texts()) {
        if let Ok(endpoint) = ServerEndpoint::parse(&text) {
            let printed = canonical_bytes(&endpoint);
            let again = ServerEndpoint::parse(&printed).unwrap();
            prop_assert_eq!(&again, &endpoint);
            prop_assert_eq!(canonical_bytes(&again), printed);
            prop_assert_eq!(endpoint.clone().into_owned(), endpoint);
        }
        if let Ok(endpoint) = ClientEndpoint::parse(&text) {
            let printed = canonical_bytes(&endpoint);
            let again = ClientEndpoint::parse(&printed).unwrap();
            prop_assert_eq!(&again, &endpoint);
            prop_assert_eq!(canonical_bytes(&again), printed);
            prop_assert_eq!(endpoint.clone().into_owned(), endpoint);
        }
    }

    #[test]
    fn the_first_error_of_a_sink_is_the_parse_error(text in texts()) {
        struct Heard(Vec<Error>);
        impl Sink for Heard {
            fn error(&mut self, error: Error) {
                self.0.push(error);
            }
        }
        let mut heard = Heard(Vec::new());
        let endpoint = ServerEndpoint::parse_with(&text, &mut heard);
        let parsed = ServerEndpoint::parse(&text).map_err(|error| *error.unexplained());
        prop_assert_eq!(endpoint.ok_or_else(|| heard.0.remove(0)), parsed);
        heard.0.clear();
        let endpoint = ClientEndpoint::parse_with(&text, &mut heard);
        let parsed = ClientEndpoint::parse(&text).map_err(|error| *error.unexplained());
        prop_assert_eq!(endpoint.ok_or_else(|| heard.0.remove(0)), parsed);
    }

    #[test]
    fn quoted_text_parses_back(text in prop::collection::vec(any::<u8>(), 0..40)) {
        let [positional, key, value] =
            [Place::Positional, Place::Key, Place::Value].map(|place| quote_bytes(&text, place));
        let whole = [b"t:", &*positional, b":", &*key, b"=", &*value].concat();
        let description = Description::parse(&whole).unwrap();
        let arguments: Vec<_> = description.arguments().collect();
        prop_assert_eq!(arguments.len(), 2);
        let expected = Text::plain(&text);
        prop_assert_eq!(&arguments[0].value, &expected);
        prop_assert_eq!(arguments[1].key.as_ref(), Some(&expected));
        prop_assert_eq!(&arguments[1].value, &expected);
    }

    #[test]
    fn findings_lie_inside_the_text_and_safe_fixes_correct_it(text in texts()) {
        for role in [Role::Server, Role::Client] {
            let report = check(&text, role);
            prop_assert!(report.diagnostics().len() <= MOST_FINDINGS);
            prop_assert_eq!(report.is_ok(), report.errors().next().is_none());
            if let Some(corrected) = report.corrected() {
                prop_assert!(check(&corrected, role).is_ok());
            }
            for diagnostic in report.diagnostics() {
                let texts = diagnostic.help.iter().chain([&diagnostic.message]);
                prop_assert!(!texts.flat_map(|text| text.chars()).any(char::is_control));
                let spans = [Some(diagnostic.span), diagnostic.fix.as_ref().map(|fix| fix.span)];
                for span in spans.into_iter().flatten() {
                    prop_assert!(span.start <= span.end && span.end <= text.len());
                }
            }
            let safe: Vec<_> = report.fixes().filter(|fix| fix.safe).cloned().collect();
            if !safe.is_empty() {
                let edited = apply_fixes(&text, &safe);
                let after = check(&edited, role);
                let is_safe = |fix: &Fix| fix.safe;
                let has_safe_fix = |it: &&Diagnostic| it.fix.as_ref().is_some_and(is_safe);
                let fixes_error = report.errors().any(|it| has_safe_fix(&it));
                let (before, left) = (report.errors().count(), after.errors().count());
                let shown = String::from_utf8_lossy(&edited);
                let fewer = if fixes_error { left < before } else { left <= before };
                // A fix that binds arguments to other parameters may reveal more than it removes.
                let mut fixed = report.diagnostics().iter().filter(has_safe_fix);
                let reveals = fixed.any(|it| REBINDING.contains(&it.code));
                prop_assert!(fewer || reveals, "{shown:?}");
            }
        }
    }

    #[test]
    fn escaped_and_plain_text_are_equal(text in prop::collection::vec(any::<u8>(), 0..20)) {
        let escaped: Vec<u8> = text.iter().flat_map(|byte| [b'\\', *byte]).collect();
        let whole = [b"t:", &*escaped].concat();
        let description = Description::parse(&whole).unwrap();
        let value = description.arguments().next().unwrap().value;
        prop_assert_eq!(&value, &Text::plain(&text));
        prop_assert_eq!(value.to_string(), Text::plain(&text).to_string());
        prop_assert_eq!(value.to_bytes().into_owned(), text);
    }
}

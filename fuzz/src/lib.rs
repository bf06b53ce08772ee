//! The laws of the language as plain functions that panic where one does not hold.
//!
//! Nothing here knows of libFuzzer: the targets in `fuzz_targets/` call these functions, and so
//! does the replay in `tests/`, which any stable compiler runs.

use std::fmt::Debug;

use strports_syntax::{
    ClientEndpoint, Code, Description, Diagnostic, Error, MOST_FINDINGS, Parameters, Place, Quoted,
    Report, Role, ServerEndpoint, Sink, Span, Text, TokenKind, apply_fixes, canonical_bytes, check,
    check_either, quote_bytes, tokens,
};

/// Every law, on one input.
pub fn all(input: &[u8]) {
    tokens_tile_the_input(input);
    descriptions_print_what_they_are(input);
    servers_print_what_they_are(input);
    clients_print_what_they_are(input);
    let [server, client] = [Role::Server, Role::Client].map(|role| {
        let report = check(input, role);
        findings_stand_in_the_input(&report);
        errors_are_reported(&report);
        safe_fixes_mend(&report);
        report
    });
    either_role_agrees_with_each(&server, &client);
    quoted_text_reads_as_itself(input);
}

/// Nothing of the input is skipped and nothing is seen twice; a lone backslash is last.
pub fn tokens_tile_the_input(input: &[u8]) {
    let mut at = 0;
    for token in tokens(input) {
        assert_eq!(token.span.start, at, "gap or overlap before {token:?}");
        assert!(token.span.end > at, "empty {token:?}");
        at = token.span.end;
        if token.kind == TokenKind::TrailingBackslash {
            assert_eq!(token.span, Span::new(input.len() - 1, input.len()));
        }
    }
    assert_eq!(at, input.len(), "the end is missing");
}

/// `parse(print(d)) == d`, and what is printed stays as it is; segments are where colons say.
pub fn descriptions_print_what_they_are(input: &[u8]) {
    let Ok(description) = Description::parse(input) else { return };
    let colons = tokens(input).filter(|token| token.kind == TokenKind::Colon).count();
    assert_eq!(description.arguments().count(), colons, "every segment but the type");
    for argument in description.arguments() {
        inside(argument.span, input);
        inside(argument.value_span, input);
        inside(argument.key_span(), input);
    }
    if std::str::from_utf8(input).is_err() {
        // `Display` shows U+FFFD for what is not UTF-8.
        return;
    }
    let printed = description.to_string();
    assert_eq!(parsed(Description::parse(&printed), &printed), description, "{printed}");
    assert_eq!(parsed(Description::parse(&printed), &printed).to_string(), printed);
}

/// As for descriptions, with canonical text, which needs no UTF-8.
pub fn servers_print_what_they_are(input: &[u8]) {
    let Ok(endpoint) = ServerEndpoint::parse(input) else { return };
    let canonical = canonical_bytes(&endpoint);
    let again = parsed(ServerEndpoint::parse(&canonical), &canonical);
    assert_eq!(again, endpoint, "{}", shown(&canonical));
    prints_canonical(&again, &canonical);
    assert_eq!(endpoint.clone().into_owned(), endpoint);
}

/// As for servers.
pub fn clients_print_what_they_are(input: &[u8]) {
    let Ok(endpoint) = ClientEndpoint::parse(input) else { return };
    let canonical = canonical_bytes(&endpoint);
    let again = parsed(ClientEndpoint::parse(&canonical), &canonical);
    assert_eq!(again, endpoint, "{}", shown(&canonical));
    prints_canonical(&again, &canonical);
    assert_eq!(endpoint.clone().into_owned(), endpoint);
}

fn prints_canonical(endpoint: &(impl Parameters + ToString), canonical: &[u8]) {
    assert_eq!(shown(&canonical_bytes(endpoint)), shown(canonical), "canonical text changed");
    assert_eq!(canonical_bytes(endpoint), canonical, "canonical text changed");
    if let Ok(canonical) = std::str::from_utf8(canonical) {
        assert_eq!(endpoint.to_string(), canonical, "`Display` differs from the canonical text");
    }
}

/// Spans of findings and fixes lie within the input; there are at most so many, in order.
pub fn findings_stand_in_the_input(report: &Report<'_>) {
    let input = report.text();
    assert!(report.diagnostics().len() <= MOST_FINDINGS);
    assert!(report.more() == 0 || report.diagnostics().len() == MOST_FINDINGS);
    assert!(report.diagnostics().is_sorted_by_key(|found| found.span), "out of order");
    for found in report.diagnostics() {
        inside(found.span, input);
        assert!(!found.message.is_empty(), "{found:?}");
        assert!(!found.message.contains(char::is_control), "not escaped: {:?}", found.message);
        if let Some(fix) = &found.fix {
            inside(fix.span, input);
            let replaced = fix.span.slice(input);
            assert_ne!(fix.replacement, replaced, "a fix that changes nothing: {found:?}");
        }
    }
}

/// A description has a meaning exactly where no error is reported, and the same one everywhere.
pub fn errors_are_reported(report: &Report<'_>) {
    let input = report.text();
    let failed = match report.role() {
        Role::Server => ServerEndpoint::parse(input).err(),
        Role::Client => ClientEndpoint::parse(input).err(),
    };
    assert_eq!(report.is_ok(), failed.is_none(), "`check` and `parse` disagree: {failed:?}");
    assert_eq!(report.is_ok(), report.errors().next().is_none(), "{:?}", report.diagnostics());
    assert_eq!(report.is_ok(), report.portable().is_some());
    assert_eq!(report.is_ok(), errors(input, report.role()) == 0);
    if let Some(error) = failed {
        inside(error.span(), input);
    }
}

/// Safe fixes never make it worse, and `corrected` is right.
///
/// A type or a keyword that is spelt right at last brings mistakes to light that were there
/// before: nobody had looked at its arguments, or at its value.
pub fn safe_fixes_mend(report: &Report<'_>) {
    let (input, role) = (report.text(), report.role());
    let fixed = mended(report);
    if fixed == input {
        return;
    }
    let mends = |found: &&Diagnostic| found.fix.as_ref().is_some_and(|fix| fix.safe);
    let reveals = report
        .errors()
        .filter(mends)
        .any(|found| matches!(found.code, Code::UnknownType | Code::UnexpectedKeyword));
    if !reveals {
        let (before, after) = (errors(input, role), errors(&fixed, role));
        let fewer = report.errors().any(|found| mends(&found));
        let enough = if fewer { after < before } else { after <= before };
        assert!(enough, "{before} errors became {after} in {}", shown(&fixed));
    }
    if let Some(corrected) = report.corrected() {
        assert_eq!(shown(&corrected), shown(&fixed));
        let left = check(&corrected, role);
        assert!(left.is_ok(), "{} is no correction: {left:?}", shown(&corrected));
    }
    settles(fixed, role);
}

/// Applying safe fixes again and again comes to an end.
fn settles(mut text: Vec<u8>, role: Role) {
    for _ in 0..=MOST_FINDINGS {
        let next = mended(&check(&text, role));
        if next == text {
            return;
        }
        text = next;
    }
    panic!("fixes without end: {}", shown(&text));
}

fn mended(report: &Report<'_>) -> Vec<u8> {
    apply_fixes(report.text(), report.fixes().filter(|fix| fix.safe))
}

/// Asked for either role, the answer is that of one of them, without errors where one has none.
pub fn either_role_agrees_with_each(server: &Report<'_>, client: &Report<'_>) {
    let (either, both) = check_either(server.text());
    assert_eq!(either.is_ok(), server.is_ok() || client.is_ok());
    assert_eq!(both, server.is_ok() && client.is_ok());
    let same = if either.role() == Role::Server { server } else { client };
    assert_eq!(either.diagnostics(), same.diagnostics());
}

/// `unquote(quote(t)) == t` in each place, whatever stands around it.
pub fn quoted_text_reads_as_itself(input: &[u8]) {
    let text = Text::plain(input);
    let [positional, key, value] = [Place::Positional, Place::Key, Place::Value].map(|place| {
        let quoted = quote_bytes(input, place);
        if std::str::from_utf8(input).is_ok() {
            assert_eq!(Quoted::new(&text, place).to_string().as_bytes(), quoted);
        }
        quoted
    });
    let written = [&positional, &b":"[..], &positional, b":", &key, b"=", &value, b":x"].concat();
    let description = parsed(Description::parse(&written), &written);
    assert_eq!(*description.type_name(), text);
    let arguments: Vec<_> = description.arguments().map(|it| (it.key, it.value)).collect();
    let x = Text::literal("x");
    assert_eq!(arguments, [(None, text.clone()), (Some(text.clone()), text), (None, x)]);
}

/// How many mistakes binding finds, not bounded as a report is.
fn errors(input: &[u8], role: Role) -> usize {
    struct Count(usize);
    impl Sink for Count {
        fn error(&mut self, _: Error) {
            self.0 += 1;
        }
    }
    let mut count = Count(0);
    let found = match role {
        Role::Server => ServerEndpoint::parse_with(input, &mut count).is_some(),
        Role::Client => ClientEndpoint::parse_with(input, &mut count).is_some(),
    };
    assert_eq!(found, count.0 == 0, "refused without a reason, or accepted with one");
    count.0
}

#[track_caller]
fn inside(span: Span, input: &[u8]) {
    assert!(span.start <= span.end && span.end <= input.len(), "{span} of {}", input.len());
}

#[track_caller]
fn parsed<T>(result: Result<T, Error>, text: &(impl AsRef<[u8]> + ?Sized)) -> T
where
    T: Debug,
{
    match result {
        Ok(it) => it,
        Err(error) => panic!("{} does not parse: {error}", shown(text.as_ref())),
    }
}

/// Bytes for a message.
fn shown(text: &[u8]) -> String {
    text.escape_ascii().to_string()
}

//! The language server, with a client in the same process.
#![cfg(all(feature = "check", feature = "cli"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

#[path = "support/editor.rs"]
mod editor;
mod support;

use std::path::Path;

use editor::{Editor, position, uri};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeActionOrCommand, CompletionItem, CompletionResponse, Diagnostic, HoverContents,
    NumberOrString, Range, TextEdit,
};
use serde_json::{Value, json};
use strports::check::{Checker, Finding, Options};
use support::Scratch;

const PYTHON: &str = "from twisted.internet.endpoints import serverFromString\n\
                      server = serverFromString(reactor, \"tcp:8080:interface=::1\")\n";

fn editor(scratch: &Scratch) -> Editor {
    Editor::new("utf-16", scratch.path())
}

fn code(diagnostic: &Diagnostic) -> &str {
    match &diagnostic.code {
        Some(NumberOrString::String(code)) => code,
        code => panic!("{code:?}"),
    }
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(code).collect()
}

/// Applies edits to a text; they do not overlap.
fn edited(text: &str, edits: &[TextEdit]) -> String {
    let mut text = text.to_owned();
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
    for edit in edits {
        let at = |wanted| {
            (0..=text.len())
                .find(|at| text.is_char_boundary(*at) && position(&text, *at, "utf-16") == wanted)
        };
        let range = at(edit.range.start).unwrap()..at(edit.range.end).unwrap();
        text.replace_range(range, &edit.new_text);
    }
    text
}

#[test]
fn unsaved_texts_of_every_format_have_diagnostics() {
    let scratch = Scratch::new();
    let mut editor = editor(&scratch);
    for (name, text, at) in [
        ("a.py", PYTHON, (1, 55)),
        ("Procfile", "web: daphne -e tcp:1:interface=::1 x\n", (0, 31)),
        ("a.sh", "twistd web --listen tcp:1:interface=::1\n", (0, 36)),
        ("Dockerfile", "CMD [\"daphne\", \"-e\", \"tcp:1:interface=::1\"]\n", (0, 38)),
        ("a.service", "[Service]\nExecStart=twistd web --listen tcp:1:interface=::1\n", (1, 46)),
        ("tahoe.cfg", "[node]\ntub.port = tcp:1:interface=::1\n", (1, 27)),
    ] {
        let diagnostics = editor.open(&scratch.path().join(name), text);
        assert_eq!(codes(&diagnostics), ["multiple-values"], "{name}");
        let start = diagnostics[0].range.start;
        assert_eq!((start.line, start.character), at, "{name}");
        assert!(diagnostics[0].message.contains("not escaped"), "{name}");
    }
    assert!(editor.open(&scratch.path().join("a.unknown"), "tcp:x").is_empty());
    assert!(editor.end());
}

#[test]
fn quick_fixes_equal_those_of_check() {
    let scratch = Scratch::new();
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    let diagnostics = editor.open(&path, PYTHON);
    let params = json!({ "range": diagnostics[0].range, "context": { "diagnostics": [] } });
    let actions = editor.ask::<request::CodeActionRequest>(&path, params).unwrap();
    let actions: Vec<_> = actions
        .into_iter()
        .map(|action| match action {
            CodeActionOrCommand::CodeAction(action) => action,
            CodeActionOrCommand::Command(command) => panic!("{command:?}"),
        })
        .collect();
    let titles: Vec<_> = actions.iter().map(|action| &*action.title).collect();
    assert_eq!(
        titles,
        [r"write `\\:\\:1`", "ignore `multiple-values` here", "write all fixes that are certain",]
    );
    assert_eq!(actions[0].is_preferred, Some(true));
    let text_of = |index: usize| {
        let edit = actions[index].edit.clone().unwrap();
        // The edits by file; all are for this file.
        let edits: Vec<TextEdit> = edit.changes.unwrap().into_values().flatten().collect();
        edited(PYTHON, &edits)
    };
    let fixed = PYTHON.replace("::1", r"\\:\\:1");
    assert_eq!((text_of(0), text_of(2)), (fixed.clone(), fixed));
    let ignored = text_of(1);
    assert!(ignored.contains("\n# strports: ignore[multiple-values]\nserver ="), "{ignored}");
    editor.change(&path, 2, &json!([{ "text": ignored }]));
    assert!(editor.diagnostics(&path, Some(2)).is_empty());
    assert!(editor.end());
}

/// An editor that supports `codeAction/resolve` receives the same edits on request.
#[test]
fn actions_are_resolved_on_request() {
    let scratch = Scratch::new();
    let capabilities = json!({ "codeAction": {
        "dataSupport": true,
        "resolveSupport": { "properties": ["edit"] },
    }});
    let mut lazy = Editor::with_capabilities("utf-16", scratch.path(), &capabilities);
    let (mut eager, path) = (editor(&scratch), scratch.path().join("a.py"));
    let actions = |editor: &mut Editor| {
        let diagnostics = editor.open(&path, PYTHON);
        let params = json!({ "range": diagnostics[0].range, "context": { "diagnostics": [] } });
        let actions = editor.ask::<request::CodeActionRequest>(&path, params).unwrap();
        let action = |it| match it {
            CodeActionOrCommand::CodeAction(action) => action,
            CodeActionOrCommand::Command(command) => panic!("{command:?}"),
        };
        actions.into_iter().map(action).collect::<Vec<_>>()
    };
    let (now, later) = (actions(&mut eager), actions(&mut lazy));
    assert_eq!(now.len(), later.len());
    let is_there: Vec<bool> = later.iter().map(|it| it.edit.is_some()).collect();
    assert_eq!(is_there, [true, false, false]);
    for (now, later) in now.iter().zip(&later).skip(1) {
        let params = serde_json::to_value(later).unwrap();
        let resolved = lazy.ask_raw(request::CodeActionResolveRequest::METHOD, params).unwrap();
        assert_eq!(resolved["title"], *now.title);
        assert_eq!(resolved["edit"], serde_json::to_value(&now.edit).unwrap());
    }
    // An action for an older version of the document has no edit.
    lazy.change(&path, 2, &json!([{ "text": PYTHON }]));
    let params = serde_json::to_value(&later[1]).unwrap();
    let resolved = lazy.ask_raw(request::CodeActionResolveRequest::METHOD, params).unwrap();
    assert_eq!(resolved.get("edit"), None);
    assert!(lazy.end() && eager.end());
}

/// A client without capabilities gets the edits of all actions of a file in one answer.
#[test]
fn every_finding_of_a_long_file_has_its_actions() {
    let scratch = Scratch::new();
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    let call = "server = serverFromString(reactor, \"tcp:PORT:interface=::1\")\n";
    let calls: String =
        (1000..1300).map(|port: u32| call.replace("PORT", &port.to_string())).collect();
    let text = format!("from twisted.internet.endpoints import serverFromString\n{calls}");
    assert_eq!(editor.open(&path, &text).len(), 300);
    let whole = Range::new(position(&text, 0, "utf-16"), position(&text, text.len(), "utf-16"));
    let params = json!({ "range": whole, "context": { "diagnostics": [], "only": ["quickfix"] } });
    let actions = editor.ask::<request::CodeActionRequest>(&path, params).unwrap();
    let edits = actions.into_iter().filter_map(|action| match action {
        CodeActionOrCommand::CodeAction(it) if it.title.starts_with("ignore") => it.edit?.changes,
        _ => None,
    });
    let edits: Vec<TextEdit> = edits.flat_map(|it| it.into_values().flatten()).collect();
    assert_eq!(edits.len(), 300);
    // From the last one to the first, so that the places of the others stay.
    let changes: Vec<Value> =
        edits.iter().rev().map(|it| json!({ "range": it.range, "text": it.new_text })).collect();
    editor.change(&path, 2, &json!(changes));
    assert!(editor.diagnostics(&path, Some(2)).is_empty());
    assert!(editor.end());
}

#[test]
fn a_running_request_is_cancelled() {
    let scratch = Scratch::new();
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    let text = PYTHON.repeat(4000);
    let document = json!({ "uri": uri(&path), "languageId": "x", "version": 1, "text": text });
    let open = json!({ "textDocument": document });
    editor.tell_raw(notification::DidOpenTextDocument::METHOD, open);
    let hover = json!({ "textDocument": { "uri": uri(&path) }, "position": { "line": 1, "character": 40 } });
    let cancelled = editor.send_request(request::HoverRequest::METHOD, hover.clone());
    editor.tell_raw(notification::Cancel::METHOD, json!({ "id": cancelled }));
    assert_eq!(editor.any_response(), (cancelled, Some(-32800)));
    // The next request completes the interrupted analysis.
    let next = editor.send_request(request::HoverRequest::METHOD, hover);
    assert_eq!(editor.any_response(), (next, None));
    assert!(editor.end());
}

#[test]
fn ignore_comments_are_offered_only_in_formats_with_comments() {
    let config = "[[source]]\nfiles = ['*.json']\nkeys = { listen = 'server' }\n";
    let scratch = Scratch::holding(&[("strports.toml", config)]);
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.json"));
    let diagnostics = editor.open(&path, "{ \"listen\": \"tcp:1:interface=::1\" }\n");
    assert_eq!(codes(&diagnostics), ["multiple-values"]);
    let context = json!({ "diagnostics": [], "only": ["quickfix"] });
    let params = json!({ "range": diagnostics[0].range, "context": context });
    let actions = editor.ask::<request::CodeActionRequest>(&path, params).unwrap();
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert!(editor.end());
}

#[test]
fn hover_equals_explain() {
    let scratch = Scratch::new();
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    let text = PYTHON.replace("::1", "127.0.0.1");
    editor.open(&path, &text);
    let mut at = |needle: &str| {
        let offset = text.find(needle).unwrap() + 1;
        let params = json!({ "position": position(&text, offset, "utf-16") });
        editor.ask::<request::HoverRequest>(&path, params)
    };
    let hover = at("8080").unwrap();
    let HoverContents::Markup(markup) = hover.contents else { panic!() };
    assert!(markup.value.starts_with("**`port`**: TCP port to listen on"), "{}", markup.value);
    assert!(markup.value.contains("It will listen on `127.0.0.1`"), "{}", markup.value);
    let range = hover.range.unwrap();
    assert_eq!((range.start.character, range.end.character), (40, 44));
    assert!(at("reactor").is_none());
    assert!(editor.end());
}

#[track_caller]
fn items(editor: &mut Editor, path: &Path, text: &str, offset: usize) -> Vec<CompletionItem> {
    let params = json!({ "position": position(text, offset, "utf-16") });
    match editor.ask::<request::Completion>(path, params) {
        Some(CompletionResponse::Array(items)) => items,
        other => panic!("{other:?}"),
    }
}

#[test]
fn types_keywords_values_and_files_are_completed() {
    let scratch = Scratch::holding(&[("certs/a.pem", ""), ("cert:1.pem", ""), (".hidden", "")]);
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    let mut version = 1;
    editor.open(&path, "");
    let mut labels = |description: &str| {
        let text = format!("serverFromString(reactor, \"{description}\")\n");
        version += 1;
        editor.change(&path, version, &json!([{ "text": text }]));
        let end = text.rfind('"').unwrap();
        let items = items(&mut editor, &path, &text, end);
        let texts = items.iter().map(|item| {
            let Some(lsp_types::CompletionTextEdit::Edit(edit)) = &item.text_edit else { panic!() };
            edited(&text, std::slice::from_ref(edit))
        });
        let inside = texts.map(|text| text.split('"').nth(1).unwrap().to_owned());
        inside.collect::<Vec<_>>()
    };
    assert_eq!(labels("un"), ["unix:"]);
    assert!(labels("").contains(&"tcp:".to_owned()));
    assert_eq!(labels("tcp:80:inter"), ["tcp:80:interface="]);
    assert_eq!(labels("unix:/a:lockfile="), ["unix:/a:lockfile=0", "unix:/a:lockfile=1"]);
    // Backslashes are escaped for the literal.
    assert_eq!(labels("tls:/certs:endpoint=un"), [r"tls:/certs:endpoint=unix\\:"]);
    // Completes files beside the document, with escaped paths.
    let keys = labels("ssl:443:privateKey=cert");
    assert_eq!(
        keys,
        [r"ssl:443:privateKey=cert\\:1.pem", "ssl:443:privateKey=certs/"],
        "what is hidden stays so"
    );
    assert_eq!(labels("ssl:443:certs/"), ["ssl:443:certs/a.pem"]);
    let inside = labels(r"tls:/certs:endpoint=unix\\:.h");
    assert_eq!(inside, [r"tls:/certs:endpoint=unix\\:.hidden"]);
    assert!(editor.end());
}

#[test]
fn descriptions_are_formatted_marked_and_linked() {
    let scratch = Scratch::holding(&[("key.pem", "")]);
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    let text =
        "é = serverFromString(r, \"port=080:tcp\")\nserverFromString(r, 'ssl:443:key.pem')\n";
    editor.open(&path, text);
    let options = json!({ "options": { "tabSize": 4, "insertSpaces": true } });
    let edits = editor.ask::<request::Formatting>(&path, options.clone()).unwrap();
    assert_eq!(
        edited(text, &edits),
        text.replace("port=080:tcp", "tcp:80").replace("443:key", "443:privateKey=key")
    );
    let at = |needle: &str| position(text, text.find(needle).unwrap(), "utf-16");
    let mut second = options;
    second["range"] = json!(Range::new(at("443"), at("443")));
    assert_eq!(editor.ask::<request::RangeFormatting>(&path, second).unwrap().len(), 1);

    let tokens = editor.ask::<request::SemanticTokensFullRequest>(&path, json!({})).unwrap();
    let Value::Array(data) = serde_json::to_value(tokens).unwrap()["data"].take() else { panic!() };
    let data: Vec<u64> = data.iter().map(|it| it.as_u64().unwrap()).collect();
    let tokens: Vec<&[u64]> = data.chunks(5).map(|token| &token[..4]).collect();
    assert_eq!(
        tokens[..5],
        [[0, 25, 4, 1], [0, 4, 1, 4], [0, 1, 3, 3], [0, 3, 1, 4], [0, 1, 3, 0]]
    );

    let links = editor.ask::<request::DocumentLinkRequest>(&path, json!({})).unwrap();
    let targets: Vec<_> = links.iter().map(|link| link.target.clone().unwrap()).collect();
    assert_eq!(targets, [uri(&scratch.path().join("key.pem"))]);
    assert!(editor.end());
}

#[test]
fn configurations_are_checked_completed_and_read_again() {
    let scratch = Scratch::new();
    let mut editor = editor(&scratch);
    let (config, list) = (scratch.path().join("strports.toml"), scratch.path().join("a.endpoints"));
    assert!(editor.open(&list, "tcp:x\n").is_empty());
    let text = "[[source]]\nfiles = [\"*.endpoints\"]\nformat = \"lst\"\n";
    let diagnostics = editor.open(&config, text);
    assert_eq!(codes(&diagnostics), ["configuration"]);
    let range = diagnostics[0].range;
    assert_eq!((range.start.line, range.start.character, range.end.character), (2, 9, 14));

    let labels =
        |items: Vec<CompletionItem>| items.into_iter().map(|it| it.label).collect::<Vec<_>>();
    let values = items(&mut editor, &config, text, text.rfind('"').unwrap());
    assert!(labels(values).contains(&"list".to_owned()));
    let line = text.find("files").unwrap();
    assert!(labels(items(&mut editor, &config, text, line)).contains(&"except".to_owned()));
    let hover = json!({ "position": position(text, line, "utf-16") });
    assert!(editor.ask::<request::HoverRequest>(&config, hover).is_some());

    // A saved configuration applies to the other documents.
    let registered = &editor.requests[0];
    assert_eq!(registered.method, request::RegisterCapability::METHOD);
    scratch.put("strports.toml", &text.replace("lst", "list"));
    let changes = json!({ "changes": [{ "uri": uri(&config), "type": 1 }] });
    editor.tell_raw(notification::DidChangeWatchedFiles::METHOD, changes);
    assert_eq!(codes(&editor.diagnostics(&list, Some(1))), ["not-an-integer"]);
    assert!(editor.end());
}

#[test]
fn a_closed_document_has_no_diagnostics() {
    let scratch = Scratch::new();
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    assert_eq!(editor.open(&path, PYTHON).len(), 1);
    let document = json!({ "textDocument": { "uri": uri(&path) } });
    editor.tell_raw(notification::DidCloseTextDocument::METHOD, document);
    assert!(editor.diagnostics(&path, None).is_empty());
    assert!(editor.end());
}

#[test]
fn requests_that_are_cancelled_unknown_or_malformed_end_with_an_error() {
    let scratch = Scratch::new();
    let (mut editor, path) = (editor(&scratch), scratch.path().join("a.py"));
    // A text that is long enough for the second request to arrive during the analysis.
    let text = PYTHON.repeat(4000);
    let document = json!({ "uri": uri(&path), "languageId": "x", "version": 1, "text": text });
    let open = json!({ "textDocument": document });
    editor.tell_raw(notification::DidOpenTextDocument::METHOD, open);
    let hover = json!({ "textDocument": { "uri": uri(&path) }, "position": { "line": 1, "character": 40 } });
    // The second request waits while the server handles the first one.
    let first = editor.send_request(request::HoverRequest::METHOD, hover.clone());
    let second = editor.send_request(request::HoverRequest::METHOD, hover);
    editor.tell_raw(notification::Cancel::METHOD, json!({ "id": second }));
    let mut outcomes = [editor.any_response(), editor.any_response()];
    outcomes.sort_by_key(|(id, _)| *id);
    assert_eq!(outcomes[0], (first, None));
    assert_eq!(outcomes[1], (second, Some(-32800)));
    assert_eq!(editor.ask_raw("textDocument/nothing", json!({})), Err(-32601));
    assert_eq!(editor.ask_raw(request::HoverRequest::METHOD, json!({ "x": 1 })), Err(-32602));
    assert!(editor.end());
}

#[test]
fn a_session_without_shutdown_is_reported() {
    let scratch = Scratch::new();
    let editor = editor(&scratch);
    editor.tell_raw(notification::Exit::METHOD, Value::Null);
    assert!(!editor.wait());
}

/// Random numbers from a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

const PIECES: [&str; 20] = [
    "tcp:80",
    "tcp:80:interface=::1",
    "unix:/run/a:mode=660",
    ":",
    "\\",
    "\"",
    "'",
    "\n",
    " ",
    "é",
    "\u{1f600}",
    "serverFromString(r, \"",
    "\")\n",
    "# strports: ignore[all]\n",
    "web: daphne -e ",
    "\\\n",
    "{port}",
    "ssl:443:privateKey=x",
    "$PORT",
    "haproxy:tcp:x",
];

/// The code and the range of a finding, in the protocol's form.
fn place(finding: &Finding, text: &str, encoding: &str) -> (String, Range) {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = position(text, boundary(finding.range.start), encoding);
    let end = position(text, boundary(finding.range.end), encoding);
    (finding.rule.slug().to_owned(), Range { start, end })
}

/// Sends random edits, and compares the diagnostics with the findings of `check`.
fn random_edits(name: &str, encoding: &str, count: usize) {
    let scratch = Scratch::new();
    let path = scratch.path().join(name);
    let mut editor = Editor::new(encoding, scratch.path());
    let mut text = String::new();
    editor.open(&path, &text);
    let mut random = Random(count as u64);
    let checker = Checker::new(Options::default());
    for number in 0..count {
        let boundaries: Vec<usize> =
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let start = random.below(boundaries.len());
        // Delete longer ranges from a long text, so that its length stays bounded.
        let most = if text.len() > 300 { 90 } else { 6 };
        let end = (start + random.below(most)).min(boundaries.len() - 1);
        let piece = if random.below(4) == 0 { "" } else { PIECES[random.below(PIECES.len())] };
        let range = boundaries[start]..boundaries[end];
        let change = json!([{
            "range": Range::new(
                position(&text, range.start, encoding),
                position(&text, range.end, encoding),
            ),
            "text": piece,
        }]);
        text.replace_range(range, piece);
        let version = i32::try_from(number).unwrap() + 2;
        editor.change(&path, version, &change);
        // Send several edits without waiting, as in fast typing.
        if number % 4 != 3 {
            continue;
        }
        let reported: Vec<_> = editor
            .diagnostics(&path, Some(version))
            .iter()
            .map(|it| (code(it).to_owned(), it.range))
            .collect();
        // Check the file on disk, like the command.
        std::fs::write(&path, &text).unwrap();
        let findings = checker.check_paths(std::slice::from_ref(&path)).findings();
        let places: Vec<_> = findings.iter().map(|it| place(it, &text, encoding)).collect();
        assert_eq!(reported, places, "{text:?}");
    }
    assert!(editor.end());
}

#[test]
fn ten_thousand_random_edits_have_the_findings_of_check() {
    let sessions =
        [("a.py", "utf-16", 4000), ("Procfile", "utf-8", 3000), ("a.sh", "utf-32", 3000)];
    std::thread::scope(|scope| {
        for (name, encoding, count) in sessions {
            scope.spawn(move || random_edits(name, encoding, count));
        }
    });
}

//! The pictures of the README and the book show the output of the command and the grammar.
//!
//! `TRANSCRIPTS=overwrite cargo test --test pictures` updates them.
#![cfg(all(feature = "cli", feature = "check"))]
#![expect(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::path::Path;

use abnf::types::{Node, TerminalValues};
use anstyle_svg::Term;
use railroad::{
    Choice, Comment, Diagram, Empty, End, NonTerminal, Optional, Repeat, Sequence, Start,
    Stylesheet, Terminal,
};

/// Compares a picture with its file, or writes the file.
#[track_caller]
fn picture(name: &str, drawn: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures").join(name);
    if std::env::var_os("TRANSCRIPTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(file, drawn).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == drawn, "{name} is out of date: TRANSCRIPTS=overwrite draws it again");
}

/// Draws a command line and its output, once for each theme.
fn terminal(name: &str, files: &[(&str, &str)], shown: &str, command: &str) {
    let scratch = support::Scratch::holding(files);
    let output = support::console::shell(&format!("{command} 2>&1"), scratch.path())
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let text = format!("$ {shown}\n{}", String::from_utf8(output.stdout).unwrap());
    let rgb = |r, g, b| anstyle::RgbColor(r, g, b).into();
    let light = Term::new().fg_color(rgb(31, 35, 40)).bg_color(rgb(246, 248, 250));
    let dark = Term::new()
        .palette(anstyle_svg::WIN10_CONSOLE)
        .fg_color(rgb(230, 237, 243))
        .bg_color(rgb(13, 17, 23));
    picture(&format!("{name}-light.svg"), &light.render_svg(&text));
    picture(&format!("{name}-dark.svg"), &dark.render_svg(&text));
}

#[test]
fn the_picture_of_explain_is_up_to_date() {
    let description = "tls:/etc/certs:443:interface=::1";
    let command = |color: &str| format!("strports explain {color}'{description}'");
    terminal("explain", &[], &command(""), &command("--color always "));
}

#[test]
fn the_picture_of_check_is_up_to_date() {
    let files = [
        ("Procfile", "web: daphne -e ssl:8443:privateKey=key.pem:interface=::1 site.asgi:app\n"),
        ("server.py", "endpoint = serverFromString(reactor, 'unix:/run/app.sock:mode=rw')\n"),
    ];
    terminal("check", &files, "strports check", "strports check --color always");
}

#[test]
fn the_diagrams_match_the_grammar() {
    let grammar = include_str!("../spec/grammar.abnf");
    let rules = abnf::rulelist(&format!("{}\n", grammar.trim_end())).unwrap();
    for name in ["description", "segment", "positional", "keyword", "value", "escape", "integer"] {
        let rule = rules.iter().find(|rule| rule.name() == name).unwrap();
        for (theme, style) in [("light", Stylesheet::Light), ("dark", Stylesheet::Dark)] {
            let line = Sequence::<Box<dyn railroad::Node>>::new(vec![
                Box::new(Start),
                drawn(rule.node()),
                Box::new(End),
            ]);
            let diagram = Diagram::new_with_stylesheet(line, &style);
            picture(&format!("grammar-{name}-{theme}.svg"), &diagram.to_string());
        }
    }
}

/// Draws a part of a rule as a part of a diagram.
fn drawn(node: &Node) -> Box<dyn railroad::Node> {
    match node {
        Node::Alternatives(nodes) => Box::new(Choice::new(nodes.iter().map(drawn).collect())),
        Node::Concatenation(nodes) => Box::new(Sequence::new(nodes.iter().map(drawn).collect())),
        Node::Group(node) => drawn(node),
        Node::Optional(node) => Box::new(Optional::new(drawn(node))),
        Node::Rulename(name) => Box::new(NonTerminal::new(name.clone())),
        Node::String(string) => Box::new(Terminal::new(string.value().to_owned())),
        Node::Prose(text) => Box::new(Comment::new(text.clone())),
        Node::TerminalValues(TerminalValues::Range(first, last)) => {
            Box::new(Terminal::new(format!("%x{first:02X}-{last:02X}")))
        }
        Node::TerminalValues(TerminalValues::Concatenation(octets)) => {
            let octets: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
            Box::new(Terminal::new(format!("%x{}", octets.join("."))))
        }
        Node::Repetition { repeat, node } => {
            let again = Repeat::new(drawn(node), Empty);
            match repeat.min_max() {
                (None | Some(0), None) => Box::new(Optional::new(again)),
                (Some(1), None) => Box::new(again),
                (least, most) => {
                    let bound =
                        |bound: Option<usize>| bound.map_or(String::new(), |n| n.to_string());
                    let times = format!("{} to {} times", bound(least), bound(most));
                    Box::new(Repeat::new(drawn(node), Comment::new(times)))
                }
            }
        }
    }
}

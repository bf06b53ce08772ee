//! The law of losses: each parameter of a description changes the written text, is reported as
//! lost, or makes the conversion fail. None is dropped silently.

use super::*;
use strports_syntax::quote_string_argument;
use strports_syntax::signature::{Kind, Parameter, Signature, client, server};

/// Returns the arguments that a description of this role and type must have.
fn needed(role: Role, kind: &str) -> &'static [(&'static str, &'static str)] {
    match (role, kind) {
        (Role::Server, "tcp" | "tcp6") => &[("port", "80")],
        (Role::Server, "ssl") => &[("port", "443"), ("privateKey", "a.pem")],
        (Role::Server, "tls") => &[("path", "/certs"), ("port", "443")],
        (Role::Server, "unix") => &[("address", "/run/a")],
        (Role::Server, "systemd") => &[("domain", "INET"), ("index", "0")],
        (_, "fd") => &[("fd", "3")],
        (Role::Client, "tcp" | "tcp6" | "ssl" | "tls") => &[("host", "h"), ("port", "443")],
        (Role::Client, "unix") => &[("path", "/run/a")],
        (Role::Client, "process") => &[("executable", "/bin/a")],
        (Role::Client, "socks5" | "http-connect") => {
            &[("host", "h"), ("port", "443"), ("endpoint", "tcp:proxy:1080")]
        }
        _ => &[],
    }
}

/// Returns values of a parameter that differ from its default and from those in `needed`.
fn values(role: Role, signature: &Signature, parameter: &Parameter) -> Vec<&'static str> {
    match (parameter.name, role) {
        ("lockfile", Role::Server) => return vec!["0"],
        ("interface", _) if signature.name == "tcp" || signature.name == "ssl" => {
            return vec!["127.0.0.7", "::7"];
        }
        ("interface", _) => return vec!["::7", "0.0.0.0"],
        ("endpoint", Role::Server) => return vec!["unix:/run/e", "haproxy:tcp:81"],
        ("endpoint", _) if signature.name != "tls" => return vec!["tcp:other:1080"],
        ("endpoint", _) => return vec!["unix:/run/e", "tcp:e:81", "haproxy:tcp:h:443"],
        ("proxyVersion", _) => return vec!["1"],
        ("keepAlive", _) => return vec!["61", "61,11", "61,11,5", "0"],
        ("domain", _) => return vec!["INET6", "UNIX"],
        ("hostname", _) => return vec!["other.example"],
        _ => {}
    }
    match parameter.kind {
        Kind::Ignored => vec![],
        Kind::Flag => vec!["1"],
        Kind::Port => vec!["8443"],
        Kind::Backlog | Kind::Seconds | Kind::Number | Kind::Id => vec!["17"],
        Kind::Mode => vec!["604"],
        Kind::Delay => vec!["0.75"],
        Kind::Interface => vec!["127.0.0.7"],
        Kind::Networks => vec!["10.7.0.0/16"],
        Kind::ProxyTlvs => vec!["ssl"],
        Kind::TlsMethod => vec!["TLSv1_3_METHOD"],
        Kind::StandardError => vec!["drop", "inherit"],
        Kind::Repeated => vec!["A=other"],
        _ => vec!["other.x"],
    }
}

/// Returns a description of this type with these arguments.
fn description(role: Role, kind: &str, arguments: &[(&str, &str)]) -> String {
    let mut text = kind.to_owned();
    if kind == "haproxy" {
        text.push_str(if role == Role::Server { ":tcp:80" } else { ":tcp:h:80" });
    }
    let program = arguments.iter().filter(|(name, _)| matches!(*name, "executable" | "args"));
    program.for_each(|(_, value)| text.extend([":", value]));
    for (name, value) in arguments {
        if !matches!(*name, "executable" | "args") {
            text.extend([":", name, "=", &quote_string_argument(value)]);
        }
    }
    if arguments.is_empty() && kind != "haproxy" {
        text.push(':');
    }
    text
}

/// Returns descriptions and commands in which the description `text` is nested.
fn contexts(role: Role, text: &str) -> Vec<String> {
    let one = quote_string_argument(text);
    let all: [String; 3] = match role {
        Role::Server => [
            text.to_owned(),
            format!("haproxy:{text}"),
            format!("ssl:privateKey=a.pem:endpoint={one}"),
        ],
        Role::Client => {
            [text.to_owned(), format!("haproxy:{text}"), format!("tls:h:443:endpoint={one}")]
        }
    };
    let relays: &[&[&str]] = match role {
        Role::Server => &[&["*", "tcp:h:80"], &["*", "tls:h:443"], &["*", "process:/bin/cat"]],
        Role::Client => &[
            &["tcp:80", "*"],
            &["ssl:443:privateKey=a.pem", "*"],
            &["tcp:80", "tcp:h:81", "*"],
            &["tcp:80", "tls:h:443", "*"],
            &["ssl:443:privateKey=a.pem", "tcp:h:81", "*"],
        ],
    };
    let mut contexts = all.to_vec();
    for one in &all {
        for relay in relays {
            let ends: Vec<_> =
                relay.iter().map(|end| if *end == "*" { one } else { *end }).collect();
            contexts.push(format!("strports relay {}", command_line(&ends)));
        }
    }
    contexts
}

/// Converts a description to a form, and returns the text and the losses; `None` if it fails.
fn outcome(text: &str, form: Form, role: Role) -> Option<(String, Vec<String>)> {
    let done = convert(text, Some(Form::DESCRIPTION), form, Some(role));
    let losses = done.losses.iter().map(ToString::to_string).collect();
    done.failures.is_empty().then(|| (done.results[0].text.clone(), losses))
}

/// Whether adding a value to a description changes the converted text or is reported as lost.
/// `after` is the description `before` with the value.
fn is_noticed(before: &str, after: &str, name: &str, value: &str, form: Form, role: Role) -> bool {
    let (Some((one, old)), Some((other, new))) =
        (outcome(before, form, role), outcome(after, form, role))
    else {
        return true;
    };
    // If a whole layer is lost, such as TLS, its parameters are not reported one by one.
    let layer = match name {
        "proxyTrusted" | "proxyVersion" | "proxyTlvs" => "haproxy",
        "certKey" | "caCertsDir" | "hostname" => "tls",
        "host" if before.contains("endpoint=") => "tls",
        _ if draft::is_of_tls(role, name) => "tls",
        _ => "",
    };
    let is_of_layer = |loss: &String| loss.starts_with(&format!("`{layer}` is lost"));
    let mut losses = new.iter().filter(|loss| !old.contains(loss));
    let names = |loss: &String| {
        loss.contains(name) || name == "endpoint" || value.len() > 2 && loss.contains(value)
    };
    // A value that the other program always uses makes an earlier loss disappear.
    let is_better = old.iter().any(|loss| !new.contains(loss));
    one != other || is_better || losses.any(names) || new.iter().any(is_of_layer)
}

/// Whether a value has no effect, or is the default of the other program, so that it is not
/// written.
fn is_usual(form: Form, role: Role, name: &str, value: &str, beside_endpoint: bool) -> bool {
    let sends_no_probes = form.name() == "haproxy" && name == "keepAlive" && value == "0";
    let takes_turns = form.name() == "nginx" && name == "--balance" && value == "round-robin";
    sends_no_probes || takes_turns || beside_endpoint && role == Role::Client && name == "port"
}

#[test]
fn every_parameter_is_written_or_reported() {
    let mut wrong = std::collections::BTreeMap::<String, String>::new();
    let servers = server::ALL.iter().map(|it| (Role::Server, *it));
    for (role, signature) in servers.chain(client::ALL.iter().map(|it| (Role::Client, *it))) {
        let base = needed(role, signature.name);
        for parameter in signature.parameters {
            for value in values(role, signature, parameter) {
                // Beside `endpoint`, the parameters of a TCP port have no effect, so both cases are
                // tried.
                let beside: &[&[(&str, &str)]] = match (signature.name, parameter.name) {
                    ("tls" | "ssl", name)
                        if name != "endpoint" && signature.parameter("endpoint").is_some() =>
                    {
                        &[&[], &[("endpoint", "unix:/run/e")]]
                    }
                    _ => &[&[]],
                };
                for more in beside {
                    let mut before: Vec<_> = base.iter().chain(*more).copied().collect();
                    let mut after: Vec<_> = before
                        .iter()
                        .filter(|(name, _)| *name != parameter.name)
                        .copied()
                        .collect();
                    after.push((parameter.name, value));
                    if matches!((signature.name, parameter.name), ("systemd", "name")) {
                        before.retain(|(name, _)| *name != "index");
                        after.retain(|(name, _)| *name != "index");
                        before.push(("name", "a"));
                    }
                    let before = contexts(role, &description(role, signature.name, &before));
                    let after = contexts(role, &description(role, signature.name, &after));
                    for (before, after) in before.iter().zip(&after) {
                        for form in Form::all() {
                            if is_usual(form, role, parameter.name, value, !more.is_empty()) {
                                continue;
                            }
                            if !is_noticed(before, after, parameter.name, value, form, role) {
                                let key = format!(
                                    "{} {role:?} {}:{}={value} endpoint={}",
                                    form.name(),
                                    signature.name,
                                    parameter.name,
                                    !more.is_empty(),
                                );
                                wrong.entry(key).or_insert_with(|| {
                                    format!("{after} gives {:?}", outcome(after, form, role))
                                });
                            }
                        }
                    }
                }
            }
        }
    }
    let all: Vec<_> = wrong.iter().map(|(key, text)| format!("{key}\n    {text}")).collect();
    assert!(all.is_empty(), "{} values vanish:\n{}", all.len(), all.join("\n"));
}

#[test]
fn every_option_of_a_relay_is_written_or_reported() {
    let mut wrong = Vec::new();
    for (name, takes) in formats::RELAY_OPTIONS {
        let values: &[&str] = match *name {
            _ if !takes => &[""],
            "--allow" | "--deny" => &["10.7.0.0/16", "10.7.0.0/16,10.8.0.0/16"],
            "--max-connections" | "--retry" => &["17"],
            "--when-full" => &["refuse"],
            "--balance" => &["round-robin", "first"],
            "--log-format" => &["json"],
            "--access-log" => &["all"],
            "--color" => &["never"],
            "--metrics" => &["tcp:9"],
            "--keylog" | "--allow-name" => &["other.x"],
            _ => &["17s"],
        };
        for value in values {
            for ends in [
                "tcp:80 tcp:h:80 tcp:i:80",
                "tcp:80 tls:h:443",
                "ssl:443:privateKey=a.pem tcp:h:80",
            ] {
                // With one target, `--balance` has no effect.
                if *name == "--balance" && !ends.contains("tcp:i") {
                    continue;
                }
                let before = format!("strports relay {ends}");
                let after = format!("strports relay {name} {value} {ends}");
                for form in Form::all() {
                    if !is_usual(form, Role::Server, name, value, false)
                        && !is_noticed(&before, &after, name, value, form, Role::Server)
                    {
                        let text = outcome(&after, form, Role::Server);
                        wrong.push(format!("{}: {after} gives {text:?}", form.name()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_networks_are_one_list_in_every_form() {
    let joined =
        "strports relay --deny 10.9.0.0/16 --allow 10.7.0.0/16,10.8.0.0/16 tcp:80 tcp:h:80";
    let twice =
        "strports relay --allow 10.7.0.0/16 --allow 10.8.0.0/16 --deny 10.9.0.0/16 tcp:80 tcp:h:80";
    for form in ["haproxy", "nginx"] {
        let form = Form::from_name(form).unwrap();
        let [one, other] = [joined, twice].map(|text| outcome(text, form, Role::Server).unwrap());
        assert_eq!(one, other);
        assert!(one.1.is_empty(), "{:?}", one.1);
    }
}

#[test]
fn the_family_of_a_client_is_written_or_reported() {
    for form in Form::all() {
        for (other, same) in
            [("tcp6:h:80", "tcp:h:80"), ("tls:h:80:endpoint=tcp6\\:h\\:80", "tls:h:80")]
        {
            for head in ["", "strports relay tcp:80 "] {
                let tail = |text: &str| {
                    if head.is_empty() { text.to_owned() } else { command_line(&[text]) }
                };
                let [one, other] = [same, other]
                    .map(|end| outcome(&format!("{head}{}", tail(end)), form, Role::Client));
                assert!(one.is_none() || one != other, "{}: {other:?}", form.name());
            }
        }
    }
}

/// Returns the byte range of the value after the option `name` in a text; `None` if it has none.
fn value_of(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let is_word = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
    text.match_indices(name).find_map(|(at, _)| {
        let rest = &text[at + name.len()..];
        let rest = rest.trim_start_matches([' ', '=']);
        let start = text.len() - rest.len();
        let length = rest.find([',', ';', ' ', '\n', '}', '!']).unwrap_or(rest.len());
        let is_whole = !text[..at].ends_with(is_word) && start > at + name.len();
        (is_whole && length > 0).then_some(start..start + length)
    })
}

/// Options of each form whose value changes nothing in a description.
const WITHOUT_EFFECT: [(&str, &[&str]); 6] = [
    ("ncat", &["-q", "-u", "-z"]),
    ("haproxy", &["name"]),
    ("nginx", &["zone"]),
    ("systemd", &["FileDescriptorName"]),
    ("dbus", &["guid", "bind"]),
    // The examples of stunnel have a single target, for which `failover` has no effect.
    ("stunnel", &["failover"]),
];

#[test]
fn every_value_of_an_option_is_used_or_reported() {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for form in Form::all() {
        let exempt = WITHOUT_EFFECT.iter().find(|(name, _)| *name == form.name());
        let exempt = exempt.map_or(&[][..], |(_, names)| names);
        for row in form.rows() {
            let given =
                row.names.iter().find_map(|name| Some((name, value_of(row.example, name)?)));
            let Some((name, place)) = given.filter(|(name, _)| !exempt.contains(name)) else {
                continue;
            };
            let read = |text: &str| {
                let done = convert(text, Some(form), Form::DESCRIPTION, None);
                format!("{:?} {:?} {:?}", done.results, done.losses, done.failures)
            };
            let before = read(row.example);
            asked += 1;
            // Two values are tried, because one of them may equal the value of the example.
            for value in ["no", "zz9"] {
                let mut text = row.example.to_owned();
                text.replace_range(place.clone(), value);
                let is_same = words::is_no(value) && words::is_no(&row.example[place.clone()]);
                if text != row.example && !is_same && read(&text) == before {
                    wrong.push(format!("{} {name}: {text:?} gives {before}", form.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{asked} asked:\n{}", wrong.join("\n"));
    assert!(asked > 150, "{asked}");
}

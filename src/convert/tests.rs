//! Checks that the rows of all tables convert as documented, in both directions.

use super::*;

fn role_of(row: &Row) -> Option<Role> {
    row.example.starts_with("server:").then_some(Role::Server)
}

#[test]
fn every_row_converts_as_documented() {
    let mut wrong = Vec::new();
    for form in Form::all() {
        for row in form.rows() {
            let conversion = convert(row.example, Some(form), Form::DESCRIPTION, role_of(&row));
            let texts: Vec<_> = conversion.results.iter().map(|it| &*it.text).collect();
            let gives = texts.join("\n");
            if gives != row.gives {
                let why = conversion.failures.iter().map(ToString::to_string).collect::<Vec<_>>();
                wrong.push(format!(
                    "{}: {:?}\n  gave {gives:?}, not {:?} {why:?}",
                    form.name(),
                    row.example,
                    row.gives
                ));
            }
            if row.gives.is_empty() && conversion.failures.is_empty() {
                wrong.push(format!("{}: {:?} says not why", form.name(), row.example));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_is_recognized() {
    let mut wrong = Vec::new();
    for form in Form::all() {
        for row in form.rows() {
            let found = Form::from_text(row.example);
            // Some texts mean the same in two forms, such as `TCP:h:80`, so either form is right.
            let same = found.is_some_and(|found| {
                let as_found = convert(row.example, Some(found), Form::DESCRIPTION, None);
                let texts: Vec<_> = as_found.results.iter().map(|it| &*it.text).collect();
                texts.join("\n") == row.gives
            });
            if found != Some(form) && !same {
                wrong.push(format!("{}: {:?} is taken for {found:?}", form.name(), row.example));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn written_addresses_convert_back() {
    let mut wrong = Vec::new();
    for form in Form::all().filter(|form| *form != Form::DESCRIPTION) {
        for row in
            form.rows().into_iter().filter(|row| !row.gives.is_empty() && !row.gives.contains('\n'))
        {
            let there = convert(row.example, Some(form), form, None);
            let Some(result) = there.results.first() else {
                if there.failures.is_empty() {
                    wrong.push(format!("{}: {:?} vanishes", form.name(), row.example));
                }
                continue;
            };
            // What is lost cannot be converted back, so only rows without losses are compared.
            let read = convert(row.example, Some(form), Form::DESCRIPTION, None);
            if there.losses != read.losses {
                continue;
            }
            let role = result.role;
            let back = convert(&result.text, Some(form), Form::DESCRIPTION, role);
            let back: Vec<_> = back.results.iter().map(|it| &*it.text).collect();
            if back != [row.gives] {
                wrong.push(format!(
                    "{}: {:?}\n  is written {:?}\n  and read as {back:?}, not {:?}",
                    form.name(),
                    row.example,
                    result.text,
                    row.gives
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn converts(text: &str, gives: &[&str], said: &[&str]) {
    let done = convert(text, None, Form::DESCRIPTION, None);
    let texts: Vec<_> = done.results.iter().map(|it| &*it.text).collect();
    assert_eq!(texts, gives, "{text}");
    let losses = done.losses.iter().map(ToString::to_string);
    let all: Vec<_> = losses.chain(done.failures.iter().map(ToString::to_string)).collect();
    assert!(all.iter().zip(said).all(|(found, wanted)| found.contains(wanted)), "{all:?}");
    assert_eq!(all.len(), said.len(), "{all:?}");
}

#[test]
fn probes_that_haproxy_does_not_send_are_lost() {
    converts(
        "listen a\n  bind :80\n  server b 10.0.0.1:80\n  option srvtcpka\n  clitcpka-idle 60s\n",
        &["strports relay tcp:80 tcp:10.0.0.1:80"],
        &["it has no effect without `option tcpka`"],
    );
    converts(
        "listen a\n  bind /run/a\n  server b 10.0.0.1:80\n  option clitcpka\n  clitcpka-idle 60s\n",
        &["strports relay unix:/run/a tcp:10.0.0.1:80"],
        &["`unix` has no `keepAlive`"],
    );
    let kept = "strports relay tcp:80:keepAlive=60,10 tcp:10.0.0.1:80";
    let to = Form::from_name("haproxy").unwrap();
    let written = convert(kept, None, to, None);
    assert!(written.losses.is_empty(), "{:?}", written.losses);
    converts(&written.results[0].text, &[kept], &[]);
}

#[test]
fn conditions_of_haproxy_are_not_read_as_blocks_of_nginx() {
    let text = "frontend a\n  bind :443\n  tcp-request content accept if { req_ssl_hello_type 1 }\n  \
                default_backend b\nbackend b\n  server b 10.0.0.2:443\n";
    converts(text, &["strports relay tcp:443 tcp:10.0.0.2:443"], &["a relay has `--allow`"]);
}

#[test]
fn a_datagram_client_is_refused() {
    let text = "server { listen 53 udp; proxy_pass dns.example.com:53; }";
    converts(text, &[], &["descriptions are for streams"]);
}

#[test]
fn unknown_proxy_types_of_ncat_are_refused() {
    converts("ncat --proxy-type socks4 --proxy 10.0.0.1 h 80", &[], &["SOCKS 5 and HTTP"]);
    converts("ncat -l 3128 --proxy-type http", &[], &["it is a proxy, and a relay is none"]);
    let through = r"socks5:h:80:endpoint=tcp\:10.0.0.1\:1080";
    let line = "nc -x 10.0.0.1 -P user -w 3 h 80";
    converts(line, &[through], &["which `credentials` names", "`socks5` has no `timeout`"]);
}

#[test]
fn a_key_store_in_another_format_than_pem_is_reported() {
    converts(
        "ghostunnel client --listen unix:/run/a --target h:443 --keystore a.p12",
        &["strports relay unix:/run/a tls:h:443:certificate=a.p12:privateKey=a.p12"],
        &["it is no PEM file"],
    );
}

#[test]
fn setuid_of_stunnel_applies_to_the_process_and_the_socket() {
    let service = "[a]\nclient = yes\naccept = /run/a.sock\nconnect = h:443\nverifyChain = yes\n";
    let global = "setuid = daemon\nsetgid = daemon\nchroot = /var/lib/stunnel4\n";
    let own = "setuid = www-data\nsetgid = www-data\n";
    let owned = "strports relay unix:/run/a.sock:user=www-data:group=www-data tls:h:443";
    let unit = "`User=` and `Group=` of its service";
    converts(
        &format!("{global}{service}{own}"),
        &[owned],
        &[unit, unit, "`RootDirectory=` of its service"],
    );
    let to = Form::from_name("stunnel").unwrap();
    let written = convert(owned, None, to, None);
    assert!(written.losses.is_empty(), "{:?}", written.losses);
    converts(&written.results[0].text, &[owned], &[]);
    let tcp = "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nsetuid = www-data\n";
    converts(tcp, &["strports relay ssl:443:privateKey=a.pem tcp:h:80"], &["`tcp` has no `user`"]);
}

/// Converts a description to a form. Returns the text, or the reason why there is none.
fn written(description: &str, form: Form, role: Role) -> Result<String, String> {
    let done = convert(description, Some(Form::DESCRIPTION), form, Some(role));
    match (done.results.first(), done.failures.first()) {
        (Some(result), None) => Ok(result.text.clone()),
        (_, failure) => Err(failure.expect("a result or a failure").to_string()),
    }
}

/// Checks that each form either refuses `description`, or writes it so that it converts back.
fn comes_back(description: &str, role: Role) {
    for form in Form::all() {
        let Ok(text) = written(description, form, role) else { continue };
        let back = convert(&text, Some(form), Form::DESCRIPTION, Some(role));
        // tokio-listener requires `./` before a relative path.
        let found: Vec<_> =
            back.results.iter().map(|it| it.text.replace("unix:./", "unix:")).collect();
        assert_eq!(found, [description], "{}: {text:?} {:?}", form.name(), back.failures);
    }
}

/// Returns all characters that some form could read as syntax, and some letters.
fn characters() -> impl Iterator<Item = char> {
    let signs = ('!'..='~').filter(char::is_ascii_punctuation);
    signs.chain([' ', '\n', '\t', '\r', '\u{1}', '\u{7f}', 'n', 'é', '\u{a0}', '\u{2028}'])
}

#[test]
fn every_character_of_a_path_comes_back_or_is_refused() {
    for char in characters() {
        for path in [format!("/{char}b"), format!("/a{char}"), format!("{char}b")] {
            let path = strports_syntax::quote_string_argument(&path);
            comes_back(&format!("unix:{path}"), Role::Client);
            comes_back(&format!("unix:{path}"), Role::Server);
            comes_back(&format!("unix:{path}:abstract=1"), Role::Client);
            comes_back(&format!("unix:{path}:abstract=1"), Role::Server);
        }
    }
}

#[test]
fn every_character_of_a_host_comes_back_or_is_refused() {
    for char in characters() {
        for host in [format!("{char}"), format!("{char}b"), format!("a{char}")] {
            let host = strports_syntax::quote_string_argument(&host);
            comes_back(&format!("tcp:{host}:80"), Role::Client);
        }
    }
}

#[test]
fn values_are_quoted_or_refused_as_each_program_reads_them() {
    let server = Role::Server;
    let client = Role::Client;
    for (form, role, description, expected) in [
        ("ncat", client, "tcp:-h:80", Err("does not begin with `-`")),
        ("ncat", server, "unix:-x", Ok("ncat -lk -U -- -x")),
        ("ncat", client, "unix:/a'$b", Ok(r"ncat -U '/a'\''$b'")),
        ("socat", client, r"tcp:[\:\:1]:80", Err("expected a host")),
        ("socat", client, r"tcp:\:\:1:80", Ok("TCP:[::1]:80")),
        (
            "socat",
            server,
            r"tcp:80:interface=\:\:1",
            Ok(r"TCP4-LISTEN:80,bind=\:\:1,pf=ip6,reuseaddr,fork"),
        ),
        ("socat", client, "unix:/a,b[c!!", Ok(r"UNIX-CONNECT:/a\,b\[c\!\!")),
        ("socat", client, r"process:echo:a\\b", Err("socat cannot quote")),
        ("haproxy", server, r"unix:/a\\b", Ok(r"bind 'unix@/a\b'")),
        ("haproxy", server, "unix:/a#b 'c", Ok(r"bind 'unix@/a#b '\''c'")),
        ("haproxy", server, "unix:/a,b", Err("separates the addresses")),
        ("haproxy", client, "unix:/a,b", Ok("server s1 unix@/a,b")),
        ("haproxy", client, "unix:/$a", Err("variable of HAProxy")),
        ("haproxy", client, "unix:/a\nb", Err("control characters")),
        ("nginx", server, "unix:a b", Ok("listen \"unix:a b\";")),
        ("nginx", client, "unix:/a;{\\\\\"\n", Ok(r#"proxy_pass "unix:/a;{\\\"\n";"#)),
        ("nginx", client, "unix:/$a", Err("variable of nginx")),
        ("nginx", client, "tcp:unix:80", Err("name the host by its address")),
        ("url", server, "unix:@x", Ok("unix://%40x")),
        ("url", server, "unix:@x:abstract=1", Ok("unix://@%40x")),
        ("url", client, "unix:/a?b#\n", Ok("unix:///a%3Fb%23%0A")),
        ("url", client, r"tcp:fe80\:\:1%25:80", Ok("tcp://[fe80::1%2525]:80")),
        ("systemd", server, "unix:/a%t", Ok("ListenStream=/a%%t\nSocketMode=666")),
        ("systemd", server, r"unix:/a\\", Err("continues a line")),
        ("systemd", server, "unix:/a ", Err("no white space at the start or end")),
        ("tokio-listener", server, "unix:.a", Ok("./.a")),
        ("tokio-listener", server, "unix:", Err("expected a path")),
        ("nginx", server, "tcp:80:interface=unix", Err("reads `unix:` as a path")),
        ("dbus", server, "tcp6:80", Ok("tcp:host=*,port=80,family=ipv6")),
        ("dbus", server, "tcp:80", Ok("tcp:host=*,port=80,family=ipv4")),
        ("go", client, "tcp:a b:80", Err("expected a host")),
    ] {
        let found = written(description, Form::from_name(form).unwrap(), role);
        match (&found, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text, expected, "{form}: {description:?}"),
            (Err(why), Err(expected)) => assert!(why.contains(expected), "{form}: {why}"),
            _ => panic!("{form}: {description:?} became {found:?}, not {expected:?}"),
        }
    }
}

#[test]
fn times_keep_their_units() {
    for (from, text, to, expected) in [
        (
            "strports",
            "strports relay --idle-timeout 30 tcp:80 tcp:h:80",
            "haproxy",
            "timeout client 30s",
        ),
        (
            "strports",
            "strports relay --connect-timeout 30 tcp:80 tcp:h:80",
            "nginx",
            "proxy_connect_timeout 30s;",
        ),
        ("ncat", "ncat -lk 80 -i 2m -c cat", "strports", "--idle-timeout 2m "),
        ("ncat", "nc -w 2m h 80", "strports", "tcp:h:80:timeout=120"),
        ("ncat", "nc -w 500ms h 80", "strports", "tcp:h:80:timeout=1"),
    ] {
        let (from, to) = (Form::from_name(from), Form::from_name(to).unwrap());
        let done = convert(text, from, to, None);
        let found = done.results.first().map(|it| &*it.text).unwrap_or_default();
        assert!(found.contains(expected), "{text}: {found}, {:?}", done.failures);
        assert_eq!(done.losses.len(), usize::from(text.contains("500ms")), "{:?}", done.losses);
    }
}

#[test]
fn options_and_paths_of_a_relay_are_no_syntax_elsewhere() {
    for (form, relay, expected) in [
        ("socat", "strports relay --idle-timeout '1;x' tcp:80 tcp:h:80", None),
        ("nginx", "strports relay --idle-timeout '1;x' tcp:80 tcp:h:80", None),
        ("haproxy", "strports relay --allow '10.0.0.1 } x' tcp:80 tcp:h:80", None),
        ("stunnel", "strports relay 'ssl:443:privateKey=a.pem ' tcp:h:80", None),
        ("stunnel", "strports relay ssl:443:privateKey=a.pem unix:a", None),
        ("haproxy", "strports relay --idle-timeout 1.5h tcp:80 tcp:h:80", None),
        (
            "socat",
            "strports relay --idle-timeout 1500ms tcp:80 tcp:h:80",
            Some("socat -T 2 TCP4-LISTEN:80,reuseaddr,fork TCP:h:80"),
        ),
        (
            "stunnel",
            "strports relay --idle-timeout 5m tcp:80 tls:h:443",
            Some(
                "[strports]\nclient = yes\naccept = 80\nconnect = h:443\nverifyChain = yes\n\
                 checkHost = h\nsni = h\nCApath = /etc/ssl/certs\nTIMEOUTidle = 300",
            ),
        ),
        (
            "socat",
            "strports relay --once unix:/a,fork tcp:h:80",
            Some(r"socat 'UNIX-LISTEN:/a\,fork' TCP:h:80"),
        ),
        (
            "ghostunnel",
            "strports relay ssl:443:privateKey=-a.pem tcp:h:80",
            Some(
                "ghostunnel server --listen 0.0.0.0:443 --target h:80 --keystore=-a.pem --disable-authentication",
            ),
        ),
    ] {
        let done = convert(relay, None, Form::from_name(form).unwrap(), None);
        assert_eq!(done.results.first().map(|it| &*it.text), expected, "{form}: {relay}");
        assert_eq!(done.failures.is_empty(), expected.is_some(), "{:?}", done.failures);
    }
}

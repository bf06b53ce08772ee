//! Tests the rows of the tables in both directions.

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
            // Some texts mean the same in two forms: `TCP:h:80` is also a description.
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
            // Losses are reported, and cannot be converted back.
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

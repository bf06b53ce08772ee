//! `strports check` on command lines: mistakes in files like those of real projects, their
//! places, and the results of fixes.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs;

use serde_json::Value;

use support::Scratch;

/// The findings in a file `name`: `LINE:COLUMN-END_COLUMN code`.
#[track_caller]
fn findings(name: &str, text: &str) -> Vec<String> {
    let scratch = Scratch::holding(&[(name, text)]);
    let found = scratch.check(&["--format", "json"]);
    let found = found.lines().map(|line| serde_json::from_str(line).unwrap());
    found
        .map(|it: Value| {
            let [line, column, end, code] =
                ["line", "column", "end_column", "code"].map(|key| &it[key]);
            format!("{line}:{column}-{end} {}", code.as_str().unwrap())
        })
        .collect()
}

/// The lines that `--fix` changes in a file. A second run changes nothing.
#[track_caller]
fn fixed(name: &str, text: &str) -> Vec<String> {
    let scratch = Scratch::holding(&[(name, text)]);
    scratch.check(&["--fix"]);
    let once = fs::read_to_string(scratch.join(name)).unwrap();
    scratch.check(&["--fix"]);
    assert_eq!(fs::read_to_string(scratch.join(name)).unwrap(), once);
    assert_eq!(once.lines().count(), text.lines().count());
    let lines = once.split('\n').zip(text.split('\n'));
    lines.filter(|(new, old)| new != old).map(|(new, _)| new.trim().to_owned()).collect()
}

const SCRIPT: &str = r#"#!/usr/bin/env bash
set -euo pipefail

cat > /etc/motd <<'EOF'
daphne -e tcp:eighty won't run
EOF
PORT=${PORT:-8000}

# Plain HTTP, and a balancer's side.
if [ -n "${TLS:-}" ]; then
    exec venv/bin/daphne \
        --endpoint "ssl:443:certKey=/etc/é.pem:interface=::1" \
        -e tcp:$PORT:backlog=+5 -e "tcp:81:inter"'face=::1' \
        -e 'tcp:8000:intreface=127.0.0.1' site.asgi:application
fi
sudo -u web twistd -n --pidfile=web.pid web --port 8080 --path=/srv && echo "daphne -e tcp:x"
nohup twist web --listen='tcp:80:interface=::1' --listen=tcp:82:interface=::1 --listen="TCP6:80" > web.log 2>&1 &
bash -c "python3 -m daphne -e 'tcp:${PORT}:backlog=+5' -e unix:/run/a.sock:mode=0o660 app"
socat TCP-LISTEN:80,fork,reuseaddr TCP:backend:80
docker run -p 80:80 -e tcp:x daphne
strports relay tcp:1 tcp:localhost:x # strports: ignore[not-an-integer]
"#;

#[test]
fn shell_scripts_are_checked_and_fixed() {
    assert_eq!(
        findings("run.sh", SCRIPT),
        [
            "12:58-61 multiple-values",
            "13:30-32 noncanonical-integer",
            "13:56-59 multiple-values",
            "14:22-31 unexpected-keyword",
            "16:52-56 unknown-type",
            "17:44-47 multiple-values",
            "17:75-78 multiple-values",
            "17:89-93 type-case",
            "18:52-54 noncanonical-integer",
            "18:81-86 noncanonical-integer"
        ]
    );
    assert_eq!(
        fixed("run", SCRIPT),
        [
            "--endpoint \"ssl:443:certKey=/etc/é.pem:interface=\\\\:\\\\:1\" \\",
            "-e tcp:$PORT:backlog=5 -e \"tcp:81:inter\"'face=\\:\\:1' \\",
            "sudo -u web twistd -n --pidfile=web.pid web --port tcp:8080 --path=/srv && echo \"daphne -e tcp:x\"",
            "nohup twist web --listen='tcp:80:interface=\\:\\:1' --listen=tcp:82:interface=\\\\:\\\\:1 --listen=\"tcp6:80\" > web.log 2>&1 &",
            "bash -c \"python3 -m daphne -e 'tcp:${PORT}:backlog=5' -e unix:/run/a.sock:mode=660 app\""
        ]
    );
}

#[test]
fn procfiles_are_checked_and_fixed() {
    let file = "web: daphne -b 0.0.0.0 -p $PORT app\nchat: daphne -e tcp:port=80:interface=:: app\n\
        relay: exec bin/strports relay --keep \"tcp:$PORT\" tcp:localhost:70000\n";
    assert_eq!(findings("Procfile", file), ["2:39-41 multiple-values", "3:65-70 out-of-range"]);
    assert_eq!(fixed("Procfile", file), ["chat: daphne -e tcp:port=80:interface=\\\\:\\\\: app"]);
}

const DOCKERFILE: &str = r#"FROM python:3.12 AS build
RUN pip install daphne twisted[tls]
EXPOSE 8000
ENTRYPOINT ["tini", "--", "/venv/bin/daphne"]
# strports: ignore[port-conflict]
CMD ["-e", "tcp:8000", "-e", "tcp:8000:interface=127.0.0.1", "-e", "ssl:443:privateKey=\u006bey.pem:interface=\\:\\:1", \
     # the old port
     "--endpoint=TCP:8000", "site.asgi:application"]

FROM build
HEALTHCHECK --interval=30s CMD strports connect tcp:localhost:http || exit 1
CMD exec twistd -n web \
    --listen tcp:eighty --listen=haproxy:tcp:80:interface=::1 --https 443
"#;

#[test]
fn dockerfiles_are_checked_and_fixed() {
    assert_eq!(
        findings("Dockerfile", DOCKERFILE),
        [
            "8:18-21 unknown-type",
            "11:63-67 not-an-integer",
            "13:18-24 not-an-integer",
            "13:59-62 multiple-values"
        ]
    );
    assert_eq!(
        fixed("web.dockerfile", DOCKERFILE),
        [
            "\"--endpoint=tcp:8000\", \"site.asgi:application\"]",
            "--listen tcp:eighty --listen=haproxy:tcp:80:interface=\\\\:\\\\:1 --https 443"
        ]
    );
}

const UNIT: &str = r#"[Unit]
Description=daphne -e tcp:x
[Service]
Environment=PORT=8000
ExecStart=/usr/bin/daphne -e systemd:domain=INET:index:0 \
    # between the lines
    -e "tcp:${PORT}:backlog=+5" -e tcp:80%i:backlog=5 -e tcp:81:interface=::1 \
    -e 'unix:/run/a\x20b.sock:mode=660:lockfile=maybe' app
; strports: ignore[unexpected-keyword]
ExecStartPost=-/bin/sh -c 'twist ftp --port 2121 & exec twist conch -p tcp:22:bogus=1'
[Install]
WantedBy=multi-user.target
"#;

#[test]
fn systemd_units_are_checked_and_fixed() {
    let wanted = [
        "5:50-57 multiple-values",
        "7:29-31 noncanonical-integer",
        "7:75-78 multiple-values",
        "8:49-54 not-an-integer",
    ];
    assert_eq!(findings("daphne@.service", UNIT), wanted);
    let drop_in = "[Service]\nExecStart=\nExecStart=daphne -e tcp:x\n";
    assert_eq!(findings("etc/web.service.d/override.conf", drop_in), ["3:25-26 not-an-integer"]);
    assert_eq!(findings("etc/web.conf.d/override.conf", drop_in), [""; 0]);
    let wanted = [
        r"ExecStart=/usr/bin/daphne -e systemd:domain=INET:index=0 \",
        r#"-e "tcp:${PORT}:backlog=5" -e tcp:80%i:backlog=5 -e tcp:81:interface=\\:\\:1 \"#,
    ];
    assert_eq!(fixed("daphne.service", UNIT), wanted);
}

#[test]
fn windows_scripts_are_checked_and_fixed() {
    let batch = "@echo off\r\nrem daphne -e tcp:x\r\nset PORT=8000\r\n\
        REM strports: ignore[not-an-integer]\r\ndaphne.exe ^\r\n  -e tcp:x ^\r\n  -e tcp:%PORT%:backlog=+5 ^\r\n  -e \"ssl:443:privateKey=C:\\keys\\é.pem\"\r\n\
        start \"web\" /b twistd web --listen=TCP6:80\r\n";
    assert_eq!(
        findings("run.bat", batch),
        ["7:25-27 noncanonical-integer", "8:26-39 multiple-values"]
    );
    assert_eq!(
        fixed("run.cmd", batch),
        ["-e tcp:%PORT%:backlog=5 ^", "-e \"ssl:443:privateKey=C\\:\\\\keys\\\\é.pem\""]
    );
    let script = "$port = 8000\n& \"$PSScriptRoot\\venv\\Scripts\\daphne.exe\" `\n  -e \"tcp:$env:PORT\" -e 'tcp:80:interface=::1' `\n  -e \"tcp:${port}:backlog=+5\" -e tcp:x # strports: ignore[not-an-integer]\n";
    assert_eq!(
        findings("run.ps1", script),
        ["3:43-46 multiple-values", "4:27-29 noncanonical-integer"]
    );
    assert_eq!(
        fixed("run.ps1", script),
        [
            "-e \"tcp:$env:PORT\" -e 'tcp:80:interface=\\:\\:1' `",
            "-e \"tcp:${port}:backlog=5\" -e tcp:x # strports: ignore[not-an-integer]"
        ]
    );
}

#[test]
fn declared_commands_are_checked() {
    let config = "presets = []\n[[command]]\nname = \"serve up\"\noptions = [\"--on\", \"2\"]\nrole = \"server\"\n\
        [[command]]\nname = \"serve\"\noptions = [\"--alt\"]\nbare = true\n";
    let script = "daphne -e tcp:x\nserve -v up a tcp:y --on tcp:z --alt 80 --alt=tcp:\n";
    let scratch = Scratch::holding(&[("strports.toml", config), ("a.sh", script)]);
    let found = scratch.check(&["--format", "short"]);
    let places: Vec<_> = found.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(places, ["a.sh:2:19:", "a.sh:2:30:", "a.sh:2:51:"]);
}

/// Each file has the command line of a launcher whose port is too large.
#[test]
fn options_that_stand_for_a_description_are_checked() {
    let line = "daphne -b ::1 -p 99999 app:app";
    let words = r#""daphne", "-b", "::1", "-p", "99999", "app:app""#;
    let files = [
        ("a.sh", format!("{line}\n")),
        ("Procfile", format!("web: {line}\n")),
        ("a.service", format!("[Service]\nExecStart=/usr/bin/{line}\n")),
        ("Dockerfile", format!("FROM x\nCMD [{words}]\n")),
        ("compose.yml", format!("services:\n  web:\n    command: {line}\n")),
        ("Makefile", format!("run:\n\t{line}\n")),
        ("a.bat", format!("@echo off\n{line}\n")),
        ("a.ps1", format!("{line}\n")),
        ("package.json", format!("{{\"scripts\": {{\"start\": \"{line}\"}}}}\n")),
        ("supervisord.conf", format!("[program:web]\ncommand={line}\n")),
        ("crontab", format!("@reboot root {line}\n")),
        ("a.py", format!("import subprocess\nsubprocess.run([{words}])\n")),
        ("a.md", format!("```sh\n{line}\n```\n")),
        ("justfile", format!("run:\n    {line}\n")),
    ];
    let scratch = Scratch::new();
    for (name, text) in &files {
        scratch.put(name, text);
        let place = |(number, line): (usize, &str)| Some((number + 1, line.find("99999")? + 1));
        let (line, column) = text.lines().enumerate().find_map(place).unwrap();
        let wanted = format!("{name}:{line}:{column}: error[out-of-range]");
        assert_eq!(scratch.found(&[name]), [wanted], "{name}");
    }
}

#[test]
fn a_launcher_builds_one_description_from_its_options() {
    let scratch = Scratch::new();
    let found = |arguments: &str| -> Vec<String> {
        scratch.put("a.sh", &format!("daphne {arguments} app:app\n"));
        scratch.check(&["--format", "short"]).lines().map(str::to_owned).collect()
    };
    for arguments in [
        "-b ::1 -p 8001",
        "--bind=[::1] --port=8001 -e tcp:8000",
        "-b 127.0.0.1 -e tcp:8001",
        "-b $HOST -p $PORT",
        "--bind $HOST --port 80",
        "-p 0",
    ] {
        assert_eq!(found(arguments), [""; 0], "{arguments}");
    }
    let wrong = |arguments: &str, wanted: &str| {
        let found = found(arguments);
        assert!(found.len() == 1 && found[0].ends_with(wanted), "{arguments}: {found:?}");
    };
    wrong("-p http", "expected an integer for `port`, but found `http` [not-an-integer]");
    wrong("-b 0.0.0.0 -e tcp:8000", "listens on port 8000 already [port-conflict]");
    wrong("--bind=::1 -p 8000 -e tcp:8000:interface=\\\\:\\\\:1", "[port-conflict]");
    let address =
        "expected an address for `interface`, but found `0.0.0.0:8001` [interface-family]";
    wrong("-b 0.0.0.0:8001", address);
    scratch.put("a.sh", "daphne -b 127.0.0.1 -p 8001 app:app\n");
    let listed = "a.sh:1:11: server in shell, by command `daphne` of preset `daphne`: \
                  tcp:port=8001:interface=127.0.0.1\n";
    assert_eq!(scratch.check(&["--list"]), listed);
}

#[test]
fn services_of_windows_are_read() {
    let scratch = Scratch::holding(&[
        (
            "a.bat",
            "nssm install Web C:\\web\\daphne.exe -e tcp:80x app:app\r\n\
             nssm set Web AppParameters -e tcp:81x app:app\r\n\
             sc create Web start= auto binPath= \"C:\\web\\daphne.exe -e tcp:82x app:app\"\r\n",
        ),
        (
            "a.ps1",
            "nssm set Web AppParameters \"-m daphne -p 83x app:app\"\n\
             New-Service -Name Web -BinaryPathName 'C:\\web\\daphne.exe -e tcp:84x app:app'\n\
             & nssm.exe set Web AppParameters '-e tcp:85x app:app'\n",
        ),
    ]);
    let wanted = ["a.bat:1", "a.bat:2", "a.bat:3", "a.ps1:1", "a.ps1:2", "a.ps1:3"];
    let found = scratch.found(&[]);
    let lines: Vec<_> = found.iter().map(|it| it.rsplitn(3, ':').nth(2).unwrap()).collect();
    assert_eq!(lines, wanted, "{found:?}");
}

#[test]
fn assignments_in_scripts_of_other_users_are_read() {
    let command = "su - cowrie -c \"COWRIE_SSH_LISTEN_ENDPOINTS='tcp:22x' bin/cowrie start\"\n";
    let scratch = Scratch::holding(&[("rc.local", &format!("#!/bin/sh\n{command}"))]);
    assert_eq!(scratch.found(&[]), ["rc.local:2:50: error[not-an-integer]"]);
}

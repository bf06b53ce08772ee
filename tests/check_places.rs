//! `strports check` in files of many kinds, each with mistakes like those of public repositories,
//! and with similar text that is not a mistake.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use serde_json::Value;

use support::Scratch;

/// The findings in `files`: `FILE:LINE code`.
#[track_caller]
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let found = Scratch::holding(files).check(&["--format", "json"]);
    let found = found.lines().map(|line| serde_json::from_str(line).unwrap());
    let shown = |it: Value| {
        let [path, code] = ["path", "code"].map(|key| it[key].as_str().unwrap().to_owned());
        format!("{path}:{} {code}", it["line"])
    };
    found.map(shown).collect()
}

/// The lines of one file with a finding, and its code.
#[track_caller]
fn lines(name: &str, text: &str) -> Vec<String> {
    let found = findings(&[(name, text)]);
    found.iter().map(|it| it.strip_prefix(&format!("{name}:")).unwrap().to_owned()).collect()
}

#[test]
fn environment_variables_are_checked() {
    let compose = "services:\n  a:\n    environment:\n      - \
        COWRIE_SSH_LISTEN_ENDPOINTS=tcp:2222:interface=::1\n  b:\n    environment:\n      \
        COWRIE_TELNET_LISTEN_ENDPOINTS: \"tcp:2223:interface=0.0.0.0 tcp:2223:interface=::\"\n  c:\n    \
        environment:\n      - BUILDBOT_WEB_PORT=8010\n      - BUILDBOT_WORKER_PORT=9989\n    \
        environment:\n      \
        BUILDBOT_WEB_PORT: 8010\n";
    let wanted = ["4 multiple-values", "7 multiple-values", "10 unknown-type", "13 unknown-type"];
    assert_eq!(lines("docker-compose.yml", compose), wanted);
    let pod = "kind: Pod\nspec:\n  containers:\n  - env:\n    - name: COWRIE_SSH_LISTEN_ENDPOINTS\n      \
        value: tcp:22:interfce=x\n    - name: OTHER\n      value: tcp:x\n";
    assert_eq!(lines("pod.yaml", pod), ["6 unexpected-keyword"]);
    let docker = "FROM x\nENV A=b COWRIE_SSH_LISTEN_ENDPOINTS=tcp:22:interface=::1\n\
        ENV COWRIE_SSH_LISTEN_ENDPOINTS tcp:22 tcp:x\nARG BUILDBOT_WEB_PORT=8010\n";
    let wanted = ["2 multiple-values", "3 not-an-integer", "4 unknown-type"];
    assert_eq!(lines("Dockerfile", docker), wanted);
    let unit = "[Service]\nEnvironment=A=b \"COWRIE_SSH_LISTEN_ENDPOINTS=tcp:22 tcp:x\"\n\
        Environment=BUILDBOT_WEB_PORT=tcp:port=8010\n";
    assert_eq!(lines("a.service", unit), ["2 not-an-integer"]);
    let script = "export COWRIE_SSH_LISTEN_ENDPOINTS=tcp:22:interface=::1\n\
        docker run -e COWRIE_SSH_LISTEN_ENDPOINTS=tcp:x cowrie/cowrie\n";
    assert_eq!(lines("run.sh", script), ["1 multiple-values", "2 not-an-integer"]);
    let batch = "set COWRIE_SSH_LISTEN_ENDPOINTS=tcp:x\r\nset \"BUILDBOT_WEB_PORT=8010\"\r\n";
    assert_eq!(lines("run.bat", batch), ["1 not-an-integer", "2 unknown-type"]);
    let power = "$env:COWRIE_SSH_LISTEN_ENDPOINTS = \"tcp:x\"\n$env:BUILDBOT_WEB_PORT='8010'\n";
    assert_eq!(lines("run.ps1", power), ["1 not-an-integer", "2 unknown-type"]);
    let supervisor = "[program:a]\nenvironment=A=\"x,y\",BUILDBOT_WEB_PORT=\"8010\",\n  \
        COWRIE_SSH_LISTEN_ENDPOINTS=\"tcp:22 tcp:x\"\n";
    assert_eq!(lines("supervisord.conf", supervisor), ["2 unknown-type", "3 not-an-integer"]);
    let launch = "{\"env\": {\"BUILDBOT_WEB_PORT\": \"8010\"}}";
    assert_eq!(lines("launch.json", launch), ["1 unknown-type"]);
    let toml = "[env]\nBUILDBOT_WEB_PORT = \"8010\"\n";
    assert_eq!(lines("fly.toml", toml), ["2 unknown-type"]);
}

#[test]
fn declared_variables_and_keys_are_checked() {
    let config = "[[variable]]\nname = \"OUR_*_LISTEN\"\nrole = \"server\"\nsplit = \"comma\"\n\
        except = [\"off\"]\n";
    let script = "OUR_A_LISTEN=tcp:1,tcp:x,off ./run\nOUR_LISTEN=tcp:x ./run\n";
    assert_eq!(
        findings(&[("strports.toml", config), ("run.sh", script)]),
        ["run.sh:1 not-an-integer"]
    );
    let crossbar = "{\"endpoint\": {\"type\": \"twisted\", \"server_string\": \"tcp:x\"},\n\
        \"client_string\": \"tcp:h:x\", \"server_string\": \"none\"}";
    assert_eq!(lines("config.json", crossbar), ["1 not-an-integer", "2 not-an-integer"]);
}

#[test]
fn templates_are_read_like_their_output() {
    let unit = "[Service]\n{% if a %}\nExecStart={{ venv }}/bin/daphne -e tcp:8000:interface=::1 \
        -e tcp:{{ p }} a:b\n{% endif %}\n";
    assert_eq!(lines("a.service.j2", unit), ["3 multiple-values"]);
    assert_eq!(lines("a.service", unit), ["3 multiple-values"]);
    let script = "daphne -e tcp:{{ port }}:interface=::1 app\n";
    assert_eq!(lines("run.sh.erb", script), ["1 multiple-values"]);
}

#[test]
fn documents_are_checked() {
    let read_me = "# Run\n\n```bash\ndaphne -e ssl:8001:privateKey=a.key:certKey=a.pem:interface=::1 x.asgi:application\n\
        ```\n\n    twist web --listen tcp:80800\n\nUse `-e tcp:port:interfce=x` or `daphne -e \
        tcp:PORT`, \
        then `pip install daphne`.\n\n```console\n$ daphne -e tcp:8000:interface=::1 x\n\
        tcp:8000:interface=::1 is \
        served\n```\n\n<!-- strports: ignore[out-of-range] -->\n```sh\ndaphne -e tcp:80800 x\n```\n";
    let wanted =
        ["4 multiple-values", "7 out-of-range", "9 unexpected-keyword", "12 multiple-values"];
    assert_eq!(lines("README.md", read_me), wanted);
    let index = "Run it::\n\n    daphne -e tcp:8081:interface=::1 x.asgi:application\n\n\
        .. code-block:: ini\n\n    [telnet]\n    listen_endpoints = tcp:23 tcp:x\n\n\
        .. strports: ignore[out-of-range]\n.. code-block:: sh\n\n   daphne -e tcp:80800\n\n\
        Or ``twist web --listen=tcp:x``, and ``--listen tcp://*:80`` of others.\n";
    let wanted = ["3 multiple-values", "8 not-an-integer", "15 not-an-integer"];
    assert_eq!(lines("index.rst", index), wanted);
}

#[test]
fn fixes_are_written_into_code_blocks() {
    let text = "> - x\n>\n>   ```sh\n>   daphne \\\n>     -e tcp:80:interface=::1\n>   ```\n";
    let scratch = Scratch::holding(&[("a.md", text)]);
    scratch.check(&["--fix"]);
    let fixed = std::fs::read_to_string(scratch.join("a.md")).unwrap();
    assert_eq!(fixed, text.replace("=::1", r"=\\:\\:1"));
}

#[test]
fn shell_variables_and_here_documents_are_checked() {
    let script = "#!/bin/bash\nENDPOINT=\"ssl:8480:privateKey=$KEY_FILE:certKey=$CRT_FILE:interface=::1\"\n\
        daphne --endpoint $ENDPOINT yang.asgi:application\n\
        if [ \"$TLS\" ]; then\n  E='ssl:443:privatekey=a'\nelse\n  E=tcp:x\nfi\nOTHER=tcp:y\n\
        exec daphne -e \"${E}\" -e \"${F:-tcp:z}\" app\n\
        cat >/etc/systemd/system/web.service <<END\n[Service]\nExecStart=$DIR/bin/daphne -e \
        tcp:8000:interface=::1 \
        -e tcp:\\${PORT} a\nEND\n\
        tee cowrie.cfg <<'END'\n[ssh]\nlisten_endpoints = tcp:22 tcp:x\nEND\n\
        ssh host <<END\ndaphne -e tcp:w app\nEND\n\
        python3 - <<END\nserverFromString(reactor, 'tcp:v')\nEND\n\
        cat <<END\ndaphne -e tcp:no app\nEND\n";
    let wanted = [
        "2 multiple-values",
        "5 unexpected-keyword",
        "7 not-an-integer",
        "10 not-an-integer",
        "13 multiple-values",
        "17 not-an-integer",
        "20 not-an-integer",
        "23 not-an-integer",
    ];
    assert_eq!(lines("run.sh", script), wanted);
    let batch = "set E=tcp:x\r\ndaphne -e %E% app\r\n\"%PYTHON%\" -m daphne -e tcp:y app\r\n";
    assert_eq!(lines("run.bat", batch), ["1 not-an-integer", "3 not-an-integer"]);
    let power =
        "$e = \"tcp:x\"\n& $exe -m daphne -e $e app\n& daphne -e \"ssl:$p`:certkey=$c\" app\n";
    assert_eq!(lines("run.ps1", power), ["1 not-an-integer", "3 unexpected-keyword"]);
}

/// A command line with a mistake, in a file of each kind.
const COMMAND: &str = "daphne -e tcp:8000:interface=::1 a.asgi:application";

#[test]
fn files_of_build_tools_and_editors_are_checked() {
    for (name, text, line) in [
        ("Makefile", "run:\n\tA=b poetry run COMMAND\n", 2),
        ("justfile", "run:\n    @COMMAND\n", 2),
        ("package.json", "{\"scripts\": {\n\"start\": \"poetry run COMMAND\"}}\n", 2),
        ("tox.ini", "[testenv:run]\ncommands =\n    COMMAND {posargs}\n", 3),
        ("pyproject.toml", "[tool.poe.tasks]\nserve = \"COMMAND\"\n", 2),
        ("pyproject.toml", "[tool.hatch.envs.default.scripts]\nrun = [\n\"COMMAND\"]\n", 3),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    steps:\n    - run: |\n        COMMAND &\n",
            5,
        ),
        (".gitlab-ci.yml", "test:\n  script:\n    - COMMAND &\n", 3),
        (".gitlab-ci.yml", "test:\n  before_script:\n  - - COMMAND\n", 3),
        ("main.yml", "- name: a\n  ansible.builtin.shell: |\n    COMMAND\n", 3),
        ("main.yml", "- command: COMMAND\n", 1),
        ("main.yml", "- shell:\n    cmd: COMMAND\n", 2),
        (
            ".vscode/launch.json",
            "{\"configurations\": [{\"module\": \"daphne\",\n\"args\": [\"-e\", \"tcp:x\"]}]}\n",
            2,
        ),
        ("daphne.conf", "start on runlevel [2345]\nexec COMMAND\n", 2),
        ("rc.local", "#!/bin/sh\nCOMMAND &\n", 2),
        ("a.nix", "{ systemd.services.a.serviceConfig.ExecStart =\n\"${py}/bin/COMMAND\"; }\n", 2),
        ("compose.yml.tmpl", "services:\n  a:\n    {{ if x }}\n    command: COMMAND\n", 4),
        ("cm.yaml", "data:\n  cowrie.cfg: |\n    [ssh]\n    listen_endpoints = tcp:x\n", 4),
        (".env", "A=b\nBUILDBOT_WEB_PORT=8010\n", 2),
    ] {
        let found = findings(&[(name, &text.replace("COMMAND", COMMAND))]);
        let [one] = &found[..] else { panic!("{name}: {found:?} in {text}") };
        assert!(one.starts_with(&format!("{name}:{line} ")), "{one}: {text}");
    }
}

#[test]
fn hidden_files_without_a_source_are_skipped() {
    let files = [(".cache/a.sh", COMMAND), (".tox/b.sh", COMMAND), (".a.sh", COMMAND)];
    assert_eq!(findings(&files), [""; 0]);
}

#[test]
fn options_for_listeners_are_checked() {
    let docker = "FROM python:3.12\nCMD [\"daphne\", \"-e\", \"ssl:5000:privateKey=/k.pem\", \"-p\", \"5000\", \"x:y\"]\n";
    assert_eq!(lines("Dockerfile", docker), ["2 port-conflict"]);
    let script = "daphne -b 127.0.0.2 -p 80 -e tcp:80:interface=127.0.0.1 x:y\n\
        daphne -b 0.0.0.0 -p 80 -e tcp:80:interface=127.0.0.1 x:y\ndaphne -p 99999 -e tcp:81 x:y\n\
        daphne -u /run/a.sock -e unix:/run/a.sock:mode=660 x:y\n";
    assert_eq!(lines("a.sh", script), ["2 port-conflict", "3 out-of-range", "4 path-conflict"]);
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_file() {
    for (name, text) in [
        ("a.sh", "\u{feff}daphne -e tcp:x a\n"),
        ("Procfile", "\u{feff}web: daphne -e tcp:x a\n"),
        ("a.service", "\u{feff}[Service]\nExecStart=daphne -e tcp:x a\n"),
        (".env", "\u{feff}BUILDBOT_WEB_PORT=tcp:x\n"),
        ("a.py", "\u{feff}serverFromString(r, 'tcp:x')\n"),
        ("a.md", "\u{feff}    daphne -e tcp:x\n"),
    ] {
        let found = Scratch::holding(&[(name, text)]).found(&[]);
        let line = text.lines().find(|line| line.contains("tcp:")).unwrap();
        let column = line.trim_start_matches('\u{feff}').find("tcp:").unwrap() + 5;
        let [one] = &found[..] else { panic!("{name}: {found:?}") };
        assert!(one.contains(&format!(":{column}: error[not-an-integer]")), "{one}");
    }
}

//! Programs that start another program from their arguments: `sudo`, `docker run`, `timeout`.

use crate::check::embedded::Embedded;

/// A program that starts another program from its arguments.
pub(super) struct Wrapper {
    pub(super) name: &'static str,
    /// Subcommands that must come before the program, such as `run` in `poetry run`. Empty if there
    /// are none.
    verbs: &'static [&'static str],
    /// The options of the wrapper whose value is the next word, so that it is not taken for the
    /// program.
    valued: &'static [&'static str],
    /// The number of the wrapper's own arguments before the program: 1 for `timeout 5 daphne`.
    takes: usize,
}

const fn wrapper(name: &'static str, valued: &'static [&'static str]) -> Wrapper {
    Wrapper { name, verbs: &[], valued, takes: 0 }
}

/// A wrapper with one argument of its own before the program, such as `timeout 5 daphne`.
const fn taking_one(name: &'static str, valued: &'static [&'static str]) -> Wrapper {
    Wrapper { name, verbs: &[], valued, takes: 1 }
}

/// A stanza of upstart: `post-start exec COMMAND`.
const fn stanza(name: &'static str) -> Wrapper {
    Wrapper { name, verbs: &["exec"], valued: &[], takes: 0 }
}

/// A tool that starts programs in an environment with `run`, such as `poetry run daphne`.
const fn run(name: &'static str) -> Wrapper {
    let valued =
        &["-n", "-p", "-e", "-f", "--name", "--prefix", "--with", "--extra", "--env-file", "-P"];
    Wrapper { name, verbs: &["run"], valued, takes: 0 }
}

/// A program that starts another one in a container. Its argument is the name or image of the
/// container.
const fn container(name: &'static str, verbs: &'static [&'static str]) -> Wrapper {
    Wrapper { name, verbs, valued: IN_CONTAINERS, takes: 1 }
}

/// Options of `docker run`, `docker exec` and similar programs with a value in the next word.
const IN_CONTAINERS: &[&str] = &[
    "-a",
    "--add-host",
    "--attach",
    "-c",
    "--cap-add",
    "--cap-drop",
    "--cidfile",
    "--cpus",
    "--device",
    "--dns",
    "-e",
    "--entrypoint",
    "--env",
    "--env-file",
    "--expose",
    "-f",
    "--file",
    "--gpus",
    "--group-add",
    "-h",
    "--health-cmd",
    "--hostname",
    "--ip",
    "--ipc",
    "-l",
    "--label",
    "--link",
    "--log-driver",
    "--log-opt",
    "-m",
    "--memory",
    "--mount",
    "--name",
    "--net",
    "--network",
    "-p",
    "--pid",
    "--platform",
    "--project-name",
    "--publish",
    "--pull",
    "--restart",
    "--runtime",
    "--security-opt",
    "--shm-size",
    "--stop-signal",
    "--stop-timeout",
    "--sysctl",
    "--tmpfs",
    "-u",
    "--ulimit",
    "--user",
    "-v",
    "--volume",
    "--volumes-from",
    "-w",
    "--workdir",
];

/// All wrappers. A program with several subcommands has several entries.
pub(super) static WRAPPERS: &[Wrapper] = &[
    wrapper("env", &["-u", "--unset", "-C", "--chdir"]),
    wrapper("exec", &["-a"]),
    wrapper("command", &[]),
    wrapper("builtin", &[]),
    wrapper("nohup", &[]),
    wrapper("time", &["-f", "--format", "-o", "--output"]),
    wrapper("nice", &["-n", "--adjustment"]),
    wrapper("ionice", &["-c", "-n", "--class", "--classdata"]),
    wrapper("setsid", &[]),
    wrapper("stdbuf", &["-i", "-o", "-e"]),
    wrapper(
        "sudo",
        &[
            "-u", "--user", "-g", "--group", "-h", "--host", "-p", "--prompt", "-C", "-r", "-t",
            "-D",
        ],
    ),
    wrapper("doas", &["-u", "-C"]),
    wrapper("runuser", &["-u", "--user", "-g", "--group", "-G", "--supp-group"]),
    wrapper("strace", &["-e", "-o", "-p", "-s", "-u", "-E"]),
    wrapper("tini", &["-p", "-e"]),
    wrapper("dumb-init", &["-r", "--rewrite"]),
    wrapper("catchsegv", &[]),
    wrapper("authbind", &[]),
    wrapper("start-stop-daemon", &[]),
    wrapper("systemd-run", &["-p", "--property", "-u", "--unit", "-E", "--setenv"]),
    wrapper("call", &[]),
    wrapper("start", &["/d", "/D"]),
    wrapper("cmd", &[]),
    taking_one("timeout", &["-k", "--kill-after", "-s", "--signal"]),
    taking_one("gosu", &[]),
    taking_one("su-exec", &[]),
    taking_one("setuidgid", &[]),
    taking_one("s6-setuidgid", &[]),
    taking_one("chroot", &[]),
    run("poetry"),
    run("pipenv"),
    run("uv"),
    run("pdm"),
    run("hatch"),
    run("rye"),
    run("conda"),
    run("mamba"),
    run("honcho"),
    run("dotenv"),
    container("docker", &["run"]),
    container("docker", &["exec"]),
    container("docker", &["container", "run"]),
    container("docker", &["container", "exec"]),
    container("docker", &["compose", "run"]),
    container("docker", &["compose", "exec"]),
    container("docker-compose", &["run"]),
    container("docker-compose", &["exec"]),
    container("podman", &["run"]),
    container("podman", &["exec"]),
    container("lxc-attach", &[]),
    taking_one(
        "ssh",
        &[
            "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o",
            "-p", "-Q", "-R", "-S", "-W", "-w",
        ],
    ),
    wrapper("eval", &[]),
    stanza("pre-start"),
    stanza("post-start"),
    stanza("pre-stop"),
    stanza("post-stop"),
    wrapper("ddtrace-run", &[]),
    wrapper("opentelemetry-instrument", &["--traces_exporter", "--metrics_exporter"]),
    Wrapper { name: "newrelic-admin", verbs: &["run-program"], valued: &[], takes: 0 },
    Wrapper { name: "pm2", verbs: &["start"], valued: &["--name", "-n"], takes: 0 },
    Wrapper { name: "watchmedo", verbs: &["auto-restart"], valued: &["-p", "-d"], takes: 0 },
    wrapper("uvx", &["--from", "--with", "--python", "-p"]),
    Wrapper { name: "uv", verbs: &["tool", "run"], valued: &["--from", "--with"], takes: 0 },
    run("pipx"),
    wrapper("cross-env", &[]),
    wrapper("screen", &["-S", "-dmS", "-t", "-L"]),
    wrapper("chpst", &["-u", "-U", "-b", "-e", "-/", "-n", "-m", "-d", "-o", "-p", "-f", "-c"]),
];

/// The words of the program after a wrapper's own options, subcommands and arguments. `None` if the
/// wrapper starts no program.
pub(super) fn behind<'w>(wrapper: &Wrapper, mut words: &'w [Embedded]) -> Option<&'w [Embedded]> {
    let is_windows = matches!(wrapper.name, "start" | "cmd");
    words = behind_options(wrapper, words, is_windows)?;
    for name in wrapper.verbs {
        words = behind_options(wrapper, verb(words, name)?, false)?;
    }
    let title = |word: &Embedded| word.text().is_empty() || word.text().contains(&b' ');
    if wrapper.name == "start" && words.first().is_some_and(title) {
        words = behind_options(wrapper, &words[1..], true)?;
    }
    words.get(wrapper.takes..)
}

/// The words after the options of a wrapper. `slashes` is whether options may begin with `/`, as on
/// Windows.
fn behind_options<'w>(
    wrapper: &Wrapper,
    mut words: &'w [Embedded],
    slashes: bool,
) -> Option<&'w [Embedded]> {
    loop {
        let (first, rest) = words.split_first()?;
        let text = first.text();
        if text == b"--" {
            return Some(rest);
        }
        if is_option(first) || slashes && text.starts_with(b"/") {
            let valued = wrapper.valued.iter().any(|it| text == it.as_bytes());
            words = if valued { rest.get(1..)? } else { rest };
        } else {
            return Some(words);
        }
    }
}

/// The words after `verb`, if the first word is that verb.
pub(super) fn verb<'w>(words: &'w [Embedded], verb: &str) -> Option<&'w [Embedded]> {
    let (first, rest) = words.split_first()?;
    (first.text() == verb.as_bytes()).then_some(rest)
}

pub(super) fn is_option(word: &Embedded) -> bool {
    word.text().len() > 1 && word.text().starts_with(b"-")
}

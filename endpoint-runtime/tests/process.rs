//! Tests of `process` clients: data, arguments, environment, exit status, and errors.

#![cfg(feature = "process")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::os::unix::process::ExitStatusExt;

use endpoint_runtime::plan::{EnvRule, ProcessSpawn};
use endpoint_runtime::{
    Address, Blame, Client, Connection, DescriptionProblem, Error, Problem, client_from_string,
};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, connect, refused};

#[track_caller]
fn start(plan: ProcessSpawn) -> Result<Connection, Error> {
    smol::block_on(Client::from_plan(plan.into()).connect())
}

/// The plan of a shell that runs this script.
fn script(text: &str) -> ProcessSpawn {
    let mut plan = ProcessSpawn::new("/bin/sh");
    plan.args = vec!["-c".into(), text.into()];
    plan
}

/// Closes the input of a program, and returns all of its output.
#[track_caller]
fn output(connection: Result<Connection, Error>) -> String {
    let mut connection = connection.unwrap();
    smol::block_on(async {
        connection.close().await.unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).await.unwrap();
        text
    })
}

#[test]
fn bytes_go_both_ways_and_closing_ends_the_input() {
    let mut connection = connect("process:cat").unwrap();
    smol::block_on(async {
        connection.write_all(b"question").await.unwrap();
        let mut answer = [0; 8];
        connection.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"question");
        connection.write_all(b"last").await.unwrap();
        connection.close().await.unwrap();
        connection.close().await.expect("closing twice is no error");
        let mut rest = String::new();
        connection.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "last");
        let late = connection.write(b"late").await.unwrap_err();
        assert_eq!(late.kind(), std::io::ErrorKind::BrokenPipe);
        let process = connection.process().unwrap();
        assert_eq!(process.exit_status().await.unwrap().code(), Some(0));
    });
}

#[test]
fn both_sides_have_addresses() {
    let connection = connect("process:/bin/cat").unwrap();
    let pid = connection.process().unwrap().pid();
    assert_eq!(*connection.local_address(), Address::Pipe);
    assert_eq!(*connection.peer_address(), Address::Process { executable: "/bin/cat".into(), pid });
    assert_eq!(connection.peer_address().to_string(), format!("`/bin/cat` (process {pid})"));
    assert_eq!(connection.endpoint(), "process:/bin/cat");
}

#[test]
fn arguments_are_passed_as_they_are() {
    let text = r"process:printf:[%s]:a b::$HOME:*:c\:d;e:'f'";
    assert_eq!(output(connect(text)), "[a b][][$HOME][*][c:d;e]['f']");
    let arguments: &[u8] = b"process:printf:%s:\xff\xfe";
    let mut connection = smol::block_on(client_from_string(arguments).unwrap().connect()).unwrap();
    let mut bytes = Vec::new();
    smol::block_on(connection.read_to_end(&mut bytes)).unwrap();
    assert_eq!(bytes, b"\xff\xfe");
}

#[test]
fn argument_zero_is_that_of_the_description() {
    assert_eq!(output(connect("process:sh:-c:echo $0")), "sh\n");
    let mut plan = ProcessSpawn::new("cat");
    plan.args.push("/proc/self/cmdline".into());
    plan.arg0 = Some("another name".into());
    assert_eq!(output(start(plan)), "another name\0/proc/self/cmdline\0");
}

#[test]
fn variables_extend_or_replace_the_environment() {
    let ours = std::env::var("PATH").unwrap();
    let shown = output(connect("process:sh:-c:echo $A $B $PATH:env=A=1=2:env=B=3"));
    assert_eq!(shown, format!("1=2 3 {ours}\n"));
    assert_eq!(output(connect("process:env:clearEnv=1")), "");
    let shown = output(connect("process:env:clearEnv=1:env=PATH:env=A=:env=ABSENT_HERE"));
    assert_eq!(shown, format!("A=\nPATH={ours}\n"));
}

#[test]
fn a_name_is_looked_up_in_the_path_that_the_program_sees() {
    let dir = TempDir::new();
    install(&dir, "tool", "#!/bin/sh\necho from here\n");
    let mut plan = ProcessSpawn::new("tool");
    plan.env.push(EnvRule::Set("PATH".into(), dir.text("").into()));
    assert_eq!(output(start(plan)), "from here\n");

    // A relative directory in PATH, and an empty one, start from `cwd`.
    let mut plan = ProcessSpawn::new("tool");
    plan.cwd = Some(dir.path(""));
    plan.env.push(EnvRule::Set("PATH".into(), "/absent:".into()));
    assert_eq!(output(start(plan)), "from here\n");

    let (blame, said) = refused(connect("process:no-such-tool:env=PATH=/bin\\:/absent"));
    assert_eq!(blame, Blame::Environment);
    assert_eq!(said, "there is no program `no-such-tool` in `/bin:/absent`");
    let (_, said) = refused(connect("process:no-such-tool:clearEnv=1"));
    assert_eq!(said, "there is no program `no-such-tool` in `/bin:/usr/bin`");
}

#[test]
fn a_relative_program_starts_from_its_directory() {
    let dir = TempDir::new();
    install(&dir, "tool", "#!/bin/sh\npwd\n");
    let mut plan = ProcessSpawn::new("./tool");
    plan.cwd = Some(dir.path(""));
    let shown = output(start(plan));
    assert_eq!(
        std::fs::canonicalize(shown.trim_end()).unwrap(),
        std::fs::canonicalize(dir.path("")).unwrap()
    );
}

#[test]
fn a_missing_program_is_named() {
    let dir = TempDir::new();
    let text = dir.text("");
    let said = |description: &str| {
        let (blame, said) = refused(connect(description));
        assert_eq!(blame, Blame::Environment);
        said
    };
    assert_eq!(
        said("process:/absent/program"),
        "cannot run `/absent/program`: no such file or directory (os error 2)"
    );
    assert_eq!(
        said("process:./absent"),
        "cannot run `./absent`: no such file or directory (os error 2)"
    );
    assert_eq!(
        said("process:cat:cwd=/absent"),
        "cannot enter the directory `/absent`: no such file or directory (os error 2)"
    );
    assert_eq!(
        said("process:cat:cwd=/bin/cat"),
        "cannot enter the directory `/bin/cat`: not a directory (os error 20)"
    );
    assert_eq!(said("process:/bin/"), "cannot run `/bin/`: is a directory (os error 21)");

    std::fs::write(dir.path("plain"), "no program").unwrap();
    let plain = dir.text("plain");
    assert_eq!(
        said(&format!("process:{plain}")),
        format!("cannot run `{plain}`: permission denied (os error 13)")
    );
    // The file is in PATH, but not executable. `execvp` returns the same error for it.
    assert_eq!(
        said(&format!("process:plain:env=PATH={text}")),
        format!("cannot run `{plain}`: permission denied (os error 13)")
    );
    // A file without `#!`: `execvp` would run it with a shell, but this crate refuses it.
    install(&dir, "shapeless", "echo a shell ran this\n");
    let shapeless = dir.text("shapeless");
    assert_eq!(
        said(&format!("process:{shapeless}")),
        format!("cannot run `{shapeless}`: exec format error (os error 8)")
    );
    install(&dir, "lost", "#!/absent/interpreter\n");
    let lost = dir.text("lost");
    assert_eq!(
        said(&format!("process:{lost}")),
        format!("cannot run `{lost}`: its interpreter does not exist")
    );
}

#[test]
fn arguments_that_are_too_many_are_an_error() {
    let many = "x".repeat(100_000);
    let mut plan = ProcessSpawn::new("/bin/true");
    plan.args = vec![many.into(); 100];
    let (_, said) = refused(start(plan));
    assert_eq!(said, "cannot run `/bin/true`: argument list too long (os error 7)");
}

#[test]
fn an_empty_name_is_a_mistake_of_the_description() {
    let error = client_from_string("process:").unwrap_err();
    assert_eq!(error.to_string(), "`process:`: the name of the program is empty");
    let error = start(ProcessSpawn::new("")).unwrap_err();
    assert!(matches!(error.problem(), Problem::Description(DescriptionProblem::EmptyExecutable)));
}

#[test]
fn the_exit_status_of_a_program_is_known() {
    smol::block_on(async {
        for (text, code, signal) in
            [("exit 0", Some(0), None), ("exit 7", Some(7), None), ("kill -9 $$", None, Some(9))]
        {
            let connection = Client::from_plan(script(text).into()).connect().await.unwrap();
            let process = connection.process().unwrap();
            let (one, two) = smol::future::zip(process.exit_status(), process.exit_status()).await;
            let status = one.unwrap();
            assert_eq!((status.code(), status.signal()), (code, signal));
            assert_eq!(two.unwrap(), status);
            assert_eq!(process.try_exit_status().unwrap(), Some(status));
        }
        let connection = Client::from_plan(ProcessSpawn::new("cat").into()).connect().await;
        assert_eq!(connection.unwrap().process().unwrap().try_exit_status().unwrap(), None);
    });
}

#[test]
fn a_handle_outlives_the_connection_and_keeps_the_program() {
    let mut plan = script("read line; exit 5");
    plan.stderr = endpoint_runtime::plan::StandardErrorBehavior::Inherit;
    let mut connection = start(plan).unwrap();
    let process = connection.process().unwrap().clone();
    smol::block_on(async {
        connection.write_all(b"go\n").await.unwrap();
        drop(connection);
        assert_eq!(process.exit_status().await.unwrap().code(), Some(5));
    });
}

#[test]
fn layers_keep_the_handle() {
    let client = client_from_string("process:cat").unwrap();
    let client = client.wrapped(async |inner: Connection| Ok(inner.on_top(|inner| inner)));
    let connection = smol::block_on(client.connect()).unwrap();
    assert_eq!(connection.process().unwrap().executable().to_str(), Some("cat"));
}

#[test]
fn a_header_comes_before_the_input() {
    let connection = connect("haproxy:process:cat:proxyVersion=1").unwrap();
    assert!(connection.process().is_some());
    assert_eq!(output(Ok(connection)), "PROXY UNKNOWN\r\n");
}

/// Writes an executable file, by another process.
///
/// If this process wrote it, a child of another test could inherit it open for writing. The system
/// then refuses to execute it (`ETXTBSY`).
fn install(dir: &TempDir, name: &str, text: &str) {
    let write = r#"printf %s "$1" >"$0" && chmod +x "$0""#;
    let mut command = std::process::Command::new("sh");
    command.args(["-c", write]).arg(dir.path(name)).arg(text);
    assert!(command.status().unwrap().success());
}

//! The choice of the configuration by `strports check`, excluded files, and messages about
//! configurations without files.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use support::{Scratch, said, strports};

/// The output and exit code of `check ARGS`.
#[track_caller]
fn run(scratch: &Scratch, args: &[&str]) -> (String, String, i32) {
    said(strports().arg("check").args(args).current_dir(scratch.path()).output().unwrap())
}

/// The files that `check ARGS` reads.
#[track_caller]
fn read(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let (output, errors, code) = run(scratch, &[&["--show-files"], args].concat());
    assert_eq!((errors.as_str(), code), ("", 0));
    output.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect()
}

/// The messages of `check -q` on standard error with this configuration.
#[track_caller]
fn failures(config: &str, name: &str, text: &str) -> Vec<String> {
    let scratch = Scratch::holding(&[("strports.toml", config), (name, text)]);
    let (_, errors, code) = run(&scratch, &["-q", "--exit-zero"]);
    assert_eq!(code, if errors.is_empty() { 0 } else { 2 });
    errors.lines().map(|line| line.strip_prefix("strports: ").unwrap().to_owned()).collect()
}

/// The messages about a configuration that do not change the exit code.
#[track_caller]
fn warnings(scratch: &Scratch, args: &[&str]) -> Vec<String> {
    let (_, errors, code) = run(scratch, &[&["--format", "short"], args].concat());
    assert_eq!(code, 0, "{errors}");
    assert_eq!(run(scratch, &[&["-q"], args].concat()).1, "");
    let lines = errors.lines().filter_map(|line| line.strip_prefix("strports: "));
    let lines = lines.map(|line| line.strip_prefix("warning: ").unwrap());
    lines.map(str::to_owned).collect()
}

#[test]
fn a_table_of_pyproject_is_a_configuration() {
    let project = "[project]\nname = \"x\"\n[tool.strports.lints]\nignore = [\"type-case\"]\n";
    let scratch = Scratch::holding(&[
        ("pyproject.toml", project),
        ("a.sh", "daphne -e TCP6:80\n"),
        ("sub/pyproject.toml", "[project]\nname = \"y\"\n"),
        ("sub/b.sh", "daphne -e TCP6:80\n"),
        ("own/strports.toml", ""),
        ("own/pyproject.toml", project),
        ("own/c.sh", "daphne -e TCP6:80\n"),
    ]);
    let (output, ..) = run(&scratch, &["--format", "short"]);
    assert!(output.starts_with("own/c.sh:1:11: note: "), "{output}");
    assert_eq!(output.lines().count(), 1, "{output}");
    scratch.put("pyproject.toml", "[tool.black]\n[tool.strports]\nlint = 1\n");
    let (_, errors, code) = run(&scratch, &["a.sh"]);
    assert!(errors.starts_with("strports: pyproject.toml:3:1: unknown field `lint`"), "{errors}");
    assert_eq!(code, 2);
    scratch.put("pyproject.toml", "no toml, whatever of strports it says\n");
    assert_eq!(run(&scratch, &["a.sh"]).2, 0, "it is for other tools to report");
}

#[test]
fn a_hidden_configuration_is_refused() {
    let scratch = Scratch::holding(&[("a/.strports.toml", ""), ("a/b/c.sh", "daphne -e tcp:80\n")]);
    let (_, errors, code) = run(&scratch, &[]);
    let said = "strports: a/.strports.toml: it is not read (rename it to `strports.toml`)\n";
    assert_eq!((errors.as_str(), code), (said, 2));
}

/// The error must name the file, also where another configuration applies or no file is read.
#[test]
fn a_hidden_configuration_is_refused_wherever_it_stands() {
    let hidden = (".strports.toml", "[lints]\nignore = [\"all\"]\n");
    let said = "strports: .strports.toml: it is not read (rename it to `strports.toml`)\n";
    let valid = ("strports.toml", "[lints]\nignore = [\"type-case\"]\n");
    let project = ("pyproject.toml", "[tool.strports.lints]\nignore = [\"type-case\"]\n");
    let script = ("a.sh", "daphne -e tcp:80\n");
    for files in [&[hidden][..], &[hidden, valid, script], &[hidden, project, script]] {
        let scratch = Scratch::holding(files);
        assert_eq!(run(&scratch, &["-q"]), (String::new(), said.to_owned(), 2), "{files:?}");
        assert_eq!(run(&scratch, &["-q", ".strports.toml"]).1, said, "{files:?}");
    }
    let scratch = Scratch::holding(&[hidden, script, ("other.toml", "")]);
    for args in [
        &["--config", ".strports.toml"][..],
        &["--config", ".strports.toml", "-e", "tcp:80"],
        &["-e", "tcp:80"],
        &["--show-files"],
        &["--stdin-filename", "b.py"],
    ] {
        assert_eq!(run(&scratch, args), (String::new(), said.to_owned(), 2), "{args:?}");
    }
    assert_eq!(read(&scratch, &["--config", "other.toml"]), ["a.sh", "other.toml"]);
    let output = strports().arg("init").current_dir(scratch.path()).output().unwrap();
    let (_, errors, code) = crate::said(output);
    assert_eq!((errors.as_str(), code), (said, 2));
    assert!(!scratch.path().join("strports.toml").exists());
}

#[test]
fn one_configuration_may_be_named() {
    let scratch = Scratch::holding(&[
        ("strports.toml", "[lints]\nignore = [\"all\"]\n"),
        ("ci/strict.toml", "[[source]]\nfiles = [\"*.x\"]\nformat = \"list\"\n"),
        ("a.x", "tcp:x\n"),
    ]);
    assert_eq!(run(&scratch, &["-q"]).2, 0);
    let (output, ..) = run(&scratch, &["--config", "ci/strict.toml", "--format", "short"]);
    assert!(output.starts_with("a.x:1:5: error: "), "{output}");
    let (_, errors, code) = run(&scratch, &["--config", "none.toml"]);
    assert!(errors.starts_with("strports: none.toml: cannot read the configuration: "), "{errors}");
    assert_eq!(code, 2);
    scratch.put("pyproject.toml", "[project]\n");
    let (_, errors, _) = run(&scratch, &["--config", "pyproject.toml"]);
    assert_eq!(errors, "strports: pyproject.toml: it has no table `[tool.strports]`\n");
}

#[test]
fn installed_and_excluded_files_are_skipped() {
    let files = [
        "a.sh",
        "node_modules/b.sh",
        "x/target/c.sh",
        "venv/d.sh",
        ".venv/e.sh",
        "old/f.sh",
        "old/deep/g.sh",
        "deep/old.sh",
        "sub/h.sh",
        "sub/made/i.sh",
    ];
    let scratch = Scratch::holding(&files.map(|name| (name, "daphne -e tcp:80\n")));
    let all = ["a.sh", "deep/old.sh", "old/deep/g.sh", "old/f.sh", "sub/h.sh", "sub/made/i.sh"];
    assert_eq!(read(&scratch, &[]), all);
    assert_eq!(
        read(&scratch, &["--exclude", "old"]),
        ["a.sh", "deep/old.sh", "sub/h.sh", "sub/made/i.sh"]
    );
    assert_eq!(
        read(&scratch, &["--exclude", "old/*.sh", "--exclude", "sub/"]),
        ["a.sh", "deep/old.sh", "old/deep/g.sh"]
    );
    scratch.put("strports.toml", "exclude = [\"deep\", \"sub/made\"]\n");
    assert_eq!(read(&scratch, &[]), ["a.sh", "old/f.sh", "sub/h.sh"]);
    // A nearer configuration applies below its directory, and its patterns start there.
    scratch.put("sub/strports.toml", "exclude = [\"/made\"]\n");
    scratch.put("sub/x/made/j.sh", "true\n");
    assert_eq!(read(&scratch, &["sub"]), ["sub/h.sh", "sub/x/made/j.sh"]);
    // Path arguments are always read.
    assert_eq!(
        read(&scratch, &["node_modules", "deep/old.sh", "--exclude", "deep"]),
        ["deep/old.sh", "node_modules/b.sh"]
    );
    let (_, errors, code) = run(&scratch, &["--exclude", "a["]);
    assert!(errors.contains("invalid value 'a['"), "{errors}");
    assert!(errors.contains("error parsing glob 'a['"), "{errors}");
    assert_eq!(code, 2);
}

/// A `[[source]]` for files of one format, with one key.
fn source(format: &str, key: &str) -> String {
    format!(
        "[[source]]\nfiles = [\"*.x\"]\nformat = \"{format}\"\nkeys = {{ \"{key}\" = \"server\" }}\n"
    )
}

#[test]
fn a_file_of_another_format_has_an_error_with_position() {
    for (format, text, place) in [
        ("toml", "a = 'tcp:80'\nb = \n", "2:5"),
        ("json", "{\"a\": \"tcp:80\",\n\"b\": ~}", "2:6"),
        ("json", "{\"a\": \"tcp:80\"", "1:15"),
        ("yaml", "a: tcp:80\nb: [1, 2\nc: }\n", "3:2"),
        ("python", "a = 'tcp:80'\nb = = 1\n", "2:5"),
        ("ini", "[s]\na = tcp:80\n b\n[c\n", "4:1"),
        ("ini", "a = tcp:80\nb\n", "2:1"),
        ("shell", "x=1\necho 'a\nb\n", "2:6"),
        ("shell", "x=\"$(y \"\n", "1:8"),
        ("dockerfile", "FROM a\nRUN b \\\n c\nRNU d\n", "4:1"),
        ("systemd", "[Service]\nExecStart=a\nb\n", "3:1"),
        ("systemd", "[Service]\nExecStart=a \"b\n", "2:1"),
        ("systemd", "A=b\n[Service]\n", "1:1"),
    ] {
        let said = failures(&source(format, "a"), "f.x", text);
        assert_eq!(said.len(), 1, "{said:?}");
        let start = format!("f.x:{place}: not readable as {format}: ");
        assert!(said[0].starts_with(&start), "{} is no {start}", said[0]);
    }
    let text = "a = {{ x }}\n{% if b %}\nb: 'tcp:80'\n{% endif %}\n";
    assert_eq!(failures(&source("yaml", "a"), "f.x", &text.replace(" =", ":")), [""; 0]);
}

#[test]
fn broken_files_without_a_declared_source_are_ignored() {
    let files =
        [("a.toml", "a = \n"), ("b.json", "{"), ("c.yaml", "a: [\n"), ("d.py", "a = = 1\n")];
    let scratch = Scratch::holding(&files);
    for args in [&["-q"][..], &["-q", "a.toml", "b.json", "c.yaml", "d.py"]] {
        let (_, errors, code) = run(&scratch, args);
        assert_eq!((errors.as_str(), code), ("", 0));
    }
}

#[test]
fn a_key_of_a_table_or_list_is_reported() {
    let table = "a table, but a description is a text (`a.*` names all keys in it)";
    let list = "a list, but a description is a text (`a.*` names its items)";
    for (format, text, place, what) in [
        ("toml", "[a]\nb = 'tcp:80'\n", "1:1", table),
        ("toml", "a = ['tcp:80']\n", "1:5", list),
        ("json", "{\"a\": {\"b\": 1}}", "1:7", table),
        ("json", "{\"a\": [\"tcp:80\"]}", "1:7", list),
        ("yaml", "x: 1\na:\n  b: tcp:80\n", "3:3", table),
        ("yaml", "a: [tcp:80]\n", "1:4", list),
        ("python", "a = {'b': 'tcp:80'}\n", "1:5", table),
        ("python", "a = ['tcp:80']\n", "1:5", list),
    ] {
        let said = failures(&source(format, "a"), "f.x", text);
        let wanted = format!("f.x:{place}: `a`, a key of `a` in strports.toml, is {what}");
        assert_eq!(said, [wanted], "{format}");
    }
    assert_eq!(failures(&source("yaml", "**"), "f.x", "a: {b: 1}\nc: tcp:80\n"), [""; 0]);
    let both = "[[source]]\nfiles = [\"*.x\"]\nformat = \"yaml\"\nkeys = { \"a\" = \"server\", \"a.*\" = \"server\" }\n";
    assert_eq!(failures(both, "f.x", "a: tcp:80\n"), [""; 0]);
}

#[test]
fn a_source_without_files_is_a_warning() {
    let config = "presets = []\n[[source]]\nfiles = [\"*.none\"]\nformat = \"list\"\n\
                  [[source]]\nfiles = [\"*.ini\"]\nkeys = { \"a.b\" = \"server\", \"c.d\" = \"server\" }\n";
    let scratch = Scratch::holding(&[("strports.toml", config), ("x/e.ini", "[a]\nb = tcp:80\n")]);
    let wanted = [
        "strports.toml:3:10: no file fits this `[[source]]` (hidden, excluded and ignored files are \
         not read)",
        "strports.toml:7:28: no file of this `[[source]]` has the key `c.d`",
    ];
    assert_eq!(warnings(&scratch, &[]), wanted);
    assert_eq!(warnings(&scratch, &["x"]), [""; 0], "only part of the tree was looked at");
    assert_eq!(warnings(&scratch, &["x/e.ini"]), [""; 0]);
    scratch.put("y.none", "tcp:80\n");
    scratch.put("z.ini", "[c]\nd = tcp:81\n");
    assert_eq!(warnings(&scratch, &[]), [""; 0]);
}

#[test]
fn a_file_that_is_not_read_may_have_any_key() {
    let sources = ["bin", "csv", "conf", "toml"].map(|name| {
        format!("[[source]]\nfiles = [\"a.{name}\"]\nformat = \"toml\"\nkeys = {{ \"k\" = \"server\" }}\n")
    });
    let config = format!("presets = []\n{}", sources.concat());
    let big = format!("x = 1\n{}", "#\n".repeat(5 << 20));
    let files = [
        ("strports.toml", &*config),
        ("a.bin", "\0"),
        ("a.csv", "k = \n"),
        ("a.conf", &*big),
        ("a.toml", "x = 1\n"),
    ];
    let scratch = Scratch::holding(&files);
    let (_, errors, _) = run(&scratch, &[]);
    let said: Vec<_> = errors.lines().filter(|line| line.contains("warning")).collect();
    let wanted = "17:10: no file of this `[[source]]` has the key `k`";
    assert_eq!(said, [format!("strports: warning: strports.toml:{wanted}")]);
    for name in ["a.bin", "a.csv", "a.conf"] {
        assert_eq!(errors.matches(name).count(), 1, "{errors}");
    }
}

/// The schema that the command prints.
#[test]
fn the_ports_of_declared_types_are_compared() {
    let declared = |listens: &str| {
        format!(
            "[[source]]\nfiles = [\"app.ini\"]\nkeys = {{ \"server.*\" = \"server\" }}\n\
             [[type]]\nname = \"corp\"\nroles = [\"server\"]\nsummary = \"ours\"\n{listens}\
             parameters = [\
             {{ name = \"topic\", kind = \"text\", required = true, summary = \"topic\" }}, \
             {{ name = \"web\", kind = \"port\", summary = \"its page\" }}, \
             {{ name = \"at\", kind = \"interface\", summary = \"its address\" }}]\n"
        )
    };
    let app = "[server]\na = corp:news:8080:127.0.0.2\nb = tcp:8080:interface=127.0.0.1\n\
               c = onion:80:localPort=8080\n";
    let found = |listens: &str| {
        let config = declared(listens);
        let scratch = Scratch::holding(&[("strports.toml", &*config), ("app.ini", app)]);
        run(&scratch, &["-q", "--format", "short"]).0
    };
    let onion = "app.ini:4:5: warning: `tcp:8080:interface=127.0.0.1` in line 3 listens on port \
                 8080 already [port-conflict]\n";
    assert_eq!(found(""), onion);
    assert_eq!(found("listens = { port = \"web\", interface = \"at\" }\n"), onion);
    let everywhere = found("listens = { port = \"web\" }\n");
    assert!(
        everywhere.starts_with(
            "app.ini:3:5: warning: `corp:news:8080:127.0.0.2` in line 2 listens on port 8080 already"
        ),
        "{everywhere}"
    );
}

fn schema() -> serde_json::Value {
    let output = strports().arg("schema").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A configuration as JSON, for validation with the schema.
fn as_json(toml: &str) -> serde_json::Value {
    let table: toml::Table = toml.parse().unwrap_or_else(|error| panic!("{error}\n{toml}"));
    serde_json::to_value(table).unwrap()
}

#[test]
fn the_schema_matches_the_reader() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let page = include_str!("../docs/config.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let types = include_str!("../src/types/third_party.toml");
    let mistakes = |it: &serde_json::Value| -> Vec<String> {
        validator.iter_errors(it).map(|it| it.to_string()).collect()
    };
    assert_eq!(mistakes(&as_json(types)), [""; 0], "types of packages are known already");
    let presets = as_json(include_str!("../src/check/config/presets.toml"));
    for (name, preset) in presets.as_object().unwrap() {
        assert_eq!(mistakes(preset), [""; 0], "{name}");
    }
    for text in [
        "",
        example,
        &uncommented(),
        include_str!("trees/config/app/strports.toml"),
        "presets = []\nexclude = ['a/**']\n[[source]]\nfiles = ['*.x']\nformat = 'list'\n\
         role = 'client'\n[[source]]\nfiles = ['*.ini']\nkeys = { '**.a' = 'either' }\n\
         split = 'comma'\nexcept = ['off']\ntyped = true\n",
        "[[command]]\nname = 'a b'\noptions = ['-x', '1', '*']\nrole = 'client'\nbare = true\n\
         [[variable]]\nname = 'A_*'\nrole = 'server'\nsplit = 'blank'\n",
        "[lints]\nselect = ['all']\nignore = ['info', 'bad-host']\n\
         per-path = { 'a/**' = ['error'], 'b' = { select = ['warning'], ignore = [] } }\n",
    ] {
        assert_eq!(mistakes(&as_json(text)), [""; 0], "{text}");
        let scratch = Scratch::holding(&[("strports.toml", text), ("a.sh", "true\n")]);
        assert_eq!(run(&scratch, &["-q"]), (String::new(), String::new(), 0), "{text}");
    }
    for text in [
        "x = 1",
        "presets = 'daphne'",
        "exclude = 'vendor'",
        "[source]\nfiles = ['a']",
        "[[source]]\nfiles = 'a'",
        "[[source]]\nfiles = ['a']\nkeys = ['b']",
        "[[source]]\nfiles = ['a']\nsplit = 'tab'",
        "[[source]]\nfiles = ['a']\ntyped = 'yes'",
        "[[variable]]\nrole = 'server'",
        "[[variable]]\nname = 'A'\nrole = 'sever'",
        "[[command]]\noptions = ['-x']",
        "[lints]\nselect = 'error'",
        "[lints]\nper-path = ['a']",
        "presets = ['dahpne']",
        "[[source]]",
        "[[source]]\nfiles = ['a']\nformat = 'inni'",
        "[[source]]\nfiles = ['a']\nkeys = { a = 'sever' }",
        "[[command]]\nname = 'a'",
        "[lints]\nignore = ['no']",
        "[lints.per-path]\n'a' = { selct = [] }",
        "[[type]]\nname = 'a'\nroles = ['both']\nsummary = ''",
        "[[type]]\nname = 'a'\nroles = ['server']\nsummary = ''\nparameters = [{ name = 'a', kind = 'prot', summary = '' }]",
    ] {
        assert!(!validator.is_valid(&as_json(text)), "{text}");
        let scratch = Scratch::holding(&[("strports.toml", text), ("a.sh", "true\n")]);
        assert_eq!(run(&scratch, &[]).2, 2, "the command refuses it too: {text}");
    }
}

#[test]
fn the_schema_in_the_specification_is_up_to_date() {
    let written = include_str!("../spec/strports.schema.json");
    let written: serde_json::Value = serde_json::from_str(written).unwrap();
    assert_eq!(
        written,
        schema(),
        "write it by: cargo run -q -- schema > spec/strports.schema.json"
    );
}

/// The output of `init`, with its examples uncommented.
fn uncommented() -> String {
    let text = include_str!("../src/cli/commands/strports.toml");
    let line = |line: &str| match line.strip_prefix('#') {
        Some(example) if !example.starts_with(' ') => format!("{example}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn a_first_configuration_is_written_once() {
    let scratch = Scratch::new();
    let init = |args: &[&str]| {
        said(strports().arg("init").args(args).current_dir(scratch.path()).output().unwrap())
    };
    let (output, errors, code) = init(&[]);
    assert_eq!((output.as_str(), code), ("", 0));
    assert!(errors.starts_with("strports.toml: written; "), "{errors}");
    scratch.put("a.sh", "daphne -e tcp:80\n");
    assert_eq!(run(&scratch, &[]).1, "no findings in 1 file; 1 description checked\n");
    let (_, errors, code) = init(&[]);
    assert_eq!((errors.as_str(), code), ("strports: strports.toml: the file already exists\n", 2));
    assert_eq!(init(&["absent"]).2, 2);
    scratch.put("strports.toml", &uncommented());
    assert_eq!(run(&scratch, &["-q"]).2, 0, "every example is read");
}

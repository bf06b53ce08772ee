//! Writes a reproducible tree of files, of any size, to measure the linter with.
//!
//! ```text
//! linter-tree DIRECTORY [FILES [MIB [KINDS [PERCENT]]]]
//!     100000 files, 1024 MiB together, of all kinds, by default; KINDS are suffixes: `cfg,yml`
//! ```
//!
//! The files are programs, settings and prose, as in repositories. Some are in formats that the
//! linter reads. One file in a hundred has an endpoint description where its format can have one.
//! Ten in a hundred have text that only looks like one.
//!
//! With PERCENT, that share of the lines of every file has a description, and one description in
//! four has a mistake. A `strports.toml` names their keys.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const FILES: usize = 100_000;
const MIB: usize = 1024;
/// The number of files in each directory, as in typical repositories.
const FILES_A_DIRECTORY: usize = 40;
/// One file in this many has a description.
const HOLDS: usize = 100;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(root) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: linter-tree DIRECTORY [FILES [MIB [KINDS [PERCENT]]]]");
        return ExitCode::from(2);
    };
    let mut words = arguments.map(|word| word.to_string_lossy().into_owned());
    let mut number = |default| words.next().and_then(|it| it.parse().ok()).unwrap_or(default);
    let (files, mib): (usize, usize) = (number(FILES), number(MIB));
    let suffixes = words.next().unwrap_or_default();
    let percent = words.next().and_then(|it| it.parse().ok());
    let is_wanted = |kind: &&Kind| {
        suffixes.is_empty() || suffixes.split(',').any(|suffix| kind.suffix[1..] == *suffix)
    };
    let kinds: Vec<&Kind> = KINDS.iter().filter(is_wanted).collect();
    if kinds.is_empty() {
        eprintln!("linter-tree: no kind of file among `{suffixes}`");
        return ExitCode::from(2);
    }
    let tree = Tree { files: files.max(1), bytes: mib << 20, kinds, percent };
    match tree.write(&root) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("linter-tree: {}: {error}", root.display());
            ExitCode::FAILURE
        }
    }
}

/// What the tree contains: its size, and the kinds of its files.
struct Tree {
    files: usize,
    bytes: usize,
    kinds: Vec<&'static Kind>,
    /// The percentage of lines that have a description; `None` gives few files one description
    /// each.
    percent: Option<usize>,
}

impl Tree {
    fn write(&self, root: &Path) -> io::Result<()> {
        let mut random = Random(0x5eed);
        let mut text = String::new();
        let mut left = self.bytes;
        for index in 0..self.files {
            let directory = index / FILES_A_DIRECTORY;
            let directory = root.join(format!("p{:02}/m{:02}", directory / 50, directory % 50));
            if index % FILES_A_DIRECTORY == 0 {
                fs::create_dir_all(&directory)?;
            }
            let mean = left / (self.files - index);
            // The size of a file varies from a tenth of the mean to almost twice the mean.
            let is_last = index + 1 == self.files;
            let size = if is_last { left } else { mean / 10 + random.below(mean * 9 / 5) };
            let kind = self.kind(&mut random);
            text.clear();
            let lines = Lines {
                description: index % HOLDS == HOLDS / 2 && self.percent.is_none(),
                look_alike: index % 10 == 3,
                percent: self.percent.unwrap_or_default(),
            };
            kind.fill(&mut text, size, lines, &mut random);
            left = left.saturating_sub(text.len());
            fs::write(directory.join(format!("f{index:06}{}", kind.suffix)), &text)?;
        }
        if self.percent.is_some() {
            fs::write(root.join("strports.toml"), CONFIGURATION)?;
        }
        Ok(())
    }

    fn kind(&self, random: &mut Random) -> &'static Kind {
        let mut at = random.below(self.kinds.iter().map(|kind| kind.share).sum());
        let found = self.kinds.iter().find(|kind| {
            let found = at < kind.share;
            at = at.saturating_sub(kind.share);
            found
        });
        found.unwrap_or(&self.kinds[0])
    }
}

/// The `strports.toml` for a tree with many descriptions, which names their keys.
const CONFIGURATION: &str = r#"[[source]]
files = ["*.cfg", "*.toml", "*.yml", "*.json"]
keys = { "**.listen*" = "server" }
"#;

/// Which special lines a file contains, besides the random lines of its kind.
#[derive(Clone, Copy)]
struct Lines {
    description: bool,
    look_alike: bool,
    percent: usize,
}

/// A kind of file, with templates of its lines: `@` stands for a word, and `^` for a number.
struct Kind {
    suffix: &'static str,
    /// The percentage of the tree's files that are of this kind.
    share: usize,
    head: &'static str,
    lines: &'static [&'static str],
    tail: &'static str,
    /// A line with a description where the linter looks for one.
    description: &'static str,
    /// A line with a description for trees with many of them.
    many: &'static str,
    /// A line with text that looks like a description and is none.
    look_alike: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        suffix: ".py",
        share: 40,
        head: "from @ import @, @\n\n\ndef @(@):\n    return @.@\n",
        lines: &[
            "    @ = self.@(@, @=^)\n",
            "    if @ is None and @.@ > ^:\n        return @[\"@\": ^]\n",
            "    # @ @ @ the @ of @ @, and @ @ @\n",
            "    @.@(\"@ @ %s @\" % (@, @.@))\n",
            "\n\ndef @(@, @=None, *@):\n    \"\"\"\n    @ @ @ @ @ @ @.\n    \"\"\"\n",
            "    for @ in @.@():\n        @ += @[^] * (@ - ^)\n",
            "    @ = {\"@\": @, \"@\": \"@\", '@': ^}\n",
        ],
        tail: "",
        description: "    serverFromString(reactor, \"tcp:80^:interface=127.0.0.1\").listen(@)\n",
        many: "    serverFromString(reactor, \"tcp:^^:interface=127.0.0.1\").listen(@)\n",
        look_alike: "    @ = \"tcp://127.0.0.1:^\"  # tcp: @ @\n",
    },
    Kind {
        suffix: ".js",
        share: 14,
        head: "import { @ } from './@';\n",
        lines: &[
            "  const @ = @.@(@, { @: ^, @: '@' });\n",
            "  if (@ === @.@) {\n    return @.map((@) => @.@ + ^);\n  }\n",
            "  // @ @ @ the @ of @ @\n",
        ],
        tail: "",
        description: "// tcp:80^:interface=127.0.0.1\n",
        many: "// tcp:^^:interface=127.0.0.1\n",
        look_alike: "  const @ = { tcp: @, fd: ^ };\n",
    },
    Kind {
        suffix: ".md",
        share: 10,
        head: "# @ @\n",
        lines: &["@ @ @ @ @ @ the @ of @ @ @ and @\n", "- @ @: `@.@` @ @\n", "\n## @ @\n\n"],
        tail: "",
        description: "Listens on `tcp:80^:interface=127.0.0.1`.\n",
        many: "Listens on `--endpoint tcp:^^:interface=127.0.0.1`.\n",
        look_alike: "Connects to `tcp://@:^`.\n",
    },
    Kind {
        suffix: ".json",
        share: 10,
        head: "{\n",
        lines: &["  \"@\": { \"@\": \"@ @\", \"@\": ^ },\n", "  \"@\": [\"@\", \"@\", ^, true],\n"],
        tail: "  \"@\": null\n}\n",
        description: "  \"listen\": \"tcp:80^:interface=127.0.0.1\",\n",
        many: "  \"listen@\": \"tcp:^^:interface=127.0.0.1\",\n",
        look_alike: "  \"@\": \"unix:///run/@.sock\",\n",
    },
    Kind {
        suffix: ".yml",
        share: 10,
        head: "---\n",
        lines: &[
            "@_@^^:\n  @: @ @ @\n  image: @/@:^\n",
            "# @ @ @\n",
            "@_@^^:\n  - @: ^\n  - \"@\"\n",
        ],
        tail: "",
        description: "web^:\n  command: daphne -e tcp:80^:interface=127.0.0.1 @.asgi:@\n",
        many: "listen_@: \"tcp:^^:interface=127.0.0.1\"\n",
        look_alike: "@_@^^:\n  protocols:\n    tcp: \"^\"\n",
    },
    Kind {
        suffix: ".cfg",
        share: 4,
        head: "[@]\n",
        lines: &["@_@^^ = @ @ @\n", "# @ @ @\n", "\n[@_@^^]\n", "@_@^^ = ^\n"],
        tail: "",
        description: "[ssh]\nlisten_endpoints = tcp:80^:interface=127.0.0.1\n",
        many: "listen_@ = tcp:^^:interface=127.0.0.1\n",
        look_alike: "@_@^^ = tcp://@:^\n",
    },
    Kind {
        suffix: ".sh",
        share: 4,
        head: "#!/bin/sh\n",
        lines: &[
            "@=\"$(@ -@ \"$@\")\"\n",
            "if [ -n \"$@\" ]; then\n  @ --@=^ @\nfi\n",
            "# @ @ @\n",
        ],
        tail: "",
        description: "twist web --listen tcp:80^:interface=127.0.0.1\n",
        many: "twist web --listen tcp:^^:interface=127.0.0.1\n",
        look_alike: "socat TCP:@:^ @\n",
    },
    Kind {
        suffix: ".toml",
        share: 4,
        head: "",
        lines: &["@_@^^ = \"@ @\"\n", "# @ @ @\n", "\n[@_@^^]\n", "@_@^^ = [^, ^]\n"],
        tail: "",
        description: "[server^]\nlisten = \"tcp:80^:interface=127.0.0.1\"\n",
        many: "listen_@^^ = \"tcp:^^:interface=127.0.0.1\"\n",
        look_alike: "@_@^^ = \"tcp://@:^\"\n",
    },
    Kind {
        suffix: ".c",
        share: 4,
        head: "#include <@.h>\n",
        lines: &["\t@->@ = @(@, ^);\n", "\tif (@ < ^)\n\t\treturn -@;\n", "/* @ @ @ */\n"],
        tail: "",
        description: "/* tcp:80^:interface=127.0.0.1 */\n",
        many: "/* tcp:^^:interface=127.0.0.1 */\n",
        look_alike: "\tcase @: /* tcp: @ */\n",
    },
];

impl Kind {
    fn fill(&self, text: &mut String, size: usize, wanted: Lines, random: &mut Random) {
        random.write(text, self.head);
        let mut extra: Vec<&str> = Vec::new();
        if wanted.description {
            extra.push(self.description);
        }
        if wanted.look_alike {
            extra.push(self.look_alike);
        }
        let place = random.below(size.max(1));
        while text.len() + self.tail.len() < size {
            if text.len() >= place {
                extra.drain(..).for_each(|line| random.write(text, line));
            }
            let line = if random.below(100) < wanted.percent {
                self.many
            } else {
                self.lines[random.below(self.lines.len())]
            };
            let start = text.len();
            random.write(text, line);
            if line == self.many && random.below(4) == 0 {
                let wrong = text[start..].replace("interface", "interfce");
                text.truncate(start);
                text.push_str(&wrong);
            }
        }
        extra.drain(..).for_each(|line| random.write(text, line));
        random.write(text, self.tail);
    }
}

const WORDS: &[&str] = &[
    "account", "address", "answer", "archive", "backend", "balance", "buffer", "cache", "caller",
    "channel", "client", "cluster", "column", "command", "content", "context", "counter", "cursor",
    "default", "device", "digest", "domain", "driver", "element", "encoder", "engine", "entry",
    "event", "factory", "filter", "folder", "format", "gateway", "group", "handler", "header",
    "image", "index", "input", "item", "journal", "label", "layer", "ledger", "letter", "limit",
    "local", "lookup", "manager", "margin", "matrix", "member", "message", "method", "model",
    "module", "monitor", "name", "network", "number", "object", "offset", "option", "order",
    "output", "owner", "packet", "page", "parent", "partner", "pattern", "payload", "plugin",
    "policy", "prefix", "product", "profile", "project", "proxy", "query", "queue", "reader",
    "record", "region", "report", "request", "result", "route", "sample", "schema", "section",
    "sender", "server", "session", "shape", "signal", "source", "status", "storage", "stream",
    "system", "table", "target", "template", "thread", "ticket", "token", "total", "update",
    "upload", "value", "vector", "vendor", "version", "view", "widget", "window",
];

/// The random number generator `SplitMix64`, which makes the tree reproducible.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a random number below `limit`, and 0 if `limit` is 0.
    fn below(&mut self, limit: usize) -> usize {
        let wide = u128::from(self.next()) * limit as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    fn write(&mut self, text: &mut String, line: &str) {
        for part in line.split_inclusive(['@', '^']) {
            if let Some(before) = part.strip_suffix('@') {
                text.push_str(before);
                text.push_str(WORDS[self.below(WORDS.len())]);
            } else if let Some(before) = part.strip_suffix('^') {
                // Writing to a `String` cannot fail.
                let _ = write!(text, "{before}{}", self.below(90) + 10);
            } else {
                text.push_str(part);
            }
        }
    }
}

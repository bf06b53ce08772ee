//! A tree of files to measure the linter on: as large as asked, the same each time.
//!
//! ```text
//! linter-tree DIRECTORY [FILES [MIB]]      100000 files, 1024 MiB together, by default
//! ```
//!
//! The files are programs, settings and prose as repositories hold them, of formats that the
//! linter reads and of others. One in a hundred holds an endpoint description where its format
//! keeps one; ten in a hundred hold what only looks like one.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const FILES: usize = 100_000;
const MIB: usize = 1024;
/// As many as make directories of the size that people keep.
const FILES_A_DIRECTORY: usize = 40;
/// One file in so many holds a description.
const HOLDS: usize = 100;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(root) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: linter-tree DIRECTORY [FILES [MIB]]");
        return ExitCode::from(2);
    };
    let mut number = |default| {
        let text = arguments.next();
        text.and_then(|text| text.to_str()?.parse().ok()).unwrap_or(default)
    };
    let (files, mib): (usize, usize) = (number(FILES), number(MIB));
    match write_tree(&root, files.max(1), mib << 20) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("linter-tree: {}: {error}", root.display());
            ExitCode::FAILURE
        }
    }
}

fn write_tree(root: &Path, files: usize, bytes: usize) -> io::Result<()> {
    let mut random = Random(0x5eed);
    let mut text = String::new();
    let mut left = bytes;
    for index in 0..files {
        let directory = index / FILES_A_DIRECTORY;
        let directory = root.join(format!("p{:02}/m{:02}", directory / 50, directory % 50));
        if index % FILES_A_DIRECTORY == 0 {
            fs::create_dir_all(&directory)?;
        }
        let mean = left / (files - index);
        // From a tenth of the mean to almost twice as much.
        let size = if index + 1 == files { left } else { mean / 10 + random.below(mean * 9 / 5) };
        let kind = random.kind();
        text.clear();
        kind.fill(&mut text, size, index % HOLDS == HOLDS / 2, index % 10 == 3, &mut random);
        left = left.saturating_sub(text.len());
        fs::write(directory.join(format!("f{index:06}{}", kind.suffix)), &text)?;
    }
    Ok(())
}

/// One kind of file: how its lines look, with `@` for a word and `^` for a number.
struct Kind {
    suffix: &'static str,
    /// How many of a hundred files are of this kind.
    share: usize,
    head: &'static str,
    lines: &'static [&'static str],
    tail: &'static str,
    /// A description where the format keeps one.
    description: &'static str,
    /// What looks like one.
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
        look_alike: "  const @ = { tcp: @, fd: ^ };\n",
    },
    Kind {
        suffix: ".md",
        share: 10,
        head: "# @ @\n",
        lines: &["@ @ @ @ @ @ the @ of @ @ @ and @\n", "- @ @: `@.@` @ @\n", "\n## @ @\n\n"],
        tail: "",
        description: "Listens on `tcp:80^:interface=127.0.0.1`.\n",
        look_alike: "Connects to `tcp://@:^`.\n",
    },
    Kind {
        suffix: ".json",
        share: 10,
        head: "{\n",
        lines: &["  \"@\": { \"@\": \"@ @\", \"@\": ^ },\n", "  \"@\": [\"@\", \"@\", ^, true],\n"],
        tail: "  \"@\": null\n}\n",
        description: "  \"listen\": \"tcp:80^:interface=127.0.0.1\",\n",
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
        look_alike: "@_@^^:\n  protocols:\n    tcp: \"^\"\n",
    },
    Kind {
        suffix: ".cfg",
        share: 4,
        head: "[@]\n",
        lines: &["@_@^^ = @ @ @\n", "# @ @ @\n", "\n[@_@^^]\n", "@_@^^ = ^\n"],
        tail: "",
        description: "[ssh]\nlisten_endpoints = tcp:80^:interface=127.0.0.1\n",
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
        look_alike: "socat TCP:@:^ @\n",
    },
    Kind {
        suffix: ".toml",
        share: 4,
        head: "",
        lines: &["@_@^^ = \"@ @\"\n", "# @ @ @\n", "\n[@_@^^]\n", "@_@^^ = [^, ^]\n"],
        tail: "",
        description: "[server^]\nlisten = \"tcp:80^:interface=127.0.0.1\"\n",
        look_alike: "@_@^^ = \"tcp://@:^\"\n",
    },
    Kind {
        suffix: ".c",
        share: 4,
        head: "#include <@.h>\n",
        lines: &["\t@->@ = @(@, ^);\n", "\tif (@ < ^)\n\t\treturn -@;\n", "/* @ @ @ */\n"],
        tail: "",
        description: "/* tcp:80^:interface=127.0.0.1 */\n",
        look_alike: "\tcase @: /* tcp: @ */\n",
    },
];

impl Kind {
    fn fill(
        &self,
        text: &mut String,
        size: usize,
        holds: bool,
        looks_like: bool,
        random: &mut Random,
    ) {
        random.write(text, self.head);
        let mut extra: Vec<&str> = Vec::new();
        if holds {
            extra.push(self.description);
        }
        if looks_like {
            extra.push(self.look_alike);
        }
        let place = random.below(size.max(1));
        while text.len() + self.tail.len() < size {
            if text.len() >= place {
                extra.drain(..).for_each(|line| random.write(text, line));
            }
            let line = self.lines[random.below(self.lines.len())];
            random.write(text, line);
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

/// `SplitMix64`: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which is not 0 unless nothing is asked for.
    fn below(&mut self, limit: usize) -> usize {
        let wide = u128::from(self.next()) * limit as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    fn kind(&mut self) -> &'static Kind {
        let mut at = self.below(KINDS.iter().map(|kind| kind.share).sum());
        KINDS
            .iter()
            .find(|kind| {
                let found = at < kind.share;
                at = at.saturating_sub(kind.share);
                found
            })
            .unwrap_or(&KINDS[0])
    }

    fn write(&mut self, text: &mut String, line: &str) {
        for part in line.split_inclusive(['@', '^']) {
            if let Some(before) = part.strip_suffix('@') {
                text.push_str(before);
                text.push_str(WORDS[self.below(WORDS.len())]);
            } else if let Some(before) = part.strip_suffix('^') {
                // Writing into memory does not fail.
                let _ = write!(text, "{before}{}", self.below(90) + 10);
            } else {
                text.push_str(part);
            }
        }
    }
}

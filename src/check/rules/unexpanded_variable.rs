//! `unexpanded-variable`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "unexpanded-variable",
    severity: Severity::Error,
    summary: "a variable where no shell expands it",
    doc: r#"
A variable such as `$PORT` on a command line that is not for a shell.

The program gets the text `$PORT`, which is not a port. The exec form of Docker expands no
variables, systemd expands `${PORT}` inside a word, supervisord `%(ENV_PORT)s`, and Kubernetes
`$(PORT)`.

    [Service]
    ExecStart=/usr/bin/daphne -e tcp:$PORT site.asgi:application

Use the syntax of the program that reads the file:

    [Service]
    ExecStart=/usr/bin/daphne -e tcp:${PORT} site.asgi:application

Reference: systemd.service(5), "Command lines"; Dockerfile reference, "Shell and exec form".
"#,
};

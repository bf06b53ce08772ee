//! `unexpanded-variable`

use super::page::Page;
use strports_syntax::Severity;

pub(super) const PAGE: Page = Page {
    slug: "unexpanded-variable",
    severity: Severity::Error,
    summary: "a variable where no shell expands it",
    doc: r#"
A variable such as `$PORT` on a command line that no shell reads.

The program gets the text `$PORT`, which is no port. The exec form of Docker expands nothing,
systemd expands `${PORT}` inside a word, supervisord `%(ENV_PORT)s`, and Kubernetes `$(PORT)`.

    [Service]
    ExecStart=/usr/bin/daphne -e tcp:$PORT site.asgi:application

Write it as the program that reads the file expands it:

    [Service]
    ExecStart=/usr/bin/daphne -e tcp:${PORT} site.asgi:application

Reference: systemd.service(5), "Command lines"; Dockerfile reference, "Shell and exec form".
"#,
};

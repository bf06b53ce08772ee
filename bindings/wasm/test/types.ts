// A program that is only compiled, to test the type declarations.

import * as strports from "strports";
import type { Anatomy, Conversion, Diagnostic, Report, Span } from "strports";

const report: Report = strports.explain("tcp:80", { role: "server", twisted: ">=22.4" });
const findings: Diagnostic[] = strports.check(report.description);
const span: Span | undefined = findings[0]?.fix?.span;
const anatomy: Anatomy = strports.anatomy("tcp:80", { role: undefined });
const names: string[] = anatomy.lines.flatMap((line) => line.parts.map((part) => part.name));
const conversion: Conversion = strports.convert("bind :80", { from: "haproxy", to: "socat" });
const canonical: string | null = strports.fmt("tcp:80");
const port = report.endpoint?.port;
const inner = typeof port === "object" && port && !Array.isArray(port) ? port.type : undefined;

// @ts-expect-error There is no such role.
strports.explain("tcp:80", { role: "both" });
// @ts-expect-error A description is a string.
strports.explain(80);

export { canonical, conversion, inner, names, span };

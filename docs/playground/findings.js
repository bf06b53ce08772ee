// Errors and lints, each with its place and its fix.
"use strict";

/** The number of characters that are shown on either side of a finding. */
const MARGIN = 24;

/** One finding; `apply` applies its fix, and `select` selects its place in the text. */
function findingOf(text, finding, apply, select) {
  const { severity, code, message, span, help, fix } = finding;
  const advice = help ?? (fix ? adviceOf(fix) : null);
  const certainty = fix && !fix.safe ? "Apply the guess" : "Apply";
  return element(
    "li",
    { class: `finding ${severity}` },
    element(
      "p",
      { class: "message" },
      element("b", { class: "severity" }, severity),
      " ",
      ...prose(message),
    ),
    element("p", { class: "excerpt" }, element("code", {}, ...excerptOf(text, span, fix))),
    advice !== null && element("p", { class: "muted" }, ...prose(advice)),
    element(
      "p",
      { class: "actions" },
      fix &&
        element(
          "button",
          { type: "button", click: () => apply(fix), "aria-label": `${certainty}: ${message}` },
          certainty,
        ),
      element(
        "button",
        { type: "button", click: () => select(span), "aria-label": `Show the place of: ${message}` },
        "Show",
      ),
      element("code", { class: "code" }, code),
    ),
  );
}

function adviceOf({ span, replacement, safe }) {
  const how = safe ? "" : "perhaps ";
  if (replacement === "") {
    return `${how}remove it`;
  }
  return `${how}${span[0] === span[1] ? "insert" : "write"} \`${replacement}\``;
}

/** The place of a finding with its surroundings, and the fix in it. */
function excerptOf(text, span, fix) {
  const [start, end] = fix ? fix.span : span;
  const before = [...text.slice(0, start)].slice(-MARGIN).join("");
  const after = [...text.slice(end)].slice(0, MARGIN).join("");
  const found = visible(shortened(text.slice(start, end)));
  const here = fix
    ? [
        found.length > 0 && element("del", {}, ...found),
        fix.replacement !== "" && element("ins", {}, ...visible(fix.replacement)),
      ]
    : [element("mark", {}, ...(found.length > 0 ? found : ["\u2038"]))];
  return [
    before.length < start ? "…" : "",
    ...visible(before),
    ...here.filter(Boolean),
    ...visible(after),
    end + after.length < text.length ? "…" : "",
  ];
}

/** The number of findings of each severity, in words. */
function countOf(findings) {
  const count = (severity) => findings.filter((it) => it.severity === severity).length;
  const words = [
    [count("error"), "error", "errors"],
    [count("warning"), "warning", "warnings"],
    [count("info"), "note", "notes"],
  ];
  return words
    .filter(([number]) => number > 0)
    .map(([number, one, several]) => `${number} ${number === 1 ? one : several}`)
    .join(", ");
}

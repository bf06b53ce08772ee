// The conversion of a text to the form of another program.
"use strict";

/** A conversion; `use` takes a result as the description. */
function conversionOf(conversion, use) {
  const results = conversion.results.map(({ text, role }) =>
    copyable(
      text,
      `Copy the result${role ? ` for a ${role}` : ""}`,
      conversion.to === "strports" && conversion.from !== "strports"
        ? element("button", { type: "button", click: () => use(text) }, "Use it")
        : undefined,
    ),
  );
  const from = conversion.from === null ? "an unknown form" : conversion.from;
  return [
    results.length > 0 && element("p", { class: "muted" }, `from ${from}:`),
    ...results,
    lostOf(conversion.losses, "is lost"),
    lostOf(conversion.failures, "cannot be converted"),
  ].filter(Boolean);
}

function lostOf(parts, what) {
  if (parts.length === 0) {
    return undefined;
  }
  const items = parts.map(({ text, message, line }) =>
    element(
      "li",
      {},
      line === null ? "" : `line ${line}: `,
      element("code", {}, ...visible(shortened(text))),
      ` ${what}: `,
      ...prose(message),
    ),
  );
  return element("ul", { class: "lost" }, ...items);
}

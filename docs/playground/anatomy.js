// The parts of a description with their meanings.
"use strict";

/** Neighboring parts have different colors. */
const COLORS = 5;

/** One description with its parts, at this depth of nesting. */
function lineOf(line, depth) {
  const rows = line.parts.map((part, index) => rowOf(line, part, index));
  const more = element("p", { class: "muted" }, `and ${line.more} more arguments`);
  return element(
    "div",
    { class: "line" },
    depth > 0 && element("h3", {}, "inside it"),
    element("p", { class: "whole" }, element("code", {}, ...painted(line))),
    element("div", { class: "scroll" }, element("table", {}, headOf(), element("tbody", {}, ...rows))),
    line.more > 0 && more,
    ...line.absent.map(absentOf),
  );
}

function headOf() {
  const titles = ["part", "text", "what it is"];
  const cells = titles.map((title) => element("th", { scope: "col" }, title));
  return element("thead", { class: "skip" }, element("tr", {}, ...cells));
}

function rowOf(line, part, index) {
  const text = line.text.slice(...part.span);
  const meaning = part.meaning === null ? [] : [" here ", element("code", {}, ...visible(part.meaning))];
  return element(
    "tr",
    { class: `part-${index % COLORS}` },
    element("th", { scope: "row" }, part.name),
    element("td", {}, element("code", {}, ...(text === "" ? ["—"] : visible(shortened(text))))),
    element("td", {}, ...prose(part.summary), meaning.length > 0 ? "," : undefined, ...meaning),
  );
}

/** The text of a line, each part in its color. */
function painted(line) {
  const pieces = [];
  let done = 0;
  line.parts.forEach((part, index) => {
    const start = Math.max(done, part.span[0]);
    pieces.push(...visible(line.text.slice(done, start)));
    const text = line.text.slice(start, part.span[1]);
    if (text !== "") {
      pieces.push(element("span", { class: `part part-${index % COLORS}` }, ...visible(text)));
    }
    done = Math.max(done, part.span[1]);
  });
  pieces.push(...visible(line.text.slice(done)), line.cut ? "…" : "");
  return pieces;
}

function absentOf({ type, parameters }) {
  const rows = parameters.map((it) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, it.name),
      element("td", {}, element("code", {}, it.default)),
      element("td", {}, ...prose(it.summary)),
    ),
  );
  return element(
    "details",
    {},
    element("summary", {}, "Not given to ", element("code", {}, type), ` (${rows.length})`),
    element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...rows))),
  );
}

/** A long text without its middle. */
function shortened(text) {
  const most = 60;
  const characters = [...text];
  if (characters.length <= most) {
    return text;
  }
  const half = most / 2;
  return `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
}

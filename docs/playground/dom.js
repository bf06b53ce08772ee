// Builds elements from data. Texts of the user become text nodes, never markup.
"use strict";

/** The element with this id. */
const byId = (id) => document.getElementById(id);

/** An element with attributes and children, except those that are `false`, `null` or `undefined`. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name, value);
    } else if (value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.flat().filter((child) => (child ?? false) !== false));
  return made;
}

/** Invisible characters, and those that change the direction of text. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** A text of the user, with escapes for invisible characters. */
function visible(text) {
  const pieces = text.split(new RegExp(`(${UNSEEN.source})`, "u"));
  return pieces
    .filter((piece) => piece !== "")
    .map((piece) => (UNSEEN.test(piece) ? element("i", { class: "unseen" }, escaped(piece)) : piece));
}

function escaped(character) {
  const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return known[character] ?? `\\u{${character.codePointAt(0).toString(16)}}`;
}

/** A message with code elements in place of back-quotes. */
function prose(message) {
  const pieces = message.split("`");
  // An unpaired back-quote belongs to the text of the user.
  if (pieces.length % 2 === 0) {
    return visible(message);
  }
  return pieces.flatMap((piece, index) =>
    index % 2 === 0 ? visible(piece) : element("code", {}, ...visible(piece)),
  );
}

/** A text with a button that copies it. */
function copyable(text, label, ...more) {
  const said = element("span", { class: "said", role: "status" });
  const copy = async () => {
    said.textContent = (await copied(text)) ? "copied" : "select the text to copy it";
    setTimeout(() => (said.textContent = ""), 2000);
  };
  const button = element("button", { type: "button", click: copy, "aria-label": label }, "Copy");
  const output = element("pre", { class: "output", tabindex: "0" }, ...visibleLines(text));
  return element("div", { class: "copyable" }, output, element("div", {}, button, ...more, said));
}

/** As `visible`, but with line breaks. */
function visibleLines(text) {
  return text.split("\n").flatMap((line, index) => [...(index > 0 ? ["\n"] : []), ...visible(line)]);
}

/** Copies a text, and returns whether that worked. Pages from files may lack the clipboard API. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", { class: "skip", "aria-hidden": "true" });
    field.value = text;
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}

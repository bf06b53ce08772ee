// Completions below the text, chosen by the arrow keys or the pointer.
"use strict";

/** More candidates would hide the results. */
const MOST_CANDIDATES = 8;

/**
 * Offers completions for `field` in `list`. `complete` returns the candidates for the text before
 * the caret, and `accept` inserts one.
 */
function offerCompletions(field, list, complete, accept) {
  let candidates = [];
  let active = -1;

  function close() {
    candidates = [];
    active = -1;
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function open() {
    const atEnd = field.selectionStart === field.value.length;
    candidates = atEnd ? complete(field.value).slice(0, MOST_CANDIDATES) : [];
    if (candidates.length === 0) {
      close();
      return;
    }
    active = -1;
    list.replaceChildren(...candidates.map(option));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.removeAttribute("aria-activedescendant");
  }

  function option(candidate, index) {
    // The field keeps the focus.
    const keep = (event) => event.preventDefault();
    return element(
      "li",
      {
        role: "option",
        id: `candidate-${index}`,
        "aria-selected": "false",
        mousedown: keep,
        click: () => choose(index),
      },
      element("code", {}, ...visible(candidate.text)),
      element("span", {}, candidate.summary),
    );
  }

  function choose(index) {
    const candidate = candidates[index];
    close();
    accept(candidate);
  }

  function move(step) {
    const count = candidates.length;
    active = active < 0 && step < 0 ? count - 1 : (active + step + count) % count;
    [...list.children].forEach((child, index) => {
      child.setAttribute("aria-selected", String(index === active));
    });
    field.setAttribute("aria-activedescendant", `candidate-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  }

  field.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
    if (!isPlain) {
      return;
    }
    if (event.key === "ArrowDown" || (event.key === "ArrowUp" && isOpen)) {
      if (!isOpen) {
        open();
      }
      if (candidates.length > 0) {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : -1);
      }
    } else if (isOpen && event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (isOpen && active >= 0 && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      choose(active);
    }
  });
  field.addEventListener("blur", close);
  return { open, close };
}

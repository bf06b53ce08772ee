// A link that holds the text: `#text=tcp:80&role=server&twisted=22.4&to=socat`.
"use strict";

const KEYS = ["text", "role", "twisted", "from", "to"];

/** The values in the fragment of the page's address; a missing key is undefined. */
function fromLink() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(KEYS.map((key) => [key, parameters.get(key) ?? undefined]));
}

/** Writes the values to the page's address, without an entry in the history. */
function toLink(state) {
  const parameters = new URLSearchParams();
  for (const key of KEYS) {
    if (state[key]) {
      parameters.set(key, state[key]);
    }
  }
  // These characters need no escape in a fragment, and chat programs keep them in links.
  const readable = parameters.toString().replace(/%(3A|2F|2C)/g, decodeURIComponent);
  history.replaceState(null, "", readable ? `#${readable}` : location.pathname + location.search);
}

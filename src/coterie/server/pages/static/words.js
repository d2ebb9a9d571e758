// The texts that scripts say, as the page brought them.
const words = JSON.parse(document.getElementById("words").textContent);

/** A text of the pages, with its values. */
export function word(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Say something to who listens to the page and does not see it. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

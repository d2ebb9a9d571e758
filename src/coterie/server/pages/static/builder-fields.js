// Inputs; each says what it is to who does not see its place.
import { word } from "./words.js";

/** An element with attributes and children; texts stay texts. */
export function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A choice; `choices` are pairs of a value and its label, or of a label and such pairs. */
export function choice(label, choices, value, chosen) {
  const options = choices.map(([each, shown]) => Array.isArray(shown)
    ? made("optgroup", { label: each }, ...shown.map(option)) : option([each, shown]));
  const select = made("select", {
    "aria-label": label, onchange: () => chosen(select.value),
  }, ...options);
  select.value = value;
  return select;
}

const option = ([value, shown]) => made("option", { value }, shown);

/** A button that is no submit. */
export function button(label, pressed, attributes = {}) {
  return made("button", { type: "button", onclick: pressed, ...attributes }, label);
}

/** A number; `part` as of a length of time. */
export function amount(label, value, typed, part) {
  return input(label, value, typed, { inputmode: "decimal", class: "short", "data-part": part });
}

/** A field for a text. */
export function input(label, value, typed, attributes = {}) {
  const found = made("input", {
    "aria-label": label, autocomplete: "off", oninput: () => typed(found.value), ...attributes,
  });
  found.value = value;
  return found;
}

/** A length of time; `part` is where it stands in the condition, for a mistake to be told there. */
export function span(held, changed, part) {
  const units = ["days", "hours", "minutes"].map((each) => [each, word(each)]);
  return [made("span", { class: "span" },
    input(word("length"), held.n, (value) => changed({ ...held, n: held.n = value }), {
      inputmode: "numeric", class: "short", "data-part": part,
    }),
    choice(word("unit"), units, held.unit, (unit) => changed({ ...held, unit: held.unit = unit })),
  )];
}

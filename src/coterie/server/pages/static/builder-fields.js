// Typed inputs of one comparison; each says what it is to who does not see its place.
import { asks, operators } from "./builder-tests.js";
import { word } from "./words.js";
import { zone } from "./zones.js";

let ids = 0;

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

/** A field for a text. */
export function input(label, value, typed, attributes = {}) {
  const found = made("input", {
    "aria-label": label, autocomplete: "off", oninput: () => typed(found.value), ...attributes,
  });
  found.value = value;
  return found;
}

/** A length of time. */
export function span(held, changed) {
  const units = ["days", "hours", "minutes"].map((each) => [each, word(each)]);
  return [
    input(word("length"), held.n, (value) => changed({ ...held, n: held.n = value }), {
      inputmode: "numeric", class: "short",
    }),
    choice(word("unit"), units, held.unit, (unit) => changed({ ...held, unit: held.unit = unit })),
  ];
}

/** The fields of a comparison: how, and with what. `item` is changed in place. */
export function comparison(item, known, context) {
  const held = made("span", { class: "comparison" });
  const { subject, options, values } = known;
  const ops = operators(item.type, subject === "property")
    .map((op) => [op, word(`op_${op}`, { zone: zone() })]);
  const fill = () => held.replaceChildren(
    choice(word("operator"), ops, item.op, (op) => {
      item.op = op;
      fill();
      held.querySelector("select").focus();
      context.changed();
    }),
    ...operands(item, options, values, context),
  );
  fill();
  return held;
}

function operands(item, options, values, { changed }) {
  const set = (key) => (value) => {
    item[key] = value;
    changed();
  };
  switch (asks(item.op)) {
    case "one": return options.length
      ? [choice(word("value"), options.map((each) => [each, each]), item.value, set("value"))]
      : typed(item, set("value"), values);
    case "two": return [
      input(word("low"), item.value, set("value"), { inputmode: "decimal", class: "short" }),
      made("span", {}, word("and")),
      input(word("high"), item.high, set("high"), { inputmode: "decimal", class: "short" }),
    ];
    case "several": return options.length ? boxes(item, options, changed) : [lines(item, changed)];
    case "length": return span(item.length, changed);
    case "date": return [input(word("value"), item.date, set("date"), { type: "date" })];
    default: return [];
  }
}

function typed(item, set, values) {
  if (!["text", "list"].includes(item.type)) {
    return [input(word("value"), item.value, set, { inputmode: "decimal", class: "short" })];
  }
  const list = made("datalist", { id: `known-${ids += 1}` });
  const field = input(word("value"), item.value, set, { list: list.id });
  field.addEventListener("focus", async () => {
    const found = await values();
    list.replaceChildren(...found.map((each) => made("option", { value: each.value })));
  }, { once: true });
  return [field, list];
}

function boxes(item, options, changed) {
  return options.map((each) => {
    const box = made("input", {
      type: "checkbox",
      onchange: () => {
        item.several = options.filter((one) => one === each ? box.checked : item.several.includes(one));
        changed();
      },
    });
    box.checked = item.several.includes(each);
    return made("label", { class: "box" }, box, ` ${each}`);
  });
}

function lines(item, changed) {
  const field = made("textarea", {
    "aria-label": word("values_by_line"), rows: "3",
    oninput: () => {
      item.several = field.value.split("\n").map((each) => each.trim()).filter(Boolean);
      changed();
    },
  });
  field.value = item.several.join("\n");
  return field;
}

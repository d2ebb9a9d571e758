// The fields of one comparison: how, and with what.
import { amount, button, choice, input, made, span } from "./builder-fields.js";
import { asks, operators, others } from "./builder-tests.js";
import { word } from "./words.js";
import { zone } from "./zones.js";

const SHIFTS = [["+", "+"], ["-", "−"], ["*", "×"], ["/", "÷"]];
let ids = 0;

/** The fields of a comparison. `item` is changed in place. */
export function comparison(item, known, context) {
  const held = made("span", { class: "comparison" });
  const fill = (place = null) => {
    held.replaceChildren(...fields(item, known, context, change));
    if (place !== null) held.querySelectorAll("select, input, button")[place]?.focus();
  };
  const change = (some, place) => {
    Object.assign(item, some);
    fill(place);
    context.changed();
  };
  fill();
  return held;
}

function fields(item, known, context, change) {
  const property = known.subject === "property";
  const traits = (op) => property ? [] : traitsFor({ ...item, op }, context);
  const ops = operators(item.type, property)
    .filter((op) => op === item.op || asks(op, item.type) !== "trait" || traits(op).length)
    .map((op) => [op, word(op in SAME ? SAME[op](item) : `op_${op}`, { zone: zone() })]);
  const how = choice(word("operator"), ops, item.op, (op) => {
    const may = traits(op);
    const must = asks(op, item.type) === "trait";
    const kept = may.includes(item.other?.name) ? item.other : must ? begunOther(may) : null;
    change({ op, other: kept }, 0);
  });
  return item.other
    ? [how, ...otherFields(item, traits(item.op), context, change)]
    : [how, ...operands(item, known, context), ...withTrait(traits(item.op), change)];
}

/** Booleans are the same or not, and not a value. */
const SAME = {
  is: ({ type }) => type === "boolean" ? "op_same" : "op_is",
  is_not: ({ type }) => type === "boolean" ? "op_different" : "op_is_not",
};

// --- with another trait ------------------------------------------------------------------------

function traitsFor(item, { vocabulary }) {
  const types = others(item);
  return vocabulary.traits.filter((each) => types.includes(each.type)).map((each) => each.name)
    .filter((name) => name !== item.name || item.calculation || name === item.other?.name);
}

const begunOther = ([name]) => ({ name, op: "", by: "1", turned: false });

function withTrait(traits, change) {
  if (!traits.length) return [];
  return [button(word("compare_trait"), () => change({ other: begunOther(traits) }, 1), { class: "quiet" })];
}

function otherFields(item, traits, context, change) {
  const { other } = item;
  const set = (some, place) => change({ other: { ...other, ...some } }, place);
  const must = asks(item.op, item.type) === "trait";
  const shifts = [["", word("as_it_is")], ...SHIFTS];
  return [
    choice(word("compared_with"), traits.map((name) => [name, name]), other.name, (name) => set({ name }, 1)),
    ...(must || item.type === "text" ? [] : [
      choice(word("shift"), shifts, other.op, (op) => set({ op, turned: false }, 2)),
      ...(other.op ? [amount(word("shifted_by"), other.by, (by) => {
        other.by = by;
        context.changed();
      }, "right.right.value right.left.value")] : []),
    ]),
    ...(must ? [] : [button("×", () => change({ other: null }, 0),
      { "aria-label": word("remove_compared"), class: "remove" })]),
  ];
}

// --- with a value ------------------------------------------------------------------------------

function operands(item, { options, values, at = "" }, { changed }) {
  const part = (...parts) => parts.map((each) => at + each).join(" ");
  const set = (key) => (value) => {
    item[key] = value;
    changed();
  };
  switch (asks(item.op, item.type)) {
    case "one": return options.length
      ? [choice(word("value"), options.map((each) => [each, each]), item.value, set("value"))]
      : typed(item, set("value"), values, part(item.op === "has" ? "value" : "right.value"));
    case "two": return [
      amount(word("low"), item.value, set("value"), part("low.value")),
      made("span", {}, word("and")),
      amount(word("high"), item.high, set("high"), part("high.value")),
    ];
    case "several": return options.length ? boxes(item, options, changed) : [lines(item, changed)];
    case "length": return span(item.length, changed, part("right.value", "right"));
    case "date": return [input(word("value"), item.date, set("date"), {
      type: "date", "data-part": part("right.value", "right"),
    })];
    default: return [];
  }
}

function typed(item, set, values, part) {
  if (!["text", "list"].includes(item.type)) return [amount(word("value"), item.value, set, part)];
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

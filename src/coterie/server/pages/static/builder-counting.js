// What is counted of an event: the measure with its fields, and the time that it is taken of.
import { comparison } from "./builder-comparing.js";
import { where } from "./builder-events.js";
import { amount, choice, input, made, span } from "./builder-fields.js";
import {
  compares, mayBegin, measures, optional, propertiesFor, takes, typeOfMeasure,
} from "./builder-measures.js";
import { begun, NUMBERS, operators } from "./builder-tests.js";
import { word } from "./words.js";
import { zone } from "./zones.js";

const SHOWN = ["first", "last", "top"];

/** What becomes of an item by another measure or property. */
export function measuredBy(item, event, measure, property) {
  const [first] = propertiesFor(event, measure);
  const name = property ?? (takes(measure) && !optional(measure) ? first?.name ?? "" : "");
  const type = typeOfMeasure(event, measure, name) ?? "integer";
  const found = { measure, property: name, since: mayBegin(measure) ? item.since : null };
  const numbers = [type, item.type].every((each) => NUMBERS.includes(each));
  if (numbers && operators(type).includes(item.op)) return { ...found, type };
  return { ...found, ...begun(type, optionsOf(event, measure, name)) };
}

const optionsOf = (event, measure, name) => SHOWN.includes(measure)
  ? event.properties.find((each) => each.name === name)?.options ?? [] : [];

/** The fields of what is counted, and of the comparison with it. */
export function counting(item, event, change, context) {
  const { measure, property } = item;
  const choices = measures(event).map((each) => [each, word(`measure_${each}`)]);
  return [
    choice(word("measure"), choices, measure, (other) => change(measuredBy(item, event, other))),
    ...ofProperty(item, event, change),
    ...(measure === "values" ? limit(item, context) : []),
    ...(measure === "decayed" ? fading(item, change, context) : []),
    ...(compares(measure) ? [comparison(item, {
      subject: "count", options: optionsOf(event, measure, property),
      values: () => context.values({ event: event.name, property }),
    }, context)] : []),
  ];
}

function ofProperty(item, event, change) {
  if (!takes(item.measure)) return [];
  const none = optional(item.measure) ? [["", word("each_once")]] : [];
  const properties = propertiesFor(event, item.measure).map(({ name }) => [name, name]);
  return [choice(word("property"), [...none, ...properties], item.property,
    (name) => change(measuredBy(item, event, item.measure, name)))];
}

function limit(item, context) {
  return [
    made("span", {}, word("at_most")),
    input(word("limit"), item.limit, (typed) => {
      item.limit = typed;
      context.changed();
    }, { inputmode: "numeric", class: "short", "data-part": "limit" }),
  ];
}

function fading(item, change, context) {
  const { fading: held } = item;
  const ways = ["half_life", "rate"].map((each) => [each, word(each)]);
  const how = choice(word("fading"), ways, held.by, (by) => change({ fading: { ...held, by } }));
  if (held.by === "half_life") return [how, ...span(held.length, context.changed, "half_life")];
  return [
    how,
    amount(word("rate_of"), held.rate, (rate) => {
      held.rate = rate;
      context.changed();
    }, "rate"),
    made("span", {}, word("a_day")),
  ];
}

// --- when --------------------------------------------------------------------------------------

/** The time that events count in: ever, the last days, or since an instant. */
export function when(item, change, context) {
  const instants = context.vocabulary.traits.filter((each) => each.type === "instant");
  const since = ["date", "last_at", "first_at", ...(instants.length ? ["trait"] : [])];
  const choices = ["ever", "in_last", ...(mayBegin(item.measure) ? since : [])]
    .map((each) => [each, word(`when_${each}`, { zone: zone() })]);
  const begin = {
    ever: () => ({ window: null, since: null }),
    in_last: () => ({ window: { n: "30", unit: "days" }, since: null }),
  };
  const chosen = item.window ? "in_last" : item.since?.from ?? "ever";
  return [
    choice(word("window"), choices, chosen, (other) =>
      change(begin[other]?.() ?? { window: null, since: begunAt(other, item, instants, context) })),
    ...(item.window ? span(item.window, context.changed, "within") : []),
    ...(item.since ? beginning(item, instants, change, context) : []),
  ];
}

function begunAt(from, item, instants, { vocabulary: { events } }) {
  if (from === "date") return { from, date: new Date().toISOString().slice(0, 10) };
  if (from === "trait") return { from, name: instants[0].name };
  const other = events.find((each) => each.name !== item.event) ?? events[0];
  return item.since?.event ? { ...item.since, from } : { from, event: other.name, where: [] };
}

function beginning({ since }, instants, change, context) {
  const set = (some) => change({ since: { ...since, ...some } });
  if (since.from === "date") {
    return [input(word("since_date"), since.date, (date) => {
      since.date = date;
      context.changed();
    }, { type: "date", "data-part": "since.value since" })];
  }
  if (since.from === "trait") {
    return [choice(word("since_trait"), instants.map(({ name }) => [name, name]), since.name,
      (name) => set({ name }))];
  }
  const { events } = context.vocabulary;
  const event = events.find((each) => each.name === since.event);
  return [made("span", { class: "where" },
    choice(word("since_event"), events.map(({ name }) => [name, name]), since.event,
      (name) => set({ event: name, where: [] })),
    ...where(since, event, set, context))];
}

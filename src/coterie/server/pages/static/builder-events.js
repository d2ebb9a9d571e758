// Conditions on the properties of an event, and the event that stands beside it.
import { comparison } from "./builder-comparing.js";
import { button, choice, made, span } from "./builder-fields.js";
import { LASTING, month, RELATIONS } from "./builder-selecting.js";
import { begun } from "./builder-tests.js";
import { word } from "./words.js";

const newWhere = ({ properties: [one] }) => fresh(one);

function fresh({ name, type, options }) {
  const found = { name, ...begun(type, options) };
  if (type === "instant") found.op = "since"; // a property of an event has no age
  return found;
}

/** The conditions on an event's properties, and a button for one more. */
export function where(item, event, change, context) {
  if (!event.properties?.length) return [];
  const more = () => change({ where: [...item.where, newWhere(event)] });
  return [
    ...item.where.map((test, i) => condition(item, test, i, event, change, context)),
    button(word("add_where"), more, { class: "quiet" }),
  ];
}

function condition(item, test, i, event, change, context) {
  const others = (one) => item.where.map((each, j) => j === i ? one : each);
  const property = event.properties.find((each) => each.name === test.name);
  return made("span", { class: "where" },
    made("span", {}, word("where")),
    choice(word("property"), event.properties.map((each) => [each.name, each.name]), test.name,
      (name) => change({ where: others(fresh(event.properties.find((each) => each.name === name))) })),
    comparison(test, {
      subject: "property", options: property.options ?? [],
      at: item.where.length > 1 ? `that.parts[${i}].` : "that.",
      values: () => context.values({ event: event.name, property: test.name }),
    }, context),
    button("×", () => change({ where: item.where.filter((each) => each !== test) }),
      { "aria-label": word("remove_where"), class: "remove" }));
}

/** How the event stands to another one: after it, not followed by it, either; or in sessions. */
export function besides(item, change, context) {
  const { events } = context.vocabulary;
  const { beside } = item;
  const relations = ["alone", ...RELATIONS].map((each) => [each, word(`beside_${each}`)]);
  const chosen = (relation) => change({
    beside: relation === "alone" ? null
      : { event: item.event, where: [], within: month(), ...beside, relation },
  });
  const relation = choice(word("beside"), relations, beside?.relation ?? "alone", chosen);
  if (!beside) return [relation];
  const lasts = LASTING.includes(beside.relation)
    ? [made("span", {}, word(`lasts_${beside.relation}`)), ...span(beside.within, context.changed, "of.within of.gap")] : [];
  if (beside.relation === "sessions") return [made("span", { class: "where" }, relation, ...lasts)];
  const event = events.find((each) => each.name === beside.event);
  const within = (some) => change({ beside: { ...beside, ...some } });
  return [made("span", { class: "where" }, relation,
    choice(word("other_event"), events.map((each) => [each.name, each.name]), beside.event,
      (name) => within({ event: name, where: [] })),
    ...lasts, ...where(beside, event, within, context))];
}

// What may be counted of events: each measure, the properties that it takes, and the type of its value.
import { NUMBERS } from "./builder-tests.js";

const EXACT = ["integer", "decimal", "text", "boolean", "instant"];
const ORDERED = [...NUMBERS, "instant"];
const own = ({ type }) => type;

/** `of` are types of properties; a measure without them takes none, `optional` ones may be left out. */
const MEASURES = {
  any: {},
  none: {},
  count: { type: () => "integer" },
  sum: { of: NUMBERS, type: own },
  mean: { of: NUMBERS, type: ({ type }) => type === "real" ? "real" : "decimal" },
  min: { of: ORDERED, type: own },
  max: { of: ORDERED, type: own },
  distinct: { of: EXACT, type: () => "integer" },
  first: { of: [...EXACT, "real"], type: own },
  last: { of: [...EXACT, "real"], type: own },
  top: { of: EXACT, type: own },
  values: { of: EXACT, type: listed },
  decayed: { of: NUMBERS, optional: true, type: () => "fading" },
  first_at: { type: () => "instant" },
  last_at: { type: () => "instant" },
};

function listed({ type }) {
  if (type === "text") return "list";
  return NUMBERS.includes(type) ? "numbers" : "things";
}

const SINCE = ["any", "none", "count", "sum"];

/** The measures that an event has properties for. */
export const measures = (event) => Object.keys(MEASURES).filter((each) =>
  !takes(each) || optional(each) || propertiesFor(event, each).length);

/** Whether a measure is of a property, and whether that may be left out. */
export const takes = (measure) => Boolean(MEASURES[measure]?.of);
export const optional = (measure) => Boolean(MEASURES[measure]?.optional);

/** Whether a measure has a value to compare; that it happened at all is none. */
export const compares = (measure) => Boolean(MEASURES[measure]?.type);

/** Whether a measure may be taken from an instant on. */
export const mayBegin = (measure) => SINCE.includes(measure);

/** The properties of an event that a measure may be of. */
export function propertiesFor(event, measure) {
  const { of = [] } = MEASURES[measure] ?? {};
  return event.properties.filter((each) => of.includes(each.type));
}

/** The type of a measure's value, by the property that it is of; null where it cannot be of it. */
export function typeOfMeasure(event, measure, name) {
  const property = propertiesFor(event, measure).find((each) => each.name === name);
  const without = !takes(measure) || (optional(measure) && !name);
  if (!compares(measure) || (!property && !without)) return null;
  return MEASURES[measure].type(property ?? {});
}

// Conditions on the steps of a funnel: each step's choice holds the event, or the event with them.
import { where } from "./builder-events.js";
import { made } from "./builder-fields.js";
import { filtered, selected } from "./builder-selecting.js";
import { word } from "./words.js";
import { inZone } from "./zones.js";

const known = new Map();

async function asked(address) {
  if (!known.has(address)) known.set(address, fetch(address).then((answer) => answer.json()));
  return known.get(address);
}

async function begin(steps) {
  const vocabulary = await asked("/v1/vocabulary");
  inZone(vocabulary.zone);
  for (const each of vocabulary.events) each.properties ??= [];
  for (const step of steps) conditions(step, vocabulary);
}

/** What a step's choice says; null for what has no fields, which stays as it is. */
function read(value, events) {
  const tree = value.startsWith("{") ? JSON.parse(value) : { node: "event", event: value };
  const found = selected(tree, events);
  return found && !found.beside ? found : null;
}

function conditions(step, { events }) {
  const fields = made("span", { class: "conditions" });
  step.after(fields);
  const context = {
    changed: write,
    values: async (of) => (await asked(`/v1/vocabulary/values?${new URLSearchParams(of)}`)).values ?? [],
  };
  let item = read(step.value, events);

  function fill() {
    const event = item && events.find((each) => each.name === item.event);
    fields.replaceChildren(...(event ? where(item, event, change, context) : []));
  }

  function change(some) {
    const place = [...fields.querySelectorAll("select, input")].indexOf(document.activeElement);
    Object.assign(item, some);
    fill();
    (fields.querySelectorAll("select, input")[Math.max(place, 0)] ?? step).focus();
    write();
  }

  /** Have the choice say what the fields say, and the form be sent. */
  function write() {
    step.querySelector("[data-own]")?.remove();
    if (item.where.length) {
      const label = word("with_conditions", { event: item.event, n: item.where.length });
      step.append(made("option", { value: JSON.stringify(filtered(item)), "data-own": "" }, label));
      step.lastChild.selected = true;
    } else step.value = item.event;
    step.form.dispatchEvent(new Event("input"));
  }

  step.addEventListener("change", () => {
    if (step.selectedOptions[0].hasAttribute("data-own")) return;
    step.querySelector("[data-own]")?.remove();
    item = read(step.value, events);
    fill();
  });
  fill();
}

begin(document.querySelectorAll("select[name=step]"));

// Groups of conditions, and conditions, as elements that change what they were made of.
import { calculating } from "./builder-calculating.js";
import { comparison } from "./builder-comparing.js";
import { counting, measuredBy, when } from "./builder-counting.js";
import { besides, where } from "./builder-events.js";
import { button, choice, made } from "./builder-fields.js";
import { begunLeaf } from "./builder-leaves.js";
import { begun, typeOf } from "./builder-tests.js";
import { group } from "./builder-tree.js";
import { word } from "./words.js";

const shown = new WeakMap();

/** The element that shows a group or condition. */
export const elementOf = (item) => shown.get(item);

/** A group with all that is in it; `remove` is null for the outermost. */
export function groupElement(item, context, remove = null) {
  const list = made("ul", { class: "items" });
  const element = made("fieldset", { class: "group" },
    made("legend", { class: "hidden" }, word("join")),
    made("p", { class: "joined" },
      choice(word("join"), ["all", "any", "none"].map((each) => [each, word(each)]), item.join,
        (join) => { item.join = join; context.changed(); }),
      ...(remove ? [button("×", remove, { "aria-label": word("remove_group"), class: "remove" })] : [])),
    list,
    made("p", { class: "empty-group soft" }, word("empty_group")),
    made("p", { class: "adding" }, ...adders(item, list, context)),
    mistake());
  for (const each of item.items) list.append(row(item, each, list, context));
  shown.set(item, element);
  return element;
}

function adders(item, list, context) {
  const add = (fresh) => () => {
    const each = fresh();
    item.items.push(each);
    const element = row(item, each, list, context);
    list.append(element);
    element.querySelector("select").focus();
    context.changed();
  };
  const { traits, events } = context.vocabulary;
  return [
    traits.length ? button(word("add_trait"), add(() => newTrait(traits[0]))) : "",
    events.length ? button(word("add_event"), add(() => newEvent(events[0]))) : "",
    button(word("add_group"), add(() => group("any"))),
  ];
}

const newTrait = (trait) => ({
  kind: "trait", name: trait.name, calculation: null, ...begun(typeOf(trait), trait.options),
});
const newEvent = (event) => ({
  kind: "event", event: event.name, measure: "any", where: [], beside: null, ...begunLeaf(),
  ...begun("integer"),
});

function row(parent, item, list, context) {
  const element = made("li", { class: "item" });
  const remove = () => {
    parent.items.splice(parent.items.indexOf(item), 1);
    element.remove();
    list.parentElement.querySelector(".adding button").focus();
    context.changed();
  };
  if (item.kind === "group") {
    element.append(groupElement(item, context, remove));
    return element;
  }
  const fields = made("div", { class: "fields" });
  const fill = () => fields.replaceChildren(...fieldsOf(item, context, fill));
  fill();
  element.append(
    fields, button("×", remove, { "aria-label": word("remove"), class: "remove" }), mistake(),
  );
  shown.set(item, element);
  return element;
}

function mistake() {
  return made("p", { class: "bad mistake", hidden: "" });
}

function fieldsOf(item, context, fill) {
  if (item.kind === "trait") return traitFields(item, context, fill);
  if (item.kind === "event") return eventFields(item, context, fill);
  return [
    made("span", { class: "written outside" }, word("written")),
    made("small", {}, word("written_hint")),
  ];
}

/** Change an item, show its fields anew, and leave the focus where it was. */
function again(item, change, context, fill) {
  const element = shown.get(item);
  const place = [...element.querySelectorAll("select, input")].indexOf(document.activeElement);
  Object.assign(item, change);
  fill();
  element.querySelectorAll("select, input")[Math.max(place, 0)]?.focus();
  context.changed();
}

// --- traits ------------------------------------------------------------------------------------

function traitFields(item, context, fill) {
  const { traits } = context.vocabulary;
  const trait = traits.find((each) => each.name === item.name);
  const kinds = { segments: ["segment"], stages: ["stages", "tiers"] };
  const of = (types) => traits.filter((each) => types(each.type)).map((each) => [each.name, each.name]);
  const special = Object.values(kinds).flat();
  const choices = [
    [word("traits"), of((type) => !special.includes(type) && type !== "duration")],
    [word("stages"), of((type) => kinds.stages.includes(type))],
    [word("segments"), of((type) => kinds.segments.includes(type))],
  ].filter(([, some]) => some.length);
  return [
    choice(word("trait"), choices, item.name, (name) => {
      const chosen = traits.find((each) => each.name === name);
      const same = typeOf(chosen) === item.type && !chosen.options?.length;
      const fresh = same ? {} : { calculation: null, ...begun(typeOf(chosen), chosen.options) };
      again(item, { name, ...fresh }, context, fill);
    }),
    ...calculating(item, trait, (some) => again(item, some, context, fill), context),
    comparison(item, {
      subject: "trait", options: trait.options ?? [],
      values: () => context.values({ trait: item.name }),
    }, context),
  ];
}

// --- events ------------------------------------------------------------------------------------

function eventFields(item, context, fill) {
  const { events } = context.vocabulary;
  const event = events.find((each) => each.name === item.event);
  const change = (some) => again(item, some, context, fill);
  return [
    choice(word("event"), events.map((each) => [each.name, each.name]), item.event,
      (name) => change({
        event: name, where: [], ...measuredBy(item, events.find((each) => each.name === name), "any"),
      })),
    ...counting(item, event, change, context),
    ...when(item, change, context),
    ...where(item, event, change, context),
    ...besides(item, change, context),
  ];
}

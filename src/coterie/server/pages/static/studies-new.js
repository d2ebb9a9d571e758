// Beginning a study: the form asks the API, and the page follows the study to its own.
import { busy } from "./busy.js";
import { say, word } from "./words.js";

const at = (id) => document.getElementById(id);

/** What the form says, as the API takes it. */
function asked(form) {
  const said = new FormData(form);
  const [least, most] = ["least", "most"].map((key) => whole(said.get(key)));
  if (least < 2 || most < least) throw { path: "k", what: word("no_k") };
  const all = form.querySelectorAll("[name=algorithms]").length;
  const algorithms = said.getAll("algorithms");
  if (!algorithms.length) throw { path: "algorithms", what: word("no_algorithm") };
  const floor = whole(said.get("floor"));
  if (floor < 1) throw { path: "floor", what: word("no_floor") };
  return {
    traits: said.getAll("traits"), segment: said.get("segment"), purpose: said.get("purpose"),
    k: Array.from({ length: most - least + 1 }, (_, i) => least + i),
    algorithms: algorithms.length === all ? [] : algorithms, floor,
  };
}

const whole = (said) => (/^\d{1,9}$/.test(said.trim()) ? Number(said) : 0);

async function begin(form) {
  for (const each of form.querySelectorAll(".mistake")) each.hidden = true;
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  busy(form, true);
  say(word("begins"));
  try {
    const answer = await fetch("/v1/studies/jobs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(asked(form)),
    });
    const said = await answer.json();
    if (answer.ok || said.code === "study_running") return location.reload(); // it says how far it is
    for (const each of said.mistakes ?? [{ path: "", what: said.detail }]) mark(form, each);
  } catch (error) {
    mark(form, "path" in error ? error : { path: "", what: word("unbegun") });
  }
  busy(form, false);
  form.querySelector("[aria-invalid]")?.focus();
}

function mark(form, { path, what, expected, hint }) {
  const place = at(`e-${path}`) ?? at("e-whole");
  const said = [what, expected && `→ ${expected}`, hint].filter(Boolean).join(". ");
  place.textContent = place.hidden ? said : `${place.textContent} ${said}`;
  place.hidden = false;
  const names = { k: ["least", "most"] }[path] ?? [path];
  for (const name of names.filter(Boolean)) {
    for (const each of form.querySelectorAll(`[name="${name}"]`)) each.setAttribute("aria-invalid", "true");
  }
  say(said);
}

function begins(part) {
  const form = part.querySelector("form#new");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(form);
  });
  at("f-narrow")?.addEventListener("input", ({ target }) => {
    for (const each of form.querySelectorAll(".picks .pick")) {
      each.hidden = !each.textContent.toLowerCase().includes(target.value.trim().toLowerCase());
    }
  });
}

document.addEventListener("finished", (event) => {
  const { study } = event.target.dataset ?? {};
  if (study) return location.replace(study); // it was followed here to its end
  begins(event.target);
});
begins(document);

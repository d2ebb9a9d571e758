// Adopting, rejecting and going on with a study: the form asks the API, and shows what it says.
import { busy } from "./busy.js";
import { say, word } from "./words.js";

async function decide(form, verb) {
  const said = new FormData(form);
  const what = { author: said.get("author"), note: said.get("note") };
  if (verb === "adoption") {
    what.how = said.get("how");
    what.names = said.getAll("names");
    what.candidate = said.get("candidate");
  }
  const problem = form.querySelector(".problem");
  problem.hidden = true;
  busy(form, true);
  say(word("deciding"));
  try {
    const answer = await fetch(`/v1/studies/${form.dataset.study}/${verb}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(what),
    });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    location.hash = "decisions";
    location.reload(); // its parts may be worked out anew, and come by themselves
  } catch (error) {
    problem.textContent = word("undecided", { detail: error.message });
    problem.hidden = false;
  } finally {
    busy(form, false);
  }
}

async function goOn(form) {
  const problem = form.querySelector(".problem");
  problem.hidden = true;
  busy(form, true);
  say(word("going_on"));
  try {
    const answer = await fetch(`/v1/studies/${form.dataset.resumed}/resumption`, { method: "POST" });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    location.reload(); // it says how far it is
  } catch (error) {
    problem.textContent = word("unresumed", { detail: error.message });
    problem.hidden = false;
    busy(form, false);
  }
}

/** Have the forms of a part of the page decide. */
function decides(part) {
  const form = part.querySelector("form[data-study]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(form, event.submitter?.value ?? "adoption");
  });
  const stopped = part.querySelector("form[data-resumed]");
  stopped?.addEventListener("submit", (event) => {
    event.preventDefault();
    goOn(stopped);
  });
}

document.addEventListener("finished", (event) => decides(event.target));
decides(document);

// Adopting and rejecting a study: the form asks the API, and shows what it says.
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

function busy(form, is) {
  form.setAttribute("aria-busy", is);
  for (const each of form.querySelectorAll("button")) each.disabled = is;
}

/** Have the form of a part of the page decide. */
function decides(part) {
  const form = part.querySelector("form[data-study]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(form, event.submitter?.value ?? "adoption");
  });
}

document.addEventListener("finished", (event) => decides(event.target));
decides(document);

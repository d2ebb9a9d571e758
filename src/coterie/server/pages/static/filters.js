// Forms with `data-into` replace one element of the page by what the server answers.
import { finish } from "./shell.js";
import { say, word } from "./words.js";

const asked = new Map();
const PAUSE = 150;

/** Whether an address is being loaded for the element `into` of the page. */
export const loading = (into) => asked.has(into);

/** Load an address, and put the element `into` of its page in the place of this page's. */
export async function load(address, into, { keep = true } = {}) {
  asked.get(into)?.abort();
  const asking = new AbortController();
  asked.set(into, asking);
  const old = document.querySelector(into);
  old.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: asking.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(into) ?? page.querySelector("main");
    document.querySelector(into).replaceWith(document.adoptNode(fresh));
    if (!fresh.matches(into)) return; // an error's page
    finish(fresh);
    if (keep) history.replaceState(null, "", address);
    say(word("updated"));
  } catch (error) {
    if (error.name === "AbortError") return;
    old.removeAttribute("aria-busy");
    say(word("failed"));
  } finally {
    if (asked.get(into) === asking) asked.delete(into);
  }
}

function address(form) {
  const said = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(said).toString();
  return form.action.split("?")[0] + (query && `?${query}`);
}

/** Have the forms of a part of the page filter while they are filled. */
export function filtered(part) {
  for (const form of part.querySelectorAll("form[data-into]")) {
    let later;
    const now = () => load(address(form), form.dataset.into);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      now();
    });
    form.addEventListener("input", () => {
      clearTimeout(later);
      later = setTimeout(now, PAUSE);
    });
  }
}

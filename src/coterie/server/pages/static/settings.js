// Settings that are changed: what is made is shown once, and what ends is asked for twice.
import { load } from "./filters.js";
import { say, word } from "./words.js";

const box = document.getElementById("made");
const secret = document.getElementById("secret");

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-post]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.sure && sure(form)) return;
  send(form);
});

/** Ask whether it is meant; the second time within the same visit of the button it is. */
function sure(form) {
  const button = form.querySelector("button");
  if (form.dataset.asked) return false;
  const before = button.textContent;
  form.dataset.asked = "true";
  button.textContent = word("sure");
  say(word("sure"));
  button.addEventListener("blur", () => {
    delete form.dataset.asked;
    button.textContent = before;
  }, { once: true });
  return true;
}

async function send(form) {
  const refusal = form.querySelector(".refusal");
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  if (refusal) refusal.textContent = "";
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.post, { method: "POST", headers, body });
    const said = await answer.json();
    if (answer.ok) await done(form, said);
    else refuse(form, refusal, said.detail);
  } catch {
    refuse(form, refusal, word("failed"));
  }
  form.removeAttribute("aria-busy");
}

function refuse(form, refusal, detail) {
  const said = word("refused", { detail });
  if (refusal) refusal.textContent = said;
  else say(said);
  form.querySelector("input:not([type=hidden])")?.setAttribute("aria-invalid", "true");
}

async function done(form, said) {
  const part = `#${form.closest("section").id}`;
  if (said.secret) show(said.secret);
  await load("/settings", part, { keep: false });
  say(word("done"));
}

function show(said) {
  secret.textContent = said;
  box.showModal();
}

box.addEventListener("close", () => { secret.textContent = ""; });
document.getElementById("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(secret.textContent);
  say(word("copied"));
});

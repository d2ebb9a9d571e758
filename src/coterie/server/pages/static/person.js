// One person: reasons in a box, what time alone will change, a way through time, and changes live.
import { load } from "./filters.js";
import { say, word } from "./words.js";
import { instant } from "./writing.js";

const AGAIN = 3000;
const field = document.getElementById("at");
const slider = document.getElementById("slider");
const back = document.getElementById("now");
const box = document.getElementById("box");
let following;

const person = () => document.getElementById("person");

// --- reasons ------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.why");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await load(link.href, "#why", { keep: false });
  box.showModal();
  document.getElementById("h-why")?.focus();
});

// --- what is to come ----------------------------------------------------------------------------

async function tell() {
  const part = person();
  const { profile, at } = part.dataset;
  const asked = at ? `?at=${encodeURIComponent(at)}` : "";
  const answer = await fetch(`/v1/people/${profile}/coming${asked}`);
  if (!answer.ok || !part.isConnected) return;
  for (const each of (await answer.json()).memberships) write(part, each);
}

function write(part, { name, since, until, since_exact, until_exact }) {
  const row = part.querySelector(`[data-name="${CSS.escape(name)}"]`);
  const cells = [
    [row?.querySelector(".since"), since, "always", since_exact ? "" : "earlier"],
    [row?.querySelector(".until"), until, "never", until_exact ? "" : "later"],
  ];
  for (const [cell, value, none, about] of cells) {
    if (!cell) continue;
    cell.removeAttribute("aria-busy");
    cell.classList.toggle("about", Boolean(value && about));
    const at = value && instant(value);
    cell.textContent = value ? (about ? word(about, { at }) : at) : row.matches("li") ? "" : word(none);
    if (value) cell.title = instant(value, "second");
  }
}

// --- time ---------------------------------------------------------------------------------------

function clock(minutes) {
  const style = { timeZone: slider.dataset.zone, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("sv-SE", style).format(new Date(minutes * 60_000)).replace(" ", "T");
}

function go(value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  back.disabled = !value;
}

slider.addEventListener("input", (event) => {
  event.stopPropagation();
  go(slider.value === slider.max ? "" : clock(Number(slider.value)));
});
back.addEventListener("click", () => {
  slider.value = slider.max;
  go("");
});

// --- changes ------------------------------------------------------------------------------------

function follow() {
  const { profile, live } = person().dataset;
  if (!live) {
    following?.close();
    following = undefined;
  } else if (!following) {
    following = new EventSource(`/v1/changes?profile=${profile}`);
    following.addEventListener("change", (event) => changed(JSON.parse(event.data)));
    following.onerror = () => {
      if (following?.readyState !== EventSource.CLOSED) return;
      following = undefined;
      setTimeout(follow, AGAIN);
    };
  }
}

async function changed({ segment, stage, change }) {
  await load(location.href, "#person", { keep: false });
  const name = stage ? `${segment}.${stage}` : segment;
  for (const row of document.querySelectorAll(`[data-name="${CSS.escape(segment)}"]`)) row.classList.add("fresh");
  say(word(change, { name }));
}

document.addEventListener("back", () => load(location.href, "#person", { keep: false }));
document.addEventListener("finished", (event) => {
  if (event.target.id !== "person") return;
  tell();
  follow();
});

tell();
follow();

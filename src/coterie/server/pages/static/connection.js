// Says when the server does not answer, and when it does again.
import { say, word } from "./words.js";

const PAUSE = 2000;
const PATIENCE = 4000;
const banner = document.getElementById("connection");
let away = false;

async function look() {
  let fine = false;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    fine = (await fetch("/health", { cache: "no-store", signal })).ok;
  } catch { /* nobody is there */ }
  if (fine === away) turn(!fine);
  setTimeout(look, PAUSE);
}

function turn(gone) {
  away = gone;
  banner.hidden = !gone;
  say(gone ? banner.textContent : word("back"));
  document.dispatchEvent(new CustomEvent(gone ? "away" : "back"));
}

/** Watch whether the server answers; `away` and `back` are told to the document. */
export function connected() {
  setTimeout(look, PAUSE);
}

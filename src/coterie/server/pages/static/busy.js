// A form that waits for an answer cannot be sent once more.

/** Say that a form waits, or no longer does. */
export function busy(form, is) {
  form.setAttribute("aria-busy", is);
  for (const each of form.querySelectorAll("button")) each.disabled = is;
}

/* What a script adds: a form token for cacheable pages, live character counts, focus on errors.
   Every page works without it. */
"use strict";

document.documentElement.classList.replace("no-js", "js");

document.addEventListener("DOMContentLoaded", () => {
  const first = document.querySelector("[data-focus-first]");
  if (first) first.focus();

  for (const area of document.querySelectorAll("[data-count]")) {
    const note = document.getElementById(area.dataset.count);
    const limit = Number(area.getAttribute("maxlength"));
    if (!note || !limit || note.dataset.left) continue; /* counted by answering.js */
    const show = () => { note.textContent = `${area.value.length.toLocaleString(document.documentElement.lang)} / ${limit.toLocaleString(document.documentElement.lang)}`; };
    area.addEventListener("input", show);
    show();
  }
});

/* A page that everyone shares holds no token; the form asks for one when it is first used, and a
   form that is sent before the answer came waits for it. */
const tokens = new WeakMap();

const tokenFor = (form) => {
  const field = form && form.querySelector("input[data-token]");
  if (!field || field.value) return null;
  if (!tokens.has(form)) {
    tokens.set(form, fetch("/session/token", { credentials: "same-origin" })
      .then((answer) => answer.json())
      .then((answer) => { field.value = answer.csrf_token; })
      .catch(() => { field.removeAttribute("data-token"); }));
  }
  return tokens.get(form);
};

document.addEventListener("focusin", (event) => { tokenFor(event.target.form); });

document.addEventListener("submit", (event) => {
  const waiting = tokenFor(event.target);
  if (!waiting) return;
  event.preventDefault();
  const { target, submitter } = event;
  waiting.then(() => target.requestSubmit(submitter));
});

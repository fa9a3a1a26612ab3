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
    if (!note || !limit) continue;
    const show = () => { note.textContent = `${area.value.length.toLocaleString(document.documentElement.lang)} / ${limit.toLocaleString(document.documentElement.lang)}`; };
    area.addEventListener("input", show);
    show();
  }
});

/* A page that everyone shares holds no token; the form asks for one when it is first used. */
document.addEventListener("focusin", async (event) => {
  const field = event.target.form && event.target.form.querySelector("input[data-token]");
  if (!field || field.dataset.token === "asked") return;
  field.dataset.token = "asked";
  try {
    const answer = await fetch("/session/token", { credentials: "same-origin" });
    field.value = (await answer.json()).csrf_token;
  } catch {
    field.dataset.token = "";
  }
});

/* The preview follows what is typed: the server works out which questions are asked. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("answers");
  if (form && window.htmx) form.addEventListener("change", () => { window.htmx.trigger(form, "wm:look"); });
});

/* What a script adds to the builder: condition lines only where they count, a spare line at a time,
   and a word before unsaved changes are left. The pages work without it. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-lines]")) {
    const modes = box.closest("fieldset").querySelectorAll("input[name=show_mode]");
    const lines = [...box.querySelectorAll("[data-line]")];
    const show = () => {
      const mode = [...modes].find((radio) => radio.checked)?.value;
      box.hidden = mode !== "all" && mode !== "any";
      let spare = 0;
      for (const line of lines) {
        const empty = !line.querySelector("select").value;
        line.hidden = empty && spare > 0;
        if (empty) spare += 1;
      }
    };
    box.closest("fieldset").addEventListener("change", show);
    show();
  }

  for (const form of document.querySelectorAll("form[data-guard]")) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }
});

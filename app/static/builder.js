/* What a script adds to the builder: condition lines only where they count, a spare line at a time,
   with the comparisons and values that fit the question chosen, and a word before unsaved changes
   are left. The pages work without it. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-lines]")) {
    const fieldset = box.closest("fieldset");
    const modes = fieldset.querySelectorAll("input[name=show_mode]");
    const lines = [...box.querySelectorAll("[data-line]")];
    const values = new Map();
    for (const list of fieldset.querySelectorAll("datalist[data-values]")) {
      values.set(list.dataset.values, list);
    }

    const choices = (line, name, kind) => {
      const old = line.querySelector("[data-value]");
      const list = values.get(kind === "boolean" ? "boolean" : name);
      const field = document.createElement(list ? "select" : "input");
      field.name = old.name;
      field.className = old.className;
      field.dataset.value = "";
      field.setAttribute("aria-label", old.getAttribute("aria-label"));
      if (list) {
        for (const option of list.options) field.append(new Option(option.textContent, option.value));
        if (kind !== "boolean") field.prepend(new Option("", "", true, true));
      } else if (kind === "date") {
        field.type = "date";
      }
      old.replaceWith(field);
    };
    const fit = (line) => {
      const chosen = line.querySelector("[data-name]").selectedOptions[0];
      const kind = chosen?.value ? chosen.dataset.kind || "none" : "";
      const comparison = line.querySelector("[data-comparison]");
      for (const option of comparison.options) {
        const fits = !kind || option.dataset.kinds.trim().split(" ").includes(kind);
        option.hidden = option.disabled = !fits;
      }
      if (comparison.selectedOptions[0]?.disabled) {
        comparison.value = [...comparison.options].find((option) => !option.disabled).value;
      }
      line.querySelector("[data-value]").hidden = /answered$/.test(comparison.value);
    };
    const show = () => {
      const mode = [...modes].find((radio) => radio.checked)?.value;
      box.hidden = mode !== "all" && mode !== "any";
      let spare = 0;
      for (const line of lines) {
        const empty = !line.querySelector("[data-name]").value;
        line.hidden = empty && spare > 0;
        if (empty) spare += 1;
        fit(line);
      }
      if (mode === "text") fieldset.querySelector("details").open = true;
    };
    fieldset.addEventListener("change", (event) => {
      if (event.target.matches("[data-name]")) {
        const chosen = event.target.selectedOptions[0];
        choices(event.target.closest("[data-line]"), chosen.value, chosen.dataset.kind);
      }
      show();
    });
    show();
  }

  for (const form of document.querySelectorAll("form[data-guard]")) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }
});

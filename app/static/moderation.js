/* The moderators' desk with the keyboard. Keys do something only while a statement's box has the
   focus, so they get in nobody's way. Everything can be done without. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const cards = document.querySelector("[data-cards]");
  if (!cards) return;
  const boxes = [...cards.querySelectorAll("input[name=code]")];
  const count = document.querySelector("[data-chosen]");

  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = ticked ? count.dataset.chosen.replace("{count}", ticked) : "";
  };
  cards.addEventListener("change", show);
  show();

  const move = (from, by) => {
    const next = boxes[boxes.indexOf(from) + by];
    if (next) next.focus();
  };

  cards.addEventListener("keydown", (event) => {
    const box = event.target;
    if (!boxes.includes(box) || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "j") move(box, 1);
    else if (key === "k") move(box, -1);
    else if (key === "a" || key === "r") {
      if (!boxes.some((other) => other.checked)) { box.checked = true; show(); }
      const target = document.querySelector(`[data-key=${key}]`);
      if (!target) return;
      if (target.matches("button")) target.click(); else target.focus();
    } else return;
    event.preventDefault();
  });
});

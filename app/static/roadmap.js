/* What a script adds to the pictures of a roadmap: the lines of the box one is at stand out, the
   picture can be dragged, + − 0 zoom while it has the focus. All of it works without. */
"use strict";

(() => {
  const trace = (canvas, code) => {
    canvas.querySelectorAll(".wm-link--traced, .wm-node--traced").forEach((each) => {
      each.classList.remove("wm-link--traced", "wm-node--traced");
    });
    canvas.classList.toggle("wm-traced", Boolean(code));
    if (!code) return;
    const near = new Set([code]);
    canvas.querySelectorAll(".wm-link").forEach((link) => {
      const { from, to } = link.dataset;
      if (from !== code && to !== code) return;
      link.classList.add("wm-link--traced");
      near.add(from).add(to);
    });
    canvas.querySelectorAll(".wm-node").forEach((node) => {
      if (near.has(node.dataset.code)) node.classList.add("wm-node--traced");
    });
  };

  const codeAt = (target) => {
    const node = target instanceof Element && target.closest("[data-code]");
    return node ? node.dataset.code : "";
  };

  const drag = (canvas) => {
    let from = null;
    canvas.classList.add("wm-canvas--grab");
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button || codeAt(event.target)) return;
      from = { x: event.clientX + canvas.scrollLeft, y: event.clientY + window.scrollY };
    });
    window.addEventListener("pointermove", (event) => {
      if (!from) return;
      canvas.classList.add("wm-canvas--held");
      canvas.scrollLeft = from.x - event.clientX;
    });
    window.addEventListener("pointerup", () => {
      from = null;
      canvas.classList.remove("wm-canvas--held");
    });
  };

  const begin = (canvas) => {
    if (canvas.dataset.begun) return;
    canvas.dataset.begun = "yes";
    canvas.addEventListener("mouseover", (event) => trace(canvas, codeAt(event.target)));
    canvas.addEventListener("mouseleave", () => trace(canvas, ""));
    canvas.addEventListener("focusin", (event) => trace(canvas, codeAt(event.target)));
    canvas.addEventListener("focusout", () => trace(canvas, ""));
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key === "=" ? "+" : event.key;
      const link = "+-0".includes(key) && document.querySelector(`[data-zoom="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
    });
    drag(canvas);
  };

  /* What a swap brings that has to be read first: what followed, or what is wrong. */
  const swapped = () => {
    all();
    const first = document.querySelector("#bench [data-focus-first]");
    if (first) first.focus();
  };
  const all = () => document.querySelectorAll("[data-canvas]").forEach(begin);
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:after:swap", swapped);
  all();
})();

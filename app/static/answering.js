/* What a script adds to answering: saving as one goes, keeping unsaved words on this device while
   the connection is down, sums and moves at once. Without it every button still works. */
"use strict";

(() => {
  const language = document.documentElement.lang || "en";
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const typedNumber = (text) => {
    const value = Number(String(text).trim().replace(/\s/g, "").replace(",", "."));
    return Number.isFinite(value) ? value : 0;
  };

  /* ---------- keeping on this device ---------- */

  const PREFIX = "waymark:answers:";
  const store = {
    read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
    forget(key) { try { localStorage.removeItem(key); } catch { /* nothing is kept then */ } },
    keys(start) {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(start)); } catch { return []; }
    },
  };
  const forgetAll = (slug) => { for (const key of store.keys(`${PREFIX}${slug}:`)) store.forget(key); };

  /* ---------- saving as one goes ---------- */

  const TYPING_PAUSE = 1500;
  const CHOICE_PAUSE = 350;
  const RETRY = 10000;

  /* Fields of the form itself: not the token, not what belongs to one button. */
  const ownFields = (form) => [...form.elements].filter(
    (field) => field.name && !["csrf_token", "asked", "read", "action", "disputed"].includes(field.name) && field.type !== "file" && field.type !== "submit",
  );

  const valuesOf = (form) => {
    const values = {};
    for (const field of ownFields(form)) {
      if ((field.type === "radio" || field.type === "checkbox")) {
        values[field.name] ??= [];
        if (field.checked) values[field.name].push(field.value);
      } else (values[field.name] ??= []).push(field.value);
    }
    return values;
  };

  const putBack = (form, values) => {
    for (const field of ownFields(form)) {
      const kept = values[field.name];
      if (!Array.isArray(kept)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = kept.includes(field.value);
      else if (typeof kept[0] === "string") [field.value] = kept;
    }
  };

  const savesAsOneGoes = (form) => {
    const box = form.querySelector("[data-save-state]");
    if (!box || !window.htmx) return;
    const text = box.querySelector("[data-save-text]");
    const said = box.querySelector("[data-save-said]");
    const forget = box.querySelector("[data-forget]");
    const { consultation, step } = form.dataset;
    let draft = form.dataset.draft;
    const key = () => `${PREFIX}${consultation}:${draft || "new"}:${step}`;
    let before = valuesOf(form);
    let timer = 0;
    let sending = false;
    let again = false;
    let leaving = false;
    let wasOffline = false;

    /* Spoken only when something needs to be known, not at every save. */
    const tell = (state, { speak = false, bad = false } = {}) => {
      const time = new Date().toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      box.hidden = false;
      box.classList.toggle("wm-save--bad", bad);
      text.textContent = fill(box.dataset[state] || "", { time });
      if (speak) said.textContent = text.textContent;
      forget.hidden = store.keys(`${PREFIX}${consultation}:`).length === 0;
    };

    /* Only what differs from what the server has is kept, and only until it has it. */
    const keep = () => {
      const now = valuesOf(form);
      const changed = {};
      for (const name of Object.keys(now)) {
        if (JSON.stringify(now[name]) !== JSON.stringify(before[name])) changed[name] = now[name];
      }
      return Object.keys(changed).length === 0 || store.write(key(), { read: form.elements.read.value, values: changed });
    };

    const schedule = (pause) => {
      clearTimeout(timer);
      timer = setTimeout(save, pause);
      if (!wasOffline) tell("unsaved");
      else tell(keep() ? "offline" : "full", { bad: true });
    };

    const save = async () => {
      clearTimeout(timer);
      if (leaving) return;
      if (sending) { again = true; return; }
      sending = true;
      await (tokenFor(form) || Promise.resolve());
      sentValues = valuesOf(form);
      if (!wasOffline) tell("saving");
      window.htmx.trigger(form, "wm:save");
    };
    let sentValues = before;

    const failed = (offline) => {
      sending = false;
      const kept = keep();
      tell(offline ? (kept ? "offline" : "full") : "refused", { speak: !wasOffline || !offline, bad: true });
      wasOffline = offline;
      if (offline) timer = setTimeout(save, RETRY);
    };

    const saved = (answer) => {
      sending = false;
      wasOffline = false;
      store.forget(key());
      const known = answer?.headers?.get?.("X-Waymark-Draft");
      if (known && known !== draft) { store.forget(key()); draft = known; form.dataset.draft = known; }
      before = sentValues;
      const faults = form.querySelectorAll("#questions .ecl-feedback-message").length > 0;
      tell(faults ? "partly" : "saved");
      enhance(form);
      findFocus();
      if (again) { again = false; schedule(CHOICE_PAUSE); }
    };

    /* A control that is gone after a save, such as the choice between two answers, leaves the focus
       to the question it was in. */
    let focusedIn = "";
    const findFocus = () => {
      const question = focusedIn && document.activeElement === document.body && document.getElementById(focusedIn);
      if (!question) return;
      question.setAttribute("tabindex", "-1");
      question.focus({ preventScroll: true });
    };

    form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      schedule(["radio", "checkbox", "select-one", "date"].includes(event.target.type) ? CHOICE_PAUSE : TYPING_PAUSE);
    });
    form.addEventListener("change", () => schedule(CHOICE_PAUSE));
    form.addEventListener("wm:changed", () => schedule(CHOICE_PAUSE));
    form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); if (wasOffline || !navigator.onLine) keep(); });

    let answered = null;
    form.addEventListener("htmx:after:request", (event) => {
      const response = event.detail?.ctx?.response;
      answered = response?.raw || response || null;
      const status = response?.status ?? response?.raw?.status ?? 0;
      if (status < 200 || status >= 300) failed(status === 0);
    });
    form.addEventListener("htmx:after:swap", () => saved(answered));
    document.addEventListener("htmx:after:swap", (event) => { if (sending && event.target !== form) saved(answered); });
    document.addEventListener("htmx:error", (event) => {
      const status = event.detail?.ctx?.response?.status ?? 0;
      if (sending) failed(!(status >= 400));
    });
    window.addEventListener("online", () => { if (wasOffline) save(); });
    window.addEventListener("offline", () => { wasOffline = true; tell(keep() ? "offline" : "full", { speak: true, bad: true }); });
    window.addEventListener("pagehide", () => { if (wasOffline && !leaving) keep(); });
    /* A link that is followed before the pause is over: saved on the way out. */
    window.addEventListener("pagehide", () => {
      if (leaving || sending || JSON.stringify(valuesOf(form)) === JSON.stringify(before)) return;
      const fields = new FormData(form);
      fields.set("action", "draft");
      /* Not form.action: that is the button of this name. What is too much for a beacon is kept. */
      const words = new URLSearchParams([...fields].filter(([, value]) => typeof value === "string"));
      let taken = false;
      try { taken = navigator.sendBeacon(form.getAttribute("action"), words); } catch { /* not known here */ }
      if (!taken) keep();
    });

    /* A page that says what went wrong does not take the place of the questions. */
    document.addEventListener("htmx:before:swap", (event) => {
      focusedIn = document.activeElement?.closest("#questions .wm-question")?.id || "";
      const status = event.detail?.ctx?.response?.status ?? event.detail?.ctx?.response?.raw?.status ?? 200;
      if (sending && (status < 200 || status >= 300)) event.preventDefault();
    });

    /* What was typed since the last save was sent comes before anything the server says; the rest
       takes over what the server has, such as the answer of somebody else that was chosen. htmx asks
       its extensions, not listeners, about each element. */
    const valueNow = (field) => JSON.stringify(valuesOf(form)[field.name]);
    const typedSince = (field) => valueNow(field) !== JSON.stringify(sentValues[field.name]);
    const ordered = (list) => [...list.querySelectorAll("select")].map((field) => `${field.name}=${field.value}`).sort().join(" ");
    const offered = (list) => [...list.querySelectorAll("select")].map((field) => `${field.name}/${field.options.length}`).sort().join(" ");

    window.htmx.registerExtension("waymark-answers", {
      htmx_before_morph_node: (_element, { oldNode, newNode }) => {
        if (!(oldNode instanceof Element) || !form.contains(oldNode)) return true;
        if (oldNode.matches(".wm-count, [data-ranking-status]")) return false;
        if (oldNode.matches("[data-ranking]")) {
          const typed = [...oldNode.querySelectorAll("select")].some(typedSince);
          return !(offered(oldNode) === offered(newNode) && (typed || ordered(oldNode) === ordered(newNode)));
        }
        if (!oldNode.matches("input, textarea, select") || !oldNode.name || oldNode.type === "hidden") return true;
        if (typedSince(oldNode)) return false;
        if (oldNode.type === "radio" || oldNode.type === "checkbox") oldNode.checked = newNode.checked;
        else if (oldNode instanceof HTMLSelectElement && oldNode.value !== newNode.value) queueMicrotask(() => { oldNode.value = newNode.value; });
        return true;
      },
      htmx_before_morph_attr: (element, { attrName, newValue }) => !(element instanceof HTMLDetailsElement && attrName === "open" && newValue === null),
    });

    forget.addEventListener("click", () => { forgetAll(consultation); tell("forgotten", { speak: true }); });

    const kept = store.read(key()) || (draft ? store.read(`${PREFIX}${consultation}:new:${step}`) : null);
    if (kept && typeof kept === "object" && kept.values) {
      putBack(form, kept.values);
      /* As it was read then: what somebody else changed since is not written over unseen. */
      if (typeof kept.read === "string") form.elements.read.value = kept.read;
      tell("restored", { speak: true });
      sending = false;
      timer = setTimeout(save, CHOICE_PAUSE);
    } else if (draft) forget.hidden = store.keys(`${PREFIX}${consultation}:`).length === 0;
  };

  /* ---------- sums ---------- */

  const showSum = (line, given) => {
    const total = Number(line.dataset.total);
    const left = total - given;
    const unit = line.dataset.unit ? ` ${line.dataset.unit}` : "";
    line.textContent = fill(left >= 0 ? line.dataset.within : line.dataset.over, {
      given: numbers.format(given), total: numbers.format(total) + unit, left: numbers.format(Math.abs(left)) + unit,
    });
    line.classList.toggle("wm-sum--over", left < 0);
  };

  const sums = (question) => {
    const line = question?.querySelector(".wm-sum");
    if (!line) return;
    let given = 0;
    for (const field of question.querySelectorAll("[data-points]")) given += typedNumber(field.value);
    for (const field of question.querySelectorAll("[data-cost]")) if (field.checked) given += Number(field.dataset.cost);
    line.setAttribute("role", "status");
    showSum(line, given);
  };

  /* An exclusive option unticks the others, and they it. */
  const exclusive = (field) => {
    if (field.type !== "checkbox" || !field.checked) return;
    const group = [...(field.form?.elements || [])].filter((other) => other.name === field.name && other !== field);
    for (const other of group) {
      if (field.hasAttribute("data-exclusive") || other.hasAttribute("data-exclusive")) other.checked = false;
    }
  };

  /* ---------- an order ---------- */

  const places = (list) => [...list.querySelectorAll("[data-option]")].map((item) => ({
    item, field: item.querySelector("select"), name: item.querySelector("label").textContent,
  }));

  const arrange = (list) => {
    const entries = places(list);
    const last = entries.length + 1;
    const sorted = [...entries].sort((a, b) => (Number(a.field.value) || last) - (Number(b.field.value) || last));
    const focused = document.activeElement;
    sorted.forEach(({ item }, position) => { if (list.children[position] !== item) list.insertBefore(item, list.children[position]); });
    if (focused && list.contains(focused)) focused.focus();
    const placed = sorted.filter(({ field }) => field.value).length;
    sorted.forEach(({ item, field }) => {
      const place = Number(field.value) || 0;
      item.classList.toggle("wm-ranking__item--placed", place > 0);
      const [up, down] = item.querySelectorAll(".wm-move");
      if (up) up.disabled = place === 1 || (!place && placed >= field.options.length - 1);
      if (down) down.disabled = place === 0;
    });
  };

  /* Puts an option at a place (0: none) and moves the others so that no place is empty or double. */
  const place = (list, item, wanted) => {
    const entries = places(list).filter((entry) => entry.field.value && entry.item !== item)
      .sort((a, b) => Number(a.field.value) - Number(b.field.value));
    const own = places(list).find((entry) => entry.item === item);
    const most = own.field.options.length - 1;
    if (wanted > 0) entries.splice(Math.min(wanted, entries.length + 1) - 1, 0, own);
    else own.field.value = "";
    entries.forEach(({ field }, position) => { field.value = position < most ? String(position + 1) : ""; });
    arrange(list);
    const status = list.parentElement.querySelector("[data-ranking-status]");
    const now = Number(own.field.value);
    status.textContent = fill(now ? list.dataset.moved : list.dataset.unplaced, {
      option: own.name, place: numbers.format(now), count: numbers.format(most),
    });
    list.dispatchEvent(new CustomEvent("wm:changed", { bubbles: true }));
  };

  const listening = new WeakSet();
  const ranking = (list) => {
    for (const { item, field, name } of places(list)) {
      if (item.querySelector(".wm-move")) continue;
      for (const [direction, sign, template] of [[-1, "↑", list.dataset.up], [1, "↓", list.dataset.down]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "wm-move";
        const shown = document.createElement("span");
        shown.setAttribute("aria-hidden", "true");
        shown.textContent = sign;
        button.append(shown);
        button.setAttribute("aria-label", fill(template, { option: name }));
        button.addEventListener("click", () => {
          const now = Number(field.value) || 0;
          const filled = places(list).filter((entry) => entry.field.value).length;
          if (direction < 0) place(list, item, now ? now - 1 : filled + 1);
          else place(list, item, now === filled ? 0 : now + 1);
          if (button.disabled) item.querySelector(".wm-move:not([disabled])")?.focus();
          else button.focus();
        });
        item.querySelector(".wm-ranking__place").append(button);
      }
    }
    if (!listening.has(list)) {
      listening.add(list);
      list.addEventListener("change", (event) => {
        const item = event.target.closest("[data-option]");
        if (item) place(list, item, Number(event.target.value) || 0);
      });
    }
    arrange(list);
  };

  /* ---------- a file ---------- */

  const checkSize = (form) => {
    const field = form.querySelector("input[type=file]");
    const note = form.querySelector("#file-error");
    const largest = Number(form.dataset.upload);
    const check = () => {
      const large = [...field.files].some((file) => file.size > largest);
      note.textContent = large ? form.dataset.tooLarge : "";
      note.hidden = !large;
      field.setAttribute("aria-invalid", String(large));
      return !large;
    };
    field.addEventListener("change", check);
    form.addEventListener("submit", (event) => { if (!check()) { event.preventDefault(); field.focus(); } });
  };

  /* ---------- putting it on a page, and on again after a part of it changed ---------- */

  const enhance = (root) => {
    for (const list of root.querySelectorAll("[data-ranking]")) ranking(list);
    for (const line of root.querySelectorAll(".wm-sum")) sums(line.closest(".wm-question"));
    for (const area of root.querySelectorAll("[data-count]")) countLive(area);
  };

  const counted = new WeakSet();
  const countLive = (area) => {
    if (counted.has(area)) return;
    counted.add(area);
    const note = document.getElementById(area.dataset.count);
    const limit = Number(area.getAttribute("maxlength"));
    if (!note || !limit) return;
    /* Read out rarely: when a pause comes and the end is near. */
    const spoken = document.createElement("span");
    spoken.className = "wm-hidden";
    spoken.setAttribute("role", "status");
    (area.form || note.parentElement).append(spoken);
    let timer = 0;
    const show = () => {
      note.textContent = fill(note.dataset.left, { given: numbers.format(area.value.length), limit: numbers.format(limit) });
      clearTimeout(timer);
      if (area.value.length > 0.9 * limit) timer = setTimeout(() => { spoken.textContent = note.textContent; }, 1200);
    };
    area.addEventListener("input", show);
    show();
  };

  document.addEventListener("input", (event) => {
    exclusive(event.target);
    sums(event.target.closest?.(".wm-question"));
  });

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("answers");
    if (form) { enhance(form); savesAsOneGoes(form); }
    for (const upload of document.querySelectorAll("[data-upload]")) checkSize(upload);
    for (const done of document.querySelectorAll("[data-answers-sent]")) forgetAll(done.dataset.answersSent);
    for (const code of document.querySelectorAll("[data-code-from-address]")) {
      const found = /^#([0-9A-Za-z-]{16,60})$/.exec(window.location.hash);
      if (found) { code.value = found[1]; window.history.replaceState(null, "", window.location.pathname); }
    }
    for (const button of document.querySelectorAll("[data-print]")) { button.hidden = false; button.addEventListener("click", () => window.print()); }
  });
})();

/* A proof of work, found while the person reads: no picture puzzle, no third party, no waiting.
   The same file is the page's part and the worker's; the server's part, with the rules of the
   game, is surveys/proof_of_work.py. SHA-256 is written out here (FIPS 180-4): crypto.subtle is
   missing where a page comes over plain http, and a call for each small hash would be slower. */
"use strict";

(() => {
  const PIECES = 8;
  const PIECE_BITS = 3;

  /* The first 32 bits of the square (H) and cube (K) roots of the first primes, as fractions. */
  const H = new Int32Array(8);
  const K = new Int32Array(64);
  for (let candidate = 2, found = 0; found < 64; candidate += 1) {
    let prime = true;
    for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) { prime = false; break; }
    if (!prime) continue;
    const root = (power) => { const value = candidate ** power; return ((value - Math.floor(value)) * 4294967296) | 0; };
    if (found < 8) H[found] = root(1 / 2);
    K[found] = root(1 / 3);
    found += 1;
  }

  const schedule = new Int32Array(64);

  /* One block: mixes the sixteen words in `schedule` into `state`. */
  const compress = (state) => {
    const w = schedule;
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = (w[t - 16] + w[t - 7]
        + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))
        + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))) | 0;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let t = 0; t < 64; t += 1) {
      const one = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)))
        + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
      const two = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10)))
        + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  };

  /* SHA-256 of an ASCII text, as eight words. */
  const digest = (text) => {
    const words = new Int32Array((((text.length + 8) >> 6) + 1) << 4);
    for (let at = 0; at < text.length; at += 1) words[at >> 2] |= text.charCodeAt(at) << (24 - (at & 3) * 8);
    words[text.length >> 2] |= 0x80 << (24 - (text.length & 3) * 8);
    words[words.length - 1] = text.length * 8;
    const state = H.slice();
    for (let start = 0; start < words.length; start += 16) {
      schedule.set(words.subarray(start, start + 16));
      compress(state);
    }
    return state;
  };

  /* Searches step by step; `work(milliseconds)` returns the solution, or null when time is up. */
  const search = (challenge) => {
    const needed = Number(challenge.split(".")[2]) - PIECE_BITS;
    const seed = digest(challenge);
    const state = new Int32Array(8);
    const counters = [];
    let counter = 0;
    return {
      get share() { return counters.length / PIECES; },
      work(milliseconds) {
        const until = Date.now() + milliseconds;
        while (counters.length < PIECES) {
          for (let step = 0; step < 512; step += 1) {
            schedule.set(seed);
            schedule[8] = counters.length;
            schedule[9] = counter;
            schedule[10] = 0x80000000 | 0;
            schedule[11] = schedule[12] = schedule[13] = schedule[14] = 0;
            schedule[15] = 40 * 8;
            state.set(H);
            compress(state);
            if ((state[0] >>> (32 - needed)) === 0) {
              counters.push(counter);
              counter = 0;
              if (counters.length === PIECES) return counters.join(".");
            } else {
              counter += 1;
            }
          }
          if (Date.now() > until) return null;
        }
        return counters.join(".");
      },
    };
  };

  if (typeof document === "undefined") {
    self.onmessage = ({ data }) => {
      const proof = search(data);
      for (;;) {
        const solution = proof.work(200);
        self.postMessage({ share: proof.share, solution });
        if (solution) return;
      }
    };
    return;
  }

  const address = document.currentScript.src;

  /* Calls `tell({share, solution})` now and then until there is a solution; on a thread of its own
     where the browser has them, else in short turns between what the person does. */
  const solve = (challenge, tell) => {
    const inTurns = () => {
      const proof = search(challenge);
      const turn = () => {
        const solution = proof.work(20);
        tell({ share: proof.share, solution });
        if (!solution) setTimeout(turn, 10);
      };
      turn();
    };
    let worker;
    try { worker = new Worker(address); } catch { inTurns(); return; }
    worker.onmessage = ({ data }) => { tell(data); if (data.solution) worker.terminate(); };
    worker.onerror = () => { worker.terminate(); inTurns(); };
    worker.postMessage(challenge);
  };

  const begin = (field) => {
    if (field.dataset.begun || field.value) return;
    field.dataset.begun = "yes";
    const form = field.form;
    const status = form.querySelector("[data-proof-status]");
    const began = Date.now();
    let submitter = null, waiting = false, said = -1;

    solve(field.dataset.proof, ({ share, solution }) => {
      if (solution) {
        field.value = solution;
        if (said >= 0) status.textContent = status.dataset.done;
        if (waiting) form.requestSubmit(submitter);
        return;
      }
      // Nothing is said of what is over before anybody could be told.
      const quarter = Math.floor(share * 4);
      if (Date.now() - began > 2000 && quarter > said) {
        said = quarter;
        status.textContent = status.dataset.progress.replace("%", `${quarter * 25} %`);
      }
    });

    form.addEventListener("submit", (event) => {
      if (field.value || event.submitter?.name === "action") return;
      event.preventDefault();
      event.stopPropagation();
      waiting = true;
      submitter = event.submitter;
      status.classList.remove("wm-hidden");
      status.textContent = status.dataset.wait;
    });
  };

  const beginAll = () => { for (const field of document.querySelectorAll("[data-proof]")) begin(field); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", beginAll); else beginAll();
  document.addEventListener("htmx:after:swap", beginAll);
})();

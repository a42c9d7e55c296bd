// What pages do with scripts on. Pages are plain HTML: all of this is set up
// again after htmx swapped one. The files of this folder are joined in order.
"use strict";
const cabinet = (() => {
  const steps = [];
  let queued = false;
  const run = () => { queued = false; steps.forEach((step) => step()); };
  // htmx tells of each element that it swapped, and not of the first page.
  document.addEventListener("DOMContentLoaded", run);
  document.addEventListener("htmx:afterSettle", () => {
    if (!queued) { queued = true; queueMicrotask(run); }
  });
  return {
    // A step is taken with each page, and after a part of one was swapped.
    ready(step) { steps.push(step); },
    // Readers of a screen hear it.
    say(text) {
      const to = document.getElementById("say");
      if (to) { to.textContent = ""; setTimeout(() => { to.textContent = text; }, 50); }
    },
    style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); },
  };
})();

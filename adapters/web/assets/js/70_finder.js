// The search over everything: Ctrl K or Cmd K, or the button. Arrow keys walk
// the results.
(() => {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);

  function open() {
    const box = document.getElementById("finder");
    if (!box) return document.querySelector("main input[type=search]")?.focus();
    document.getElementById("menu")?.hidePopover?.();
    if (!box.open) box.showModal();
    const q = document.getElementById("finder-q");
    q.select();
    htmx.trigger(q, "opened");
  }

  document.addEventListener("keydown", (e) => {
    if ((mac ? e.metaKey : e.ctrlKey) && !e.shiftKey && !e.altKey && e.code === "KeyK") { e.preventDefault(); open(); }
    const box = e.target.closest?.("#finder, [data-page=search] main");
    if (!box || e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    const stops = [box.querySelector("input[type=search]"), ...box.querySelectorAll(".found a")];
    const to = stops[stops.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1)];
    if (to) { e.preventDefault(); to.focus(); }
  });

  document.addEventListener("click", (e) => {
    const press = e.target.closest("[data-finder], #finder [data-close]");
    if (press && (press.hasAttribute("data-close") || document.getElementById("finder"))) {
      if (press.hasAttribute("data-close")) document.getElementById("finder").close();
      else if (!e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); e.stopPropagation(); open(); }
    }
    if (e.target.id === "finder") e.target.close(); // beside it
    if (e.target.closest("#finder .found a")) document.getElementById("finder").close();
  }, true);

  // Enter in the field goes to the first result.
  document.addEventListener("submit", (e) => {
    const first = e.target.matches("#finder form") && document.querySelector("#finder .found a");
    if (first) { e.preventDefault(); e.stopImmediatePropagation(); first.click(); }
  }, true);

  cabinet.ready(() => document.querySelectorAll("[data-finder-key]").forEach((key) => {
    key.textContent = mac ? "⌘K" : "Ctrl K";
  }));
})();

// Keys: 1 to 9 for the periods, / for the page's own search.
(() => {
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, [contenteditable]")) return;
    const n = Number(e.key);
    if (n >= 1 && n <= 9) {
      const link = document.querySelector(`[data-period] a[data-key="${n - 1}"]`);
      if (link) { e.preventDefault(); link.click(); }
    }
    if (e.key === "/") {
      const search = document.querySelector("main input[type=search]");
      if (search) { e.preventDefault(); search.focus(); }
    }
  });

  // A table that scrolls can be reached, and so scrolled, by keyboard.
  function reach() {
    document.querySelectorAll(".table-responsive, .scroll").forEach((e) => {
      const scrolls = e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight;
      if (scrolls) e.tabIndex = 0; else e.removeAttribute("tabindex");
    });
  }
  window.addEventListener("resize", reach);
  cabinet.ready(reach);

  // An open panel closes by Escape, and by a press elsewhere.
  const close = (panel) => { panel.open = false; panel.querySelector("summary").focus(); };
  document.addEventListener("keydown", (e) => {
    const panel = e.target.closest?.("details.drop[open], details.confirm[open]");
    if (e.key === "Escape" && panel) close(panel);
  });
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details.drop[open], details.confirm[open]").forEach((panel) => {
      if (!panel.contains(e.target)) panel.open = false;
    });
  });
})();

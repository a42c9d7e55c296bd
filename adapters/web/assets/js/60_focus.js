// After a page was swapped the focus is where it was, if that is still there, or
// on the heading of the new page, so that nobody begins at the top again.
(() => {
  let before;

  const having = (name, value) => `[${name}="${CSS.escape(value)}"]`;
  const named = (e) => {
    if (e.id) return "#" + CSS.escape(e.id);
    if (e.name) return having("name", e.name) + (e.tagName === "BUTTON" && e.value ? having("value", e.value) : "");
    const href = e.getAttribute("href");
    return href ? "a" + having("href", href) : "";
  };

  document.addEventListener("htmx:beforeSwap", (e) => {
    // A part of a page leaves the focus alone.
    if (!e.detail.boosted || !e.detail.shouldSwap || e.detail.target !== document.body) return;
    const at = document.activeElement, inMain = at && at.closest("main");
    before = { path: location.pathname, y: scrollY, text: at?.textContent.trim(), tag: at?.tagName };
    if (inMain) { before.css = named(at); before.top = at.getBoundingClientRect().top; }
  });

  function find() {
    const all = [...document.querySelectorAll("main :is(a, button, input, select, textarea, summary)")];
    return before.css && document.querySelector("main " + before.css) ||
      before.text && all.find((e) => e.tagName === before.tag && e.textContent.trim() === before.text);
  }

  cabinet.ready(() => {
    if (!before) return;
    const same = before.path === location.pathname;
    const wrong = document.querySelector("main .is-invalid");
    const kept = same && !wrong && before.tag && find();
    if (document.querySelector("main [autofocus]")) { before = null; return; }
    const to = wrong || kept || document.querySelector("main h1");
    if (to) {
      if (to.matches("h1")) to.tabIndex = -1;
      to.focus({ preventScroll: !wrong });
      if (kept) scrollBy(0, to.getBoundingClientRect().top - before.top);
    }
    before = null;
  });
})();

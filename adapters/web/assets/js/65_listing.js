// A table changes where it stands, see _table.html. Whatever else is answered,
// such as a login, is shown as the page that it is.
(() => {
  let changed;

  document.addEventListener("htmx:beforeSwap", (e) => {
    const { target, shouldSwap, xhr, pathInfo } = e.detail;
    if (!shouldSwap || !target.matches?.(".listing")) return;
    changed = target.id;
    if (xhr.responseText.includes(`id="${target.id}"`)) return;
    e.detail.shouldSwap = false;
    location.assign(pathInfo.responsePath || pathInfo.finalRequestPath);
  });

  // The focus stays on what was pressed; where that is gone, such as a link to
  // the next page on the last one, it is on the table.
  cabinet.ready(() => {
    const table = changed && document.getElementById(changed);
    changed = null;
    if (!table || document.activeElement !== document.body) return;
    const to = table.querySelector("nav [aria-current]") || table;
    if (to === table) table.tabIndex = -1;
    to.focus({ preventScroll: true });
  });
})();

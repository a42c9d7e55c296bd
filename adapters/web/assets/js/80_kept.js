// Period and filter of the last report lead back to it from pages that are none:
// each tab of a browser keeps its own.
(() => {
  cabinet.ready(() => {
    const project = location.pathname.match(/^\/projects\/[^/]+/)?.[0];
    const links = [...document.querySelectorAll(".menu a[data-report]")];
    if (!project || !links.length) return;
    const here = links.find((a) => a.getAttribute("aria-current") && a.pathname === location.pathname);
    if (here) return sessionStorage.setItem("view " + project, here.search);
    const kept = sessionStorage.getItem("view " + project);
    if (kept) links.forEach((a) => { a.search = kept; });
  });
  // htmx has read the address before that.
  document.addEventListener("htmx:configRequest", (e) => {
    if (e.detail.elt.matches(".menu a[data-report]")) e.detail.path = e.detail.elt.getAttribute("href");
  });
})();

// Every press is answered at once, sent once, and says when no answer comes.
(() => {
  const root = document.documentElement;
  let last; // the navigation under way: {elt, button}

  function busy(on, button) {
    if (on) root.dataset.busy = ""; else delete root.dataset.busy;
    if (!button) return;
    if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
  }

  // A form that is on its way is not sent again.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.dataset.sent) { e.preventDefault(); e.stopImmediatePropagation(); return; }
    if (form.method === "dialog") return;
    form.sender = e.submitter;
    const boosted = !form.closest("[hx-boost=false]");
    if (boosted) return; // htmx tells, see below
    // A file that is sent back ends no page: the form is free again soon.
    setTimeout(() => { if (!e.defaultPrevented) { form.dataset.sent = "1"; busy(true, e.submitter); } });
    setTimeout(() => free(form), 8000);
  }, true);

  function free(form) {
    if (!form) return;
    delete form.dataset.sent;
    busy(false, form.sender);
  }
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

  // What polls or searches by itself is no press.
  const pressed = (e) => e.detail.boosted ? e.detail.requestConfig.elt : null;

  document.addEventListener("htmx:beforeRequest", (e) => {
    const elt = pressed(e);
    if (!elt) return;
    if (last && last.elt !== elt && last.elt.isConnected) htmx.trigger(last.elt, "htmx:abort");
    const button = elt.matches("form") ? elt.sender || elt.querySelector("button:not([type=button])") : elt;
    if (elt.matches("form")) elt.dataset.sent = "1";
    last = { elt, button };
    document.querySelectorAll("[data-away]").forEach((note) => note.remove());
    document.getElementById("menu")?.hidePopover?.();
    busy(true, button);
  });
  document.addEventListener("htmx:afterRequest", (e) => {
    const elt = pressed(e);
    if (!elt || last?.elt !== elt) { if (elt?.dataset) delete elt.dataset.sent; return; }
    delete elt.dataset.sent;
    busy(false, last.button);
    last = null;
  });

  // Beside what was pressed, or on top of the page.
  function away(elt, kind, said) {
    const made = document.getElementById("away");
    const note = made.content.firstElementChild.cloneNode(true);
    note.querySelector("p").textContent = said || made.dataset[kind];
    const sender = elt.sender;
    note.querySelector("button").addEventListener("click", () => {
      note.remove();
      if (elt.matches("form")) elt.requestSubmit(sender?.form === elt ? sender : undefined); else elt.click();
    });
    document.querySelectorAll("[data-away]").forEach((other) => other.remove());
    if (elt.matches("main form")) elt.before(note); else document.getElementById("main").prepend(note);
    note.scrollIntoView({ block: "nearest" });
    note.querySelector("button").focus({ preventScroll: true });
  }
  document.addEventListener("htmx:sendError", (e) => { if (pressed(e)) away(pressed(e), "offline"); });
  document.addEventListener("htmx:timeout", (e) => { if (pressed(e)) away(pressed(e), "timeout"); });

  // A page that only says what went wrong does not take the place of a form that
  // somebody filled in; that of a broken server takes no page's.
  document.addEventListener("htmx:beforeSwap", (e) => {
    const { xhr } = e.detail, elt = pressed(e);
    if (!elt || xhr.status < 400) return;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const failed = page.body.dataset.page === "fail" || !page.querySelector("main");
    if (xhr.status < 500 && !(failed && elt.matches("form[method=post]"))) return;
    e.detail.shouldSwap = false;
    away(elt, "error", failed ? page.querySelector("main h1")?.textContent : "");
  });
  // What is no page at all, such as the words of a proxy, is not shown as one.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (!pressed(e) || !e.detail.shouldSwap || /<main[\s>]/.test(e.detail.xhr.responseText)) return;
    e.detail.shouldSwap = false;
    away(pressed(e), "error");
  });
})();

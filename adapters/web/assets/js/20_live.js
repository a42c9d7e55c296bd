// [data-live] gets rows as they come; one that is there already is renewed in its
// place, unless somebody reads it. While it pauses they wait.
(() => {
  let stream, followed, held;

  function show(body, html) {
    const t = document.createElement("template");
    t.innerHTML = html;
    const row = t.content.firstElementChild;
    const was = [...body.children].find((e) => e.dataset.id === row.dataset.id);
    if (was && was.querySelector("details[open]")) return;
    if (was) was.replaceWith(row); else body.prepend(row);
    window.htmx?.process(row);
    document.querySelector("[data-live-empty]")?.remove();
    while (body.children.length > 300) body.lastElementChild.remove();
  }

  // The button says how many rows wait.
  function pausing(body) {
    const pause = document.querySelector("[data-live-pause]"), label = pause.textContent;
    const name = () => { pause.textContent = held ? `${pause.dataset.liveGo} (${held.length})` : label; };
    held = null;
    pause.hidden = false;
    pause.onclick = () => {
      const rows = held;
      held = rows ? null : [];
      rows?.forEach((html) => show(body, html));
      name();
    };
    return name;
  }

  cabinet.ready(() => {
    const body = document.querySelector("[data-live]"), state = document.querySelector("[data-live-state]");
    if (body && body === followed) return;
    stream?.close();
    followed = body;
    if (!body) return;
    const name = pausing(body);
    stream = new EventSource(body.dataset.live);
    stream.onopen = () => { state.textContent = state.dataset.liveOn; };
    stream.onerror = () => { state.textContent = state.dataset.liveOff; };
    stream.onmessage = (e) => {
      if (!held) return show(body, e.data);
      held = [...held, e.data].slice(-300);
      name();
    };
  });
})();

// [data-live] gets rows as they come; a row that is there already moves up.
(() => {
  let stream, followed;
  cabinet.ready(() => {
    const body = document.querySelector("[data-live]"), state = document.querySelector("[data-live-state]");
    if (body && body === followed) return;
    stream?.close();
    followed = body;
    if (!body) return;
    stream = new EventSource(body.dataset.live);
    stream.onopen = () => { state.textContent = state.dataset.liveOn; };
    stream.onerror = () => { state.textContent = state.dataset.liveOff; };
    stream.onmessage = (e) => {
      const t = document.createElement("template");
      t.innerHTML = e.data;
      const row = t.content.querySelector("tr");
      body.querySelector(`[data-id="${row.dataset.id}"]`)?.remove();
      body.prepend(row);
      document.querySelector("[data-live-empty]")?.remove();
      while (body.rows.length > 300) body.lastElementChild.remove();
    };
  });
})();

// What pages do with scripts on: charts, copying, keys for the periods. Pages
// are plain HTML; everything here is set up again after htmx swapped a page.
(() => {
  "use strict";

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const charts = new Map();

  // A canvas has its chart in data-chart: {type, labels, sets: [{label, data, color, hidden, kind}], stacked}.
  function draw(canvas) {
    const spec = JSON.parse(canvas.dataset.chart);
    const grid = style("--bs-border-color"), ink = style("--bs-secondary-color");
    const sets = spec.sets.map((s) => {
      const color = style("--chart-" + (s.color || "1")) || ink;
      return {
        label: s.label, data: s.data, hidden: s.hidden, type: s.kind,
        borderColor: color, backgroundColor: (s.kind || spec.type) === "line" ? color : color + "cc",
        borderWidth: 2, pointRadius: s.data.length > 45 ? 0 : 2, tension: 0.25, maxBarThickness: 28, borderRadius: 3,
      };
    });
    if (charts.has(canvas)) charts.get(canvas).destroy();
    charts.set(canvas, new Chart(canvas, {
      type: spec.type,
      data: { labels: spec.labels, datasets: sets },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        indexAxis: spec.horizontal ? "y" : "x",
        plugins: { legend: { display: sets.length > 1, labels: { color: ink, boxWidth: 12 } } },
        scales: {
          x: {
            stacked: !!spec.stacked, grid: { color: "transparent" },
            ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 },
          },
          y: {
            stacked: !!spec.stacked, beginAtZero: true, grid: { color: grid },
            ticks: { color: ink, precision: 0 },
          },
        },
      },
    }));
  }

  function drawAll() {
    for (const [canvas, chart] of charts) if (!canvas.isConnected) { chart.destroy(); charts.delete(canvas); }
    document.querySelectorAll("canvas[data-chart]").forEach(draw);
  }

  // [data-live] gets rows as they come; a row that is there already moves up.
  let stream;
  function follow() {
    if (stream) { stream.close(); stream = null; }
    const body = document.querySelector("[data-live]"), state = document.querySelector("[data-live-state]");
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
  }

  // [data-copy] copies its text, or that of the element it names, when pressed.
  async function copy(from) {
    const target = from.dataset.copy ? document.querySelector(from.dataset.copy) : from;
    await navigator.clipboard.writeText(target.value ?? target.textContent.trim());
    from.classList.add("copied");
    setTimeout(() => from.classList.remove("copied"), 1200);
  }

  document.addEventListener("click", (e) => {
    const from = e.target.closest("[data-copy]");
    if (from) copy(from);
  });

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, [contenteditable]")) return;
    const n = Number(e.key);
    if (n >= 1 && n <= 9) {
      const link = document.querySelector(`[data-period] a[data-key="${n - 1}"]`);
      if (link) { e.preventDefault(); link.click(); }
    }
    if (e.key === "/") {
      const search = document.querySelector("input[type=search]");
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

  new MutationObserver(drawAll).observe(document.documentElement, {
    attributes: true, attributeFilter: ["data-bs-theme"],
  });
  // htmx sends its load event for the first page as well, unless it is away.
  document.addEventListener("DOMContentLoaded", () => { drawAll(); follow(); reach(); });
  document.addEventListener("htmx:afterSettle", () => { drawAll(); follow(); reach(); });
})();

// Charts. A canvas has its chart in data-chart, see chart.go:
// {type, labels, titles, x, y, unit, sets: [{label, data, color, hidden, kind, ghost}], stacked, horizontal}.
(() => {
  const charts = new Map();
  const { style } = cabinet;

  // The library comes with the first chart: most pages have none.
  let library;
  const load = () => library ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = document.documentElement.dataset.charts;
    script.onload = done;
    document.head.append(script);
  });

  // Up and down differ by shape, what was before by its dashes.
  const shapes = { up: ["triangle", 0], down: ["triangle", 180] };

  function dataset(s, spec, ink) {
    const color = s.ghost ? style("--chart-ghost") : style("--chart-" + (s.color || "1")) || ink;
    const line = (s.kind || spec.type) === "line";
    const [shape, turn] = shapes[s.color] || ["circle", 0];
    return {
      label: s.label, data: s.data, hidden: s.hidden, type: s.kind, fill: !!s.fill, order: line ? 0 : 1,
      stack: line ? s.label : "bars",
      borderColor: color, backgroundColor: line && !s.fill ? color : color + (s.fill ? "33" : "cc"),
      borderWidth: s.ghost ? 1.5 : line ? 2 : 0, borderDash: s.ghost || s.dash ? [5, 4] : [],
      pointStyle: shape, pointRotation: turn, pointRadius: s.ghost || s.data.length > 45 ? 0 : 3, pointHoverRadius: 5,
      tension: 0.2, maxBarThickness: 28, borderRadius: 3,
    };
  }

  const number = (lang, unit) => {
    const format = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
    return (n) => n === null ? "–" : format.format(n).replace("-", "−") + (unit ? "\u202f" + unit : "");
  };

  function options(spec, ink) {
    const grid = style("--bs-border-color"), write = number(document.documentElement.lang, spec.unit);
    const title = (text) => ({ display: !!text, text, color: ink, font: { size: 12 } });
    const axis = (along, text) => ({
      stacked: !!spec.stacked, title: title(text), beginAtZero: true, border: { color: grid },
      grid: { color: along ? "transparent" : grid },
      ticks: along ? { color: ink, maxRotation: 0, autoSkipPadding: 16 } :
        { color: ink, precision: 0, maxTicksLimit: 7, callback: (n) => write(n) },
    });
    return {
      animation: false, responsive: true, maintainAspectRatio: false, indexAxis: spec.horizontal ? "y" : "x",
      interaction: { mode: "index", intersect: false, axis: spec.horizontal ? "y" : "x" },
      plugins: {
        legend: {
          display: spec.sets.length > 1,
          labels: { color: ink, boxHeight: 8, usePointStyle: true, generateLabels },
        },
        tooltip: {
          usePointStyle: true, padding: 10,
          callbacks: {
            title: ([item]) => (spec.titles || spec.labels)[item.dataIndex],
            labelPointStyle: ({ dataset }) => ({ pointStyle: dataset.pointStyle, rotation: dataset.pointRotation }),
            label: (item) => item.dataset.label + ": " + write(item.raw),
          },
        },
      },
      scales: spec.horizontal ? { y: axis(true, spec.x), x: axis(false, spec.y) } :
        { x: axis(true, spec.x), y: axis(false, spec.y) },
    };
  }

  // What is not shown is paler, not struck out: it is an offer.
  function generateLabels(chart) {
    const labels = Chart.defaults.plugins.legend.labels.generateLabels(chart);
    return labels.sort((a, b) => a.datasetIndex - b.datasetIndex).map((label) => ({
      ...label, hidden: false, rotation: chart.data.datasets[label.datasetIndex].pointRotation,
      ...(label.hidden && { fontColor: style("--bs-secondary-color"), fillStyle: "transparent" }),
    }));
  }

  function draw(canvas) {
    const spec = JSON.parse(canvas.dataset.chart), ink = style("--bs-secondary-color");
    charts.get(canvas)?.destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    charts.set(canvas, new Chart(canvas, {
      type: spec.type, data: { labels: spec.labels, datasets: spec.sets.map((s) => dataset(s, spec, ink)) },
      options: options(spec, ink),
    }));
    canvas.tabIndex = 0;
    canvas.onkeydown = (e) => walk(e, canvas, spec);
  }

  // Arrow keys go from point to point; readers of a screen hear each.
  function walk(e, canvas, spec) {
    const chart = charts.get(canvas), last = spec.labels.length - 1;
    const at = chart.getActiveElements()[0]?.index ?? -1;
    const to = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last }[e.key];
    if (e.key === "Escape") { chart.setActiveElements([]); chart.tooltip.setActiveElements([]); chart.update("none"); }
    if (to === undefined || last < 0) return;
    e.preventDefault();
    const points = chart.getSortedVisibleDatasetMetas().map((m) => ({ datasetIndex: m.index, index: to }));
    const place = chart.getDatasetMeta(points[0]?.datasetIndex ?? 0).data[to];
    chart.setActiveElements(points);
    chart.tooltip.setActiveElements(points, { x: place.x, y: place.y });
    chart.update("none");
    const write = number(document.documentElement.lang, spec.unit);
    const said = points.map(({ datasetIndex }) => spec.sets[datasetIndex])
      .map((set) => set.label + " " + write(set.data[to]));
    cabinet.say([(spec.titles || spec.labels)[to], ...said].join(", "));
  }

  async function drawNew() {
    for (const [canvas, chart] of charts) if (!canvas.isConnected) { chart.destroy(); charts.delete(canvas); }
    const all = [...document.querySelectorAll("canvas[data-chart]")].filter((canvas) => !charts.has(canvas));
    if (!all.length) return;
    await load();
    all.filter((canvas) => canvas.isConnected && !charts.has(canvas)).forEach(draw);
  }

  // Paper is light.
  let theme;
  const redraw = (to) => { document.documentElement.dataset.bsTheme = to; [...charts.keys()].forEach(draw); };
  addEventListener("beforeprint", () => { theme = document.documentElement.dataset.bsTheme; redraw("light"); });
  addEventListener("afterprint", () => redraw(theme));

  cabinet.ready(drawNew);
  new MutationObserver(() => [...charts.keys()].forEach(draw)).observe(document.documentElement, {
    attributes: true, attributeFilter: ["data-bs-theme"],
  });
})();

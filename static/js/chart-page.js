// Draws the chart of an indicator's page anew from the data in the page, with words at each point, a
// choice of months and of lines. Without it, and on paper, the page keeps its own picture.
(() => {
  "use strict";

  const figure = document.getElementById("chart");
  const source = document.getElementById("chart-data");
  if (!figure || !source || !window.Chart) return;

  const data = JSON.parse(source.textContent);
  const form = figure.querySelector("form");
  const face = getComputedStyle(document.body);
  const INK = face.color;
  const said = (name) => face.getPropertyValue(`--${name}`).trim(); // a colour of the style sheet
  const QUIET = said("govuk-secondary-text-colour"), RULE = said("govuk-surface-border-colour"), HAIRLINE = said("govuk-border-colour");
  const ACCENT = said("govuk-brand-colour"), PROBLEM = said("govuk-error-colour"), BAND = said("vv-band"), GROUND = said("govuk-body-background-colour"), NONE = "transparent";
  // As in the page's own picture: shape and colour say the same.
  const judged = (look) => said(`vv-${look}`);
  const MARKS = { better: ["triangle", judged("better")], worse: ["rectRot", judged("worse")], unjudged: ["rect", INK], watch: ["circle", NONE] };
  const SIZES = { better: 8, worse: 8, unjudged: 8, watch: 4 };
  const PARTS = [[], [8, 4], [2, 3], [10, 3, 2, 3]]; // dashes: at most four of them are drawn
  // A share, a rate or an average is told to a tenth.
  const counted = new Intl.NumberFormat("en-GB", data.isRatio ? { minimumFractionDigits: 1, maximumFractionDigits: 1 } : {});

  const ticked = (name) => Boolean(form.elements[name] && form.elements[name].checked);
  const cut = (list, from) => list.slice(from);
  const atLeastNought = (value) => (value === null ? null : Math.max(0, value));
  const last = (values) => values[values.length - 1] || 0;

  function lines(from) {
    const looks = cut(data.looks, from);
    const breaks = data.starts.filter((start) => start.breaks).map((start) => start.at - from);
    // Nothing is drawn across the start of a definition, or of another way of recording.
    const segment = (colour) => ({ borderColor: (part) => (breaks.includes(part.p1DataIndex) ? NONE : colour) });
    const plain = { pointRadius: 0, pointHitRadius: 0, borderWidth: 1.5, type: "line", borderColor: RULE, segment: segment(RULE) };
    const sets = [];
    if (ticked("figures")) {
      sets.push({
        label: data.title,
        data: cut(data.values, from),
        type: data.inColumns ? "bar" : "line",
        borderColor: INK,
        backgroundColor: INK,
        borderWidth: data.inColumns ? 0 : 2,
        minBarLength: 2, // a true nought is seen
        segment: segment(INK),
        pointStyle: looks.map((look) => (look ? MARKS[look][0] : "circle")),
        pointRadius: looks.map((look) => (look ? SIZES[look] : 3)),
        pointHoverRadius: looks.map((look) => (look ? SIZES[look] + 1 : 5)),
        pointBackgroundColor: looks.map((look) => (look ? MARKS[look][1] : INK)),
        pointBorderColor: looks.map((look) => (look && look !== "watch" ? GROUND : INK)),
        pointBorderWidth: looks.map((look) => (look === "watch" ? 3 : 1)), // a ring
        order: 0,
      });
    }
    if (ticked("parts")) {
      [...data.parts]
        .sort((one, other) => last(other.values) - last(one.values))
        .slice(0, PARTS.length)
        .forEach((part, index) => {
          const colour = index % 2 ? QUIET : ACCENT;
          sets.push({
            ...plain,
            label: part.name,
            data: cut(part.values, from),
            borderColor: colour,
            borderDash: PARTS[index],
            segment: segment(colour),
            pointRadius: 2,
            pointBackgroundColor: colour,
            order: 1,
          });
        });
    }
    if (ticked("aims")) {
      data.aims.forEach((aim) => {
        const goal = { ...plain, borderColor: ACCENT, segment: {}, order: 1 };
        sets.push({ ...goal, label: `Trajectory, ${aim.words}`, borderDash: [9, 4], borderWidth: 2.5, data: cut(aim.way, from) });
        sets.push({ ...goal, label: "Target", borderWidth: 2, data: cut(aim.way, from).map((value) => (value === null ? null : aim.target)) });
      });
    }
    if (ticked("mean")) sets.push({ ...plain, label: "Usual", stepped: "middle", data: cut(data.middle, from), order: 2 });
    if (ticked("limits")) {
      const limit = { ...plain, stepped: "middle", borderDash: [2, 3], order: 3 };
      sets.push({ ...limit, label: "Upper limit", data: cut(data.upper, from) });
      sets.push({ ...limit, label: "Lower limit", data: cut(data.lower, from).map(atLeastNought), fill: { target: "-1", above: BAND, below: BAND } });
    }
    return sets;
  }

  // The months that stand out together, shaded, with what is usual for one of them.
  const shaded = {
    id: "shaded",
    // Over the band, and under every line.
    beforeDatasetDraw(chart, { index }) {
      const { ctx, chartArea, scales } = chart;
      if (!data.window || index !== chart.data.datasets.findLastIndex((set) => set.order < 3)) return;
      const months = scales.x.ticks.length;
      const edge = scales.x.getPixelForValue(months - data.window.months) - chartArea.width / months / 2;
      const level = scales.y.getPixelForValue(data.window.usual);
      ctx.save();
      ctx.fillStyle = said(`vv-${data.window.look}-wash`);
      ctx.globalAlpha = 0.7; // the range is seen through it
      ctx.fillRect(edge, chartArea.top, chartArea.right - edge, chartArea.bottom - chartArea.top);
      ctx.globalAlpha = 1;
      ctx.strokeStyle = INK;
      ctx.lineWidth = 1.5;
      ctx.setLineDash([4, 3]);
      ctx.beginPath();
      ctx.moveTo(edge, level);
      ctx.lineTo(chartArea.right, level);
      ctx.stroke();
      ctx.restore();
    },
  };

  // What the page's own picture has besides: where something new begins, and a cross for no figure.
  const remarks = {
    id: "remarks",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      const from = data.months.length - chart.data.labels.length;
      ctx.save();
      ctx.strokeStyle = PROBLEM;
      ctx.lineWidth = 2;
      cut(data.values, from).forEach((value, index) => {
        if (value !== null) return;
        const x = scales.x.getPixelForValue(index), y = chartArea.bottom;
        ctx.beginPath();
        ctx.moveTo(x - 4, y - 4);
        ctx.lineTo(x + 4, y + 4);
        ctx.moveTo(x + 4, y - 4);
        ctx.lineTo(x - 4, y + 4);
        ctx.stroke();
      });
      ctx.strokeStyle = ctx.fillStyle = INK;
      ctx.lineWidth = 1;
      ctx.font = `14px ${face.fontFamily}`;
      data.starts.filter((start) => start.at > from).sort((one, other) => one.at - other.at).forEach(({ at: place, words, breaks }, index) => {
        ctx.setLineDash(breaks ? [5, 4] : [1, 4]);
        const x = (scales.x.getPixelForValue(place - from) + scales.x.getPixelForValue(place - from - 1)) / 2;
        const ends = x > (chartArea.left + chartArea.right) / 2;
        ctx.beginPath();
        ctx.moveTo(x, 0);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        ctx.textAlign = ends ? "right" : "left";
        // On two lines in turn, so that neighbours don't run into each other.
        ctx.fillText(words, ends ? x - 6 : x + 6, 13 + 20 * (index % 2));
      });
      drawMarks(chart, from);
      ctx.restore();
    },
  };

  // What happened, as numbered marks under the names of months. Those too near to each other become one, "1–3", as
  // in reporting/charts/marks_row.py.
  function drawMarks({ ctx, width, height, scales }, from) {
    ctx.font = `bold 13px ${face.fontFamily}`;
    const named = ({ first, last }) => (first === last ? `${first}` : `${first}–${last}`);
    const withRoom = (label) => {
      const half = ctx.measureText(named(label)).width / 2 + 6;
      return { ...label, half, x: Math.min(Math.max((label.starts + label.ends) / 2, half), width - half - 1) };
    };
    const labels = [];
    data.marks.forEach((place, index) => {
      if (place < from) return;
      const at = scales.x.getPixelForValue(place - from);
      labels.push(withRoom({ first: index + 1, last: index + 1, starts: at, ends: at }));
      while (labels.length > 1) {
        const [one, other] = labels.slice(-2);
        if (other.x - one.x >= one.half + other.half + 4) break;
        labels.splice(-2, 2, withRoom({ first: one.first, last: other.last, starts: one.starts, ends: other.ends }));
      }
    });
    const y = height - 10;
    ctx.setLineDash([]);
    ctx.textAlign = "center";
    labels.forEach((label) => {
      ctx.strokeStyle = ACCENT;
      ctx.lineCap = "round";
      ctx.lineWidth = 4;
      ctx.beginPath();
      ctx.moveTo(label.starts, y - 15);
      ctx.lineTo(label.ends + 0.1, y - 15); // a stroke of no length isn’t drawn
      ctx.stroke();
      ctx.lineWidth = 1;
      ctx.fillStyle = GROUND;
      ctx.beginPath();
      ctx.roundRect(label.x - label.half, y - 9, 2 * label.half, 18, 9);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = INK;
      ctx.fillText(named(label), label.x, y + 4.5);
    });
  }

  // A name for each month that there is room for, counted from the newest, which always has one.
  function nameOfMonth(value, index, ticks) {
    const room = Math.max(1, Math.floor(this.chart.width / 50));
    const apart = [1, 3, 6, 12].find((months) => ticks.length / months <= room) || 12;
    return (ticks.length - 1 - index) % apart ? "" : this.getLabelForValue(value).split(" ");
  }

  const isTold = (item) => !["Upper limit", "Lower limit", "Usual", "Target"].includes(item.dataset.label);

  const chart = new window.Chart(figure.querySelector("canvas"), {
    type: "line",
    data: { labels: [], datasets: [] },
    plugins: [shaded, remarks],
    options: {
      animation: false,
      maintainAspectRatio: false,
      font: { family: face.fontFamily },
      interaction: { mode: "index", intersect: false },
      layout: { padding: { top: [4, 22, 42][Math.min(2, data.starts.length)], bottom: data.marks.length ? 28 : 0 } },
      scales: {
        x: {
          offset: true,
          grid: { display: false },
          ticks: { color: QUIET, font: { size: 14 }, maxRotation: 0, autoSkip: false, callback: nameOfMonth },
        },
        y: { beginAtZero: true, grid: { color: HAIRLINE }, ticks: { color: QUIET, font: { size: 14 }, precision: data.isRatio ? undefined : 0, callback: (value) => `${value.toLocaleString("en-GB")}${data.sign}`, maxTicksLimit: 6 } },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: false,
          filter: isTold,
          titleFont: { size: 14 },
          bodyFont: { size: 14 },
          footerFont: { size: 14, weight: "normal" },
          callbacks: {
            title: (items) => (items.length ? data.months[items[0].dataIndex + data.months.length - chart.data.labels.length] : ""),
            label: (item) => `${item.dataset.label}: ${counted.format(item.raw)}${data.sign}`,
            footer: (items) => {
              if (!items.length) return "";
              const place = items[0].dataIndex + data.months.length - chart.data.labels.length;
              return [data.shows[place], data.usual[place] && `Usual range ${data.usual[place]}`].filter(Boolean);
            },
          },
        },
      },
    },
  });

  function draw() {
    const from = Math.max(0, data.months.length - Number(form.elements.months.value));
    chart.data.labels = cut(data.shortMonths, from);
    chart.data.datasets = lines(from);
    chart.update();
  }

  figure.classList.add("vv-chart--live");
  form.hidden = false;
  form.addEventListener("change", draw);
  draw();
})();

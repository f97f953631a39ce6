// Timelines: one view for all cases, so that they are read on the same scale -------------------------------------------------

{
  const whole = data.timeline_seconds * 1000;
  const lanes = [["stream", ["stream"]], ["verify", ["verify", "accept"]], ["draft", ["draft"]]];
  const left = 56, lane = 24, axis = 22;
  const cases = data.timelines.filter(t => t.spans.length > 0);
  let view = [0, whole];
  const redraws = [];

  if (cases.length === 0 || whole <= 0) byId("timeline-section").remove();
  else {
    legend(byId("timeline-legend"), ["stream", "verify", "accept", "draft", "prefill"]
      .filter(stage => cases.some(c => c.spans.some(s => s.stage === stage))).map(stage => [stage, `var(--${stage})`]));
    byId("timelines").replaceChildren(...cases.map(build));
    const middle = () => (view[0] + view[1]) / 2;
    byId("zoom-in").onclick = () => zoom(middle(), 1 / 1.6);
    byId("zoom-out").onclick = () => zoom(middle(), 1.6);
    byId("zoom-all").onclick = () => show(0, whole);
  }

  function build(cut) {
    const row = rows[cut.row], chart = element("div", { class: "timeline", tabindex: 0, "aria-label": `timeline of ${name(row)}` });
    const commits = cut.spans.filter(s => s.stage === "commit");
    const tokens = commits.reduce((sum, s) => sum + s.rows, 0);
    const last = Math.max(0, ...commits.map(s => s.start + s.duration));
    const head = element("h3", {}, name(row), element("small", {}, `${plural(tokens, "token")} in ${duration(last)}, ${number(tokens / last * 1000)} a second`));
    // The section is in the page before it is drawn: charts need their width.
    requestAnimationFrame(() => redraws.push(drawn(chart, width => draw(cut, commits, width))));
    interact(chart);
    return element("div", { class: "case" }, head, chart);
  }

  function draw(cut, commits, width) {
    const height = lanes.length * lane + axis, inner = width - left;
    const x = t => left + inner * (t - view[0]) / (view[1] - view[0]);
    const svg = svgOf(width, height, "who worked when");
    const step = niceStep(view[1] - view[0], Math.max(2, inner / 110));
    for (let t = Math.ceil(view[0] / step) * step; t <= view[1]; t += step) {
      svg.append(element("line", { class: "grid", x1: x(t), x2: x(t), y1: 0, y2: lanes.length * lane }));
      svg.append(label(x(t), height - 6, tick(t, step), "muted center"));
    }
    lanes.forEach(([title], i) => {
      svg.append(element("rect", { class: "track", x: left, y: i * lane + 2, width: inner, height: lane - 4, rx: 2, opacity: 0.6 }), label(left - 8, i * lane + 16, title, "muted end"));
    });
    for (const span of cut.spans) {
      const at = lanes.findIndex(([, of]) => of.includes(span.lane));
      const from = Math.max(x(span.start), left), to = Math.min(x(span.start + span.duration), width);
      if (at < 0 || to <= left || from >= width) continue;
      const box = element("rect", { class: "span", x: from, y: at * lane + 2, width: Math.max(0.7, to - from - (to - from > 4 ? 1 : 0)), height: lane - 4, rx: to - from > 6 ? 2 : 0 });
      box.style.fill = `var(--${span.stage})`;
      explain(box, titleOf(span), () => linesOf(span));
      svg.append(box);
      const text = span.layer == null ? (span.stage === "accept" ? "accept" : "") : `${span.layer}`;
      if (text && to - from > 9 + 7 * text.length) svg.append(label((from + to) / 2, at * lane + 16, text, "inside center"));
    }
    // A cut is shorter than the others only where its answers are.
    const end = Math.max(...cut.spans.map(s => s.start + s.duration));
    if (x(end) + 110 < width && x(end) >= left) svg.append(label(x(end) + 10, lane + 16, "end of the answer", "muted"));
    for (const commit of commits) {
      const at = x(commit.start + commit.duration);
      if (at < left || at > width) continue;
      const line = element("line", { class: "round", x1: at, x2: at, y1: 0, y2: lanes.length * lane });
      const aim = element("rect", { x: at - 3, y: 0, width: 6, height: lanes.length * lane, fill: "transparent" });
      explain(aim, `${plural(commit.rows, "token")} committed`, () => linesOf(commit).slice(1));
      svg.append(line, aim);
    }
    return svg;
  }

  // As many digits as tell neighbours apart.
  function tick(t, step) { return t >= 1000 && step >= 10 ? `${(t / 1000).toFixed(2)} s` : `${t.toFixed(step >= 1 ? 0 : step >= 0.1 ? 1 : 3)} ms`; }

  function titleOf(span) { return span.layer == null ? span.stage : `${span.stage} layer ${span.layer}`; }

  function linesOf(span) {
    const lines = [`${duration(span.duration)}, from ${duration(Math.max(0, span.start))} on`];
    if (span.rows > 0) lines.push(plural(span.rows, "row"));
    if (span.bytes > 0) lines.push(`${bytes(span.bytes)} at ${bytes(span.bytes / span.duration * 1000)}/s`);
    const where = [["pass", span.pass], ["round", span.round], ["session", span.sessions.length ? span.sessions.join(", ") : null]].filter(([, id]) => id != null);
    if (where.length) lines.push(where.map(([what, id]) => `${what} ${id}`).join(", "));
    return lines;
  }

  // View -------------------------------------------------------------------------------------------------------------------

  let pending = 0;
  function show(from, to) {
    const wide = Math.min(whole, Math.max(whole / 2000, to - from));
    from = Math.min(Math.max(0, from), whole - wide);
    view = [from, from + wide];
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => redraws.forEach(r => r()));
  }

  function zoom(around, factor) { show(around - (around - view[0]) * factor, around + (view[1] - around) * factor); }

  function interact(chart) {
    const at = e => view[0] + (view[1] - view[0]) * Math.max(0, e.clientX - chart.getBoundingClientRect().left - left) / (chart.clientWidth - left);
    let grabbed = null;
    // A wheel alone scrolls the page.
    chart.addEventListener("wheel", e => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      zoom(at(e), Math.exp(e.deltaY * 0.0015));
    }, { passive: false });
    chart.addEventListener("dblclick", () => show(0, whole));
    chart.addEventListener("pointerdown", e => { grabbed = { x: e.clientX, view }; chart.setPointerCapture(e.pointerId); });
    chart.addEventListener("pointermove", e => {
      if (!grabbed) return;
      const moved = (grabbed.x - e.clientX) / (chart.clientWidth - left) * (grabbed.view[1] - grabbed.view[0]);
      show(grabbed.view[0] + moved, grabbed.view[1] + moved);
    });
    for (const end of ["pointerup", "pointercancel"]) chart.addEventListener(end, () => { grabbed = null; });
    chart.addEventListener("keydown", e => {
      const wide = view[1] - view[0];
      const keys = { "+": () => zoom(view[0] + wide / 2, 1 / 1.6), "-": () => zoom(view[0] + wide / 2, 1.6), "0": () => show(0, whole),
        ArrowLeft: () => show(view[0] - wide / 5, view[1] - wide / 5), ArrowRight: () => show(view[0] + wide / 5, view[1] + wide / 5) };
      if (!keys[e.key]) return;
      e.preventDefault();
      keys[e.key]();
    });
  }
}

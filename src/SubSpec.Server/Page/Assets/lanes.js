// Lanes: who worked when, scrolling ------------------------------------------------------------------------------------------

const lanes = (() => {
  const seconds = 10, lanesOf = { stream: 0, verify: 1, prefill: 1, accept: 1, draft: 2 }, names = ["stream", "verify", "draft"];
  const laneHeight = 22, gap = 6, axis = 20;
  const canvas = byId("lanes"), pen = canvas.getContext("2d"), pause = byId("pause");
  // What the server has not sent yet would show as a hole at the right end.
  const delay = 350;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let spans = [], commits = [], colors = {}, offset = null, frozen = null, frame = 0, shown = 0;

  // Milliseconds of the server's clock. Batches come late by turns, so the earliest one tells the offset best.
  const now = () => frozen ?? (offset === null ? 0 : performance.now() + offset - delay);

  function add({ now: sent, spans: more, missed }) {
    const seen = sent - performance.now();
    offset = offset === null || seen > offset || seen < offset - 1000 ? seen : offset - 0.02;
    for (const span of more) {
      if (span.stage in lanesOf) join(span);
      else if (span.stage === "commit") commits.push(span);
    }
    canvas.dataset.missed = missed + Number(canvas.dataset.missed ?? 0);
    const oldest = sent - (seconds + 3) * 1000;
    // While it is paused, what stands on the picture is kept too.
    const keep = s => s.start + s.ms > oldest || (frozen !== null && s.start < frozen);
    [spans, commits] = [spans.filter(keep), commits.filter(keep)];
    run();
  }

  // A batch ends in the middle of what goes on.
  function join(span) {
    const before = spans.findLast(s => s.stage === span.stage);
    if (before?.pass !== span.pass || Math.abs(span.start - before.start - before.ms) > 0.6) { spans.push(span); return; }
    before.ms = span.start + span.ms - before.start;
    before.count += span.count;
    before.bytes += span.bytes;
    if (before.layers && span.layers) before.layers = [before.layers[0], span.layers[1]];
  }

  function run() { if (!frame && !document.hidden) frame = requestAnimationFrame(step); }

  function step(at) {
    frame = 0;
    // Whoever wants little motion gets a picture twice a second.
    if (at - shown >= (calm.matches ? 500 : 15)) { shown = at; draw(); }
    if (frozen === null && [...spans, ...commits].some(s => s.start + s.ms > now() - seconds * 1000)) run();
  }

  function draw() {
    const width = canvas.clientWidth, height = names.length * (laneHeight + gap) + axis, scale = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
      canvas.style.height = `${height}px`;
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const end = now(), begin = end - seconds * 1000, x = t => width * (t - begin) / (end - begin);
    drawAxis(width, height, begin, end, x);
    for (const span of spans) drawSpan(span, width, x);
    pen.strokeStyle = colors.text;
    pen.globalAlpha = 0.35;
    // Where rounds are shorter than a few pixels, their ends would hide what is between them.
    const within = commits.filter(c => c.start + c.ms > begin), apart = width * (end - (within[0]?.start ?? begin)) / (end - begin) / within.length;
    for (const commit of apart > 12 ? within : []) {
      const at = Math.round(x(commit.start + commit.ms)) + 0.5;
      if (at < 0 || at > width) continue;
      pen.beginPath();
      pen.setLineDash([3, 3]);
      pen.moveTo(at, 0);
      pen.lineTo(at, names.length * (laneHeight + gap) - gap);
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    names.forEach((name, lane) => { byId(`share-${name}`).textContent = percent(busy(lane, begin, end)); });
  }

  function drawAxis(width, height, begin, end, x) {
    const tracks = names.length * (laneHeight + gap) - gap;
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "bottom";
    names.forEach((_, lane) => {
      pen.fillStyle = colors.soft;
      pen.beginPath();
      pen.roundRect(0, lane * (laneHeight + gap), width, laneHeight, 4);
      pen.fill();
    });
    const every = width < 500 ? 5 : 2;
    for (let ago = 0; ago <= seconds; ago += every) {
      const text = ago === 0 ? "now" : `${ago} s ago`, at = x(end - ago * 1000);
      pen.fillStyle = colors.line;
      if (ago > 0 && ago < seconds) pen.fillRect(Math.round(at), 0, 1, tracks + 3);
      pen.fillStyle = colors.muted;
      pen.textAlign = ago === 0 ? "right" : ago === seconds ? "left" : "center";
      pen.fillText(text, at, height);
    }
  }

  function drawSpan(span, width, x) {
    const lane = lanesOf[span.stage];
    if (lane === undefined) return;
    const from = Math.max(0, x(span.start)), to = Math.min(width, x(span.start + span.ms));
    if (to <= 0 || from >= width) return;
    pen.fillStyle = colors[span.stage];
    // Thinner than a pixel is still something that happened.
    pen.fillRect(from, lane * (laneHeight + gap) + 1, Math.max(0.75, to - from), laneHeight - 2);
  }

  // Share of a stretch of time in which a lane worked.
  function busy(lane, begin, end) {
    let sum = 0;
    for (const s of spans) if (lanesOf[s.stage] === lane) sum += Math.max(0, Math.min(end, s.start + s.ms) - Math.max(begin, s.start));
    return Math.min(1, sum / (end - begin));
  }

  function linesOf(span) {
    const lines = [duration(span.ms)];
    if (span.layers) lines.push(span.layers[0] === span.layers[1] ? `layer ${span.layers[0]}` : `layers ${span.layers[0]} to ${span.layers[1]}`);
    if (span.stage === "draft" && span.count > 1) lines.push(plural(span.count, "step"));
    if (span.rows > 0 && span.stage !== "draft") lines.push(plural(span.rows, "row"));
    if (span.bytes > 0) lines.push(`${bytes(span.bytes)} at ${bytes(span.bytes / span.ms * 1000)}/s`);
    if (span.sequences.length) lines.push(`session ${span.sequences.join(", ")}`);
    return lines;
  }

  canvas.addEventListener("pointermove", e => {
    const end = now(), at = end - seconds * 1000 * (1 - e.offsetX / canvas.clientWidth), reach = seconds * 1000 / canvas.clientWidth * 2;
    const near = s => s.start - reach <= at && s.start + s.ms + reach >= at;
    const commit = commits.find(c => Math.abs(c.start + c.ms - at) < reach);
    const span = spans.find(s => lanesOf[s.stage] === Math.floor(e.offsetY / (laneHeight + gap)) && near(s));
    if (span) showTip(e.clientX, e.clientY, span.stage, linesOf(span));
    else if (commit) showTip(e.clientX, e.clientY, `${plural(commit.rows, "token")} at once`, [`session ${commit.sequences.join(", ")}`]);
    else hideTip();
  });
  canvas.addEventListener("pointerleave", hideTip);

  pause.addEventListener("click", () => {
    frozen = frozen === null ? now() : null;
    pause.setAttribute("aria-pressed", frozen !== null);
    pause.textContent = frozen === null ? "Pause" : "Go on";
    run();
  });

  function paint() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["stream", "verify", "prefill", "accept", "draft", "soft", "line", "muted", "text"]) colors[name] = style.getPropertyValue(`--${name}`).trim();
    draw();
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  addEventListener("resize", draw);
  document.addEventListener("visibilitychange", run);
  legend(byId("pipeline-legend"), ["stream", "prefill", "verify", "accept", "draft"].map(stage => [stage, `var(--${stage})`]));
  paint();
  return { add, recent: () => commits.filter(c => c.start + c.ms > now() - seconds * 1000) };
})();

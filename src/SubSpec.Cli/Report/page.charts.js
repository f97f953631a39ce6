// Head ---------------------------------------------------------------------------------------------------------------------

byId("model").textContent = bench.label ? `${bench.model} (${bench.label})` : bench.model;
const layers = bench.layers_offloaded + bench.layers_resident;
byId("subtitle").textContent =
  `${bench.layers_offloaded} of ${layers} layers offloaded in ${bytes(bench.budget_bytes)} of fast memory, ${bench.device}, ${plural(bench.threads, "thread")}` +
  (bench.link_bandwidth ? `, link slowed to ${bytes(bench.link_bandwidth)}/s` : "") +
  `; ${plural(bench.prompts, "prompt")} x ${bench.repeat}`;

{
  const best = (of, among = rows) => among.filter(r => of(r) != null).reduce((a, b) => a && of(a) >= of(b) ? a : b, null);
  const tile = (figure, text, kind = "") => element("div", { class: `tile ${kind}` }, element("b", {}, figure), element("span", {}, text));
  const tiles = [];
  const fastest = best(r => r.speed_up, drafted);
  if (fastest) tiles.push(tile(times(fastest.speed_up), `over plain offloading: ${name(fastest)}`));
  const most = best(r => r.tokens_per_second);
  tiles.push(tile(number(most.tokens_per_second), `tokens a second: ${name(most)}`));
  const deepest = best(r => r.tau, drafted);
  if (deepest) tiles.push(tile(number(deepest.tau), `accepted draft tokens a round (tau)${deepest.agreement == null ? "" : `, ${(deepest.agreement * 100).toFixed(1)} % agreement`}`));
  tiles.push(
    bench.identical === true ? tile("identical", `${bench.tokens_compared} tokens compared between all ways to decode`, "good")
      : bench.identical === false ? tile("different", bench.difference, "bad")
        : tile("not checked", "one way to decode only: nothing to compare with"));
  byId("tiles").replaceChildren(...tiles);
}

// Speed --------------------------------------------------------------------------------------------------------------------

const measuresSpeedUp = rows.some(r => r.speed_up != null);
byId("speed-title").textContent = measuresSpeedUp ? "Speed-up" : "Speed";
byId("speed-note").textContent = measuresSpeedUp
  ? "Tokens a second over those of plain offloading under the same schedule and number of sessions. Bars are medians, lines the slowest and fastest measurement."
  : "Tokens a second. Bars are medians, lines the slowest and fastest measurement.";

drawn(byId("speed"), width => {
  const of = r => measuresSpeedUp ? r.speed_up ?? 0 : r.tokens_per_second;
  const scale = r => measuresSpeedUp ? (r.speed_up ?? 0) / r.tokens_per_second : 1;
  const groups = [...Map.groupBy(rows, r => r.sessions)];
  // Where there is little room, names stand above their bars.
  const above = width < 620 ? 18 : 0, left = above ? 0 : 230, right = 150, height = 30 + above, gap = severalSessions ? 34 : 0;
  const most = Math.max(...rows.map(r => Math.max(of(r), r.tokens_per_second_max * scale(r))), 1e-9);
  const x = v => left + (width - left - right) * v / most;
  const svg = svgOf(width, rows.length * height + groups.length * gap + 4, "speed of each method and schedule");
  let y = 4;
  for (const [sessions, members] of groups) {
    if (gap) { svg.append(label(0, y + 24, plural(sessions, "session") + " at once", "muted strong")); y += gap; }
    for (const row of members) {
      const bar = element("rect", { class: "bar", x: left, y: y + above + 4, width: Math.max(1, x(of(row)) - left), height: 20, rx: 3 });
      bar.style.fill = color(row);
      explain(bar, name(row), () => [
        ...(row.speed_up == null ? [] : [`${times(row.speed_up)} plain offloading`]),
        `${number(row.tokens_per_second)} tokens a second, ${number(row.tokens_per_second_min)} to ${number(row.tokens_per_second_max)} in ${plural(row.samples, "measurement")}`,
        `${percent(row.limit_share)} of what link and compute allow`]);
      const low = x(row.tokens_per_second_min * scale(row)), high = x(row.tokens_per_second_max * scale(row)), middle = y + above + 14;
      svg.append(label(0, y + 18, `${row.method} · ${row.schedule}`), bar);
      if (high - low > 2) {
        for (const [x1, x2, y1, y2] of [[low, high, middle, middle], [low, low, middle - 4, middle + 4], [high, high, middle - 4, middle + 4]])
          svg.append(element("line", { class: "whisker", x1, x2, y1, y2 }));
      }
      const after = Math.max(x(of(row)), high) + 8;
      const figure = label(after, y + above + 18, row.speed_up == null ? number(row.tokens_per_second) : times(row.speed_up), "strong");
      svg.append(figure, label(after + 50, y + above + 18, row.speed_up == null ? "tok/s" : `${number(row.tokens_per_second)} tok/s`, "muted"));
      y += height;
    }
  }
  return svg;
});

// Acceptance ---------------------------------------------------------------------------------------------------------------

{
  // Share of rounds that accepted at least k, for k from 0 on.
  const curve = row => {
    const total = row.acceptance_histogram.reduce((a, b) => a + b, 0);
    let left = total;
    return row.acceptance_histogram.map(count => { const share = left / total; left -= count; return share; });
  };
  const shown = drafted.filter(r => r.rounds > 0);
  if (shown.length === 0) byId("acceptance-section").remove();
  else {
    legend(byId("acceptance-legend"), shown.map(r => [`${name(r)}, tau ${number(r.tau)}`, color(r), dashes(r)]));
    drawn(byId("acceptance"), width => {
      // As high as the bars beside it, within reason.
      const height = Math.min(440, Math.max(260, rows.length * 58 - 40)), left = 44, bottom = 34, deepest = Math.max(...shown.map(r => r.acceptance_histogram.length - 1), 1);
      const x = k => left + (width - left - 12) * k / deepest, y = share => 8 + (height - bottom - 8) * (1 - share);
      const svg = svgOf(width, height, "share of rounds by accepted draft tokens");
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        svg.append(element("line", { class: "grid", x1: left, x2: width - 12, y1: y(share), y2: y(share) }));
        svg.append(label(left - 8, y(share) + 4, percent(share), "muted end"));
      }
      const step = Math.max(1, niceStep(deepest, 8));
      for (let k = 0; k <= deepest; k += step) svg.append(label(x(k), height - bottom + 18, `${k}`, "muted center"));
      svg.append(label((left + width - 12) / 2, height - 1, "accepted draft tokens", "muted center"));
      for (const row of shown) {
        const points = curve(row);
        const line = element("path", { class: "series", d: points.map((share, k) => `${k ? "L" : "M"}${x(k)} ${y(share)}`).join("") });
        line.style.stroke = color(row);
        line.style.strokeDasharray = dashes(row);
        svg.append(line);
        points.forEach((share, k) => {
          const dot = element("circle", { class: "bar", cx: x(k), cy: y(share), r: 3 });
          dot.style.fill = color(row);
          const aim = element("circle", { cx: x(k), cy: y(share), r: 8, fill: "transparent" });
          explain(aim, name(row), () => [`${percent(share)} of ${plural(row.rounds, "round")} accepted ${k} or more`, `${plural(row.acceptance_histogram[k], "round")} accepted just ${k}`]);
          svg.append(dot, aim);
        });
      }
      return svg;
    });
  }
}

// Time ---------------------------------------------------------------------------------------------------------------------

{
  const parts = [["draft", "var(--draft)", r => r.draft_share], ["verify", "var(--verify)", r => r.verify_share], ["waiting for weights", "var(--stall)", r => r.stall_share],
    ["other", "var(--other)", r => Math.max(0, 1 - r.draft_share - r.verify_share - r.stall_share)]];
  legend(byId("time-legend"), [...parts.map(([text, fill]) => [text, fill]), ["link busy", "var(--stream)"]]);
  drawn(byId("time"), width => {
    const height = 58, svg = svgOf(width, rows.length * height, "shares of decoding time");
    rows.forEach((row, i) => {
      const top = i * height, whole = Math.max(1, parts.reduce((sum, [, , of]) => sum + of(row), 0));
      svg.append(label(0, top + 14, name(row)), element("rect", { class: "track", x: 0, y: top + 43, width, height: 5, rx: 2 }));
      let x = 0;
      for (const [text, fill, of] of parts) {
        const share = of(row), wide = width * share / whole;
        const bar = element("rect", { class: "bar", x, y: top + 21, width: Math.max(0, wide - 1), height: 20, rx: 2 });
        bar.style.fill = fill;
        explain(bar, name(row), () => [`${text}: ${percent(share)} of decoding time`]);
        svg.append(bar);
        if (wide > 40 && fill !== "var(--other)") svg.append(label(x + wide / 2, top + 35, percent(share), `center ${fill === "var(--stall)" ? "small" : "inside"}`));
        x += wide;
      }
      const busy = element("rect", { class: "bar", x: 0, y: top + 43, width: width * Math.min(1, row.stream_share), height: 5, rx: 2 });
      busy.style.fill = "var(--stream)";
      explain(busy, name(row), () => [`link busy: ${percent(row.stream_share)} of decoding time`, `draft steps while it was: ${percent(row.overlap_ratio)}`]);
      svg.append(busy);
    });
    return svg;
  });
}

// Tables -------------------------------------------------------------------------------------------------------------------

{
  const columns = [["method", r => r.method], ["schedule", r => r.schedule], ["draft", r => drafts(r) ? `${r.draft_depth} x ${r.draft_width}` : "-"], ["sessions", r => r.sessions],
    ["tok/s", r => number(r.tokens_per_second)], ["min to max", r => `${number(r.tokens_per_second_min)} to ${number(r.tokens_per_second_max)}`],
    ["speed-up", r => r.speed_up == null ? "-" : times(r.speed_up)], ["tau", r => drafts(r) ? number(r.tau) : "-"], ["agreement", r => r.agreement == null ? "-" : `${(r.agreement * 100).toFixed(1)} %`],
    ["rounds", r => r.rounds], ["streamed/token", r => bytes(r.bytes_streamed_per_token)], ["stall", r => percent(r.stall_share)], ["draft time", r => percent(r.draft_share)],
    ["verify", r => percent(r.verify_share)], ["link busy", r => percent(r.stream_share)], ["of limit", r => percent(r.limit_share)]];
  byId("figures").replaceChildren(
    element("thead", {}, element("tr", {}, ...columns.map(([title]) => element("th", { scope: "col" }, title)))),
    element("tbody", {}, ...rows.map(r => element("tr", {}, ...columns.map(([, of]) => element("td", {}, `${of(r)}`))))));
  const yes = v => v ? "yes" : "no";
  const settings = [["model", bench.label ? `${bench.model} (${bench.label})` : bench.model], ["device", `${bench.device}, ${plural(bench.threads, "thread")}`],
    ["link", bench.link_bandwidth ? `slowed to ${bytes(bench.link_bandwidth)}/s` : "as fast as it goes"], ["direct I/O", yes(bench.direct_io)],
    ["fast memory", bytes(bench.budget_bytes)], ["layers", `${bench.layers_offloaded} offloaded, ${bench.layers_resident} resident`],
    ["streamed a pass", `${bytes(bench.streamed_bytes)} through a ring of ${plural(bench.ring_slots, "layer")}`], ["substitutes", bench.substitute_bits == null ? "none" : `${bench.substitute_bits} bits`],
    ["prompts", `${bench.prompts} x ${bench.repeat}`], ["tokens an answer", `${bench.max_tokens}; plain decoding ${Math.min(bench.max_tokens, bench.autoregressive_tokens)}`],
    ["temperature", `${bench.temperature}`], ["seed", `${bench.seed}`], ["rows alike in any batch", yes(bench.deterministic)],
    ["same tokens", bench.identical == null ? "not checked" : bench.identical ? `yes, ${bench.tokens_compared} compared` : `no: ${bench.difference}`]];
  byId("settings").replaceChildren(...settings.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, text))));
  byId("footer").textContent = `Written ${data.written} by subspec ${data.version}. Speed-up is over plain offloading under the same schedule; agreement: how often the draft's first choice was the target's token.`;
}

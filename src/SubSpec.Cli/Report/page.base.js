const data = JSON.parse(document.getElementById("data").textContent);
const bench = data.bench, rows = bench.rows;

// Elements -----------------------------------------------------------------------------------------------------------------

function svgOf(width, height, label) {
  return element("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label });
}

function label(x, y, text, kind = "") { return element("text", { x, y, class: kind }, text); }

// Charts are drawn to the width they have, so that text keeps its size.
const drawings = [];
function drawn(host, draw) {
  const redraw = () => { if (host.clientWidth > 0) { host.replaceChildren(draw(host.clientWidth)); } };
  drawings.push(redraw);
  redraw();
  return redraw;
}
let resizing = 0;
addEventListener("resize", () => { cancelAnimationFrame(resizing); resizing = requestAnimationFrame(() => drawings.forEach(d => d())); });

// Cases --------------------------------------------------------------------------------------------------------------------

const drafts = row => row.draft_depth > 0;
const severalSchedules = new Set(rows.map(r => r.schedule)).size > 1;
const severalSessions = new Set(rows.map(r => r.sessions)).size > 1;
const name = row => `${row.method} · ${row.schedule}${severalSessions ? ` · ${plural(row.sessions, "session")}` : ""}`;
const drafted = rows.filter(drafts);
// A way to decode keeps its colour at any number of sessions; lines tell those apart by their dashes.
const ways = [...new Set(drafted.map(r => `${r.method} ${r.schedule}`))], loads = [...new Set(rows.map(r => r.sessions))];
const color = row => drafts(row) ? `var(--series-${ways.indexOf(`${row.method} ${row.schedule}`) % 6})` : "var(--plain)";
const dashes = row => ["", "7 4", "2 4", "10 4 2 4"][loads.indexOf(row.sessions) % 4];

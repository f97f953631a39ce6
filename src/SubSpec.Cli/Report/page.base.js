"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const bench = data.bench, rows = bench.rows;

// Elements -----------------------------------------------------------------------------------------------------------------

const byId = id => document.getElementById(id);

// Texts become text nodes, never markup.
function element(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "rect", "line", "path", "text", "circle"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

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

const tip = byId("tip");
function explain(target, title, lines) {
  target.addEventListener("pointermove", e => {
    tip.replaceChildren(element("b", {}, title), ...lines().map(line => element("div", {}, line)));
    tip.hidden = false;
    const x = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8), below = e.clientY + 18;
    const y = below + tip.offsetHeight > innerHeight ? e.clientY - tip.offsetHeight - 12 : below;
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${y}px`;
  });
  target.addEventListener("pointerleave", () => { tip.hidden = true; });
}

function legend(host, entries) {
  host.replaceChildren(...entries.map(([text, color, dash]) => {
    if (dash == null) {
      const box = element("i");
      box.style.background = color;
      return element("span", {}, box, text);
    }
    const line = element("line", { class: "series", x1: 0, x2: 26, y1: 6, y2: 6, "stroke-dasharray": dash });
    line.style.stroke = color;
    return element("span", {}, element("svg", { width: 26, height: 12, "aria-hidden": true }, line), text);
  }));
}

// Numbers ------------------------------------------------------------------------------------------------------------------

const number = v => v >= 99.95 ? v.toFixed(0) : v >= 9.995 ? v.toFixed(1) : v.toFixed(2);
const percent = v => `${(v * 100).toFixed(0)} %`;
const times = v => `${number(v)}x`;
const plural = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

function bytes(v) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (v >= 1024 && unit < units.length - 1) { v /= 1024; unit++; }
  return `${unit === 0 ? v : number(v)} ${units[unit]}`;
}

function duration(ms) {
  if (ms < 1) return `${(ms * 1000).toFixed(ms < 0.01 ? 1 : 0)} µs`;
  if (ms < 1000) return `${number(ms)} ms`;
  return `${number(ms / 1000)} s`;
}

// A round step that divides the range into about so many parts.
function niceStep(range, parts) {
  const raw = range / parts, power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find(f => f * power >= raw);
}

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

"use strict";
// What the live page and the report of a benchmark have in common.

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

const tip = byId("tip");
function showTip(x, y, title, lines) {
  tip.replaceChildren(element("b", {}, title), ...lines.map(line => element("div", {}, line)));
  tip.hidden = false;
  const left = Math.min(x + 14, innerWidth - tip.offsetWidth - 8), below = y + 18;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${below + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 12 : below}px`;
}
function hideTip() { tip.hidden = true; }
function explain(target, title, lines) {
  target.addEventListener("pointermove", e => showTip(e.clientX, e.clientY, title, lines()));
  target.addEventListener("pointerleave", hideTip);
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

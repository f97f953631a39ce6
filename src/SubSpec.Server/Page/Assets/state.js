// State: what the service says of itself a few times a second -----------------------------------------------------------------

const state = (() => {
  const descriptions = {
    sequential: "draft, then stream and verify",
    prefetch: "the next pass streams while drafting",
    "draft-ahead": "drafts on while a pass waits for weights",
    shared: "all sessions in one pass",
    interleave: "one group is drafted while another is verified",
    adaptive: "depth and width by what was measured",
  };
  const statuses = {
    ready: "ready", working: "working", loading: "loading", building: "starting the engine", unloaded: "at rest, loads on demand",
    down: "down, the next request tries again", ended: "ended: the model cannot be used", lost: "no connection", connecting: "connecting",
  };
  // Long enough to be steady, and for slow rounds at least a few of them.
  const window = 3000, leastRounds = 3, longest = 60_000;
  let history = [], current = null, changing = null;

  function take(next) {
    current = next;
    const restarted = history.length && next.totals && next.totals.passes < history[history.length - 1].totals.passes;
    if (restarted || !next.totals) history = [];
    if (next.totals) history = [...history.filter(h => h.now > next.now - longest), next];
    byId("model").textContent = next.label ? `${next.model} (${next.label})` : next.model;
    document.title = `${next.model} · SubSpec`;
    showStatus(next.status === "ready" && next.running > 0 ? "working" : next.status, next.loading);
    byId("about").textContent = aboutOf(next);
    showSchedules(next);
    showSpeed();
    showSessions(next);
    showMemory(next);
  }

  function showStatus(status, loading) {
    const chip = byId("status");
    const text = loading ? `${loading.stage} ${percent(loading.fraction)}` : statuses[status] ?? status;
    if (chip.textContent !== text) chip.textContent = text;
    chip.dataset.status = status;
  }

  function aboutOf({ layers, device, threads, link_bandwidth: link }) {
    if (!layers) return "";
    const parts = [`${layers.offloaded} of ${layers.offloaded + layers.resident} layers offloaded`, device === "cpu" ? plural(threads, "thread") : device];
    if (link) parts.push(`link slowed to ${bytes(link)}/s`);
    return parts.join(" · ");
  }

  // Figures of the last stretch of time in which something happened.
  function showSpeed() {
    const last = history.at(-1);
    if (!last) return;
    const first = history.findLast(h => h.now <= last.now - window && h.totals.rounds + leastRounds <= last.totals.rounds) ?? history[0];
    const since = key => last.totals[key] - first.totals[key], seconds = (last.now - first.now) / 1000;
    const works = last.running > 0 && since("committed") > 0 && seconds > 0.2;
    for (const id of ["speed", "tau", "streamed", "stall"]) byId(id).classList.toggle("past", !works);
    if (!works) return;
    byId("speed").textContent = number(since("committed") / seconds);
    byId("tau").textContent = since("rounds") ? number(since("accepted") / since("rounds")) : "–";
    byId("streamed").textContent = bytes(since("streamed") / seconds);
    byId("stall").textContent = percent(Math.min(1, since("stall_seconds") / seconds));
  }

  function showSchedules({ schedules, schedule }) {
    const host = byId("schedules");
    if (host.children.length !== schedules.length || [...host.querySelectorAll("input")].some((input, i) => input.value !== schedules[i])) {
      host.replaceChildren(...schedules.map(name => {
        const input = element("input", { type: "radio", name: "schedule", value: name });
        input.addEventListener("change", () => use(name));
        return element("label", {}, input, element("b", {}, name));
      }));
    }
    const chosen = changing ?? schedule;
    host.querySelectorAll("input").forEach(input => { input.checked = input.value === chosen; });
    byId("schedule-about").textContent = descriptions[chosen] ?? "";
  }

  // The last choice counts, whatever the order of the answers.
  async function use(name) {
    const note = byId("schedule-note");
    changing = name;
    note.className = "muted note";
    note.textContent = `Changing to ${name} at the end of this round.`;
    try {
      const response = await request("/live/schedule", { method: "POST", body: JSON.stringify({ schedule: name }) });
      const problem = response.ok ? null : await problemOf(response);
      if (changing !== name) return;
      note.className = problem ? "problem note" : "muted note";
      note.textContent = problem ?? `In force: ${name}.`;
      if (!problem) current.schedule = name;
    } catch {
      if (changing !== name) return;
      note.className = "problem note";
      note.textContent = "No connection: the schedule stays.";
    }
    changing = null;
    showSchedules(current);
  }

  function showSessions({ running, waiting }) {
    const parts = [running ? `${running} running` : "none running"];
    if (waiting) parts.push(`${waiting} waiting`);
    byId("sessions").textContent = parts.join(", ");
    const rounds = Map.groupBy(lanes.recent(), c => c.sequences[0]);
    byId("sequences").replaceChildren(...[...rounds].slice(-8).map(([id, commits]) => {
      const tokens = commits.reduce((sum, c) => sum + c.rows, 0), most = Math.max(...commits.map(c => c.rows));
      const bars = element("span", { class: "bars", "aria-hidden": true }, ...commits.slice(-24).map(c => {
        const bar = element("i");
        bar.style.height = `${Math.max(8, 100 * c.rows / Math.max(8, most))}%`;
        return bar;
      }));
      return element("li", {}, element("span", {}, `session ${id}`), bars, element("span", { class: "muted" }, plural(tokens, "token")));
    }));
  }

  function showMemory({ kv, memory }) {
    if (!kv || !memory) {
      byId("kv-text").textContent = byId("memory-text").textContent = "no model loaded";
      return;
    }
    fill("kv", [kv.used / kv.slots, kv.cached / kv.slots]);
    const count = n => n.toLocaleString("en");
    byId("kv-text").textContent = `KV cache: ${count(kv.used)} of ${count(kv.slots)} slots used` + (kv.cached ? `, ${count(kv.cached)} kept for prompts that begin alike` : "");
    fill("memory", [memory.peak / memory.budget]);
    byId("memory-text").textContent = `Fast memory: ${bytes(memory.peak)} of a budget of ${bytes(memory.budget)}`;
  }

  function fill(id, shares) {
    [...byId(id).children].forEach((part, i) => { part.style.width = `${100 * Math.min(1, shares[i] || 0)}%`; });
    byId(id).setAttribute("aria-label", `${percent(shares[0] || 0)} used`);
  }

  watch({ state: take, spans: lanes.add }, () => showStatus("lost"));
  return { get model() { return current?.model; } };
})();

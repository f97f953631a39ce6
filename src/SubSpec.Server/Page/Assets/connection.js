// Requests with the key, and server-sent events that can carry one -----------------------------------------------------------

const keyName = "subspec-api-key";
let asking = null;

// Asks once, however many requests wait for the answer.
function askKey(problem) {
  asking ??= new Promise(done => {
    const dialog = byId("key-dialog"), field = byId("key");
    byId("key-problem").textContent = problem;
    field.value = "";
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(keyName, field.value);
      asking = null;
      done();
    }, { once: true });
    // A service without its key has nothing to show behind the question.
    dialog.oncancel = e => e.preventDefault();
    dialog.showModal();
  });
  return asking;
}

// A response that is not 401; the caller looks at its status.
async function request(path, options = {}) {
  for (;;) {
    const key = sessionStorage.getItem(keyName);
    const headers = { ...options.headers };
    if (options.body) headers["Content-Type"] = "application/json";
    if (key) headers.Authorization = `Bearer ${key}`;
    const response = await fetch(path, { ...options, headers, cache: "no-store" });
    if (response.status !== 401) return response;
    await askKey(key ? "This key was refused." : "");
  }
}

// The message of an OpenAI-shaped error, or what can be said without one.
async function problemOf(response) {
  try { return (await response.json()).error.message; }
  catch { return `the service answered ${response.status}`; }
}

// Yields { event, data } for each server-sent event; comments keep a connection alive and say nothing.
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      for (let end; (end = text.search(/\r?\n\r?\n/)) >= 0;) {
        const block = text.slice(0, end);
        text = text.slice(end).replace(/^\r?\n\r?\n/, "");
        const field = name => block.split(/\r?\n/).filter(l => l.startsWith(`${name}:`)).map(l => l.slice(name.length + 1).trimStart());
        const data = field("data");
        if (data.length) yield { event: field("event")[0] ?? "message", data: data.join("\n") };
      }
    }
  } finally { reader.cancel().catch(() => { }); }
}

// Watches the service while somebody sees the page, and comes back after a break.
async function watch(handlers, lost) {
  for (let wait = 500; ;) {
    if (document.hidden) await new Promise(shown => document.addEventListener("visibilitychange", shown, { once: true }));
    const leave = new AbortController();
    const hide = () => { if (document.hidden) leave.abort(); };
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await request("/live", { signal: leave.signal });
      if (!response.ok) throw new Error(await problemOf(response));
      for await (const { event, data } of eventsOf(response)) {
        wait = 500;
        handlers[event]?.(JSON.parse(data));
      }
      throw new Error("the service ended the connection");
    } catch (e) {
      if (!document.hidden) {
        lost(e.message);
        await new Promise(r => setTimeout(r, wait));
        wait = Math.min(wait * 2, 10_000);
      }
    } finally { document.removeEventListener("visibilitychange", hide); }
  }
}

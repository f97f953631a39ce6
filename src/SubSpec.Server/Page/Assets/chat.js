// Chat: one conversation over /v1/chat/completions ----------------------------------------------------------------------------

{
  const log = byId("messages"), form = byId("composer"), field = byId("prompt"), send = byId("send"), stop = byId("stop");
  let conversation = [], running = null;

  form.addEventListener("submit", e => { e.preventDefault(); ask(field.value); });
  stop.addEventListener("click", () => running?.abort());
  byId("new-chat").addEventListener("click", () => {
    running?.abort();
    conversation = [];
    log.replaceChildren(byId("welcome") ?? welcome);
    field.focus();
  });
  const welcome = byId("welcome");
  welcome.querySelectorAll("button").forEach(b => b.addEventListener("click", () => ask(b.textContent)));
  byId("show-runs").addEventListener("change", e => log.classList.toggle("plain", !e.target.checked));

  field.addEventListener("input", grow);
  field.addEventListener("keydown", e => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    e.preventDefault();
    form.requestSubmit();
  });
  addEventListener("keydown", e => { if (e.key === "Escape" && running) running.abort(); });

  function grow() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, 180)}px`;
  }

  async function ask(text) {
    if (running || !text.trim()) return;
    welcome.remove();
    field.value = "";
    grow();
    // "New chat" begins another one while this answer ends.
    const own = conversation;
    own.push({ role: "user", content: text });
    log.append(element("div", { class: "message user" }, text));
    const answer = new Answer();
    log.append(answer.element);
    follow(true);
    const leave = running = new AbortController();
    send.hidden = true;
    stop.hidden = false;
    try { await stream(own, answer, leave.signal); }
    catch (e) {
      if (leave.signal.aborted) answer.end("stopped");
      else answer.fail(e.message);
    }
    // What was not answered is not part of the conversation, and can be sent again.
    if (answer.text) own.push({ role: "assistant", content: answer.text });
    else if (own.at(-1)?.role === "user") {
      own.pop();
      if (!field.value) field.value = text;
    }
    running = null;
    stop.hidden = true;
    send.hidden = false;
    follow();
  }

  async function stream(own, answer, signal) {
    const body = { model: state.model, messages: own, stream: true, stream_options: { include_usage: true } };
    for (const [id, name] of [["temperature", "temperature"], ["max-tokens", "max_tokens"], ["seed", "seed"]])
      if (byId(id).value !== "") body[name] = Number(byId(id).value);
    const response = await request("/v1/chat/completions", { method: "POST", body: JSON.stringify(body), signal });
    if (!response.ok) throw new Error(await problemOf(response));
    let reason = null, last = {};
    for await (const { data } of eventsOf(response)) {
      if (data === "[DONE]") break;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new Error(chunk.error.message);
      const choice = chunk.choices[0];
      if (choice?.delta?.content) {
        const at = atEnd();
        answer.add(choice.delta.content, chunk.tokens);
        follow(at);
      }
      reason = choice?.finish_reason ?? reason;
      last = { usage: chunk.usage ?? last.usage, timings: chunk.timings ?? last.timings };
    }
    answer.end(reason === "length" ? "reached the most tokens" : null, last);
  }

  // The log follows its end unless the reader has scrolled away from it.
  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  function follow(yes = atEnd()) { if (yes) log.scrollTop = log.scrollHeight; }

  // An answer grows by runs: what one verified round brought.
  class Answer {
    text = "";
    #began = performance.now();
    #first = null;
    #runs = 0;
    #body = element("div", { class: "text" });
    #note = element("p", { class: "muted note" }, "reading the prompt");
    element = element("div", { class: "message assistant", "aria-busy": true }, this.#body, this.#note);

    add(text, tokens) {
      this.#first ??= performance.now();
      this.text += text;
      const run = element("span", { class: `run ${this.#runs++ % 2 ? "odd" : "even"}` }, text);
      explain(run, tokens ? plural(tokens, "token") : "one round", () => [`round ${run.dataset.round} of this answer`]);
      run.dataset.round = this.#runs;
      this.#body.append(run);
      this.#note.textContent = "";
    }

    end(what, { usage, timings } = {}) {
      const parts = [];
      if (timings?.tokens_per_second) parts.push(`${number(timings.tokens_per_second)} tokens/s`);
      if (timings?.tau) parts.push(`tau ${number(timings.tau)}`);
      if (usage) parts.push(plural(usage.completion_tokens, "token"));
      if (this.#first) parts.push(`first token after ${duration(this.#first - this.#began)}`);
      if (what) parts.push(what);
      this.#close(parts.join(" · ") || "no text");
    }

    fail(problem) {
      this.#note.className = "problem note";
      this.#close(problem);
    }

    #close(note) {
      this.#note.textContent = note;
      this.element.removeAttribute("aria-busy");
    }
  }

  field.focus();
}

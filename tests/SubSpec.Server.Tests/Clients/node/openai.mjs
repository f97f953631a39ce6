// openai.mjs URL: what the openai package gets from a service, as one JSON object.
import OpenAI from "openai";

const openai = new OpenAI({ baseURL: process.argv[2], apiKey: "unused", maxRetries: 0 });
const messages = [{ role: "user", content: "Tell me a story." }];
const fixed = { model: "demo", messages, temperature: 0.8, seed: 5, max_tokens: 24 };

const failure = async (promise) => {
  try {
    await promise;
    return null;
  } catch (e) {
    return { type: e.constructor.name, status: e.status ?? null, code: e.code ?? null, param: e.param ?? null };
  }
};

const collected = async (stream) => {
  const all = { text: "", finish: null, usage: null, chunks: 0 };
  for await (const chunk of stream) {
    all.chunks++;
    all.text += chunk.choices[0]?.delta?.content ?? chunk.choices[0]?.text ?? "";
    all.finish ??= chunk.choices[0]?.finish_reason ?? null;
    all.usage ??= chunk.usage ?? null;
  }
  return all;
};

const cancelled = async () => {
  const stream = await openai.chat.completions.create({ model: "demo", messages, stream: true, logit_bias: { 4093: -100, 4094: -100, 4095: -100 } });
  let chunks = 0;
  for await (const _ of stream) {
    chunks++;
    stream.controller.abort();
  }
  return chunks;
};

console.log(JSON.stringify({
  models: (await openai.models.list()).data.map((m) => m.id),
  chat: await openai.chat.completions.create(fixed),
  stream: await collected(await openai.chat.completions.create({ ...fixed, stream: true, stream_options: { include_usage: true } })),
  stop: await openai.chat.completions.create({ ...fixed, max_tokens: 200, stop: ["."] }),
  choices: await openai.chat.completions.create({ ...fixed, n: 3 }),
  logprobs: await openai.chat.completions.create({ ...fixed, max_tokens: 4, logprobs: true, top_logprobs: 2 }),
  completion: await openai.completions.create({ model: "demo", prompt: "Once upon a time", max_tokens: 8, temperature: 0 }),
  completionStream: await collected(await openai.completions.create({ model: "demo", prompt: "Once upon a time", max_tokens: 8, temperature: 0, stream: true })),
  notFound: await failure(openai.chat.completions.create({ ...fixed, model: "gpt-5" })),
  badRequest: await failure(openai.chat.completions.create({ ...fixed, response_format: { type: "json_object" } })),
  tooLong: await failure(openai.chat.completions.create({ ...fixed, messages: [{ role: "user", content: "story ".repeat(5000) }] })),
  cancelled: await cancelled(),
}));

// Chat templates and small snippets as the JavaScript jinja library renders them.
// usage: node templates.mjs > ../../tests/SubSpec.Text.Tests/Fixtures/template-vectors.json
import { readFileSync, readdirSync } from "node:fs";
import { Template } from "@huggingface/jinja";
import { snippets } from "./snippets.mjs";

// strftime_now asks for the time: always 3 February 2025, local noon.
globalThis.Date = class extends Date {
  constructor() {
    super(2025, 1, 3, 12);
  }
};

const root = new URL("../../", import.meta.url);
const folder = new URL("tests/SubSpec.Text.Tests/Fixtures/chat_templates/", root);
const templates = Object.fromEntries(
  readdirSync(folder).filter((f) => f.endsWith(".jinja")).sort().map((f) => [f, readFileSync(new URL(f, folder), "utf8")]),
);
templates.demo = JSON.parse(readFileSync(new URL("config/models/demo/tokenizer_config.json", root), "utf8")).chat_template;

const user = (content) => ({ role: "user", content });
const assistant = (content) => ({ role: "assistant", content });
const system = (content) => ({ role: "system", content });
const call = { type: "function", function: { name: "weather", arguments: { city: "Zürich", days: 3, units: null, exact: true, "at\n\"most\"": 1.5 } } };
const tools = [{
  type: "function",
  function: {
    name: "weather",
    description: "The weather of a city, <now> & \"later\".",
    parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer", enum: [1, 3, 7], default: [] } }, required: ["city"], more: {} },
  },
}, { type: "function", function: { name: "time", description: "日本語", parameters: {} } }];

const conversations = {
  user: [user("Hi there")],
  system: [system("You are brief."), user("  padded \n")],
  turns: [user("One"), assistant("Two"), user("Three"), assistant("<think>hm</think>Four"), user("Five 🚀 'quoted' \"twice\" {{ x }} {% y %}")],
  systemTurns: [system(" Be kind. "), user("One"), assistant(""), user("Three")],
  toolTurns: [user("Weather?"), { role: "assistant", content: null, tool_calls: [call] }, { role: "tool", content: '{"t": 21}' }, assistant("It is 21."), user("Thanks")],
};

const chats = [];
for (const [template, source] of Object.entries(templates)) {
  for (const [conversation, messages] of Object.entries(conversations)) {
    for (const add_generation_prompt of [false, true]) {
      for (const withTools of [false, true]) {
        if (template === "demo" && (withTools || conversation === "toolTurns")) continue;
        // DeepSeek's template joins the arguments as text.
        const adapted = !template.startsWith("deepseek") ? messages : JSON.parse(JSON.stringify(messages), (k, v) => (k === "arguments" ? JSON.stringify(v) : v));
        const variables = { messages: adapted, add_generation_prompt, tools: withTools ? tools : null, bos_token: "<bos>", eos_token: "<eos>" };
        const expected = new Template(source).render(variables);
        chats.push({ template, conversation, variables, expected });
      }
    }
  }
}

const rendered = snippets.map(([source, variables = {}]) => {
  try {
    return { source, variables, expected: new Template(source).render(variables) };
  } catch (error) {
    throw new Error(`${source}: ${error.message}`);
  }
});
process.stdout.write(JSON.stringify({ chats, snippets: rendered }).replaceAll('{"template"', '\n{"template"').replaceAll('{"source"', '\n{"source"') + "\n");

// Ids from the JavaScript tokenizers library, for the demo model's vocabulary under several pre-tokenizers.
// usage: node tokenizer.mjs > ../../tests/SubSpec.Text.Tests/Fixtures/tokenizer-vectors.json
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { generator, randomText } from "./random.mjs";

const folder = new URL("../../config/models/demo/", import.meta.url);
const json = JSON.parse(readFileSync(new URL("tokenizer.json", folder), "utf8"));
const config = JSON.parse(readFileSync(new URL("tokenizer_config.json", folder), "utf8"));

const byteLevel = (settings) => ({ type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false, ...settings });
const split = (pattern, behavior = "Isolated", invert = false) => ({ type: "Split", pattern, behavior, invert });
const sequence = (...pretokenizers) => ({ type: "Sequence", pretokenizers });
const llama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const variants = {
  demo: {},
  llama3: { normalizer: null, pre_tokenizer: sequence(split({ Regex: llama3 }), byteLevel()) },
  gpt2: { normalizer: null, pre_tokenizer: byteLevel({ use_regex: true }) },
  prefixSpace: { pre_tokenizer: byteLevel({ use_regex: true, add_prefix_space: true }) },
  digits: { pre_tokenizer: sequence({ type: "Digits", individual_digits: true }, byteLevel({ use_regex: true })) },
  string: { pre_tokenizer: sequence(split({ String: "the" }), split({ Regex: "\\s+" }, "Removed"), byteLevel()) },
};

const texts = [
  "", " ", "Once upon a time, there was a little girl named Lily.", "I'll we'VE it'S don't 'tis", "x = 1234567;\r\n\r\n\ty += 0x1F  \n",
  "e\u0301clair \u212B \u1100\u1161\u11A8 \uAC00\u11A8", "👩‍👩‍👧‍👦 🇩🇪🇯🇵 ❤️‍🔥 5️⃣", "𝐀𝐁c𝟏𝟐3 𐐨x 𠀀字", "Zażółć gęślą jaźń", "שָׁלוֹם العَرَبِيَّة हिन्दी ภาษาไทย",
  "<|im_start|>user\nhello<|im_end|><|im_star|><|endoftext|>", "a".repeat(300), "!?".repeat(100), " ".repeat(50) + "x" + "\n".repeat(20),
];
const random = generator(7);
for (let i = 0; i < 150; i++) texts.push(randomText(random, 1 + random(60)));

const result = {};
for (const [name, change] of Object.entries(variants)) {
  const tokenizer = new Tokenizer({ ...json, ...change }, config);
  const own = name === "demo" ? texts : texts.slice(0, 64);
  result[name] = { change, vectors: own.map((text) => ({ text, ids: tokenizer.encode(text, { add_special_tokens: false }).ids })) };
}
process.stdout.write(JSON.stringify(result, null, 0).replaceAll('{"text"', '\n{"text"') + "\n");

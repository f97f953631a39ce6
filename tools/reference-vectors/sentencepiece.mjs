// Ids and texts from the JavaScript tokenizers library for vocabularies in SentencePiece's style, made of the demo's merges.
// usage: node sentencepiece.mjs > ../../tests/SubSpec.Text.Tests/Fixtures/sentencepiece-vectors.json
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { generator, randomText } from "./random.mjs";

const demo = JSON.parse(readFileSync(new URL("../../config/models/demo/tokenizer.json", import.meta.url), "utf8"));
const mark = "▁";

// Pieces of letters only, in the demo's order, which is the order of their scores.
const vocab = { "<unk>": 0, "<s>": 1, "</s>": 2 };
const add = (token) => (vocab[token] ??= Object.keys(vocab).length);
for (let b = 0; b < 256; b++) add(`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
const joined = demo.model.merges.map((m) => m.replaceAll("Ġ", mark).replace(" ", "")).filter((t) => /^▁?[a-zA-Z,']+$/.test(t));
// And a token of two marks, as Gemma and Llama 2 have for indentation.
const ranked = [...new Set(joined)].slice(0, 700).concat(mark + mark);
ranked.forEach(add);
for (const c of mark + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.'!?éü日") add(c);
// SentencePiece joins any two pieces that make a third: as merges, these are all cuts of each piece.
const merges = ranked.flatMap((t) => Array.from(t, (_, i) => [t.slice(0, i), t.slice(i)]).filter(([l, r]) => l in vocab && r in vocab).map((pair) => pair.join(" ")));

const special = (content) => ({ id: vocab[content], content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
const replace = { type: "Replace", pattern: { String: " " }, content: mark };
const unreplace = { type: "Replace", pattern: { String: mark }, content: " " };
const metaspace = (prepend_scheme) => ({ type: "Metaspace", replacement: mark, prepend_scheme, split: false });
const bytes = [unreplace, { type: "ByteFallback" }, { type: "Fuse" }];
const tokenizer = {
  version: "1.0",
  added_tokens: ["<unk>", "<s>", "</s>"].map(special),
  normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: mark }, replace] },
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: "Sequence", decoders: [...bytes, { type: "Strip", content: " ", start: 1, stop: 0 }] },
  model: { type: "BPE", dropout: null, unk_token: "<unk>", continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges },
};
const variants = {
  llama2: {},
  metaspaceFirst: { normalizer: null, pre_tokenizer: metaspace("first") },
  metaspaceAlways: { normalizer: null, pre_tokenizer: metaspace("always"), decoder: metaspace("always") },
  gemma: { normalizer: replace, pre_tokenizer: null, decoder: { type: "Sequence", decoders: bytes } },
  // Without byte fallback unknown characters in a row are one unknown token.
  unknown: { model: { byte_fallback: false } },
};

const texts = [
  "", " ", "  ", "a", " a", "Once upon a time, there was a little girl named Lily.", "two  spaces   and    more ", "  lead", "line\nbreak\r\n\ttab", "naïve café über 日本語 日日", "x = 1234567;",
  "👩‍👩‍👧 🇩🇪 𝐀𝐁 𐐨", "<s>hello</s>", "a<s> b <s>c", "<s>", "▁ marked▁", "<0x41> is no byte", "a".repeat(200), "it's I'll don't", "Zażółć gęślą jaźń", "<unk>",
];
const random = generator(13);
for (let i = 0; i < 60; i++) texts.push(randomText(random, 1 + random(40)));
const words = Object.keys(vocab).slice(259);
for (let i = 0; i < 40; i++) texts.push(Array.from({ length: 1 + random(12) }, () => words[random(words.length)]).join("").replaceAll(mark, " "));

const size = Object.keys(vocab).length;
const result = { tokenizer, ranked: ranked.length, variants: {} };
for (const [name, change] of Object.entries(variants)) {
  const changed = { ...tokenizer, ...change, model: { ...tokenizer.model, ...change.model } };
  const reference = new Tokenizer(changed, { clean_up_tokenization_spaces: false });
  const vectors = texts.map((text) => ({ text, ids: reference.encode(text, { add_special_tokens: false }).ids }));
  // Random tokens; those of bytes are mostly broken UTF-8. (A run that begins with U+FEFF would lose it in the library: there is none.)
  const decoded = [];
  for (let i = 0; i < 60; i++) {
    const ids = Array.from({ length: 1 + random(20) }, () => (random(2) ? random(size) : 3 + 0x80 + random(0x80)));
    decoded.push({ ids, text: reference.decode(ids, { skip_special_tokens: true }) });
  }
  result.variants[name] = { change, vectors, decoded };
}

// The same pieces as a unigram model: longer pieces score higher.
const pieces = Object.keys(vocab).filter((t) => !t.startsWith("<0x")).map((t, i) => [t, i < 3 ? 0 : Math.fround(-9 - (i % 97) / 13 + t.length)]);
const unigram = new Tokenizer({ ...tokenizer, model: { type: "Unigram", unk_id: 0, vocab: pieces } }, { clean_up_tokenization_spaces: false });
result.unigram = { pieces, vectors: texts.filter((t) => t && !t.includes("<")).map((text) => ({ text, ids: unigram.encode(text, { add_special_tokens: false }).ids })) };
process.stdout.write(JSON.stringify(result).replaceAll('{"text"', '\n{"text"').replaceAll('{"ids"', '\n{"ids"') + "\n");

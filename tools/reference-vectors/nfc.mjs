// Normalization form C from ICU.
// usage: node nfc.mjs > ../../tests/SubSpec.Text.Tests/Fixtures/nfc-vectors.json
import { generator, randomText } from "./random.mjs";

const random = generator(11);
const marks = () => String.fromCodePoint(0x300 + random(0x4f));
const texts = ["", "plain", "\u1e9b\u0323", "\u0344", "\u0958", "\u{1d15e}", "\u0300a", "a\u0315\u0300\u05ae\u0300\u0062", "\u1100\u1161\u11a7", "\u0b47\u0300\u0b3e"];
for (let i = 0; i < 150; i++) texts.push(randomText(random, 1 + random(30)));
for (let i = 0; i < 150; i++) texts.push(Array.from({ length: 1 + random(8) }, () => "aeioucnsy"[random(9)] + marks() + (random(2) ? marks() + marks() : "")).join(""));
// Every code point that normalization changes, decomposed and composed; without U+10500 to U+1D0FF, where Unicode 16 added some.
let all = "";
for (let cp = 0x80; cp < 0x30000; cp++) {
  if ((cp >= 0xd800 && cp < 0xe000) || (cp >= 0x10500 && cp < 0x1d100)) continue;
  const c = String.fromCodePoint(cp);
  if (c.normalize("NFD") !== c && !(cp >= 0xac10 && cp < 0xd780)) all += c;
}
texts.push(all, all.normalize("NFD"));
process.stdout.write(JSON.stringify(texts.map((text) => ({ text, nfc: text.normalize("NFC") }))).replaceAll('{"text"', '\n{"text"') + "\n");

"""Writes the canonical decompositions and combining classes that NFC needs.

usage: python3 canonical.py > ../../src/SubSpec.Text/Normalization/canonical.txt
Lines: `C cp a b` pair that also composes, `D cp a [b]` decomposition only, `M first last class` combining class of a range.
Hangul syllables are left out: they follow from arithmetic.
"""
import unicodedata

print(f"# Unicode {unicodedata.unidata_version}, from UnicodeData.txt and CompositionExclusions.txt; see tools/unicode/canonical.py")
points = [cp for cp in range(0x110000) if not 0xD800 <= cp <= 0xDFFF]
for cp in points:
    mapping = unicodedata.decomposition(chr(cp))
    if mapping and not mapping.startswith("<"):
        kind = "C" if unicodedata.normalize("NFC", chr(cp)) == chr(cp) else "D"
        print(f"{kind} {cp:X} " + " ".join(f"{int(p, 16):X}" for p in mapping.split()))

start = None
for cp in points + [0x110000]:
    cls = unicodedata.combining(chr(cp)) if cp < 0x110000 else 0
    if start is not None and cls != start[1]:
        print(f"M {start[0]:X} {cp - 1:X} {start[1]}")
        start = None
    if start is None and cls:
        start = (cp, cls)

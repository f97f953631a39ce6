// Small templates, each for one construct: [source, variables]. Booleans go through tojson: Jinja prints True, this library true.
const people = [{ name: "Bo", age: 3, pet: { kind: "cat" } }, { name: "ann", age: 1, pet: { kind: "dog" } }, { name: "Cy", age: 2, pet: { kind: "cat" } }];
export const snippets = [
  // White space.
  ["a\n  {% if true %}\n  b\n  {% endif %}\nc\n"], ["a\n  {%- if true -%}\n  b\n  {%- endif -%}\n c"], ["a {{- 1 -}} b"], ["a\n\n{{- 1 }}\n\n{{ 2 -}}\n\nb"],
  ["  {% if true %}x{% endif %}  \n  y"], ["x {# note #} y\n  {# line #}\nz"], ["x {#- note -#} y"], ["{% if true %}\n\n x{% endif %}\n\n"],
  ["x{% set a = 1 %}\n  {% set b = 2 %}\ny"], ["\t{{ 1 }}\n\t{% set a = 1 %}{{ a }}"],
  // Literals and operators.
  ["{{ 1 + 2 * 3 - 4 }} {{ 7 // 2 }} {{ 7 % 3 }} {{ (1 + 2) * 3 }} {{ 10 / 4 }}"], ["{{ 'a' + \"b\" ~ 1 ~ 'c' }}"], ["{{ 'it\\'s' }} {{ \"a\\nb\\tc\" }}"], ["{{ 'a' 'b' }}"],
  ["{{ (1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3 and 1 != 2 and 1 == 1) | tojson }}"], ["{{ (not true or false) | tojson }} {{ (true and not false) | tojson }}"], ["{{ ('b' in 'abc') | tojson }} {{ (2 in [1, 2]) | tojson }} {{ (3 not in [1, 2]) | tojson }} {{ ('k' in {'k': 1}) | tojson }}"],
  ["{{ 'yes' if 1 > 2 else 'no' }}{{ 'shown' if true }}{{ 'hidden' if false }}"], ["{{ x or 'fallback' }}{{ 'a' and 'b' }}", { x: "" }], ["{{ -1 + 2 }} {{ 2 - -1 }}"], ["{{ ([1, 2] + [3]) | join }}"],
  // Access.
  ["{{ d.a }}{{ d['a'] }}{{ d.b.c }}{{ l[0] }}{{ l[-1] }}{{ (d.missing is defined) | tojson }}", { d: { a: 1, b: { c: "x" } }, l: [5, 6] }], ["{{ d.get('a') }}{{ d.get('z', 'none') }}", { d: { a: 1 } }],
  ["{% for x in l[1:] %}{{ x }}{% endfor %}|{% for x in l[:-1] %}{{ x }}{% endfor %}|{% for x in l[::-1] %}{{ x }}{% endfor %}|{% for x in l[1:3] %}{{ x }}{% endfor %}|{% for x in l[::2] %}{{ x }}{% endfor %}", { l: [1, 2, 3, 4] }],
  ["{{ s[1:3] }} {{ s[:-1] }} {{ s[-2:] }} {{ s[0] }}", { s: "hello" }], ["{{ missing }}|{{ (missing is defined) | tojson }}|{{ (missing is not defined) | tojson }}"],
  // Loops.
  ["{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first | tojson }}{{ loop.last | tojson }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }};{% endfor %}", { l: ["a", "b", "c"] }],
  ["{% for x in [] %}never{% else %}empty{% endfor %}"], ["{% for x in l if x > 1 %}{{ x }}{{ loop.index }}{% endfor %}", { l: [1, 2, 3] }], ["{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", { d: { a: 1, b: "x" } }],
  ["{% for k, v in d | items %}{{ k }}={{ v }};{% endfor %}", { d: { a: 1, b: 2 } }], ["{% for x in l %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}", { l: [1, 2, 3, 4, 5] }],
  ["{% for x in range(3) %}{{ x }}{% endfor %}{% for x in range(1, 7, 2) %}{{ x }}{% endfor %}"], ["{% for a in [1, 2] %}{% for b in [3, 4] %}{{ a }}{{ b }}{{ loop.index }} {% endfor %}{{ loop.index }}{% endfor %}"],
  ["{% for x in l %}{{ (loop.previtem is defined) | tojson }}{{ (loop.nextitem is defined) | tojson }}{% endfor %}", { l: [1, 2] }],
  // Variables and scopes.
  ["{% set x = 1 %}{% for i in [1, 2] %}{% set x = i + 10 %}{{ x }}{% endfor %}{{ x }}"], ["{% set ns = namespace(n=0, s='') %}{% for i in [1, 2, 3] %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.n }}{{ ns.s }}"],
  ["{% if true %}{% set y = 5 %}{% endif %}{{ y }}"], ["{% set a, b = [1, 2] %}{{ a }}{{ b }}"], ["{% set x %}in {{ 1 + 1 }}{% endset %}[{{ x }}]"],
  // Macros.
  ["{% macro hi(name, greeting='Hello') %}{{ greeting }} {{ name }}!{% endmacro %}{{ hi('Bo') }} {{ hi('Cy', 'Hey') }} {{ hi('Al', greeting='Yo') }}"],
  ["{% macro tree(n) %}{{ n }}{% if n > 0 %}{{ tree(n - 1) }}{% endif %}{% endmacro %}{{ tree(3) }}"], ["{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}in{% endcall %}"],
  ["{% filter upper %}loud {{ 'er' }}{% endfilter %}"],
  // Conditions.
  ["{% if a %}1{% elif b %}2{% else %}3{% endif %}", { a: false, b: true }], ["{% if [] %}1{% elif {} %}2{% elif '' %}3{% elif 0 %}4{% elif none %}5{% else %}6{% endif %}"],
  ["{% generation %}kept{% endgeneration %}"],
  // Filters.
  ["{{ '  x y ' | trim }}|{{ 'aB' | upper }}{{ 'aB' | lower }}{{ 'hello world' | title }}{{ 'hello world' | capitalize }}"], ["{{ l | join(', ') }}{{ l | length }}{{ l | first }}{{ l | last }}", { l: ["a", "b"] }],
  ["{{ x | default('d') }}{{ '' | default('e', true) }}{{ '' | default('f') }}"], ["{{ 'a-b-a' | replace('a', 'x') }}{{ 'a-b-a'.replace('-', '+') }}"], ["{{ '12' | int + 1 }}{{ 'x' | int(7) }}{{ '1.5' | float }}{{ -3 | abs }}"],
  ["{{ d | tojson }}|{{ d | tojson(indent=2) }}", { d: { a: [1, "é\n\"q\"", null, true, 1.5], b: {}, c: [], d: { e: "</x>" } } }], ["{{ people | map(attribute='name') | join(',') }}", { people }],
  ["{{ people | selectattr('name', 'equalto', 'Bo') | map(attribute='age') | join }}{{ people | rejectattr('name', 'equalto', 'Bo') | list | length }}", { people }], ["{{ people | selectattr('pet') | list | length }}", { people }],
  ["{{ [3, 1, 2] | sort | join }}{{ [3, 1, 2] | sort(reverse=true) | join }}{{ [1, 2, 3] | reverse | join }}{{ [1, 1, 2] | unique | join }}"], ["{{ 'a\nb\n\nc' | indent(2) }}|{{ 'a\nb' | indent(2, true) }}"],
  ["{{ people | sort(attribute='age') | map(attribute='name') | join }}", { people }], ["{{ 5 | string + '!' }}"],
  // Tests.
  ["{{ (1 is number) | tojson }}{{ ('a' is string) | tojson }}{{ ([] is iterable) | tojson }}{{ ({} is mapping) | tojson }}{{ (none is none) | tojson }}{{ (2 is even) | tojson }}{{ (3 is odd) | tojson }}{{ (true is boolean) | tojson }}{{ (1 is integer) | tojson }}{{ (true is true) | tojson }}{{ (false is false) | tojson }}"],
  ["{{ ('a' is not none and 'a' is defined) | tojson }}{{ ('abc' is lower) | tojson }}"],
  // Methods.
  ["{{ ' x '.strip() }}|{{ ' x '.lstrip() }}|{{ ' x '.rstrip() }}|{{ 'a,b,c'.split(',')[1] }}|{{ 'a b  c'.split() | join('-') }}|{{ 'a,b,c'.split(',', 1) | join('|') }}"],
  ["{{ 'abc'.startswith('ab') | tojson }}{{ 'abc'.endswith('bc') | tojson }}{{ 'aBc'.upper() }}{{ 'aBc'.lower() }}{{ 'ab cd'.title() }}{{ 'x</t>y'.split('</t>')[-1] }}"], ["{{ d.keys() | list | join }}{{ d.values() | list | join }}", { d: { a: 1, b: 2 } }],
];

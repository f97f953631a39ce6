using SubSpec.Text.Templates;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Templates;

/// <summary>What the JavaScript reference lacks or does otherwise than Jinja 2: expected texts follow Jinja's documentation and Python.</summary>
public class ConstructTests
{
    [Theory]
    [InlineData("  {%+ if true %}a{% endif %}", "  a")]
    [InlineData("{% if true +%}\na{% endif %}", "\na")]
    [InlineData("{% raw %}{{ x }} {% if %}{% endraw %}!", "{{ x }} {% if %}!")]
    [InlineData("a\r\n{% if true %}\r\nb{% endif %}\r\n", "a\nb")]
    [InlineData("{{ {'a': {'b': 1}}['a']['b'] }}", "1")]
    public void White_space_and_tags(string source, string expected) => AssertRenders(source, expected);

    [Theory]
    [InlineData("{{ none }} {{ true }} {{ 1.0 }} {{ 0.1 }} {{ 1e20 }} {{ 1e-7 }} {{ 3 / 2 }} {{ 4 / 2 }}", "None True 1.0 0.1 1e+20 1e-07 1.5 2.0")]
    [InlineData("{{ [1, 'a', none, true, 1.5] }} {{ {'k': \"it's\"} }}", "[1, 'a', None, True, 1.5] {'k': \"it's\"}")]
    [InlineData("{{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 1 ** 9999999999 }} {{ -2 ** 2 }} {{ 7.5 // 2 }}", "-4 2 1024 1 4 3.0")]
    [InlineData("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ '1' == 1 }}", "True False True True False")]
    [InlineData("{{ 'ab' * 3 }}{{ 'x' * -1 }}", "ababab")]
    [InlineData("{{ '\\u00e9\\x41\\q' }}", "éA\\q")]
    [InlineData("{{ ('a', 'b') | join }}{{ (1) }}", "ab1")]
    [InlineData("{{ [1, 2] + [3] == [1, 2, 3] }}{{ {'a': [1]} == {'a': [1.0]} }}{{ 'hello World' | capitalize }}", "TrueTrueHello world")]
    public void Values(string source, string expected) => AssertRenders(source, expected);

    [Theory]
    [InlineData("{{ [1, 2, 3] | select('odd') | join }}{{ [0, 1] | reject('equalto', 0) | join }}{{ [0, 1, ''] | select | join }}", "1311")]
    [InlineData("{{ [{'a': 2}, {'a': 3}] | selectattr('a', 'gt', 2) | map(attribute='a') | join }}", "3")]
    [InlineData("{{ ['b', 'A'] | sort | join }}{{ ['b', 'A'] | sort(case_sensitive=true) | join }}{{ {'b': 1, 'a': 2} | dictsort | map('first') | join }}", "AbAbab")]
    [InlineData("{{ [1, 2] | sum }}{{ [3, 9, 4] | max }}{{ [3, 9, 4] | min }}{{ 2.567 | round(2) }}{{ 2.1 | round(method='ceil') }}", "3932.573.0")]
    [InlineData("{{ ['a', 'b'] | map('upper') | join('-') }}{{ [{}] | map(attribute='x', default='d') | join }}", "A-Bd")]
    [InlineData("{{ 'a b  c' | wordcount }}{{ 'abc' | reverse }}{{ 'abc' | length }}{{ '🚀x' | length }}{{ '🚀x'[0] }}", "3cba32🚀")]
    [InlineData("{{ {'b': 1, 'a': 'é'} | tojson(sort_keys=true) }}{{ [1, 2] | tojson(separators=(',', ':')) }}", "{\"a\": \"é\", \"b\": 1}[1,2]")]
    [InlineData("{{ 'xxaxx'.strip('x') }}{{ 'aXbXc'.rsplit('X', 1) | join('|') }}{{ ' a  b c '.split(none, 1) | join('|') }}", "aaXb|ca|b c ")]
    [InlineData("{{ 'ab\ncd\r\nef'.splitlines() | join('|') }}{{ 'banana'.count('an') }}{{ 'banana'.find('n') }}{{ 'x'.find('n') }}", "ab|cd|ef22-1")]
    [InlineData("{{ 'a'.startswith(('b', 'a')) }}{{ 'pre-x'.removeprefix('pre-') }}{{ '12'.isdigit() }}{{ ','.join(['a', 'b']) }}", "TruexTruea,b")]
    public void Filters_and_methods(string source, string expected) => AssertRenders(source, expected);

    [Theory]
    [InlineData("{{ 1.5 is float }}{{ 3 is equalto 3 }}{{ 9 is divisibleby 3 }}{{ 1 is in [1, 2] }}{{ 2 is sameas 2 }}{{ x is undefined }}", "TrueTrueTrueTrueTrueTrue")]
    [InlineData("{{ 3 is gt 2 and 3 is not lt 2 }}{{ {} is sequence }}{{ range is callable }}{{ true is number }}{{ true is integer }}", "TrueTrueTrueTrueFalse")]
    public void Tests_of_values(string source, string expected) => AssertRenders(source, expected);

    [Theory]
    [InlineData("{% for (k, v) in [[1, 2], [3, 4]] %}{{ k }}{{ v }}{{ loop.cycle('a', 'b') }}{{ loop.depth }};{% endfor %}", "12a1;34b1;")]
    [InlineData("{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "TrueFalseTrue")]
    [InlineData("{% for c in 'ab' %}{{ c }}.{% endfor %}{% for k in {'x': 1, 'y': 2} %}{{ k }}{% endfor %}", "a.b.xy")]
    [InlineData("{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }}", "3False")]
    [InlineData("{% set x | upper %}ab{% endset %}{{ x }}{% filter trim | upper %} c {% endfilter %}", "ABC")]
    [InlineData("{% macro list(items) %}{% for i in items %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) list([1, 2]) %}<{{ i }}>{% endcall %}", "<1><2>")]
    [InlineData("{% set n = 5 %}{% macro show() %}{{ n }}{% endmacro %}{% set n = 6 %}{{ show() }}", "6")]
    [InlineData("{% macro a(x, y=x) %}{{ x }}{{ y }}{% endmacro %}{{ a(1) }}", "11")]
    [InlineData("{{ dict(a=1).a }}{{ namespace(b=2).b }}{{ dict({'k': 3}).k }}{{ range(5, 0, -2) | list }}", "123[5, 3, 1]")]
    public void Statements(string source, string expected) => AssertRenders(source, expected);

    [Theory]
    [InlineData("%d %b %Y", "03 Feb 2025")]
    [InlineData("%A %B %-d, %H:%M:%S %p %j %%", "Monday February 3, 09:05:07 AM 034 %")]
    public void Time_is_the_clock_that_was_given(string format, string expected) => AssertRenders($"{{{{ strftime_now('{format}') }}}}", expected);

    private static void AssertRenders(string source, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(source).Render([], new FixedClock(new DateTimeOffset(2025, 2, 3, 9, 5, 7, TimeSpan.Zero))).Text);
}

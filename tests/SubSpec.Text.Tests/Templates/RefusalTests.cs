using SubSpec.Core;
using SubSpec.Text.Templates;

namespace SubSpec.Text.Tests.Templates;

public class RefusalTests
{
    [Theory]
    [InlineData("a\n{% include 'x' %}", 2, "include")]
    [InlineData("{% import 'x' as y %}", 1, "import")]
    [InlineData("{% extends 'x' %}", 1, "extends")]
    [InlineData("\n\n{{ x | pprint }}", 3, "pprint")]
    [InlineData("{{ 1 is prime }}", 1, "prime")]
    [InlineData("{{ 'a'\n | upper\n | nofilter }}", 3, "nofilter")]
    [InlineData("{{ open('/etc/passwd') }}", 1, "open")]
    [InlineData("{{ f(*args) }}", 1, "*")]
    [InlineData("{% for x in [1] recursive %}{% endfor %}", 1, "recursive")]
    [InlineData("{{ [1].append(2) }}", 1, "append")]
    [InlineData("{{ 'a' | trim(foo=1) }}", 1, "foo")]
    [InlineData("{{ strftime_now('%Q') }}", 1, "%Q")]
    public void A_construct_that_is_not_supported_is_named_with_its_line(string source, int line, string construct)
    {
        string message = Refusal(source);
        Assert.Contains($"line {line}:", message, StringComparison.Ordinal);
        Assert.Contains(construct, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("{{ 'x }}")]
    [InlineData("{{ x")]
    [InlineData("{% if x %}")]
    [InlineData("{% if %}{% endif %}")]
    [InlineData("{% endif %}")]
    [InlineData("{% for x in y %}{% endif %}")]
    [InlineData("{% else %}")]
    [InlineData("{% break %}")]
    [InlineData("{# open")]
    [InlineData("{% raw %} open")]
    [InlineData("{{ (1 }}")]
    [InlineData("{{ 1 ) }}")]
    [InlineData("{{ a ? b }}")]
    [InlineData("{{ }}")]
    [InlineData("{% %}")]
    [InlineData("{% set 1 = 2 %}")]
    [InlineData("{{ 99999999999999999999 }}")]
    public void A_malformed_template_is_refused(string source) => Assert.Contains("line 1", Refusal(source), StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ missing.x }}")]
    [InlineData("{{ missing['x'] }}")]
    [InlineData("{{ none.x }}")]
    [InlineData("{{ missing() }}")]
    [InlineData("{{ 'a' + 1 }}")]
    [InlineData("{{ 1 / 0 }}{{ 1 % 0 }}")]
    [InlineData("{{ 9223372036854775807 + 1 }}")]
    [InlineData("{{ [1, 'a'] | sort }}")]
    [InlineData("{{ 1 < 'a' }}")]
    [InlineData("{% for x in 5 %}{% endfor %}")]
    [InlineData("{% set a, b = [1] %}")]
    [InlineData("{% set x.y = 1 %}")]
    [InlineData("{{ {[]: 1} }}")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}")]
    [InlineData("{{ range }}")]
    public void An_expression_without_a_value_is_refused(string source) => Assert.Contains("line 1", Refusal(source), StringComparison.Ordinal);

    [Fact]
    public void The_template_itself_may_refuse() =>
        Assert.Equal("the chat template refuses this conversation: roles must alternate", Refusal("{{ raise_exception('roles must\nalternate') }}"));

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{{ range(99999999999) }}")]
    [InlineData("{{ 'x' * 99999999999 }}")]
    [InlineData("{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{{ 2 ** 9999999999 }}")]
    public void Work_and_text_are_bounded(string source) => Refusal(source);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("1 + ", "")]
    [InlineData("{1:", "}")]
    public void Deep_nesting_ends_in_an_error_or_a_value_but_never_in_a_crash(string open, string close)
    {
        string nested = string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000));
        Exception? error = Record.Exception(() => ChatTemplate.Parse("{{ " + nested + " }}").Render([], TimeProvider.System));
        Assert.True(error is null or BadInputException, error?.ToString());
    }

    [Theory]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(20000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(20000) %}{% set ns.l = {'k': ns.l} %}{% endfor %}{{ ns.l | tojson }}")]
    [InlineData("{% set ns = namespace(l=[], m=[]) %}{% for i in range(20000) %}{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}{% endfor %}{{ ns.l == ns.m }}")]
    public void Values_within_values_end_in_an_error_or_a_text_but_never_in_a_crash(string source)
    {
        Exception? error = Record.Exception(() => ChatTemplate.Parse(source).Render([], TimeProvider.System));
        Assert.True(error is null or BadInputException, error?.ToString());
    }

    private static string Refusal(string source) => Assert.Throws<BadInputException>(() => ChatTemplate.Parse(source).Render([], TimeProvider.System)).Message;
}

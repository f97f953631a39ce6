using SubSpec.Core;
using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>The functions that every template can call: Jinja's own, and the two that Hugging Face adds.</summary>
internal static class Globals
{
    private static readonly Dictionary<string, TemplateFunction> All = new()
    {
        ["namespace"] = MakeNamespace,
        ["dict"] = MakeDict,
        ["range"] = Range,
        ["raise_exception"] = (_, a) => throw new BadInputException($"the chat template refuses this conversation: {a.Text(a.Bind("message")[0]).Text}".ReplaceLineEndings(" ")),
        ["strftime_now"] = (c, a) => MarkedText.FromTemplate(Strftime.Format(c, c.Clock.GetLocalNow(), a.Text(a.Bind("format")[0]).Text)),
    };

    public static void Define(Scope scope)
    {
        foreach ((string name, TemplateFunction function) in All) scope.Set(name, function);
    }

    private static object MakeNamespace(RenderContext context, Arguments arguments)
    {
        var space = new TemplateNamespace();
        foreach ((object? key, object? value) in ((TemplateDict)MakeDict(context, arguments)).Entries) space.Attributes[PythonText.Str(context, key).Text] = value;
        return space;
    }

    private static object MakeDict(RenderContext context, Arguments arguments)
    {
        var dict = new TemplateDict();
        foreach (object? source in arguments.Positional)
        {
            if (source is not TemplateDict entries) throw context.Fail($"{arguments.Callee} needs a dictionary, not {Describe.Kind(source)}");
            foreach ((object? key, object? value) in entries.Entries) dict.Set(key, value);
        }

        foreach ((string name, object? value) in arguments.Named) dict.Set(name, value);
        return dict;
    }

    private static object Range(RenderContext context, Arguments arguments)
    {
        object?[] given = arguments.Bind("start", "stop", "step");
        bool single = Arguments.IsMissing(given[1]);
        long start = single ? 0 : arguments.Integer(given[0]), stop = arguments.Integer(single ? given[0] : given[1]), step = arguments.Integer(given[2], 1);
        if (step == 0) throw context.Fail("range() needs a step that is not zero");
        var numbers = new List<object?>();
        for (Int128 i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            context.Enter();
            numbers.Add((long)i);
        }

        return numbers;
    }
}

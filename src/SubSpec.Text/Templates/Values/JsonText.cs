using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Values;

/// <summary>JSON as Python's <c>json.dumps(value, ensure_ascii=False)</c> writes it, and JSON read into template values.</summary>
internal sealed class JsonText
{
    private readonly RenderContext _context;
    private readonly StringBuilder _result = new();
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _sortKeys;

    private JsonText(RenderContext context, string? indent, string? itemSeparator, string? keySeparator, bool sortKeys)
    {
        _context = context;
        _indent = indent;
        _itemSeparator = itemSeparator ?? (indent is null ? ", " : ",");
        _keySeparator = keySeparator ?? ": ";
        _sortKeys = sortKeys;
    }

    public static MarkedText Write(
        RenderContext context, object? value, string? indent = null, string? itemSeparator = null, string? keySeparator = null, bool sortKeys = false)
    {
        var writer = new JsonText(context, indent, itemSeparator, keySeparator, sortKeys);
        writer.Append(value, "\n");
        return MarkedText.Of(writer._result.ToString(), Inputs.Any(context, value));
    }

    /// <summary>JSON of a request as a template value; its strings are marked as input.</summary>
    /// <exception cref="BadInputException">It has a text that is none, or is nested too deeply.</exception>
    public static object? Read(JsonElement json)
    {
        try
        {
            return Convert(json);
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException("a text of the conversation is no text: it holds half a surrogate pair", e);
        }
    }

    private static object? Convert(JsonElement json)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new BadInputException("the JSON of the conversation is nested too deeply");
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return MarkedText.FromInput(json.GetString()!);
            case JsonValueKind.Number:
                return json.TryGetInt64(out long number) ? (object)number : json.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return json.GetBoolean();
            case JsonValueKind.Array:
                return json.EnumerateArray().Select(Convert).ToList();
            case JsonValueKind.Object:
                var dict = new TemplateDict();
                foreach (JsonProperty member in json.EnumerateObject()) dict.Set(MarkedText.FromInput(member.Name), Convert(member.Value));
                return dict;
            default:
                return null;
        }
    }

    private void Append(object? value, string newLine)
    {
        _context.Enter();
        switch (value)
        {
            case null:
                _result.Append("null");
                break;
            case bool flag:
                _result.Append(flag ? "true" : "false");
                break;
            case long number:
                _result.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                _result.Append(double.IsFinite(number) ? PythonText.Float(number) : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case MarkedText text:
                AppendString(text.Text);
                break;
            case IReadOnlyList<object?> list:
                AppendAll(list, '[', ']', newLine, (item, inner) => Append(item, inner));
                break;
            case TemplateDict dict:
                IEnumerable<(object? Key, object? Value)> entries = dict.Entries;
                if (_sortKeys) entries = entries.OrderBy(e => Key(e.Key), StringComparer.Ordinal);
                AppendAll([.. entries], '{', '}', newLine, (entry, inner) =>
                {
                    AppendString(Key(entry.Key));
                    _result.Append(_keySeparator);
                    Append(entry.Value, inner);
                });
                break;
            default:
                throw _context.Fail($"tojson cannot write {Describe.Kind(value)}");
        }
    }

    private void AppendAll<T>(IReadOnlyList<T> items, char open, char close, string newLine, Action<T, string> append)
    {
        _result.Append(open);
        string inner = newLine + _indent;
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) _result.Append(_itemSeparator);
            if (_indent is not null) _result.Append(inner);
            append(items[i], inner);
        }

        if (_indent is not null && items.Count > 0) _result.Append(newLine);
        _result.Append(close);
    }

    private string Key(object? key) => key switch
    {
        MarkedText text => text.Text,
        null => "null",
        bool flag => flag ? "true" : "false",
        _ => PythonText.Str(_context, key).Text,
    };

    private void AppendString(string text)
    {
        _context.Spend(text.Length);
        _result.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => _result.Append("\\\""),
                '\\' => _result.Append("\\\\"),
                '\n' => _result.Append("\\n"),
                '\r' => _result.Append("\\r"),
                '\t' => _result.Append("\\t"),
                '\b' => _result.Append("\\b"),
                '\f' => _result.Append("\\f"),
                < ' ' => _result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => _result.Append(c),
            };
        }

        _result.Append('"');
    }
}

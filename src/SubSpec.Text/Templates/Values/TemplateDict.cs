namespace SubSpec.Text.Templates.Values;

/// <summary>A dictionary that keeps the order of its entries. Templates cannot change it.</summary>
internal sealed class TemplateDict
{
    private readonly OrderedDictionary<object, object?> _entries = [];

    // None is a key like any other, but not to .NET.
    private static readonly object NoneKey = new();

    public int Count => _entries.Count;

    public IEnumerable<object?> Keys => _entries.Keys.Select(k => k == NoneKey ? null : k);

    public IEnumerable<object?> Values => _entries.Values;

    public IEnumerable<(object? Key, object? Value)> Entries => Keys.Zip(Values);

    public void Set(object? key, object? value) => _entries[key ?? NoneKey] = value;

    public void Set(string key, object? value) => Set(MarkedText.FromTemplate(key), value);

    public bool TryGet(object? key, out object? value) => _entries.TryGetValue(key ?? NoneKey, out value);

    public bool TryGet(string key, out object? value) => TryGet(MarkedText.FromTemplate(key), out value);
}

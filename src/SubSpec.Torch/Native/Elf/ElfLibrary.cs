using System.Buffers.Binary;
using System.Text;
using SubSpec.Core;

namespace SubSpec.Torch.Native.Elf;

/// <summary>
/// What a shared library asks for and what it offers, read from its file before anything is loaded: 64-bit little-endian ELF for x86-64
/// (System V ABI, elf(5); symbol versions: Linux Standard Base). Nothing in the file is trusted.
/// </summary>
internal sealed class ElfLibrary
{
    private const uint DynamicSection = 6;
    private const uint SymbolSection = 11;
    private const uint VersionSection = 0x6fffffff;
    private const long NeededTag = 1;
    private const long NameTag = 14;
    private const int DynamicBytes = 16;
    private const int SymbolBytes = 24;
    private const int FirstForeignVersion = 2;

    private readonly byte[] _symbols;
    private readonly byte[] _names;
    private readonly byte[] _versions;

    private ElfLibrary(string path, ElfSections sections)
    {
        Path = path;
        (byte[] dynamic, byte[] strings) = sections.ReadWithStrings(DynamicSection);
        (_symbols, _names) = sections.ReadWithStrings(SymbolSection);
        _versions = sections.TryRead(VersionSection) ?? [];
        (string? name, List<string> needed) = (null, []);
        for (int at = 0; at + DynamicBytes <= dynamic.Length; at += DynamicBytes)
        {
            long tag = BinaryPrimitives.ReadInt64LittleEndian(dynamic.AsSpan(at)), value = BinaryPrimitives.ReadInt64LittleEndian(dynamic.AsSpan(at + 8));
            if (tag == 0) break;
            if (tag == NeededTag) needed.Add(NameAt(strings, value));
            else if (tag == NameTag) name = NameAt(strings, value);
        }
        (Name, Needed) = (name ?? System.IO.Path.GetFileName(path), needed);
    }

    public string Path { get; }

    /// <summary>The name by which other libraries ask for it (SONAME); the file's where it has none.</summary>
    public string Name { get; }

    /// <summary>Names of the libraries that it is linked to.</summary>
    public IReadOnlyList<string> Needed { get; }

    /// <summary>
    /// The symbols that it must find elsewhere, in libraries that do not version theirs, as libtorch does not; those of the C and C++ libraries
    /// have versions and are the system's business.
    /// </summary>
    public IEnumerable<string> Undefined()
    {
        for (int i = 0; i < _symbols.Length / SymbolBytes; i++)
        {
            Symbol symbol = SymbolAt(i);
            if (symbol is { IsDefined: false, IsWeak: false, IsLocal: false, NameOffset: > 0 } && VersionOf(i) < FirstForeignVersion) yield return NameAt(_names, symbol.NameOffset);
        }
    }

    /// <summary>The symbols that others find in it.</summary>
    public IEnumerable<string> Exported()
    {
        for (int i = 0; i < _symbols.Length / SymbolBytes; i++)
        {
            Symbol symbol = SymbolAt(i);
            if (symbol is { IsDefined: true, IsLocal: false, IsHidden: false, NameOffset: > 0 }) yield return NameAt(_names, symbol.NameOffset);
        }
    }

    /// <summary>Throws <see cref="BadInputException"/> for a file that is no such library, or a damaged one.</summary>
    public static ElfLibrary Read(string path)
    {
        try
        {
            using var sections = ElfSections.Open(path);
            return new ElfLibrary(path, sections);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: not a library for Linux on x86-64 that can be read ({e.Message})", e);
        }
    }

    private Symbol SymbolAt(int index)
    {
        ReadOnlySpan<byte> entry = _symbols.AsSpan(index * SymbolBytes, SymbolBytes);
        int binding = entry[4] >> 4, visibility = entry[5] & 3;
        return new Symbol(
            BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) != 0, binding == 0, binding == 2, visibility is 1 or 2);
    }

    private int VersionOf(int index) => 2 * index + 2 <= _versions.Length ? BinaryPrimitives.ReadUInt16LittleEndian(_versions.AsSpan(2 * index)) & 0x7fff : 0;

    private string NameAt(byte[] strings, long offset)
    {
        if (offset < 0 || offset >= strings.Length) throw new BadInputException($"{Path}: damaged: a name lies outside the table of names");
        int end = Array.IndexOf(strings, (byte)0, (int)offset);
        if (end < 0) throw new BadInputException($"{Path}: damaged: a name has no end");
        return Encoding.UTF8.GetString(strings, (int)offset, end - (int)offset);
    }

    private readonly record struct Symbol(uint NameOffset, bool IsDefined, bool IsLocal, bool IsWeak, bool IsHidden);
}

using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace SubSpec.Torch.Native.Elf;

/// <summary>The sections of an ELF file. Every offset and size is checked against the file; what does not fit is an <see cref="InvalidDataException"/>.</summary>
internal sealed class ElfSections : IDisposable
{
    private const int FileHeaderBytes = 64;
    private const int SectionHeaderBytes = 64;
    private const ushort SharedObject = 3;
    private const ushort X64 = 62;

    // Far above any symbol table of libtorch (about 50 MB); below it a damaged size cannot take the machine's memory.
    private const long MostBytes = 1L << 30;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private readonly Section[] _sections;

    private ElfSections(SafeFileHandle file)
    {
        (_file, _length) = (file, RandomAccess.GetLength(file));
        byte[] header = Read(0, FileHeaderBytes);
        if (!header.AsSpan(0, 4).SequenceEqual("\u007fELF"u8)) throw new InvalidDataException("it does not begin as an ELF file");
        if (header[4] != 2 || header[5] != 1 || U16(header, 18) != X64) throw new InvalidDataException("it is for another processor");
        if (U16(header, 16) != SharedObject) throw new InvalidDataException("it is no shared library");
        if (U16(header, 58) != SectionHeaderBytes) throw new InvalidDataException("it has no table of sections");
        int count = U16(header, 60);
        byte[] table = Read(I64(header, 40), (long)count * SectionHeaderBytes);
        _sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(i * SectionHeaderBytes, SectionHeaderBytes);
            _sections[i] = new Section(BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), I64(entry, 24), I64(entry, 32), BinaryPrimitives.ReadUInt32LittleEndian(entry[40..]));
        }
    }

    public static ElfSections Open(string path)
    {
        SafeFileHandle file = File.OpenHandle(path);
        try
        {
            return new ElfSections(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The content of the first section of a type, and of the table of names that it uses.</summary>
    public (byte[] Content, byte[] Strings) ReadWithStrings(uint type)
    {
        Section section = Array.Find(_sections, s => s.Type == type) ?? throw new InvalidDataException("it has no dynamic symbols");
        if (section.Link >= _sections.Length) throw new InvalidDataException("a section names one that is not there");
        Section strings = _sections[section.Link];
        return (Read(section.Offset, section.Bytes), Read(strings.Offset, strings.Bytes));
    }

    /// <summary>The content of the first section of a type; null where there is none.</summary>
    public byte[]? TryRead(uint type) => Array.Find(_sections, s => s.Type == type) is { } section ? Read(section.Offset, section.Bytes) : null;

    public void Dispose() => _file.Dispose();

    private byte[] Read(long offset, long bytes)
    {
        if (offset < 0 || bytes < 0 || bytes > MostBytes || offset > _length - bytes) throw new InvalidDataException("it is cut off or damaged");
        byte[] content = new byte[bytes];
        for (int done = 0; done < bytes;)
        {
            int read = RandomAccess.Read(_file, content.AsSpan(done), offset + done);
            if (read <= 0) throw new InvalidDataException("it became shorter while it was read");
            done += read;
        }
        return content;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private sealed record Section(uint Type, long Offset, long Bytes, uint Link);
}

using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Sets VER_FLG_WEAK on one "needed version" entry (.gnu.version_r, elf(5) and the Linux Standard Base, Symbol Versioning) of a
/// 64-bit little-endian ELF library. A symbolic link is replaced by a copy first, so a package cache is never written to.
/// Safe to run again, and harmless where the library does not name the version.
/// </summary>
public class WeakenVersionNeed : Task
{
    private const uint GnuVersionNeed = 0x6ffffffe;
    private const ushort WeakFlag = 2;

    [Required]
    public string Library { get; set; }

    [Required]
    public string VersionName { get; set; }

    public override bool Execute()
    {
        try
        {
            byte[] elf = File.ReadAllBytes(Library);
            if (!Weaken(elf)) return true;
            string copy = Library + ".weak";
            File.WriteAllBytes(copy, elf);
            File.Delete(Library);
            File.Move(copy, Library);
            Log.LogMessage(MessageImportance.Normal, "{0}: need of {1} made weak", Library, VersionName);
            return true;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is ArgumentException || e is IndexOutOfRangeException)
        {
            Log.LogError("{0}: cannot make the need of {1} weak: {2}", Library, VersionName, e.Message);
            return false;
        }
    }

    private bool Weaken(byte[] elf)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[4] != 2 || elf[5] != 1) return false;
        long sections = BitConverter.ToInt64(elf, 0x28);
        int size = BitConverter.ToUInt16(elf, 0x3a), count = BitConverter.ToUInt16(elf, 0x3c);
        bool changed = false;
        for (int i = 0; i < count; i++)
        {
            int header = (int)(sections + (long)i * size);
            if (BitConverter.ToUInt32(elf, header + 4) != GnuVersionNeed) continue;
            int strings = (int)(sections + (long)BitConverter.ToInt32(elf, header + 0x28) * size);
            changed |= WeakenIn(elf, (int)BitConverter.ToInt64(elf, header + 0x18), (int)BitConverter.ToInt64(elf, strings + 0x18));
        }
        return changed;
    }

    private bool WeakenIn(byte[] elf, int need, int strings)
    {
        bool changed = false;
        while (true)
        {
            int entry = need + (int)BitConverter.ToUInt32(elf, need + 8);
            for (int n = BitConverter.ToUInt16(elf, need + 2); n > 0; n--)
            {
                ushort flags = BitConverter.ToUInt16(elf, entry + 4);
                if ((flags & WeakFlag) == 0 && NameAt(elf, strings + (int)BitConverter.ToUInt32(elf, entry + 8)) == VersionName)
                {
                    elf[entry + 4] |= (byte)WeakFlag;
                    changed = true;
                }
                entry += (int)BitConverter.ToUInt32(elf, entry + 12);
            }
            uint next = BitConverter.ToUInt32(elf, need + 12);
            if (next == 0) return changed;
            need += (int)next;
        }
    }

    private static string NameAt(byte[] elf, int start) =>
        Encoding.ASCII.GetString(elf, start, Array.IndexOf(elf, (byte)0, start) - start);
}

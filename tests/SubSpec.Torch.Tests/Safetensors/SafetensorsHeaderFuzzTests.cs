using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SubSpec.Core;
using SubSpec.Torch.Safetensors;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Safetensors;

/// <summary>
/// Mutations of valid files, by seed: each is either refused with the one exception, or what was accepted is proven again by a
/// second, independent reading; and reading never allocates more than a small multiple of the file. <c>SUBSPEC_FUZZ_CASES</c> raises
/// the number of cases.
/// </summary>
public class SafetensorsHeaderFuzzTests(ITestOutputHelper output)
{
    // Bytes beside those that grow with the file: dictionaries, the hash, an exception and its message.
    private const int SmallChange = 32 << 10;
    private const int MostBytesForEach = 12;

    private static readonly (string Dtype, int Bytes)[] Dtypes = [("BF16", 2), ("F16", 2), ("F32", 4), ("U8", 1), ("I64", 8), ("BOOL", 1)];

    private static readonly string[] Tokens =
        ["{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e3", "18446744073709551615", "9223372036854775807", "null", "true", "\"dtype\"", "\"shape\"",
            "\"data_offsets\"", "\"__metadata__\"", "\"F4\"", "\"BF16\"", " ", "\\u0000", "\\", "//", "\0"];

    [Fact]
    public void Mutated_files_are_refused_or_prove_consistent()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("SUBSPEC_FUZZ_CASES"), out int more) ? more : 25_000;
        int accepted = 0, refused = 0;
        double worst = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            var random = new Random(seed);
            byte[] file = Mutate(ValidFile(random, random.Next(500) == 0 ? 300 : 5), random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            SafetensorsHeader? header = ReadOrRefuse(file, seed);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            worst = Math.Max(worst, (double)(allocated - SmallChange) / file.Length);
            Assert.True(allocated <= SmallChange + (MostBytesForEach * (long)file.Length), $"seed {seed}: {allocated} bytes for a file of {file.Length}");
            if (header is null) refused++;
            else accepted++;
            if (header is not null) ProveConsistent(header, file);
        }
        output.WriteLine($"{cases} cases: {accepted} accepted, {refused} refused; at most {SmallChange} bytes and {worst:0.0} for each of the file allocated");
        // Both ways must really be taken, or the generator has gone blind.
        Assert.True(accepted > cases / 100 && refused > cases / 3, $"accepted {accepted}, refused {refused}");
    }

    [Fact]
    public void Valid_files_are_accepted_in_any_key_order_with_any_padding()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            byte[] file = ValidFile(new Random(seed), 5);
            ProveConsistent(RawSafetensors.Read(file), file);
        }
    }

    private static SafetensorsHeader? ReadOrRefuse(byte[] file, int seed)
    {
        try
        {
            return RawSafetensors.Read(file);
        }
        catch (BadInputException e)
        {
            Assert.True(e.Message.StartsWith("model.safetensors: ", StringComparison.Ordinal) && !e.Message.Any(char.IsControl), $"seed {seed}: {e.Message}");
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}");
        }
        return null;
    }

    private static byte[] ValidFile(Random random, int mostTensors)
    {
        var entries = new List<string>();
        int offset = 0;
        for (int i = random.Next(0, mostTensors + 1); i > 0; i--)
        {
            (string dtype, int size) = Dtypes[random.Next(Dtypes.Length)];
            int[] shape = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(0, 5))];
            int end = offset + (shape.Aggregate(size, (a, b) => a * b));
            string[] fields = [$"\"dtype\":\"{dtype}\"", $"\"shape\":[{string.Join(',', shape)}]", $"\"data_offsets\":[{offset},{end}]"];
            random.Shuffle(fields);
            entries.Add($"\"t{i}\":{{{string.Join(random.Next(2) == 0 ? "," : " , ", fields)}}}");
            offset = end;
        }
        if (random.Next(3) == 0) entries.Add("\"__metadata__\":{\"format\":\"pt\",\"k\":\"v\"}");
        string[] shuffled = [.. entries];
        random.Shuffle(shuffled);
        return RawSafetensors.Bytes("{" + string.Join(',', shuffled) + "}" + new string(' ', random.Next(0, 9)), offset);
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        var bytes = new List<byte>(file);
        bool keepLength = random.Next(4) != 0;
        int payload = file.Length - 8 - (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 8; n--)
        {
            // Mostly inside the JSON; sometimes the length or the payload.
            int at = random.Next(8) == 0 ? random.Next(bytes.Count) : random.Next(8, Math.Max(9, bytes.Count - payload));
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)])); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at))); break;
                default:
                    if (bytes[at] is >= (byte)'0' and <= (byte)'9') bytes[at] = (byte)('0' + random.Next(10));
                    break;
            }
        }
        byte[] mutated = [.. bytes];
        // Repair the announced length most of the time, so that the mutation reaches the JSON.
        if (keepLength && mutated.Length >= 8 + payload) BinaryPrimitives.WriteInt64LittleEndian(mutated, mutated.Length - 8 - payload);
        return mutated;
    }

    private static void ProveConsistent(SafetensorsHeader header, byte[] file)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(file);
        using JsonDocument json = JsonDocument.Parse(file.AsMemory(8, (int)length));
        JsonProperty[] tensors = [.. json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__")];
        Assert.Equal(tensors.Length, header.Tensors.Count);

        bool[] covered = new bool[file.Length - 8 - length];
        foreach (JsonProperty expected in tensors)
        {
            SafetensorsTensor actual = header.Tensors[expected.Name];
            long start = expected.Value.GetProperty("data_offsets")[0].GetInt64(), end = expected.Value.GetProperty("data_offsets")[1].GetInt64();
            Assert.Equal((start + 8 + length, end - start), (actual.Offset, actual.Bytes));
            Assert.Equal(expected.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()), actual.Shape);
            string dtype = expected.Value.GetProperty("dtype").GetString()!;
            int bits = Bits(dtype);
            Assert.Equal((end - start) * 8, actual.Shape.Aggregate((long)bits, (a, b) => checked(a * b)));
            for (long i = start; i < end; i++)
            {
                Assert.False(covered[i]);
                covered[i] = true;
            }
        }
        Assert.DoesNotContain(false, covered);
    }

    // A mutation may turn one type into another; the names say their sizes.
    private static int Bits(string dtype) => dtype switch
    {
        "BOOL" => 8,
        ['F', '4' or '6' or '8', '_', ..] => dtype[1] - '0',
        _ => int.Parse(dtype.AsSpan(dtype.AsSpan().IndexOfAnyInRange('0', '9')), CultureInfo.InvariantCulture),
    };
}

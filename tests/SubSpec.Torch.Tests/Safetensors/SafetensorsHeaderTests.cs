using System.Buffers.Binary;
using System.Text;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Tests.Safetensors;

public class SafetensorsHeaderTests
{
    private const string Valid = """{"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}}""";

    [Fact]
    public void A_hand_made_file_is_read_as_the_format_says()
    {
        const string text = """{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]},"a":{"data_offsets":[0,12],"shape":[2,3],"dtype":"BF16"},"none":{"dtype":"I64","shape":[4,0],"data_offsets":[16,16]}}   """;
        SafetensorsHeader header = RawSafetensors.Read(RawSafetensors.Bytes(text, 16));

        Assert.Equal(8 + text.Length, header.PayloadOffset);
        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Equal(["a", "b", "none"], header.Tensors.Keys.Order());
        Assert.Equal((SafetensorsDtype.BF16, 8 + text.Length, 12), (header.Tensors["a"].Dtype, header.Tensors["a"].Offset, header.Tensors["a"].Bytes));
        Assert.Equal([2, 3], header.Tensors["a"].Shape);
        Assert.Equal((8 + text.Length + 12, 4), (header.Tensors["b"].Offset, header.Tensors["b"].Bytes));
        Assert.Empty(header.Tensors["b"].Shape);
        Assert.Equal(0, header.Tensors["none"].Bytes);
    }

    [Theory]
    // What is wrong | header | payload bytes | what the message names
    [InlineData("""[]""", 0, "header: it does not begin with '{'")]
    [InlineData(""" {}""", 0, "header: it does not begin with '{'")]
    [InlineData("", 0, "header: it does not begin with '{'")]
    [InlineData("""{"a":""", 0, "header: no valid JSON")]
    [InlineData("""{} x""", 0, "header: no valid JSON")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[[[[[1]]]]],"data_offsets":[0,2]}}""", 2, "no")]
    [InlineData("""{"a":1}""", 0, "\"a\": an object is expected")]
    [InlineData("""{"__metadata__":{"x":1}}""", 0, "\"__metadata__\".x: a string is expected")]
    [InlineData("""{"__metadata__":{"x":"1","x":"2"}}""", 0, "\"__metadata__\".x: the key appears twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "\"__metadata__\": the key appears twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "\"a\": the key appears twice")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "\"a\".dtype: the key appears twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"code":"x"}}""", 1, "\"a\".code: unknown key")]
    [InlineData("""{"a":{"dtype":"BF17","shape":[1],"data_offsets":[0,2]}}""", 2, "\"a\".dtype: unknown dtype \"BF17\"")]
    [InlineData("""{"a":{"dtype":7,"shape":[1],"data_offsets":[0,2]}}""", 2, "\"a\".dtype: a string is expected")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,2]}}""", 2, "\"a\".dtype: the key is missing")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,2]}}""", 2, "\"a\".shape: the key is missing")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2]}}""", 2, "\"a\".data_offsets: the key is missing")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,2]}}""", 2, "\"a\".shape: not a whole number")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,2]}}""", 2, "\"a\".shape: not a whole number")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,2]}}""", 2, "\"a\".shape: not a whole number")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""", 1, "\"a\".shape: more than 16 numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "no possible number of bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]}}""", 0, "no possible number of bytes")]
    [InlineData("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", 1, "no possible number of bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}""", 2, "two offsets are expected")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,4]}}""", 2, "\"a\".data_offsets: more than 2 numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""", 2, "the end 0 is before the start 2")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 2, "the end 3 is beyond the payload of 2 bytes")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,2]}}""", 2, "2 bytes, but [2] of BF16 needs 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "\"b\".data_offsets: overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "\"b\".data_offsets: leaves a hole of 1 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "\"a\".data_offsets: leaves a hole of 1 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 3, "payload: 1 bytes at the end belong to no tensor")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "header: no valid JSON")]
    public void A_bad_header_is_refused_with_the_file_and_the_field(string header, int payloadBytes, string expected)
    {
        string message = RawSafetensors.Error(RawSafetensors.Bytes(header, payloadBytes));

        Assert.StartsWith("model.safetensors: ", message);
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Every_truncation_of_a_valid_file_is_refused()
    {
        byte[] file = RawSafetensors.Bytes(Valid, 12);
        Assert.Single(RawSafetensors.Read(file).Tensors);

        for (int length = 0; length < file.Length; length++) RawSafetensors.Error(file[..length]);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    [InlineData(1UL << 63)]
    [InlineData(1000)]
    public void A_header_length_beyond_the_file_is_refused_before_anything_is_allocated(ulong length)
    {
        byte[] file = RawSafetensors.Bytes(Valid, 12);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("header length", RawSafetensors.Error(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_header_of_more_than_16_MiB_is_refused()
    {
        byte[] header = new byte[SafetensorsHeader.MaxHeaderBytes + 1];
        header.AsSpan().Fill((byte)' ');
        "{}"u8.CopyTo(header);

        Assert.Contains("more than the limit", RawSafetensors.Error(RawSafetensors.Bytes(header, 0)));
        Assert.Empty(RawSafetensors.Read(RawSafetensors.Bytes(header[..^1], 0)).Tensors);
    }

    [Fact]
    public void More_than_50_000_tensors_are_refused()
    {
        static byte[] File(int tensors) => RawSafetensors.Bytes(
            "{" + string.Join(',', Enumerable.Range(0, tensors).Select(i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")) + "}", 0);

        Assert.Equal(50_000, RawSafetensors.Read(File(50_000)).Tensors.Count);
        Assert.Contains("more than 50000 tensors", RawSafetensors.Error(File(50_001)));
    }

    [Fact]
    public void Deep_nesting_is_refused_without_descending()
    {
        foreach (string prefix in new[] { "", "{\"a\":", "{\"a\":{\"shape\":", "{\"__metadata__\":" })
            RawSafetensors.Error(RawSafetensors.Bytes(prefix + new string('[', 1_000_000), 0));
        RawSafetensors.Error(RawSafetensors.Bytes(string.Concat(Enumerable.Repeat("{\"a\":", 200_000)), 0));
    }

    [Fact]
    public void A_name_that_would_break_the_line_is_made_printable()
    {
        string message = RawSafetensors.Error(RawSafetensors.Bytes("{\"a\\n\\u001b[31m" + new string('x', 5000) + "\":{\"dtype\":\"?\"}}", 0));

        Assert.Contains("\"a??[31m", message);
        Assert.True(message.Length < 400);
    }

    [Fact]
    public void Invalid_utf8_is_refused()
    {
        byte[] header = Encoding.UTF8.GetBytes(Valid);
        header[2] = 0xFF;

        Assert.Contains("no valid JSON", RawSafetensors.Error(RawSafetensors.Bytes(header, 12)));
    }
}

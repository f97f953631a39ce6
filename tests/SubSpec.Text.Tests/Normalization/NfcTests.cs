using SubSpec.Text.Normalization;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Normalization;

public class NfcTests
{
    [Fact]
    public void It_agrees_with_ICU_on_the_reference_vectors() =>
        Assert.All(Fixture.Json("nfc-vectors.json").EnumerateArray(), vector =>
            Assert.Equal(vector.GetProperty("nfc").GetString(), Nfc.Normalize(vector.GetProperty("text").GetString()!)));

    [Fact]
    public void Normalizing_twice_changes_nothing_more()
    {
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            string once = Nfc.Normalize(RandomText.WellFormed(random, 60));
            Assert.Equal(once, Nfc.Normalize(once));
        }
    }

    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u212b", "\u00c5")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("a\u0323\u0302", "\u1ead")]
    [InlineData("a\u0302\u0323", "\u1ead")]
    [InlineData("\u0958", "\u0915\u093c")]
    public void Known_pairs_compose(string text, string expected) => Assert.Equal(expected, Nfc.Normalize(text));
}

using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Actors.Tokenizing;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Tests.Tokenizing;

public class TokenizerActorTests : ActorTest
{
    private static readonly SequenceId Id = new(5);
    private readonly TimelineRecorder _recorder = new(new ManualTime());
    private readonly IActorRef _tokenizer;

    public TokenizerActorTests() => _tokenizer = Sys.ActorOf(Props.Create(() => new TokenizerActor(new FakeCodec(), _recorder)));

    [Fact]
    public void Every_kind_of_prompt_is_encoded()
    {
        foreach (Prompt prompt in new Prompt[] { new Prompt.Text("abc"), new Prompt.Chat([new("user", "abc")]), new Prompt.Tokens([65, 66, 67]) })
        {
            _tokenizer.Tell(new EncodePrompt(Id, prompt), TestActor);
            PromptEncoded encoded = ExpectMsg<PromptEncoded>();
            Assert.Equal(Id, encoded.Sequence);
            Assert.Equal("abc", FakeCodec.TextOf(encoded.Tokens));
        }
        Assert.Equal([.. Enumerable.Repeat((Stage.Encode, 3, Id), 3)], _recorder.Take().Events.Select(e => (e.Stage, e.Rows, Assert.Single(e.Sequences))));
    }

    [Fact]
    public void What_cannot_be_encoded_is_refused_with_its_reason_and_the_next_one_works()
    {
        _tokenizer.Tell(new EncodePrompt(Id, new Prompt.Text("")), TestActor);
        Assert.IsType<BadInputException>(ExpectMsg<PromptRefused>().Error);
        _tokenizer.Tell(new EncodePrompt(Id, new Prompt.Chat([new("system", "x")])), TestActor);
        Assert.Contains("user message", Assert.IsType<BadInputException>(ExpectMsg<PromptRefused>().Error).Message, StringComparison.Ordinal);
        _tokenizer.Tell(new EncodePrompt(Id, new Prompt.Text("boom!")), TestActor);
        Assert.IsType<EngineFailedException>(ExpectMsg<PromptRefused>().Error);
        _tokenizer.Tell(new EncodePrompt(Id, new Prompt.Text("a")), TestActor);
        ExpectMsg<PromptEncoded>();
    }
}

using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Tokenizing;

/// <summary>Prompts to token ids; one of a pool, so that a long prompt delays nobody's tokens.</summary>
internal sealed class TokenizerActor(ITextCodec codec, ITimeline timeline) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EncodePrompt m:
                Sender.Tell(Timed(m));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private object Timed(EncodePrompt m)
    {
        long start = timeline.Now();
        object reply = Encode(m);
        if (!timeline.IsOn) return reply;
        int tokens = reply is PromptEncoded encoded ? encoded.Tokens.Length : 0;
        timeline.Record(new TimelineEvent(Stage.Encode, start, timeline.Now() - start) { Rows = tokens, Sequences = [m.Sequence] });
        return reply;
    }

    private object Encode(EncodePrompt m)
    {
        try
        {
            IReadOnlyList<int> tokens = m.Prompt switch
            {
                Prompt.Text p => codec.EncodePrompt(p.Value),
                Prompt.Chat p => codec.EncodeChat(p.Messages, addGenerationPrompt: true, p.Variables),
                Prompt.Tokens p => p.Ids,
                _ => throw new BadInputException($"a prompt cannot be {m.Prompt.GetType().Name}"),
            };
            return tokens.Count > 0
                ? new PromptEncoded(m.Sequence, [.. tokens])
                : new PromptRefused(m.Sequence, new BadInputException("the prompt has no tokens: give some text"));
        }
        catch (Exception e)
        {
            // A text that breaks the tokenizer fails its own request only.
            return new PromptRefused(m.Sequence, e as BadInputException ?? (Exception)new EngineFailedException($"the prompt could not be encoded: {e.Message}", e));
        }
    }
}

using System.Collections.Immutable;

namespace SubSpec.Cli.Bench;

/// <summary>Beginnings of stories, as the embedded demo model continues them.</summary>
internal static class StoryPrompts
{
    public static ImmutableArray<string> All { get; } =
    [
        "Once upon a time there was a little girl named Lily. She",
        "Max had a big brown dog. Every morning they",
        "One day, Tom and his sister went to the park. They saw",
        "The little cat was hungry. It looked for",
        "Anna found a shiny red ball under the bed. She",
        "There was a small bird who could not fly. One day",
        "Ben wanted to bake a cake for his mother. First he",
        "It was raining, and Sara was sad because",
        "A kind old man lived in a house near the woods. He",
        "The sun was warm and the children were playing. Suddenly",
        "Mia had a secret box. Inside the box there was",
        "In the garden there was a tall tree. A squirrel",
        "Sam lost his favourite toy car. He looked",
        "The rabbit and the fox were friends. They liked to",
        "Grandma told a story about a brave prince who",
        "Lucy was afraid of the dark. Her father",
        "A little boat sailed on the blue lake. In the boat",
        "Jack saw a frog on a stone. The frog said",
        "On her birthday, Emma got a new bicycle. She",
        "At night the stars were bright. The boy asked his mother",
    ];
}

using SubSpec.Text;

namespace SubSpec.Server.Tests.Http.Tools;

/// <summary>The demo's tokenizer with the tool parts of published chat templates.</summary>
internal static class ToolModels
{
    /// <summary>After Qwen2.5's template.</summary>
    public static HuggingFaceTokenizer Qwen { get; } = With("""
        {%- if tools %}{{- '<|im_start|>system\n# Tools\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>' }}
        {%- for tool in tools %}{{- '\n' }}{{- tool | tojson }}{%- endfor %}
        {{- '\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n' }}{%- endif %}
        {%- for message in messages %}
        {{- '<|im_start|>' + message.role + '\n' }}{%- if message.content %}{{- message.content }}{%- endif %}
        {%- for tool_call in message.tool_calls %}{{- '\n<tool_call>\n{"name": "' + tool_call.function.name + '", "arguments": ' }}{{- tool_call.function.arguments | tojson }}{{- '}\n</tool_call>' }}{%- endfor %}
        {{- '<|im_end|>\n' }}{%- endfor %}
        {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """);

    /// <summary>After Llama 3.1's template.</summary>
    public static HuggingFaceTokenizer Llama { get; } = With("""
        {%- if tools %}{{- 'Given the following functions, please respond with a JSON for a function call with its proper arguments.\n\nRespond in the format {"name": function name, "parameters": dictionary of argument name and its value}. Do not use variables.\n\n' }}
        {%- for t in tools %}{{- t | tojson(indent=4) }}{{- '\n\n' }}{%- endfor %}{%- endif %}
        {%- for message in messages %}{{- message.content }}{%- endfor %}
        """);

    /// <summary>A template that tells the model of tools in a way that nobody knows.</summary>
    public static HuggingFaceTokenizer Other { get; } = With("{%- if tools %}{{- tools | tojson }}{%- endif %}{%- for message in messages %}{{- message.content }}{%- endfor %}");

    private static HuggingFaceTokenizer With(string template)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("subspec-tools-");
        try
        {
            foreach (string file in new[] { "tokenizer.json", "tokenizer_config.json" }) File.Copy(Path.Combine(DemoEngines.Folder, file), Path.Combine(folder.FullName, file));
            File.WriteAllText(Path.Combine(folder.FullName, "chat_template.jinja"), template);
            return HuggingFaceTokenizer.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Values;

/// <summary>Something a template can call: a global function, a macro, or a method of a value.</summary>
internal delegate object? TemplateFunction(RenderContext context, Arguments arguments);

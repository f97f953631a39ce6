namespace SubSpec.Text.Splitting;

/// <summary>Metaspace's <c>prepend_scheme</c>: which pieces begin with the mark for a space.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

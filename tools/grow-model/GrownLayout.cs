namespace SubSpec.GrowModel;

/// <summary>All tensors of the enlarged model, in the order of the file.</summary>
internal static class GrownLayout
{
    public static IReadOnlyList<GrownTensor> Of(Qwen2Config source, GrowthPlan plan)
    {
        int wide = plan.HiddenFactor;
        // A tied head reads the copied embedding, which gives every logit that many times: the last norm takes the factor out.
        var tensors = new List<GrownTensor> { new("model.embed_tokens.weight", "model.embed_tokens.weight", 1, wide, GrownColumns.Repeated) };
        for (int layer = 0; layer < plan.Layers.Count; layer++) tensors.AddRange(Layer(layer, plan));
        tensors.Add(new("model.norm.weight", "model.norm.weight", 1, wide, source.Tied ? GrownColumns.SplitEvenly : GrownColumns.Repeated));
        if (!source.Tied) tensors.Add(new("lm_head.weight", "lm_head.weight", 1, wide, GrownColumns.Split));
        return tensors;
    }

    private static IEnumerable<GrownTensor> Layer(int layer, GrowthPlan plan)
    {
        (int donor, bool added) = (plan.Layers[layer].Donor, plan.Layers[layer].Added);
        (int wide, int units) = (plan.HiddenFactor, plan.IntermediateFactor);
        GrownColumns output = added ? GrownColumns.Cancelled : GrownColumns.Split;
        GrownTensor Tensor(string name, int rows, int columns, GrownColumns kind) =>
            new($"model.layers.{layer}.{name}", $"model.layers.{donor}.{name}", rows, columns, kind);

        yield return Tensor("input_layernorm.weight", 1, wide, GrownColumns.Repeated);
        foreach (string projection in new[] { "q_proj", "k_proj", "v_proj" })
        {
            // Query and KV heads are copied together, so copy c of a query head still meets copy c of its KV head.
            yield return Tensor($"self_attn.{projection}.weight", wide, wide, GrownColumns.Split);
            yield return Tensor($"self_attn.{projection}.bias", 1, wide, GrownColumns.Repeated);
        }
        yield return Tensor("self_attn.o_proj.weight", wide, wide, output);
        yield return Tensor("post_attention_layernorm.weight", 1, wide, GrownColumns.Repeated);
        yield return Tensor("mlp.gate_proj.weight", units, wide, GrownColumns.Split);
        yield return Tensor("mlp.up_proj.weight", units, wide, GrownColumns.Split);
        yield return Tensor("mlp.down_proj.weight", wide, units, output);
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace SubSpec.Torch.Tests.Reference;

/// <summary>
/// The decoders of all families (Llama, Mistral, Qwen2, Qwen3) written down as plainly as possible, in double precision, one position
/// after the other and without a cache: what every other implementation is compared with. It shares no code with the product.
/// </summary>
internal sealed class PlainTransformer
{
    private readonly Dictionary<string, PlainTensor> _tensors;
    private readonly HashSet<string> _used = [];
    private readonly HashSet<string> _biased = [];
    private readonly bool _roundLinearInputs;
    private readonly bool _roundKv;
    private readonly bool _normsHeads;
    private readonly int _hidden, _layers, _heads, _kvHeads, _headDim, _window;
    private readonly double _epsilon;
    private readonly double[] _inverseFrequencies;
    private readonly string _head;

    /// <param name="folder">Holds <c>config.json</c> and one or several <c>*.safetensors</c>.</param>
    /// <param name="roundLinearInputsToBf16">Round the input rows of every linear with bf16 weights, the head's included, to bf16 (nearest, ties to even).</param>
    /// <param name="roundKvToBf16">Round keys (after RoPE) and values to bf16, as a bf16 cache stores them.</param>
    public PlainTransformer(string folder, bool roundLinearInputsToBf16 = false, bool roundKvToBf16 = false)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        JsonElement root = config.RootElement;
        bool Flag(string name) => root.TryGetProperty(name, out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
        int? Size(string name) => root.TryGetProperty(name, out JsonElement size) && size.ValueKind == JsonValueKind.Number ? size.GetInt32() : null;

        _hidden = root.GetProperty("hidden_size").GetInt32();
        _layers = root.GetProperty("num_hidden_layers").GetInt32();
        _heads = root.GetProperty("num_attention_heads").GetInt32();
        _kvHeads = root.GetProperty("num_key_value_heads").GetInt32();
        _headDim = Size("head_dim") ?? _hidden / _heads;
        _epsilon = root.GetProperty("rms_norm_eps").GetDouble();
        _inverseFrequencies = PlainRope.InverseFrequencies(root, _headDim);
        _head = Flag("tie_word_embeddings") ? "model.embed_tokens.weight" : "lm_head.weight";
        Vocabulary = root.GetProperty("vocab_size").GetInt32();

        string family = root.GetProperty("model_type").GetString()!;
        _normsHeads = family == "qwen3";
        bool slides = family == "mistral" || (family.StartsWith("qwen") && Flag("use_sliding_window"));
        _window = (slides ? Size("sliding_window") : null) ?? int.MaxValue;
        if (family == "qwen2") _biased.UnionWith(["q_proj", "k_proj", "v_proj"]);
        if (family is "llama" or "qwen3" && Flag("attention_bias")) _biased.UnionWith(["q_proj", "k_proj", "v_proj", "o_proj"]);
        if (family == "llama" && Flag("mlp_bias")) _biased.UnionWith(["gate_proj", "up_proj", "down_proj"]);

        _tensors = Directory.GetFiles(folder, "*.safetensors").SelectMany(PlainSafetensors.Read).ToDictionary();
        _roundLinearInputs = roundLinearInputsToBf16;
        _roundKv = roundKvToBf16;
    }

    public int Vocabulary { get; }

    /// <summary>Tensors of the checkpoint that the forward passes so far have not touched.</summary>
    public IEnumerable<string> Unused => _tensors.Keys.Except(_used);

    /// <summary>Logits [positions][vocabulary] of the whole sequence, causal.</summary>
    public double[][] Logits(IReadOnlyList<int> tokens)
    {
        double[][] x = Embed(tokens);
        for (int layer = 0; layer < _layers; layer++) x = Layer(layer, x);
        return Head(x);
    }

    /// <summary>The residual stream [positions][hidden] before the first layer.</summary>
    public double[][] Embed(IReadOnlyList<int> tokens) => [.. tokens.Select(Embed)];

    /// <summary>The residual stream [positions][hidden] after a layer, from the one before it.</summary>
    public double[][] Layer(int layer, double[][] residual)
    {
        string prefix = $"model.layers.{layer}.";
        double[][] x = [.. residual.Select(row => (double[])row.Clone())], normed = Norm(x, prefix + "input_layernorm");
        Add(x, Linear(Attention(normed, prefix + "self_attn."), prefix + "self_attn.o_proj"));
        normed = Norm(x, prefix + "post_attention_layernorm");
        Add(x, Mlp(normed, prefix + "mlp."));
        return x;
    }

    /// <summary>Logits [positions][vocabulary] of the residual stream behind the last layer.</summary>
    public double[][] Head(double[][] residual) => Product(Norm(residual, "model.norm"), Tensor(_head), null);

    /// <summary>The greedy continuation: <paramref name="count"/> tokens after the prompt. Ties go to the lowest id.</summary>
    public int[] Greedy(IReadOnlyList<int> prompt, int count)
    {
        var tokens = new List<int>(prompt);
        while (tokens.Count < prompt.Count + count) tokens.Add(Argmax(Logits(tokens)[^1]));
        return [.. tokens.Skip(prompt.Count)];
    }

    /// <summary>The position of the largest value; the first of equals.</summary>
    public static int Argmax(double[] values) => Array.IndexOf(values, values.Max());

    /// <summary>To the nearest bf16, ties to even.</summary>
    public static double RoundToBf16(double value)
    {
        uint bits = BitConverter.SingleToUInt32Bits((float)value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private double[] Embed(int token) =>
        [.. Tensor("model.embed_tokens.weight").Values.AsSpan(token * _hidden, _hidden).ToArray().Select(v => (double)v)];

    private double[][] Attention(double[][] x, string prefix)
    {
        double[][] q = Linear(x, prefix + "q_proj"), k = Linear(x, prefix + "k_proj"), v = Linear(x, prefix + "v_proj");
        if (_normsHeads) (q, k) = (NormHeads(q, prefix + "q_norm"), NormHeads(k, prefix + "k_norm"));
        for (int position = 0; position < x.Length; position++)
        {
            Rope(q[position], position);
            Rope(k[position], position);
            if (_roundKv) (k[position], v[position]) = (Rounded(k[position]), Rounded(v[position]));
        }
        var output = new double[x.Length][];
        for (int position = 0; position < x.Length; position++)
        {
            output[position] = new double[_heads * _headDim];
            for (int head = 0; head < _heads; head++) Attend(q[position], k, v, position, head, output[position]);
        }
        return output;
    }

    /// <summary>One query head over the positions up to its own, as far back as the window reaches.</summary>
    private void Attend(double[] q, double[][] k, double[][] v, int position, int head, double[] output)
    {
        int at = head * _headDim, kvAt = head / (_heads / _kvHeads) * _headDim, first = Math.Max(0, position - _window + 1);
        double[] scores = new double[position + 1 - first];
        for (int p = first; p <= position; p++)
        {
            for (int d = 0; d < _headDim; d++) scores[p - first] += q[at + d] * k[p][kvAt + d];
            scores[p - first] /= Math.Sqrt(_headDim);
        }
        double max = scores.Max(), sum = scores.Sum(s => Math.Exp(s - max));
        for (int p = first; p <= position; p++)
        {
            double weight = Math.Exp(scores[p - first] - max) / sum;
            for (int d = 0; d < _headDim; d++) output[at + d] += weight * v[p][kvAt + d];
        }
    }

    /// <summary>Rotates each head's first half against its second half (the layout of Hugging Face).</summary>
    private void Rope(double[] row, int position)
    {
        int half = _headDim / 2;
        for (int head = 0; head < row.Length; head += _headDim)
        {
            for (int i = 0; i < half; i++)
            {
                (double sin, double cos) = Math.SinCos(position * _inverseFrequencies[i]);
                (double a, double b) = (row[head + i], row[head + half + i]);
                row[head + i] = (a * cos) - (b * sin);
                row[head + half + i] = (b * cos) + (a * sin);
            }
        }
    }

    private double[][] Mlp(double[][] x, string prefix)
    {
        double[][] gate = Linear(x, prefix + "gate_proj"), up = Linear(x, prefix + "up_proj");
        double[][] product = [.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray())];
        return Linear(product, prefix + "down_proj");
    }

    /// <summary>Each head of each row by itself.</summary>
    private double[][] NormHeads(double[][] x, string name) => [.. x.Select(row => Norm([.. row.Chunk(_headDim)], name).SelectMany(head => head).ToArray())];

    private double[][] Norm(double[][] x, string name)
    {
        float[] weight = Tensor(name + ".weight").Values;
        return [.. x.Select(row =>
        {
            double scale = 1 / Math.Sqrt((row.Sum(v => v * v) / row.Length) + _epsilon);
            return row.Select((v, i) => v * scale * weight[i]).ToArray();
        })];
    }

    private double[][] Linear(double[][] x, string name) =>
        Product(x, Tensor(name + ".weight"), _biased.Contains(name.Split('.')[^1]) ? Tensor(name + ".bias").Values : null);

    /// <summary>x [positions][in] times the transpose of weight [out, in], plus bias [out].</summary>
    private double[][] Product(double[][] x, PlainTensor weight, float[]? bias)
    {
        int inputs = x[0].Length, outputs = weight.Values.Length / inputs;
        double[][] rows = _roundLinearInputs && weight.Dtype == "BF16" ? [.. x.Select(Rounded)] : x;
        double[][] result = [.. rows.Select(_ => new double[outputs])];
        Parallel.For(0, outputs, o =>
        {
            double[] row = Array.ConvertAll(weight.Values[(o * inputs)..((o + 1) * inputs)], w => (double)w);
            for (int p = 0; p < rows.Length; p++) result[p][o] = Dot(row, rows[p]) + (bias?[o] ?? 0);
        });
        return result;
    }

    /// <summary>Eight products at a time only because tests should be quick; in double precision the order does not matter.</summary>
    private static double Dot(double[] a, double[] b)
    {
        var even = Vector256<double>.Zero;
        var odd = Vector256<double>.Zero;
        int whole = a.Length / 8 * 8;
        ref double pa = ref MemoryMarshal.GetArrayDataReference(a);
        ref double pb = ref MemoryMarshal.GetArrayDataReference(b);
        for (nuint i = 0; i < (nuint)whole; i += 8)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref pa, i), Vector256.LoadUnsafe(ref pb, i), even);
            odd = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref pa, i + 4), Vector256.LoadUnsafe(ref pb, i + 4), odd);
        }
        double total = Vector256.Sum(even + odd);
        for (int i = whole; i < a.Length; i++) total += a[i] * b[i];
        return total;
    }

    private PlainTensor Tensor(string name)
    {
        _used.Add(name);
        return _tensors[name];
    }

    private static double[] Rounded(double[] row) => [.. row.Select(RoundToBf16)];

    private static void Add(double[][] x, double[][] y)
    {
        for (int p = 0; p < x.Length; p++)
            for (int i = 0; i < x[p].Length; i++) x[p][i] += y[p][i];
    }
}

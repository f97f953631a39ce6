using System.Runtime.InteropServices;

namespace SubSpec.Torch.Native.Aten;

/// <summary>
/// libtorch's C interface (torch/csrc/inductor/aoti_torch/c/shim.h and torch/csrc/stable/c/shim.h): made to stay the same from version to version,
/// so one build of this program runs over whatever libtorch from 2.10 on is there. LibTorchSharp is C++ and runs over the one it was built for.
/// Every call is checked. Numbers and handles of an operator's arguments are 64 bits wide each.
/// </summary>
internal sealed unsafe class TorchApi
{
    private const string CudaAttention = "aoti_torch_cuda__scaled_dot_product_efficient_attention";

    private readonly delegate* unmanaged<void*, long, long*, long*, long, int, int, int, nint*, int> _blob;
    private readonly delegate* unmanaged<nint, int> _delete;
    private readonly delegate* unmanaged<nint, nint*, int> _share;
    private readonly delegate* unmanaged<nint, nint*, int> _data;
    private readonly delegate* unmanaged<nint, long*, int> _dimensions;
    private readonly delegate* unmanaged<nint, long, long*, int> _size;
    private readonly delegate* unmanaged<nint, nint, int, int> _copy;
    private readonly delegate* unmanaged<nint, nint, nint, int> _product;
    private readonly delegate* unmanaged<nint, nint, nint, nint, double, double, int> _productWithBias;
    private readonly delegate* unmanaged<nint, nint, double, nint*, int> _add;
    private readonly delegate* unmanaged<nint, long*, long, nint*, double*, nint*, nint*, int> _rmsNorm;
    private readonly delegate* unmanaged<nint, nint, nint, nint*, int, double, int, double*, nint*, nint*, nint*, nint*, int> _attention;
    private readonly delegate* unmanaged<byte*, byte*, ulong*, int> _call;
    private readonly delegate* unmanaged<bool, void> _gradMode;
    private readonly delegate* unmanaged<nuint, nint> _newMemory;
    private readonly delegate* unmanaged<nint> _reason;
    private readonly delegate* unmanaged<nint, long, long*, long*, long, nint*, int> _part;

    public TorchApi(TorchPlace place)
    {
        Place = place;
        TorchFolder folder = TorchLibraries.Locate();
        CheckPlace(folder, place);
        Libraries = TorchLibraries.Load(folder, place.IsCuda, Functions(place));
        _blob = (delegate* unmanaged<void*, long, long*, long*, long, int, int, int, nint*, int>)Find("aoti_torch_create_tensor_from_blob");
        _delete = (delegate* unmanaged<nint, int>)Find("aoti_torch_delete_tensor_object");
        _share = (delegate* unmanaged<nint, nint*, int>)Find("aoti_torch_new_tensor_handle");
        _data = (delegate* unmanaged<nint, nint*, int>)Find("aoti_torch_get_data_ptr");
        _dimensions = (delegate* unmanaged<nint, long*, int>)Find("aoti_torch_get_dim");
        _size = (delegate* unmanaged<nint, long, long*, int>)Find("aoti_torch_get_size");
        _copy = (delegate* unmanaged<nint, nint, int, int>)Find("aoti_torch_copy_");
        _call = (delegate* unmanaged<byte*, byte*, ulong*, int>)Find("aoti_torch_call_dispatcher");
        _gradMode = (delegate* unmanaged<bool, void>)Find("aoti_torch_grad_mode_set_enabled");
        _part = (delegate* unmanaged<nint, long, long*, long*, long, nint*, int>)Find("aoti_torch__reinterpret_tensor");
        _reason = (delegate* unmanaged<nint>)Libraries.TryFunction("torch_exception_get_what_without_backtrace");
        _product = (delegate* unmanaged<nint, nint, nint, int>)Find($"aoti_torch_{place.Name}_mm_out");
        _productWithBias = (delegate* unmanaged<nint, nint, nint, nint, double, double, int>)Find($"aoti_torch_{place.Name}_addmm_out");
        _add = (delegate* unmanaged<nint, nint, double, nint*, int>)Find($"aoti_torch_{place.Name}_add_Tensor");
        _rmsNorm = (delegate* unmanaged<nint, long*, long, nint*, double*, nint*, nint*, int>)Find($"aoti_torch_{place.Name}__fused_rms_norm");
        if (place.IsCuda) _attention = (delegate* unmanaged<nint, nint, nint, nint*, int, double, int, double*, nint*, nint*, nint*, nint*, int>)Find(CudaAttention);
        // libtorch takes optional arguments in memory that it frees with C++'s delete.
        _newMemory = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(NativeLibrary.Load("libstdc++.so.6"), "_Znwm");

        nint Find(string name) => Libraries.Function(name);
    }

    /// <summary>Where its tensors live.</summary>
    public TorchPlace Place { get; }

    public TorchLibraries Libraries { get; }

    /// <summary>Throws <see cref="Core.BadInputException"/> where this libtorch does not compute there.</summary>
    public static void CheckPlace(TorchFolder folder, TorchPlace place)
    {
        if (place.IsCuda && !folder.HasCuda)
            throw new Core.BadInputException($"the libtorch in {folder.Path} is for cpu only: set {TorchFolder.Variable} to {TorchFolder.Hint}");
    }

    /// <summary>Operators called so far: each is at least one launch on a GPU, and costs the host as much whatever the rows are.</summary>
    public long Operations { get; private set; }

    /// <summary>The C functions that it calls.</summary>
    public static string[] Functions(TorchPlace place) =>
    [
        "aoti_torch_create_tensor_from_blob", "aoti_torch_delete_tensor_object", "aoti_torch_new_tensor_handle", "aoti_torch_get_data_ptr", "aoti_torch_get_dim",
        "aoti_torch_get_size", "aoti_torch_copy_", "aoti_torch_call_dispatcher", "aoti_torch_grad_mode_set_enabled",
        "aoti_torch__reinterpret_tensor",
        $"aoti_torch_{place.Name}_mm_out", $"aoti_torch_{place.Name}_addmm_out", $"aoti_torch_{place.Name}_add_Tensor", $"aoti_torch_{place.Name}__fused_rms_norm",
        .. place.IsCuda ? [CudaAttention] : Array.Empty<string>(),
    ];

    /// <summary>Nothing on the calling thread is recorded for gradients from now on.</summary>
    public void ForgetGradients() => _gradMode(false);

    /// <summary>A view of somebody's memory.</summary>
    /// <param name="strides">In elements.</param>
    public Tensor View(nint data, TorchDtype dtype, ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        nint made;
        fixed (long* size = sizes, stride = strides)
            Check(_blob((void*)data, sizes.Length, size, stride, 0, (int)dtype, Place.Type, Place.Index, &made), "from_blob");
        return new Tensor(this, made);
    }

    /// <summary>A view of a tensor's memory, which it keeps.</summary>
    /// <param name="strides">In elements.</param>
    /// <param name="start">First element.</param>
    public Tensor Part(Tensor of, ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides, long start)
    {
        nint made;
        fixed (long* size = sizes, stride = strides) Check(_part(of.Handle, sizes.Length, size, stride, start, &made), "reinterpret_tensor");
        return new Tensor(this, made);
    }

    public void Delete(nint handle) => Check(_delete(handle), "delete");

    public nint DataOf(nint handle)
    {
        nint data;
        Check(_data(handle, &data), "data_ptr");
        return data;
    }

    public long[] SizesOf(Tensor tensor)
    {
        long dimensions;
        Check(_dimensions(tensor.Handle, &dimensions), "dim");
        long[] sizes = new long[dimensions];
        for (int i = 0; i < sizes.Length; i++)
            fixed (long* size = &sizes[i]) Check(_size(tensor.Handle, i, size), "size");
        return sizes;
    }

    /// <summary>to = from, converted to its type.</summary>
    public void Copy(Tensor to, Tensor from) => CheckOperation(_copy(to.Handle, from.Handle, 1), "copy_");

    /// <summary>result = a b.</summary>
    public void Product(Tensor result, Tensor a, Tensor b) => CheckOperation(_product(result.Handle, a.Handle, b.Handle), "mm");

    /// <summary>result = a b + bias, the bias the same for all rows.</summary>
    public void Product(Tensor result, Tensor a, Tensor b, Tensor bias) => CheckOperation(_productWithBias(result.Handle, bias.Handle, a.Handle, b.Handle, 1, 1), "addmm");

    /// <summary>a + b in the wider type of the two.</summary>
    public Tensor Add(Tensor a, Tensor b)
    {
        nint made;
        CheckOperation(_add(a.Handle, b.Handle, 1, &made), "add");
        return new Tensor(this, made);
    }

    /// <summary>x / sqrt(mean(x^2) + eps) * weight over the last dimension.</summary>
    public Tensor RmsNorm(Tensor x, Tensor weight, double epsilon, long width)
    {
        nint normed, scale, handle = weight.Handle;
        CheckOperation(_rmsNorm(x.Handle, &width, 1, &handle, &epsilon, &normed, &scale), "rms_norm");
        Delete(scale);
        return new Tensor(this, normed);
    }

    /// <summary>
    /// softmax(q k^T scale + mask) v on a GPU by the one kernel that takes masks and any strides; the operator that chooses among kernels would
    /// prefer, on some GPUs, one that is not known to.
    /// </summary>
    public Tensor CudaMaskedAttention(Tensor q, Tensor k, Tensor v, Tensor mask, double scale)
    {
        nint attended, sums, seed, offset, bias = mask.Handle;
        CheckOperation(_attention(q.Handle, k.Handle, v.Handle, &bias, 0, 0, 0, &scale, &attended, &sums, &seed, &offset), "scaled_dot_product_attention");
        Delete(sums);
        Delete(seed);
        Delete(offset);
        return new Tensor(this, attended);
    }

    /// <summary>A reference of its own to a tensor, for <see cref="Call"/>, which takes its arguments' ownership.</summary>
    public ulong Give(Tensor tensor)
    {
        nint shared;
        Check(_share(tensor.Handle, &shared), "new_handle");
        return (ulong)shared;
    }

    /// <summary>The same for an optional argument.</summary>
    public ulong GiveOptional(ulong value)
    {
        nint memory = _newMemory(sizeof(ulong));
        *(ulong*)memory = value;
        return (ulong)memory;
    }

    /// <summary>Calls an operator that returns one tensor, by its name and overload.</summary>
    /// <param name="arguments">All that the schema has, in its order.</param>
    public Tensor Call(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, ReadOnlySpan<ulong> arguments)
    {
        Span<ulong> stack = stackalloc ulong[arguments.Length];
        Call(name, overload, arguments, stack);
        return new Tensor(this, (nint)stack[0]);
    }

    /// <summary>The same for an operator that returns two.</summary>
    public (Tensor First, Tensor Second) CallForTwo(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, ReadOnlySpan<ulong> arguments)
    {
        Span<ulong> stack = stackalloc ulong[arguments.Length];
        Call(name, overload, arguments, stack);
        return (new Tensor(this, (nint)stack[0]), new Tensor(this, (nint)stack[1]));
    }

    private void Call(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, ReadOnlySpan<ulong> arguments, Span<ulong> stack)
    {
        Operations++;
        arguments.CopyTo(stack);
        fixed (byte* operation = name, variant = overload)
        fixed (ulong* top = stack)
        {
            byte none = 0;
            if (_call(operation, variant is null ? &none : variant, top) != 0) throw Failure(System.Text.Encoding.UTF8.GetString(name));
        }
    }

    private void CheckOperation(int status, string operation)
    {
        Operations++;
        Check(status, operation);
    }

    private void Check(int status, string operation)
    {
        if (status != 0) throw Failure(operation);
    }

    private TorchException Failure(string operation) => new(operation, _reason is null ? null : Marshal.PtrToStringUTF8(_reason())?.Split('\n')[0]);
}

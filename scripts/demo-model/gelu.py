"""GELU (tanh form, as ggml's). On bfloat16 by a table in C, 10 to 20 times faster than torch 1.13 on a CPU.

Without a C compiler torch's own is used.
"""

import ctypes
import os
import subprocess
import tempfile

import torch
import torch.nn.functional as F

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gelu.c")


def _pointer(tensor):
    return ctypes.c_void_p(tensor.data_ptr())


def _build():
    """The library and its tables of values and slopes, for each of the 65,536 bfloat16 numbers."""
    path = os.path.join(tempfile.mkdtemp(), "libgelu.so")
    command = ["gcc", "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", SOURCE, "-o", path]
    subprocess.run(command, check=True)
    patterns = torch.arange(-32768, 32768, dtype=torch.int32).to(torch.int16).roll(-32768)
    numbers = torch.frombuffer(bytearray(patterns.numpy().tobytes()), dtype=torch.bfloat16)
    x = numbers.float().nan_to_num(0, 1e30, -1e30).requires_grad_()
    y = F.gelu(x.clamp(-30, 30), approximate="tanh")
    y.sum().backward()
    values = torch.where(x > 30, x, y).detach().bfloat16().contiguous()
    slopes = torch.where(x > 30, torch.ones(()), x.grad).detach().float().contiguous()
    return ctypes.CDLL(path), values, slopes


try:
    _library, _values, _slopes = _build()
except (OSError, subprocess.CalledProcessError) as error:
    print("No fast GELU:", error)
    _library = None


class _TableGelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x.contiguous()
        ctx.save_for_backward(x)
        y = torch.empty_like(x)
        _library.gelu_fwd(_pointer(x), _pointer(y), ctypes.c_long(x.numel()), _pointer(_values))
        return y

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        gradient = gradient.contiguous()
        out = torch.empty_like(x)
        _library.gelu_bwd(
            _pointer(x), _pointer(gradient), _pointer(out), ctypes.c_long(x.numel()), _pointer(_slopes)
        )
        return out


def gelu(x):
    if _library is not None and x.dtype == torch.bfloat16:
        return _TableGelu.apply(x)
    return F.gelu(x, approximate="tanh")

"""How kernels are compiled, and four machine instructions that Numba has no name for.

Importing this takes half a second: only what has much to do imports it, inside a function.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

Kernel = Callable[..., Any]


def kernel(function: Kernel) -> Kernel:
    """The function compiled without the GIL, and kept on disk where there is a folder for that.

    It counts no references, which took a third of the time of kernels that look at one character after the other: the
    caller holds all arrays while it runs, so that it can make none and hand none back.
    """
    options: dict[str, Any] = {"nogil": True, "_nrt": False}
    try:
        compiled: Kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        compiled = njit(**options)(function)
    return compiled


def _place(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """A pointer to eight bytes of an array."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(64).as_pointer())


@intrinsic
def load8(typing: Any, data: Any, at: Any) -> Any:  # noqa: ARG001  (Numba passes it)
    """Eight bytes of a uint8 array as one uint64, least significant first on the machines that Numba knows."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, signature, args), align=1)

    return types.uint64(data, types.intp), generate


@intrinsic
def store8(typing: Any, data: Any, at: Any, value: Any) -> Any:  # noqa: ARG001
    """Writes a uint64 as eight bytes of a uint8 array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, signature, args), align=1)
        return context.get_dummy_value()

    return types.void(data, types.intp, types.uint64), generate


@intrinsic
def prefetch(typing: Any, data: Any, at: Any) -> Any:  # noqa: ARG001
    """Asks for the memory around a place of an array, which will be read and written soon; there need be none."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        word, place = ir.IntType(32), ir.IntType(8).as_pointer()
        function = builder.module.declare_intrinsic(
            "llvm.prefetch", [place], ir.FunctionType(ir.VoidType(), [place, word, word, word])
        )
        at_ = builder.bitcast(builder.gep(array.data, [args[1]]), place)
        builder.call(function, [at_, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(data, types.intp), generate


@intrinsic
def trailing_zeros(typing: Any, value: Any) -> Any:  # noqa: ARG001
    """How many bits of a uint64, which is not 0, are zero below the lowest that is one."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.cttz(args[0], ir.IntType(1)(1))

    return types.intp(types.uint64), generate

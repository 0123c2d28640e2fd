"""Only what pyproject.toml cannot say: the native part is optional."""

import sys

from setuptools import Extension, setup

GNU = ["-std=c++17", "-O3", "-g0", "-fvisibility=hidden", "-Wall", "-Wextra", "-pthread"]
MICROSOFT = ["/std:c++17", "/O2"]

native = Extension(
    "concord.matching._hamming",
    sources=[f"native/{part}.cpp" for part in ("kernels", "flat", "segment", "plan", "search", "module")],
    depends=[f"native/{part}.hpp" for part in ("hamming", "segment", "plan", "search", "arrays")],
    language="c++",
    extra_compile_args=MICROSOFT if sys.platform == "win32" else GNU,
    extra_link_args=[] if sys.platform == "win32" else ["-pthread"],
    py_limited_api=True,
    optional=True,  # no compiler: the installation goes on and the NumPy reference serves
)

setup(ext_modules=[native], options={"bdist_wheel": {"py_limited_api": "cp311"}})

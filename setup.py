"""Only what pyproject.toml cannot say: the native part is optional."""

import sys

from setuptools import Extension, setup

GNU = ["-std=c++17", "-O3", "-g0", "-fvisibility=hidden", "-Wall", "-Wextra"]
MICROSOFT = ["/std:c++17", "/O2"]

native = Extension(
    "concord.matching._hamming",
    sources=["native/kernels.cpp", "native/module.cpp"],
    depends=["native/hamming.hpp"],
    language="c++",
    extra_compile_args=MICROSOFT if sys.platform == "win32" else GNU,
    py_limited_api=True,
    optional=True,  # no compiler: the installation goes on and the NumPy reference serves
)

setup(ext_modules=[native], options={"bdist_wheel": {"py_limited_api": "cp311"}})

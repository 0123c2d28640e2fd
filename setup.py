"""Only what pyproject.toml cannot say: the native parts are optional."""

import sys

from setuptools import Extension, setup

GNU = ["-std=c++17", "-O3", "-g0", "-fvisibility=hidden", "-Wall", "-Wextra", "-pthread"]
EXACT = [*(flag for flag in GNU if flag != "-pthread"), "-ffp-contract=off"]  # every product is rounded, as NumPy's is
MICROSOFT = ["/std:c++17", "/O2"]

native = Extension(
    "concord.matching._hamming",
    sources=[f"native/{part}.cpp" for part in ("kernels", "sieve", "flat", "segment", "plan", "search", "module")],
    depends=[
        f"native/{part}.hpp" for part in ("hamming", "sieve", "levels", "segment", "plan", "tables", "search", "arrays")
    ],
    language="c++",
    extra_compile_args=MICROSOFT if sys.platform == "win32" else GNU,
    extra_link_args=[] if sys.platform == "win32" else ["-pthread"],
    py_limited_api=True,
    optional=True,  # no compiler: the installation goes on and the NumPy reference serves
)

fingerprints = [
    Extension(
        f"concord.fingerprints._{part}",
        sources=[f"native/{part}.cpp"],
        depends=["native/arrays.hpp", "native/small.hpp"],
        language="c++",
        extra_compile_args=MICROSOFT if sys.platform == "win32" else EXACT,
        py_limited_api=True,
        optional=True,
    )
    for part in ("weigh", "referee", "small")
]

setup(ext_modules=[native, *fingerprints], options={"bdist_wheel": {"py_limited_api": "cp311"}})

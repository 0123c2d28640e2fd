// What PDQ reads off its small picture (small.hpp), for Python: concord.fingerprints._small, described in
// src/concord/fingerprints/_small.pyi.
#include "arrays.hpp"  // first: it includes Python.h, which wants to be

#include "small.hpp"

namespace {

using arrays::Array;
using arrays::refuse;
using arrays::Refused;
using arrays::Wanted;

constexpr Wanted kSmall{"small: float32[64, 64]", "f", 4, 2, small::kSide, false};
constexpr Wanted kEvened{"evened: writable float32[64, 64]", "f", 4, 2, small::kSide, true};
constexpr Wanted kCosines{"cosines: float32[64, 16]", "f", 4, 2, small::kKept, false};

constexpr int kSteepest = 256;  // times an even share: a whole picture

const float* brightness_of(const Array& picture) {
    if (picture.extent(0) != small::kSide) refuse("%s is wanted", kSmall.described);
    if (!small::is_brightness(picture.items<float>())) refuse("small: brightness from 0 to 255 is wanted");
    return picture.items<float>();
}

PyObject* quality(PyObject*, PyObject* picture_given) try {
    const Array picture(picture_given, kSmall);
    return PyLong_FromLong(small::quality(brightness_of(picture)));
} catch (const Refused&) {
    return nullptr;
}

PyObject* values(PyObject*, PyObject* args) try {
    PyObject *picture_given, *cosines_given;
    float rounding;
    if (!PyArg_ParseTuple(args, "OOf:values", &picture_given, &cosines_given, &rounding)) return nullptr;
    const Array picture(picture_given, kSmall), cosines(cosines_given, kCosines);
    if (cosines.extent(0) != small::kSide) refuse("%s is wanted", kCosines.described);
    float coefficients[small::kCoefficients];
    small::transform(brightness_of(picture), cosines.items<float>(), coefficients);
    std::uint8_t written[small::kOrientations * small::kValueBytes];
    small::write_values(coefficients, written);
    return Py_BuildValue("y#N", reinterpret_cast<const char*>(written), static_cast<Py_ssize_t>(sizeof written),
                         PyBool_FromLong(small::is_close_call(coefficients, rounding)));
} catch (const Refused&) {
    return nullptr;
}

PyObject* even(PyObject*, PyObject* args) try {
    PyObject *picture_given, *evened_given;
    int steepest;
    if (!PyArg_ParseTuple(args, "OiO:even", &picture_given, &steepest, &evened_given)) return nullptr;
    const Array picture(picture_given, kSmall), evened(evened_given, kEvened);
    if (evened.extent(0) != small::kSide) refuse("%s is wanted", kEvened.described);
    if (steepest < 1 || steepest > kSteepest) refuse("steepest: 1 to %d is wanted", kSteepest);
    small::even_out(brightness_of(picture), steepest, evened.items<float>());
    Py_RETURN_NONE;
} catch (const Refused&) {
    return nullptr;
}

PyMethodDef methods[] = {
    {"quality", quality, METH_O, "quality(small) -> 0 to 100"},
    {"values", values, METH_VARARGS, "values(small, cosines, rounding) -> eight values, whether rounding could decide"},
    {"even", even, METH_VARARGS, "even(small, steepest, evened): fills evened"},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_small", "What PDQ reads off its small picture.", 0, methods,
                          nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__small() { return PyModuleDef_Init(&definition); }

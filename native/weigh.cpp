// Weighted sums of a picture's lines: where fingerprinting spends its time. The Python face is concord.fingerprints._weigh,
// described in src/concord/fingerprints/_weigh.pyi; reduce.py does the same with NumPy.
#include "arrays.hpp"  // first: it includes Python.h, which wants to be

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace {

using arrays::Array;
using arrays::refuse;
using arrays::Refused;
using arrays::Wanted;

#if defined(__GNUC__)
#define WEIGH_INLINE __attribute__((always_inline)) inline
#else
#define WEIGH_INLINE inline
#endif

constexpr std::size_t kColumns = 2048;  // sums at once: they stay in the first cache

// sums[x] += weights[k] * lines[k][x]. Each product is rounded and added on its own, line after line, on every level: all
// give the same sums to the last bit.
WEIGH_INLINE void add_lines(const std::uint8_t* lines, std::size_t stride, std::size_t width, const float* weights,
                            std::size_t count, float* sums) {
    std::fill(sums, sums + width, 0.0f);
    std::size_t k = 0;
    for (; k + 4 <= count; k += 4) {
        const std::uint8_t *a = lines + k * stride, *b = a + stride, *c = b + stride, *d = c + stride;
        const float *w = weights + k;
        for (std::size_t x = 0; x < width; x++) {
            float sum = sums[x] + w[0] * static_cast<float>(a[x]);
            sum += w[1] * static_cast<float>(b[x]);
            sum += w[2] * static_cast<float>(c[x]);
            sums[x] = sum + w[3] * static_cast<float>(d[x]);
        }
    }
    for (; k < count; k++)
        for (std::size_t x = 0; x < width; x++) sums[x] += weights[k] * static_cast<float>(lines[k * stride + x]);
}

using AddLines = void (*)(const std::uint8_t*, std::size_t, std::size_t, const float*, std::size_t, float*);

void add_lines_portable(const std::uint8_t* lines, std::size_t stride, std::size_t width, const float* weights,
                        std::size_t count, float* sums) {
    add_lines(lines, stride, width, weights, count, sums);
}

#if defined(__x86_64__) && defined(__GNUC__)
#define WEIGH_X86 1
// Without fused multiplication, which would round once where the other level rounds twice.
__attribute__((target("avx2"))) void add_lines_avx2(const std::uint8_t* lines, std::size_t stride, std::size_t width,
                                                    const float* weights, std::size_t count, float* sums) {
    add_lines(lines, stride, width, weights, count, sums);
}
#endif

struct Level {
    const char* name;
    AddLines add;
    bool runs;
};

const Level* levels() {
    static const Level all[] = {
#ifdef WEIGH_X86
        {"avx2", add_lines_avx2, __builtin_cpu_supports("avx2") != 0},
#endif
        {"portable", add_lines_portable, true},
        {nullptr, nullptr, false}};
    return all;
}

AddLines level_named(const char* name) {
    for (const Level* level = levels(); level->name != nullptr; level++)
        if (level->runs && std::strcmp(level->name, name) == 0) return level->add;
    refuse("level: this processor cannot run '%s'", name);
}

// ---- the Python face -------------------------------------------------------------------------------------------------

constexpr Wanted kPicture{"picture: uint8[height, width]", "B", 1, 2, 0, false};
constexpr Wanted kPlaces{"starts and counts: int64[bands]", "lq", 8, 1, 0, false};
constexpr Wanted kWeights{"weights: float32[all counts]", "f", 4, 1, 0, false};
constexpr Wanted kSums{"sums: writable float32[bands, width]", "f", 4, 2, 0, true};

void check_bands(const Array& picture, const Array& starts, const Array& counts, const Array& weights, const Array& sums) {
    if (sums.extent(0) != starts.extent(0) || counts.extent(0) != starts.extent(0) || sums.extent(1) != picture.extent(1))
        refuse("starts, counts and sums: they are not of one shape");
    const auto height = static_cast<std::int64_t>(picture.extent(0));
    std::size_t used = 0;
    for (std::size_t band = 0; band < starts.extent(0); band++) {
        const std::int64_t start = starts.items<std::int64_t>()[band], count = counts.items<std::int64_t>()[band];
        if (start < 0 || count < 0 || start > height || count > height - start)
            refuse("starts and counts: band %zu lies outside the picture", band);
        used += static_cast<std::size_t>(count);
        if (used > weights.extent(0)) refuse("weights: %zu are too few", weights.extent(0));
    }
}

PyObject* rows(PyObject*, PyObject* args) try {
    PyObject *picture_given, *starts_given, *counts_given, *weights_given, *sums_given;
    const char* level;
    if (!PyArg_ParseTuple(args, "OOOOOs:rows", &picture_given, &starts_given, &counts_given, &weights_given, &sums_given,
                          &level))
        return nullptr;
    const Array picture(picture_given, kPicture), starts(starts_given, kPlaces), counts(counts_given, kPlaces),
        weights(weights_given, kWeights), sums(sums_given, kSums);
    check_bands(picture, starts, counts, weights, sums);
    const AddLines add = level_named(level);
    const std::size_t width = picture.extent(1);
    const float* next = weights.items<float>();
    for (std::size_t band = 0; band < starts.extent(0); band++) {
        const std::uint8_t* lines = picture.items<std::uint8_t>() + starts.items<std::int64_t>()[band] * width;
        const auto count = static_cast<std::size_t>(counts.items<std::int64_t>()[band]);
        for (std::size_t x = 0; x < width; x += kColumns)
            add(lines + x, width, std::min(kColumns, width - x), next, count, sums.items<float>() + band * width + x);
        next += count;
    }
    Py_RETURN_NONE;
} catch (const Refused&) {
    return nullptr;
}

PyObject* level_names(PyObject*, PyObject*) {
    PyObject* names = PyList_New(0);
    for (const Level* level = levels(); names != nullptr && level->name != nullptr; level++) {
        if (!level->runs) continue;
        PyObject* name = PyUnicode_FromString(level->name);
        const bool kept = name != nullptr && PyList_Append(names, name) == 0;
        Py_XDECREF(name);
        if (!kept) Py_CLEAR(names);
    }
    return names;
}

PyMethodDef methods[] = {
    {"levels", level_names, METH_NOARGS, "levels() -> names of the levels that this processor can run, best first"},
    {"rows", rows, METH_VARARGS, "rows(picture, starts, counts, weights, sums, level): fills sums, one row a band"},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_weigh", "Weighted sums of a picture's lines.", 0, methods,
                          nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__weigh() { return PyModuleDef_Init(&definition); }

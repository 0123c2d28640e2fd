// PDQ's reduction as its authors' program computes it, in the same float32 order: pdq_reference.py is its oracle, to the
// last bit. The Python face is concord.fingerprints._referee, described in src/concord/fingerprints/_referee.pyi.
#include "arrays.hpp"  // first: it includes Python.h, which wants to be

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

namespace {

using arrays::Array;
using arrays::refuse;
using arrays::Refused;
using arrays::Wanted;

constexpr std::size_t kTogether = 16;  // lines whose running sums are kept side by side: none waits for another's

// One pass of the box filter along a side: into place x goes the mean of first[x] to last[x].
struct Box {
    std::size_t side, lead;
    std::vector<std::size_t> first, last;

    Box(std::size_t pixels, std::size_t blocks) : side(pixels), first(pixels), last(pixels) {
        const std::size_t window = (pixels + 2 * blocks - 1) / (2 * blocks), half = (window + 2) / 2;
        for (std::size_t x = 0; x < pixels; x++) {
            first[x] = x + half > window ? x + half - window : 0;
            last[x] = std::min(x + half - 1, pixels - 1);
        }
        lead = last[0];  // so many are added before the first sum is written
    }
};

// Of `lines` lines next to each other, as running sums: what enters is added before what leaves is taken off. Element x of
// line k stands at in[x * lines + k].
void pass(const Box& box, std::size_t lines, const float* in, float* out) {
    for (std::size_t begin = 0; begin < lines; begin += kTogether) {
        const std::size_t count = std::min(kTogether, lines - begin);
        float sums[kTogether] = {};
        const float* at = in + begin;
        for (std::size_t x = 0; x < box.lead; x++)
            for (std::size_t k = 0; k < count; k++) sums[k] += at[x * lines + k];
        std::size_t entered = box.lead, left = 0;
        for (std::size_t x = 0; x < box.side; x++) {
            if (box.last[x] >= entered) {
                const float* enters = at + entered++ * lines;
                for (std::size_t k = 0; k < count; k++) sums[k] += enters[k];
            }
            if (box.first[x] > left) {
                const float* leaves = at + left++ * lines;
                for (std::size_t k = 0; k < count; k++) sums[k] -= leaves[k];
            }
            const float held = static_cast<float>(box.last[x] - box.first[x] + 1);
            float* means = out + x * lines + begin;
            for (std::size_t k = 0; k < count; k++) means[k] = sums[k] / held;
        }
    }
}

// [rows][columns] to [columns][rows]
template <class Item>
void turn(const Item* in, std::size_t rows, std::size_t columns, float* out) {
    constexpr std::size_t kTile = 16;
    for (std::size_t top = 0; top < rows; top += kTile)
        for (std::size_t left = 0; left < columns; left += kTile)
            for (std::size_t y = top; y < std::min(top + kTile, rows); y++)
                for (std::size_t x = left; x < std::min(left + kTile, columns); x++)
                    out[x * rows + y] = static_cast<float>(in[y * columns + x]);
}

std::size_t pick(std::size_t block, std::size_t side, std::size_t blocks) {
    return static_cast<std::size_t>((static_cast<double>(block) + 0.5) * static_cast<double>(side) /
                                    static_cast<double>(blocks));
}

constexpr Wanted kPicture{"picture: uint8[height, width]", "B", 1, 2, 0, false};
constexpr Wanted kSmall{"small: writable float32[side, side]", "f", 4, 2, 0, true};

PyObject* reduce(PyObject*, PyObject* args) try {
    PyObject *picture_given, *small_given;
    if (!PyArg_ParseTuple(args, "OO:reduce", &picture_given, &small_given)) return nullptr;
    const Array picture(picture_given, kPicture), small(small_given, kSmall);
    const std::size_t height = picture.extent(0), width = picture.extent(1), side = small.extent(0);
    if (side == 0 || side != small.extent(1)) refuse("small: writable float32[side, side] is wanted");
    if (height == 0 || width == 0) refuse("picture: it is empty");
    const Box along(width, side), down(height, side);
    const std::size_t most = height * std::max(width, side);  // a small picture is sampled to more columns than it has
    std::vector<float> a(most), b(most);
    turn(picture.items<std::uint8_t>(), height, width, a.data());  // [width][height]: a row is a line
    pass(along, height, a.data(), b.data());
    turn(b.data(), width, height, a.data());
    pass(down, width, a.data(), b.data());
    turn(b.data(), height, width, a.data());
    pass(along, height, a.data(), b.data());
    for (std::size_t x = 0; x < side; x++)  // columns that are not sampled need no second pass
        for (std::size_t y = 0; y < height; y++) a[y * side + x] = b[pick(x, width, side) * height + y];
    pass(down, side, a.data(), b.data());
    for (std::size_t y = 0; y < side; y++)
        std::copy_n(b.data() + pick(y, height, side) * side, side, small.items<float>() + y * side);
    Py_RETURN_NONE;
} catch (const Refused&) {
    return nullptr;
} catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
}

PyMethodDef methods[] = {{"reduce", reduce, METH_VARARGS, "reduce(picture, small): fills small, as the reference would"},
                         {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_referee", "PDQ's reduction in its authors' order.", 0, methods,
                          nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__referee() { return PyModuleDef_Init(&definition); }

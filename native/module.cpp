// The Python face of the scan: concord.matching._hamming, described for people in src/concord/matching/_hamming.pyi.
// Written against the stable ABI of Python 3.11, the first with the buffer protocol: one build serves later versions.
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "hamming.hpp"

namespace {

// Python's error is set already; unwinds to the function that Python called.
struct Refused : std::exception {};

template <class... Facts>
[[noreturn]] void refuse(const char* sentence, Facts... facts) {
    PyErr_Format(PyExc_ValueError, sentence, facts...);
    throw Refused();
}

// The memory of a C-contiguous two-dimensional array of one exact item type, held while this lives. Anything else is
// refused with the shape that is wanted, so that no byte is ever read as what it is not.
class Matrix {
public:
    Matrix(PyObject* object, const char* wanted, const char* formats, Py_ssize_t item_bytes) {
        if (PyObject_GetBuffer(object, &view_, PyBUF_FULL_RO) != 0) throw Refused();
        if (!fits(formats, item_bytes)) {
            PyBuffer_Release(&view_);
            refuse("%s is wanted, C-contiguous and aligned", wanted);
        }
    }
    ~Matrix() { PyBuffer_Release(&view_); }
    Matrix(const Matrix&) = delete;
    Matrix& operator=(const Matrix&) = delete;

    std::size_t rows() const { return static_cast<std::size_t>(view_.shape[0]); }
    std::size_t columns() const { return static_cast<std::size_t>(view_.shape[1]); }
    template <class Item>
    const Item* items() const {
        return static_cast<const Item*>(view_.buf);
    }

private:
    bool fits(const char* formats, Py_ssize_t item_bytes) const {
        const char* format = view_.format;
        const bool typed = std::strlen(format) == 1 && std::strchr(formats, format[0]) != nullptr;
        const bool aligned = reinterpret_cast<std::uintptr_t>(view_.buf) % static_cast<std::uintptr_t>(item_bytes) == 0;
        const bool shaped = view_.ndim == 2 && PyBuffer_IsContiguous(&view_, 'C') != 0;
        return typed && aligned && shaped && view_.itemsize == item_bytes;
    }

    Py_buffer view_;
};

class WithoutInterpreterLock {
public:
    WithoutInterpreterLock() : state_(PyEval_SaveThread()) {}
    ~WithoutInterpreterLock() { PyEval_RestoreThread(state_); }
    WithoutInterpreterLock(const WithoutInterpreterLock&) = delete;
    WithoutInterpreterLock& operator=(const WithoutInterpreterLock&) = delete;

private:
    PyThreadState* state_;
};

const hamming::Kernel& kernel_named(const char* name) {
    std::string known;
    for (const hamming::Kernel& kernel : hamming::kernels()) {
        if (std::strcmp(kernel.name, name) == 0) return kernel;
        known += known.empty() ? kernel.name : std::string(", ") + kernel.name;
    }
    refuse("level: this processor cannot run '%s'. It can run: %s", name, known.c_str());
}

// One field of all hits as a bytes object; null with Python's error set when there is no memory.
template <class Field>
PyObject* packed(const std::vector<hamming::Hit>& hits, Field hamming::Hit::* field) {
    PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(hits.size() * sizeof(Field)));
    if (bytes == nullptr) return nullptr;
    char* out = PyBytes_AsString(bytes);
    for (const hamming::Hit& hit : hits) {
        std::memcpy(out, &(hit.*field), sizeof(Field));
        out += sizeof(Field);
    }
    return bytes;
}

std::vector<hamming::Hit> found(PyObject* args) {
    PyObject *words_given, *questions_given;
    Py_ssize_t count;
    int radius;
    const char* level;
    if (!PyArg_ParseTuple(args, "OnOis:scan", &words_given, &count, &questions_given, &radius, &level)) throw Refused();
    const Matrix words(words_given, "words: uint64[4, capacity]", "LQ", 8);
    const Matrix questions(questions_given, "questions: uint8[m, 32]", "B", 1);
    if (words.rows() != hamming::kWords) refuse("words: uint64[4, capacity] is wanted, not %zu rows", words.rows());
    if (questions.columns() != hamming::kQuestionBytes)
        refuse("questions: uint8[m, 32] is wanted, not %zu columns", questions.columns());
    if (count < 0 || static_cast<std::size_t>(count) > words.columns())
        refuse("count: %zd is not within the capacity of %zu", count, words.columns());
    if (radius < 0 || radius > hamming::kMaxRadius)
        refuse("radius: %d is not within 0 to %d", radius, hamming::kMaxRadius);
    const hamming::Kernel& kernel = kernel_named(level);
    const std::uint64_t* word = words.items<std::uint64_t>();
    const std::size_t capacity = words.columns();
    const hamming::Columns entries{{word, word + capacity, word + 2 * capacity, word + 3 * capacity}};
    const WithoutInterpreterLock others_run;
    return hamming::scan(kernel, entries, static_cast<std::size_t>(count), questions.items<std::uint8_t>(),
                         questions.rows(), radius);
}

PyObject* scan(PyObject*, PyObject* args) {
    try {
        const std::vector<hamming::Hit> hits = found(args);
        return Py_BuildValue("NNN", packed(hits, &hamming::Hit::question), packed(hits, &hamming::Hit::position),
                             packed(hits, &hamming::Hit::distance));
    } catch (const Refused&) {
        return nullptr;
    } catch (const std::bad_alloc&) {
        return PyErr_NoMemory();
    }
}

PyObject* levels(PyObject*, PyObject*) {
    const std::vector<hamming::Kernel>& kernels = hamming::kernels();
    PyObject* names = PyTuple_New(static_cast<Py_ssize_t>(kernels.size()));
    for (std::size_t k = 0; names != nullptr && k < kernels.size(); k++) {
        PyObject* name = PyUnicode_FromString(kernels[k].name);
        if (name == nullptr || PyTuple_SetItem(names, static_cast<Py_ssize_t>(k), name) != 0) Py_CLEAR(names);
    }
    return names;
}

PyMethodDef methods[] = {
    {"levels", levels, METH_NOARGS, "levels() -> names of the levels that this processor can run, best first"},
    {"scan", scan, METH_VARARGS,
     "scan(words, count, questions, radius, level) -> (questions, positions, distances) of all hits, as bytes"},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "_hamming",
                          "Exact Hamming range search over 256-bit hashes.",
                          0,
                          methods,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__hamming() { return PyModuleDef_Init(&definition); }

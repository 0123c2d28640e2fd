// Arrays that Python gives, never misread. Written against the stable ABI of Python 3.11, the first with the buffer
// protocol: one build serves later versions.
#pragma once

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <cstdint>
#include <cstring>
#include <exception>

namespace arrays {

// Python's error is set already; unwinds to the function that Python called.
struct Refused : std::exception {};

template <class... Facts>
[[noreturn]] void refuse(const char* sentence, Facts... facts) {
    PyErr_Format(PyExc_ValueError, sentence, facts...);
    throw Refused();
}

// The shape and item type that an array must have.
struct Wanted {
    const char* described;
    const char* formats;  // codes of the struct module that mean this type
    Py_ssize_t item_bytes;
    int dimensions;
    std::size_t columns;  // of two dimensions; 0: any
    bool writable;
};

// The memory of a C-contiguous array of one exact item type, held while this lives. Anything else is refused with the
// shape that is wanted, so that no byte is ever read as what it is not.
class Array {
public:
    Array(PyObject* object, const Wanted& wanted) {
        if (PyObject_GetBuffer(object, &view_, wanted.writable ? PyBUF_FULL : PyBUF_FULL_RO) != 0) throw Refused();
        if (fits(wanted)) return;
        PyBuffer_Release(&view_);
        refuse("%s is wanted, C-contiguous and aligned", wanted.described);
    }
    ~Array() { PyBuffer_Release(&view_); }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;

    std::size_t extent(int dimension) const { return static_cast<std::size_t>(view_.shape[dimension]); }
    template <class Item>
    Item* items() const {
        return static_cast<Item*>(view_.buf);
    }

private:
    bool fits(const Wanted& wanted) const {
        const char* format = view_.format;
        const auto at = reinterpret_cast<std::uintptr_t>(view_.buf);
        return std::strlen(format) == 1 && std::strchr(wanted.formats, format[0]) != nullptr &&
               view_.itemsize == wanted.item_bytes && at % static_cast<std::uintptr_t>(wanted.item_bytes) == 0 &&
               view_.ndim == wanted.dimensions && PyBuffer_IsContiguous(&view_, 'C') != 0 &&
               (wanted.columns == 0 || extent(1) == wanted.columns);
    }

    Py_buffer view_;
};

}  // namespace arrays

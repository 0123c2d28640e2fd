// The Python face: concord.matching._hamming, described for people in src/concord/matching/_hamming.pyi.
#include "arrays.hpp"  // first: it includes Python.h, which wants to be

#include <chrono>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "search.hpp"

namespace {

using arrays::Array;
using arrays::refuse;
using arrays::Refused;
using arrays::Wanted;

// ---- what Python gives ---------------------------------------------------------------------------------------------

constexpr Wanted kWordColumns{"words: uint64[4, capacity]", "LQ", 8, 2, 0, false};
constexpr Wanted kQuestions{"questions: uint8[m, 32]", "B", 1, 2, hamming::kHashBytes, false};
constexpr Wanted kHashes{"hashes: uint8[n, 32]", "B", 1, 2, hamming::kHashBytes, false};
constexpr Wanted kIds{"ids: uint64[n]", "LQ", 8, 1, 0, false};
constexpr Wanted kMemory{"memory: uint8[bytes]", "B", 1, 1, 0, false};
constexpr Wanted kRoom{"memory: writable uint8[bytes]", "B", 1, 1, 0, true};

template <class... Parts>
void parse(PyObject* args, const char* format, Parts*... parts) {
    if (!PyArg_ParseTuple(args, format, parts...)) throw Refused();
}

void check_radius(int radius) {
    if (radius < 0 || radius > hamming::kMaxRadius)
        refuse("radius: %d is not within 0 to %d", radius, hamming::kMaxRadius);
}

const hamming::Kernel& kernel_named(const char* name) {
    std::string known;
    for (const hamming::Kernel& kernel : hamming::kernels()) {
        if (std::strcmp(kernel.name, name) == 0) return kernel;
        known += known.empty() ? kernel.name : std::string(", ") + kernel.name;
    }
    refuse("level: this processor cannot run '%s'. It can run: %s", name, known.c_str());
}

hamming::Method method_named(const char* name) {
    if (std::strcmp(name, "automatic") == 0) return hamming::Method::automatic;
    if (std::strcmp(name, "tables") == 0) return hamming::Method::tables;
    if (std::strcmp(name, "scan") == 0) return hamming::Method::scan;
    refuse("method: automatic, tables or scan is wanted, not '%s'", name);
}

void check_shape(Py_ssize_t count, int chunks) {
    if (count < 0 || !hamming::possible(static_cast<std::size_t>(count), chunks))
        refuse("a segment of %zd entries and %d chunks is not possible: 0 or %d to %d chunks", count, chunks,
               hamming::kMinChunks, hamming::kMaxChunks);
}

// That all of a segment lies in the memory, aligned.
void check_memory(const Array& memory, Py_ssize_t count, int chunks) {
    check_shape(count, chunks);
    const std::size_t bytes = hamming::segment_bytes(static_cast<std::size_t>(count), chunks);
    if (memory.extent(0) < bytes) refuse("memory: %zu bytes are wanted, not %zu", bytes, memory.extent(0));
    if (reinterpret_cast<std::uintptr_t>(memory.items<char>()) % sizeof(std::uint64_t) != 0)
        refuse("memory: an address that is a multiple of %zu is wanted", sizeof(std::uint64_t));
}

// ---- what Python gets ----------------------------------------------------------------------------------------------

// A process that ends does not wait for its daemon threads. One that then asks for the interpreter's lock is ended by
// Python up to 3.13: by pthread_exit, which glibc carries out as an exception that nobody may swallow. Going through
// C++ it would release buffers without the lock and end in std::terminate, so that a command that has done its work is
// reported as crashed. Here the thread waits instead until the process is gone, which is what Python does from 3.14.
template <class Body>
void holding_still_at_the_end(Body body) {
    try {
        body();
    } catch (...) {
        for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    }
}

class WithoutInterpreterLock {
public:
    WithoutInterpreterLock() : state_(PyEval_SaveThread()) {}
    ~WithoutInterpreterLock() {
        holding_still_at_the_end([this] { PyEval_RestoreThread(state_); });
    }
    WithoutInterpreterLock(const WithoutInterpreterLock&) = delete;
    WithoutInterpreterLock& operator=(const WithoutInterpreterLock&) = delete;

private:
    PyThreadState* state_;
};

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

PyObject* packed(const std::vector<hamming::Hit>& hits) {
    return Py_BuildValue("NNN", packed(hits, &hamming::Hit::question), packed(hits, &hamming::Hit::entry),
                         packed(hits, &hamming::Hit::distance));
}

// Every function that Python calls: what C++ throws becomes Python's error.
template <PyObject* (*body)(PyObject* args)>
PyObject* called(PyObject*, PyObject* args) {
    try {
        return body(args);
    } catch (const Refused&) {
        return nullptr;
    } catch (const std::bad_alloc&) {
        return PyErr_NoMemory();
    } catch (const hamming::Damaged& damaged) {
        PyErr_SetString(PyExc_RuntimeError, damaged.what());
        return nullptr;
    }
}

// ---- the functions -------------------------------------------------------------------------------------------------

PyObject* levels(PyObject*) {
    const std::vector<hamming::Kernel>& kernels = hamming::kernels();
    PyObject* names = PyTuple_New(static_cast<Py_ssize_t>(kernels.size()));
    for (std::size_t k = 0; names != nullptr && k < kernels.size(); k++) {
        PyObject* name = PyUnicode_FromString(kernels[k].name);
        if (name == nullptr || PyTuple_SetItem(names, static_cast<Py_ssize_t>(k), name) != 0) Py_CLEAR(names);
    }
    return names;
}

PyObject* scan(PyObject* args) {
    PyObject *words_given, *questions_given;
    Py_ssize_t count;
    int radius;
    const char* level;
    parse(args, "OnOis:scan", &words_given, &count, &questions_given, &radius, &level);
    const Array words(words_given, kWordColumns), questions(questions_given, kQuestions);
    if (words.extent(0) != hamming::kWords) refuse("words: uint64[4, capacity] is wanted, not %zu rows", words.extent(0));
    const std::size_t capacity = words.extent(1);
    if (count < 0 || static_cast<std::size_t>(count) > capacity)
        refuse("count: %zd is not within the capacity of %zu", count, capacity);
    check_radius(radius);
    const hamming::Kernel& kernel = kernel_named(level);
    const std::uint64_t* word = words.items<std::uint64_t>();
    const hamming::Columns entries{{word, word + capacity, word + 2 * capacity, word + 3 * capacity}};
    std::vector<hamming::Hit> hits;
    {
        const WithoutInterpreterLock others_run;
        hits = hamming::scan(kernel, entries, static_cast<std::size_t>(count), questions.items<std::uint8_t>(),
                             questions.extent(0), radius);
    }
    return packed(hits);
}

PyObject* permute(PyObject* args) {
    PyObject* hashes_given;
    int inverse = 0;
    parse(args, "O|p:permute", &hashes_given, &inverse);
    const Array hashes(hashes_given, kHashes);
    const std::size_t count = hashes.extent(0);
    PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(count * hamming::kHashBytes));
    if (bytes == nullptr) throw Refused();
    char* out = PyBytes_AsString(bytes);
    const WithoutInterpreterLock others_run;
    for (std::size_t i = 0; i < count; i++) {
        const std::uint8_t* given = hashes.items<std::uint8_t>() + i * hamming::kHashBytes;
        const hamming::Hash hash = inverse ? hamming::restored(hamming::hash_at(given)) : hamming::stored(given);
        std::memcpy(out + i * hamming::kHashBytes, hash.word, hamming::kHashBytes);
    }
    return bytes;
}

PyObject* shape(PyObject* args) {
    Py_ssize_t count;
    int chunks = -1;
    parse(args, "n|i:shape", &count, &chunks);
    if (chunks == -1) chunks = hamming::chunks_for(static_cast<std::size_t>(count));
    check_shape(count, chunks);
    return Py_BuildValue("in", chunks,
                         static_cast<Py_ssize_t>(hamming::segment_bytes(static_cast<std::size_t>(count), chunks)));
}

// What Python wants to be told between the two halves of a build. Its error stops nothing: it is reported at the end.
struct Release {
    PyObject* callable;
    bool failed;

    static void call(void* context) {
        Release* release = static_cast<Release*>(context);
        holding_still_at_the_end([release] {
            const PyGILState_STATE state = PyGILState_Ensure();
            PyObject* result = PyObject_CallNoArgs(release->callable);
            release->failed = result == nullptr;
            Py_XDECREF(result);
            PyGILState_Release(state);
        });
    }
};

PyObject* build(PyObject* args) {
    PyObject *memory_given, *hashes_given, *ids_given, *callable = Py_None;
    int chunks;
    parse(args, "OiOO|O:build", &memory_given, &chunks, &hashes_given, &ids_given, &callable);
    const Array memory(memory_given, kRoom), hashes(hashes_given, kHashes), ids(ids_given, kIds);
    const std::size_t count = hashes.extent(0);
    if (ids.extent(0) != count)
        refuse("as many ids as hashes are wanted, not %zu and %zu", ids.extent(0), count);
    check_memory(memory, static_cast<Py_ssize_t>(count), chunks);
    Release release{callable, false};
    {
        const WithoutInterpreterLock others_run;
        hamming::build(memory.items<char>(), count, chunks, hashes.items<std::uint8_t>(), ids.items<std::uint64_t>(),
                       callable == Py_None ? nullptr : Release::call, &release);
    }
    if (release.failed) throw Refused();
    Py_RETURN_NONE;
}

PyObject* search(PyObject* args) {
    PyObject *memory_given, *questions_given;
    Py_ssize_t count, threads = 1;
    int chunks, radius;
    const char *level, *method = "automatic";
    parse(args, "OniOis|sn:search", &memory_given, &count, &chunks, &questions_given, &radius, &level, &method, &threads);
    const Array memory(memory_given, kMemory), questions(questions_given, kQuestions);
    check_memory(memory, count, chunks);
    check_radius(radius);
    if (threads < 1) refuse("threads: at least 1 is wanted, not %zd", threads);
    const hamming::Kernel& kernel = kernel_named(level);
    const hamming::Method by = method_named(method);
    const hamming::Segment segment = hamming::segment_at(memory.items<char>(), static_cast<std::size_t>(count), chunks);
    std::vector<hamming::Hit> hits;
    {
        const WithoutInterpreterLock others_run;
        hits = hamming::search(segment, kernel, questions.items<std::uint8_t>(), questions.extent(0), radius, by,
                               static_cast<std::size_t>(threads));
    }
    return packed(hits);
}

PyMethodDef methods[] = {
    {"levels", called<levels>, METH_NOARGS, "levels() -> names of the levels that this processor can run, best first"},
    {"scan", called<scan>, METH_VARARGS,
     "scan(words, count, questions, radius, level) -> (questions, positions, distances) of all hits, as bytes"},
    {"permute", called<permute>, METH_VARARGS, "permute(hashes, inverse=False) -> hashes in the order of bits of segments"},
    {"shape", called<shape>, METH_VARARGS, "shape(count, chunks=-1) -> (chunks, bytes) of a segment"},
    {"build", called<build>, METH_VARARGS, "build(memory, chunks, hashes, ids, release=None): fills memory with a segment"},
    {"search", called<search>, METH_VARARGS,
     "search(memory, count, chunks, questions, radius, level, method='automatic', threads=1) -> (questions, ids, "
     "distances) of all hits, as bytes"},
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

// A segment: an immutable set of entries with tables that lead to them, in one flat piece of memory, normally a mapped
// file. This is its shape and how it is built; search.hpp asks it.
//
// Multi-index hashing: a hash is cut into chunks, and each chunk has a table from its value to the entries that hold
// it. Two hashes that differ by few bits differ by very few in some chunk, so that looking up the values near each
// chunk of a question leads to every entry near the question (plan.hpp says how near is near enough).
#pragma once

#include <stdexcept>

#include "hamming.hpp"

namespace hamming {

constexpr int kMinChunks = 11;  // a table of wider chunks would be larger than the entries of 100 million
constexpr int kMaxChunks = 16;
constexpr std::size_t kMaxEntries = 0xffffffff;  // positions are 32 bits
constexpr std::size_t kSectionBytes = 64;        // a cache line: every section starts at a multiple, padding ends the last

// Correlated bits are neighbours in a picture's hash. Bit p of a stored hash is bit p * kStride mod kBits of the given
// one, so that every chunk draws from all over it: 256 times the golden section, which spreads best, made odd, without
// which bits would meet.
constexpr int kStride = 159;

Hash stored(const std::uint8_t* given);   // in the order of bits that segments keep
Hash restored(const Hash& stored_hash);  // and back

// `width` bits of a hash, which lie within eight bytes of it.
struct Chunk {
    int byte, shift, width;

    std::uint32_t of(const Hash& hash) const {
        std::uint64_t bits;
        std::memcpy(&bits, reinterpret_cast<const char*>(hash.word) + byte, sizeof bits);
        return static_cast<std::uint32_t>((bits >> shift) & ((std::uint64_t{1} << width) - 1));
    }
};

// A posting is the position of an entry in the lowest bits, as many as positions among so many entries take, and in the
// rest its hint: as many of the lowest bits of its next chunk (next_chunk) as there is room for. Of entries that are not
// near, the hint shows most before their rows are fetched (plan.hpp).
//
// Bucket k holds the entries starts[k] up to starts[k + 1] of `postings`, which are positions of entries. Entries are
// sorted by their first chunk, so that table 0 needs no postings: its buckets hold the positions themselves.
template <class Word>
struct TableOf {
    Chunk chunk;
    Word* starts;
    Word* postings;  // null for table 0
};

int position_bits(std::size_t count);

// Around the ring of all chunks but the first.
inline int next_chunk(int chunk, int chunks) { return chunk + 1 < chunks ? chunk + 1 : 1; }

// Entries are sorted by their first chunk, so that a position tells how that begins: a mark (sieve.hpp) for each run of
// 2^run_bits positions says it, for all that a posting can hold. They pay where hints are short: with fewer chunks than
// kMaxChunks, of which segments therefore have none.
int run_bits(std::size_t count);
std::size_t marks_for(std::size_t count, int chunks);

struct Damaged : std::runtime_error {
    Damaged() : std::runtime_error("the segment is damaged") {}
};

struct Segment {
    std::size_t count;
    int chunks;  // 0: no tables, a segment to be scanned
    const std::uint64_t* ids;
    Rows rows;
    TableOf<const std::uint32_t> table[kMaxChunks];

    const Mark* marks;  // of marks_for
};

// How many chunks serve `count` entries best, as measured (docs/benchmarks-hamming.md).
int chunks_for(std::size_t count);

// kMinChunks to kMaxChunks, or 0; and no more than kMaxEntries.
bool possible(std::size_t count, int chunks);

std::size_t segment_bytes(std::size_t count, int chunks);

// Lays the parts of a segment over `memory` of segment_bytes, aligned to 8; reads nothing.
Segment segment_at(const void* memory, std::size_t count, int chunks);

// Fills `memory`, whatever it holds, with a segment of `count` hashes of kHashBytes and their ids. Both are read twice,
// in order; `release` is then called with `context`, so that the caller can let go of them before the tables, which
// are made in place, need their room: the finished segment is all the memory there ever is.
void build(void* memory, std::size_t count, int chunks, const std::uint8_t* hashes, const std::uint64_t* ids,
           void (*release)(void*), void* context);

}  // namespace hamming

// Exact Hamming range search over 256-bit hashes. kernels.cpp computes, flat.cpp walks over plain columns, segment.cpp
// builds tables, plan.cpp and search.cpp ask them, module.cpp is the Python face.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sieve.hpp"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Segment files are little-endian and are read in place: on this machine the NumPy reference serves."
#endif

#if defined(__GNUC__)  // Clang says so too
#define HAMMING_INLINE __attribute__((always_inline)) inline
#define HAMMING_PREFETCH(address) __builtin_prefetch(address)
#else
#define HAMMING_INLINE inline
#define HAMMING_PREFETCH(address) static_cast<void>(address)
#endif

namespace hamming {

constexpr int kBits = 256;
constexpr std::size_t kWords = 4;  // 64-bit words of a hash
constexpr std::size_t kHashBytes = kWords * sizeof(std::uint64_t);
constexpr int kMaxRadius = 64;

struct Hash {
    std::uint64_t word[kWords];
};

inline Hash hash_at(const std::uint8_t* bytes) {
    Hash hash;
    std::memcpy(hash.word, bytes, kHashBytes);
    return hash;
}

// Counts bits in plain C++: to pairs, to nibbles, to bytes; the product's top byte is the sum of all bytes.
HAMMING_INLINE unsigned count_bits(std::uint64_t bits) {
    bits -= (bits >> 1) & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<unsigned>((bits * 0x0101010101010101u) >> 56);
}

inline unsigned distance_between(const Hash& a, const Hash& b) {
    unsigned distance = 0;
    for (std::size_t w = 0; w < kWords; w++) distance += count_bits(a.word[w] ^ b.word[w]);
    return distance;
}

// ---- two ways to hold hashes ---------------------------------------------------------------------------------------
// In both the first half lies apart from the second. A hash is within the radius only if its first half is, and of
// unrelated hashes two in 1,000,000,000 are within 31 bits there: the second half is hardly ever read.

// Word by word: column w holds word w of every entry. For what grows, and for NumPy.
struct Columns {
    const std::uint64_t* column[kWords];

    Columns from(std::size_t entry) const {
        return {{column[0] + entry, column[1] + entry, column[2] + entry, column[3] + entry}};
    }
    std::uint64_t word(std::size_t entry, std::size_t w) const { return column[w][entry]; }
};

// Half by half: the first half of any entry lies within one cache line. For tables, which lead to single entries.
struct Half {
    std::uint64_t word[kWords / 2];
};

struct Rows {
    const Half* first;
    const Half* second;

    Rows from(std::size_t entry) const { return {first + entry, second + entry}; }
    std::uint64_t word(std::size_t entry, std::size_t w) const {
        return w < 2 ? first[entry].word[w] : second[entry].word[w - 2];
    }
    Hash hash(std::size_t i) const {
        return {{first[i].word[0], first[i].word[1], second[i].word[0], second[i].word[1]}};
    }
};

// ---- kernels: what differs between processors ----------------------------------------------------------------------

// An entry within the radius, counted from the first entry that a kernel was given.
struct Near {
    std::uint32_t entry;
    std::uint32_t distance;
};

struct Kernel {
    const char* name;
    // Nanoseconds to compare one entry that is in the cache, as measured. The choice between tables and scan needs it.
    double compare_ns;
    // Write every one of the `count` entries within `radius` to `near`, which has room for `count`; return how many.
    std::size_t (*scan_columns)(Columns entries, std::size_t count, const Hash& question, unsigned radius, Near* near);
    std::size_t (*scan_rows)(Rows entries, std::size_t count, const Hash& question, unsigned radius, Near* near);
    // Writes each k for which the first half of entry places[k] is within `radius`; returns how many.
    std::size_t (*pick)(const Half* first, const std::uint32_t* places, std::size_t count, const Hash& question,
                        unsigned radius, std::uint32_t* picked);
    Sifting sifting;  // what is asked of postings before that
};

// The levels that this processor can run, best first. The last one, "portable", runs everywhere.
const std::vector<Kernel>& kernels();

// ---- answers -------------------------------------------------------------------------------------------------------

// Question `question` lies `distance` bits from `entry`: its position in columns, its id in a segment.
struct Hit {
    std::int64_t question;
    std::uint64_t entry;
    std::uint8_t distance;
};

// Entries looked at by all questions in turn before the next ones: the first halves of a tile fill a first-level cache
// of 32 KiB, so that only the first question waits for memory.
constexpr std::size_t kTile = 2048;

// All pairs within `radius` (0 to kMaxRadius) of `count` entries and `question_count` questions of kHashBytes each,
// in no promised order. Throws std::bad_alloc.
std::vector<Hit> scan(const Kernel& kernel, const Columns& entries, std::size_t count, const std::uint8_t* questions,
                      std::size_t question_count, int radius);

}  // namespace hamming

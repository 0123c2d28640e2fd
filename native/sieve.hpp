// Postings: which of them lead to entries that may be near, before their rows are fetched. segment.hpp says what a posting
// and a mark hold, plan.hpp why what does not pass here need not be compared.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hamming {

// Entries `begin` up to `end` of a table's postings.
struct Bucket {
    std::uint32_t begin, end;
    std::uint32_t size() const { return end - begin; }
};

// What is known of a run of entries: their first chunk, shifted right by `shift`, is `lead` or one more.
struct Mark {
    std::uint32_t bits;
    std::uint32_t lead() const { return bits & 0xffffff; }
    std::uint32_t shift() const { return bits >> 24 & 31; }
};

// By how many bits the first chunk of each run of 2^shift entries differs from a question's, at least; up to kFarthest.
constexpr unsigned kFarthest = 15;
struct Away {
    const std::uint8_t* bits;
    int shift;
};

struct Sieve {
    std::uint32_t wanted;  // the question's hint: what a posting has in the bits from `shift` on
    int shift;             // below are the bits of the position
    // By how many bits the hint may differ where the first chunk does by as many as the place in this; negative: it may not
    // be at all.
    std::int32_t most[kFarthest + 1];

    std::uint32_t differing(std::uint32_t posting) const {
        return static_cast<std::uint32_t>(std::uint64_t{posting ^ wanted} >> shift);
    }
    std::uint32_t position(std::uint32_t posting) const {
        return posting & static_cast<std::uint32_t>((std::uint64_t{1} << shift) - 1);
    }
};

constexpr std::size_t kSiftedAtOnce = 16;  // so many postings may be read, and written, more than there are

struct Sifting {
    // Writes those postings of the buckets that pass with a first chunk that differs nowhere to `found`, which has room
    // for all and kSiftedAtOnce more; returns how many. Reads up to kSiftedAtOnce postings behind each bucket.
    std::size_t (*by_hint)(const std::uint32_t* postings, const Bucket* begin, const Bucket* end, const Sieve& sieve,
                           std::uint32_t* found);
    // Puts the positions of those that pass with what is known of their first chunk in the place of `count` postings;
    // returns how many. `away` has kSiftedAtOnce more bytes than runs.
    std::size_t (*by_run)(std::uint32_t* postings, std::size_t count, const Sieve& sieve, Away away);
    // Fills Away::bits for a question with this first chunk.
    void (*away)(const Mark* marks, std::size_t count, std::uint32_t chunk, std::uint8_t* bits);
};

// Compiled for each level: of the instruction sets that this architecture has.
extern const Sifting kSiftPortable, kSiftPopcnt, kSiftAvx512, kSiftNeon;

}  // namespace hamming

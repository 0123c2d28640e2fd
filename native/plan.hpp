// Which tables to ask, and how near: the general pigeonhole principle, and what it costs.
#pragma once

#include <array>

#include "segment.hpp"

namespace hamming {

// How many bits a chunk may differ when its table is asked; kNowhere leaves the table out. When the sum of (reach + 1)
// is radius + 1, every entry within the radius is within reach of some table: were each of its chunks beyond, they
// would differ by at least the sum of (reach + 1) bits together.
using Reach = std::array<int, kMaxChunks>;
constexpr int kNowhere = -1;
// The number of keys grows tenfold with each bit; beyond this a scan of 100 million entries is no slower.
constexpr int kMaxReach = 4;

// What turns a key into each of those that differ from it by exactly `bits` bits (0 to kMaxReach) of `width`.
struct Flips {
    const std::uint32_t* begin_;
    const std::uint32_t* end_;
    const std::uint32_t* begin() const { return begin_; }
    const std::uint32_t* end() const { return end_; }
};
Flips flips(int bits, int width);

// Measured, in nanoseconds, with the segment in memory and its lines asked for ahead (docs/benchmarks-hamming.md).
constexpr double kBucketNs = 10;
constexpr double kEntryNs = 9;

// The radius shared out evenly: what is cheapest when hashes are spread evenly. False when it takes more than kMaxReach.
bool even_reach(const Segment& segment, int radius, Reach& reach);

// The reach that is enough for entries which differ by `away` bits or more in the first chunk, and so leave less to the
// others. (Its own table finds what is within its reach; those beyond differ there by reach + 1 at least.)
//
// More is known of where to find an entry than its table. Around the ring of the other chunks (next_chunk), let each gain
// its (reach + 1) and lose the bits by which it differs. For an entry within the radius the sum is above zero, and then
// there is a chunk from which on, all the way round, every partial sum is (the cycle lemma). The first says that this
// chunk is within its reach; the second, that it and the next one differ by at most both reaches + 1 together. So every
// table may pass over what is too far in the next chunk.
Reach nearer(const Segment& segment, const Reach& reach, int away);

std::size_t bucket_count(const Segment& segment, const Reach& reach);

// What asking costs when hashes are spread evenly, in nanoseconds.
double expected_ns(const Segment& segment, const Reach& reach);

// How many entries the buckets hold that differ from a question's key by so many bits, by table and bits: what was read
// of them, up to the reach it was read with.
using Sizes = std::array<std::array<std::size_t, kMaxReach + 1>, kMaxChunks>;

double cost_ns(const Segment& segment, const Reach& reach, const Sizes& sizes);

// Real hashes are not spread evenly: near a common pattern some buckets are huge. Finds a cheaper reach for a question
// of which these sizes are known; what lies beyond `known` is guessed from them. False when there is none.
bool cheaper_reach(const Segment& segment, int radius, const Reach& known, const Sizes& sizes, Reach& reach);

// Throws Damaged for what no finished segment holds, so that no damage ever leads outside of it.
HAMMING_INLINE Bucket bucket_at(const Segment& segment, int table, std::uint32_t key) {
    const std::uint32_t* starts = segment.table[table].starts + key;
    const Bucket bucket{starts[0], starts[1]};
    if (bucket.begin > bucket.end || bucket.end > segment.count) throw Damaged();
    return bucket;
}

}  // namespace hamming

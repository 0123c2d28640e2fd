#include "plan.hpp"

#include <algorithm>
#include <limits>

namespace hamming {
namespace {

constexpr int kMaxWidth = (kBits + kMinChunks - 1) / kMinChunks;

// All numbers of kMaxWidth bits of which exactly `bits` are set, in rising order: those of fewer bits come first.
std::vector<std::uint32_t> with_bits(int bits) {
    std::vector<std::uint32_t> numbers;
    if (bits == 0) return {0};
    for (std::uint64_t number = (std::uint64_t{1} << bits) - 1; number >> kMaxWidth == 0;) {
        numbers.push_back(static_cast<std::uint32_t>(number));
        const std::uint64_t lowest = number & (~number + 1), carried = number + lowest;  // the next with as many bits
        number = carried | (((number ^ carried) >> 2) / lowest);
    }
    return numbers;
}

double choose(int from, int count) {
    double ways = 1;
    for (int k = 0; k < count; k++) ways = ways * (from - k) / (k + 1);
    return ways;
}

double keys_within(int width, int reach) {
    double keys = 0;
    for (int bits = 0; bits <= reach; bits++) keys += choose(width, bits);
    return keys;
}

}  // namespace

Flips flips(int bits, int width) {
    using Numbers = std::array<std::vector<std::uint32_t>, kMaxReach + 1>;
    // Never destroyed: a thread may still search while the process ends.
    static const Numbers& all = *new Numbers([] {
        Numbers made;
        for (int count = 0; count <= kMaxReach; count++) made[count] = with_bits(count);
        return made;
    }());
    const std::uint32_t* first = all[bits].data();
    return {first, first + static_cast<std::size_t>(choose(width, bits) + 0.5)};
}

bool even_reach(const Segment& segment, int radius, Reach& reach) {
    reach.fill(kNowhere);
    if (segment.chunks == 0) return false;
    const int units = radius + 1, share = units / segment.chunks, over = units % segment.chunks;
    for (int t = 0; t < segment.chunks; t++)  // the first chunks are the wider ones, whose buckets are smaller
        reach[t] = share + (t < over) - 1;
    return reach[0] <= kMaxReach;
}

Reach nearer(const Segment& segment, const Reach& reach, int away) {
    Reach less = reach;
    for (int spare = away - (reach[0] + 1); spare > 0; spare--) {
        int widest = 1;  // the first of each second one, so that those of less reach lie between the others
        for (int first : {3, 2})
            for (int t = first; t < segment.chunks; t += 2)
                if (less[t] > less[widest]) widest = t;
        if (less[widest] > kNowhere) less[widest]--;
    }
    return less;
}

std::size_t bucket_count(const Segment& segment, const Reach& reach) {
    double keys = 0;
    for (int t = 0; t < segment.chunks; t++) keys += keys_within(segment.table[t].chunk.width, reach[t]);
    return static_cast<std::size_t>(keys + 0.5);
}

double expected_ns(const Segment& segment, const Reach& reach) {
    double cost = 0;
    for (int t = 0; t < segment.chunks; t++) {
        const int width = segment.table[t].chunk.width;
        const double size = static_cast<double>(segment.count) / static_cast<double>(std::size_t{1} << width);
        cost += keys_within(width, reach[t]) * (kBucketNs + kEntryNs * size);
    }
    return cost;
}

double cost_ns(const Segment& segment, const Reach& reach, const Sizes& sizes) {
    double cost = static_cast<double>(bucket_count(segment, reach)) * kBucketNs;
    for (int t = 0; t < segment.chunks; t++)
        for (int bits = 0; bits <= reach[t]; bits++) cost += static_cast<double>(sizes[t][bits]) * kEntryNs;
    return cost;
}

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// A unit is one bit more of reach: none leaves the table out, one asks it for the very key.
constexpr int kMaxUnits = kMaxReach + 1;
using Costs = std::array<double, kMaxUnits + 1>;

// What each number of units costs at one table. One step beyond what is known is guessed: buckets shrink with the
// distance from a crowded key as they did one step before, down to the usual size.
Costs table_costs(const Segment& segment, int table, int known, const std::array<std::size_t, kMaxReach + 1>& sizes) {
    const int width = segment.table[table].chunk.width;
    const double usual = static_cast<double>(segment.count) / static_cast<double>(std::size_t{1} << width);
    Costs cost;
    cost.fill(kNever);
    cost[0] = 0;
    double size = usual, before = usual;  // of a bucket
    for (int bits = 0; bits <= std::min(known + 1, kMaxReach); bits++) {
        const double keys = choose(width, bits);
        const double guess = std::max(usual, size * std::min(1.0, size / before));
        before = size;
        size = bits <= known ? static_cast<double>(sizes[bits]) / keys : guess;
        cost[bits + 1] = cost[bits] + keys * (kBucketNs + kEntryNs * size);
    }
    return cost;
}

}  // namespace

bool cheaper_reach(const Segment& segment, int radius, const Reach& known, const Sizes& sizes, Reach& reach) {
    // A dynamic programme: the least cost of spending so many units on the tables so far, and the last one's share.
    std::array<double, kMaxRadius + 2> best;
    std::array<std::array<int, kMaxRadius + 2>, kMaxChunks> share;
    best.fill(kNever);
    best[0] = 0;
    for (int t = 0; t < segment.chunks; t++) {
        const Costs cost = table_costs(segment, t, known[t], sizes[t]);
        for (int spent = radius + 1; spent >= 0; spent--) {  // downwards: best[less] is still without this table
            double least = kNever;
            for (int units = 0; units <= std::min(spent, kMaxUnits); units++) {
                const double total = best[spent - units] + cost[units];
                if (total >= least) continue;
                least = total;
                share[t][spent] = units;
            }
            best[spent] = least;
        }
    }
    if (best[radius + 1] >= cost_ns(segment, known, sizes)) return false;
    for (int t = segment.chunks - 1, left = radius + 1; t >= 0; left -= share[t][left], t--) reach[t] = share[t][left] - 1;
    return true;
}

}  // namespace hamming

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
    static const std::array<std::vector<std::uint32_t>, kMaxReach + 1> all = [] {
        std::array<std::vector<std::uint32_t>, kMaxReach + 1> made;
        for (int count = 0; count <= kMaxReach; count++) made[count] = with_bits(count);
        return made;
    }();
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

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// A unit is one bit more of reach: none leaves the table out, one asks it for the very key.
constexpr int kMaxUnits = kMaxReach + 1;
using Costs = std::array<double, kMaxUnits + 1>;

// What each number of units costs at one table; those above `limit` are never taken.
Costs table_costs(const Segment& segment, int table, const Hash& question, int limit) {
    const Chunk chunk = segment.table[table].chunk;
    Costs cost;
    cost.fill(kNever);
    cost[0] = 0;
    for (int bits = 0; bits < limit; bits++) {
        double more = 0;
        for (std::uint32_t flip : flips(bits, chunk.width))
            more += kBucketNs + kEntryNs * bucket_at(segment, table, chunk.of(question) ^ flip).size();
        cost[bits + 1] = cost[bits] + more;
    }
    return cost;
}

}  // namespace

double cheapest_reach(const Segment& segment, const Hash& question, int radius, Reach& reach) {
    // A dynamic programme: the least cost of spending so many units on the tables so far, and the last one's share.
    const int units = radius + 1, even = (units + segment.chunks - 1) / segment.chunks;
    const int limit = std::min(even + 1, kMaxUnits);  // looking farther costs more than it ever saves
    std::array<double, kMaxRadius + 2> best;
    std::array<std::array<int, kMaxRadius + 2>, kMaxChunks> share;
    best.fill(kNever);
    best[0] = 0;
    for (int t = 0; t < segment.chunks; t++) {
        const Costs cost = table_costs(segment, t, question, limit);
        for (int spent = units; spent >= 0; spent--) {  // downwards, so that best[less] is still without this table
            double least = kNever;
            for (int k = 0; k <= std::min(spent, limit); k++) {
                const double total = best[spent - k] + cost[k];
                if (total >= least) continue;
                least = total;
                share[t][spent] = k;
            }
            best[spent] = least;
        }
    }
    const double cost = best[units];
    if (cost == kNever) return cost;
    for (int t = segment.chunks - 1, left = units; t >= 0; t--) {
        const int taken = share[t][left];
        reach[t] = taken - 1;
        left -= taken;
    }
    return cost;
}

}  // namespace hamming

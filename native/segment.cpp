#include "segment.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace hamming {

// ---- the order of bits ---------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t kNibbles = kHashBytes * 2;

// A permutation of bits, four at a time: what each value of each nibble becomes. 32 KiB instead of 256 steps.
using Permutation = std::array<std::array<Hash, 16>, kNibbles>;

int modular(int product) { return product & (kBits - 1); }

// Moves bit modular(p * stride) to p.
Permutation permutation(int stride) {
    Permutation moved{};
    for (int p = 0; p < kBits; p++) {
        const int from = modular(p * stride);
        for (std::size_t value = 0; value < 16; value++)
            if ((value >> (from % 4) & 1) != 0)
                moved[from / 4][value].word[p / 64] |= std::uint64_t{1} << (p % 64);
    }
    return moved;
}

Hash moved(const Permutation& permutation, const Hash& hash) {
    Hash result{};
    for (std::size_t nibble = 0; nibble < kNibbles; nibble++) {
        const Hash& part = permutation[nibble][hash.word[nibble / 16] >> (nibble % 16 * 4) & 15];
        for (std::size_t w = 0; w < kWords; w++) result.word[w] |= part.word[w];
    }
    return result;
}

constexpr int inverse_of(int stride) {  // the number that makes 1 of it, modulo kBits
    int inverse = 1;
    while ((inverse * stride & (kBits - 1)) != 1) inverse += 2;
    return inverse;
}

}  // namespace

Hash stored(const std::uint8_t* given) {
    static const Permutation there = permutation(kStride);
    return moved(there, hash_at(given));
}

Hash restored(const Hash& stored_hash) {
    static const Permutation back = permutation(inverse_of(kStride));
    return moved(back, stored_hash);
}

// ---- layout --------------------------------------------------------------------------------------------------------

int chunks_for(std::size_t count) {
    if (count < 16'000) return 0;
    if (count <= 1 << 22) return 16;  // positions leave ten bits of a posting or more for the hint
    return count <= 1 << 25 ? 13 : 11;
}

bool possible(std::size_t count, int chunks) {
    return count <= kMaxEntries && (chunks == 0 || (chunks >= kMinChunks && chunks <= kMaxChunks));
}

int position_bits(std::size_t count) {
    int bits = 0;
    while (count > std::size_t{1} << bits) bits++;
    return bits;
}

int run_bits(std::size_t count) {
    constexpr int kMarkBits = 13;  // of the number of a mark: 32 KiB of them
    return std::max(0, position_bits(count) - kMarkBits);
}

std::size_t marks_for(std::size_t count, int chunks) {
    return chunks == 0 || chunks == kMaxChunks ? 0 : std::size_t{1} << (position_bits(count) - run_bits(count));
}

namespace {

struct Section {
    std::size_t from, bytes;
};

// Where everything is. Bits that are left over when chunks are equal widen the first chunks once there are entries for
// twice as many buckets; before that they lie in no chunk, which is as right and keeps the tables half as large.
struct Layout {
    Section ids, first, second, starts[kMaxChunks], postings[kMaxChunks], marks;
    Chunk chunk[kMaxChunks];
    std::size_t bytes = 0;

    Layout(std::size_t count, int chunks) {
        ids = next(count * sizeof(std::uint64_t));
        first = next(count * sizeof(Half));
        second = next(count * sizeof(Half));
        int bit = 0;
        for (int t = 0; t < chunks; t++) {
            const int equal = kBits / chunks;
            const bool wide = t < kBits % chunks && count >> (equal + 1) != 0;
            chunk[t] = chunk_at(bit, equal + wide);
            bit += chunk[t].width;
            starts[t] = next(((std::size_t{1} << chunk[t].width) + 1) * sizeof(std::uint32_t));
            postings[t] = next(t == 0 ? 0 : count * sizeof(std::uint32_t));
        }
        marks = next(marks_for(count, chunks) * sizeof(Mark));
        bytes += kSectionBytes;  // a few postings may be read from behind the last bucket
    }

private:
    Section next(std::size_t size) {
        const Section section{bytes, size};
        bytes += (size + kSectionBytes - 1) / kSectionBytes * kSectionBytes;
        return section;
    }

    static Chunk chunk_at(int bit, int width) {
        const int byte = std::min(bit / 8, static_cast<int>(kHashBytes - sizeof(std::uint64_t)));
        return {byte, bit - byte * 8, width};
    }
};

template <class Item, class Memory>
Item* items(Memory* memory, Section section) {
    return reinterpret_cast<Item*>(memory + section.from);
}

}  // namespace

std::size_t segment_bytes(std::size_t count, int chunks) { return Layout(count, chunks).bytes; }

Segment segment_at(const void* memory, std::size_t count, int chunks) {
    const Layout layout(count, chunks);
    const char* at = static_cast<const char*>(memory);
    Segment segment{count, chunks, items<const std::uint64_t>(at, layout.ids),
                    {items<const Half>(at, layout.first), items<const Half>(at, layout.second)}, {},
                    items<const Mark>(at, layout.marks)};
    for (int t = 0; t < chunks; t++)
        segment.table[t] = {layout.chunk[t], items<const std::uint32_t>(at, layout.starts[t]),
                            t == 0 ? nullptr : items<const std::uint32_t>(at, layout.postings[t])};
    return segment;
}

// ---- build ---------------------------------------------------------------------------------------------------------

namespace {

// Sorts entries into the buckets of a table: counts each bucket, lets each begin where the one before ends, then puts
// entry after entry where its bucket has got to, which ends with every start moved on by one place. `read(i)` is the
// stored hash of entry i, `put(i, hash, place)` keeps it; both are called in order. Both passes jump about in more than
// any cache holds: they go by blocks and ask for what a block will touch before they touch it.
template <class Read, class Fetch, class Put>
void counting_sort(const TableOf<std::uint32_t>& table, std::size_t count, Read read, Fetch fetch, Put put) {
    constexpr std::size_t kBlock = 64;
    Hash hashes[kBlock];
    std::uint32_t* counters[kBlock];
    const auto read_block = [&](std::size_t begin, std::size_t size) {
        for (std::size_t k = 0; k < size; k++) {
            hashes[k] = read(begin + k);
            counters[k] = table.starts + table.chunk.of(hashes[k]);
            HAMMING_PREFETCH(counters[k]);
        }
    };
    const std::size_t buckets = std::size_t{1} << table.chunk.width;
    std::fill(table.starts, table.starts + buckets + 1, 0);
    for (std::size_t begin = 0; begin < count; begin += kBlock) {
        const std::size_t size = std::min(kBlock, count - begin);
        read_block(begin, size);
        for (std::size_t k = 0; k < size; k++) ++*counters[k];
    }
    std::exclusive_scan(table.starts, table.starts + buckets + 1, table.starts, std::uint32_t{0});
    for (std::size_t begin = 0; begin < count; begin += kBlock) {
        const std::size_t size = std::min(kBlock, count - begin);
        read_block(begin, size);
        for (std::size_t k = 0; k < size; k++) fetch(*counters[k]);
        for (std::size_t k = 0; k < size; k++) put(begin + k, hashes[k], (*counters[k])++);
    }
    std::copy_backward(table.starts, table.starts + buckets, table.starts + buckets + 1);
    table.starts[0] = 0;
}

struct Room {  // the rows of a segment that is being built
    std::uint64_t* ids;
    Half* first;
    Half* second;

    void put(std::size_t place, const Hash& hash, std::uint64_t id) const {
        ids[place] = id;
        first[place] = {{hash.word[0], hash.word[1]}};
        second[place] = {{hash.word[2], hash.word[3]}};
    }
    void fetch(std::size_t place) const {
        HAMMING_PREFETCH(ids + place);
        HAMMING_PREFETCH(first + place);
        HAMMING_PREFETCH(second + place);
    }
};

void fill_postings(const TableOf<std::uint32_t>& table, const Chunk& next, const Rows& rows, std::size_t count) {
    const int shift = position_bits(count);
    counting_sort(
        table, count, [&](std::size_t i) { return rows.hash(i); },
        [&](std::size_t place) { HAMMING_PREFETCH(table.postings + place); },
        [&](std::size_t i, const Hash& hash, std::size_t place) {
            table.postings[place] = static_cast<std::uint32_t>(i | std::uint64_t{next.of(hash)} << shift);
        });
}

void fill_marks(Mark* marks, std::size_t mark_count, const Chunk& chunk, const Rows& rows, std::size_t count) {
    const std::size_t run = std::size_t{1} << run_bits(count);
    for (std::size_t k = 0; k < mark_count; k++) {
        const std::size_t begin = std::min(k * run, count - 1), end = std::min((k + 1) * run, count);
        const std::uint32_t low = chunk.of(rows.hash(begin)), high = chunk.of(rows.hash(std::max(begin, end - 1)));
        std::uint32_t shift = 0;
        while ((high >> shift) - (low >> shift) > 1) shift++;
        marks[k] = {low >> shift | shift << 24};
    }
}

}  // namespace

void build(void* memory, std::size_t count, int chunks, const std::uint8_t* hashes, const std::uint64_t* ids,
           void (*release)(void*), void* context) {
    const Layout layout(count, chunks);
    char* at = static_cast<char*>(memory);
    const Room room{items<std::uint64_t>(at, layout.ids), items<Half>(at, layout.first), items<Half>(at, layout.second)};
    const auto table = [&](int t) {
        return TableOf<std::uint32_t>{layout.chunk[t], items<std::uint32_t>(at, layout.starts[t]),
                                      items<std::uint32_t>(at, layout.postings[t])};
    };
    const auto read = [&](std::size_t i) { return stored(hashes + i * kHashBytes); };
    const auto put = [&](std::size_t i, const Hash& hash, std::size_t place) { room.put(place, hash, ids[i]); };
    if (chunks == 0)
        for (std::size_t i = 0; i < count; i++) put(i, read(i), i);
    else
        counting_sort(table(0), count, read, [&](std::size_t place) { room.fetch(place); }, put);
    if (release != nullptr) release(context);
    for (int t = 1; t < chunks; t++)
        fill_postings(table(t), layout.chunk[next_chunk(t, chunks)], {room.first, room.second}, count);
    const std::size_t mark_count = count == 0 ? 0 : marks_for(count, chunks);
    fill_marks(items<Mark>(at, layout.marks), mark_count, layout.chunk[0], {room.first, room.second}, count);
}

}  // namespace hamming

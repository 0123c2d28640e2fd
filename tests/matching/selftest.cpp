// Every level and method against plain counting, with no room behind the data, so that a sanitizer sees a read too far;
// then segments with damage of every kind, which may be refused but never be followed out of their memory. Prints the
// levels; ends with 1 at the first difference. Compiled and run by test_native.py.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <tuple>
#include <vector>

#include "search.hpp"

using hamming::Hash;
using hamming::Method;
using Triple = std::tuple<std::int64_t, std::uint64_t, int>;  // question, entry, distance

namespace {

constexpr std::size_t kQuestions = 5;
constexpr int kRadii[] = {0, 1, 15, 31, 32, 45, 63, 64};

std::mt19937_64 chance(7);

std::vector<Hash> random_hashes(std::size_t count) {
    std::vector<Hash> hashes(count);
    for (Hash& hash : hashes)
        for (std::uint64_t& word : hash.word) word = chance();
    return hashes;
}

void turn(Hash& hash, std::size_t bit) { hash.word[bit % 256 / 64] ^= std::uint64_t{1} << (bit % 64); }

// Hits at every distance: random, or a question with `i % 70` of its bits turned; some entries twice.
std::vector<Hash> spread(const std::vector<Hash>& questions, std::size_t count) {
    std::vector<Hash> hashes = random_hashes(count);
    for (std::size_t i = 0; i < count; i++) {
        if (i % 3 == 0) continue;
        hashes[i] = questions[chance() % questions.size()];
        const std::size_t start = chance();
        for (std::size_t k = 0; k < i % 70; k++) turn(hashes[i], start % 256 + k * 3);
        if (i % 7 == 0) hashes[i] = hashes[i - 1];
    }
    return hashes;
}

// Skewed: nearly all entries share most of their bits with the first question, as blank pictures do.
std::vector<Hash> crowded(const std::vector<Hash>& questions, std::size_t count) {
    std::vector<Hash> hashes(count, questions[0]);
    for (std::size_t i = 0; i < count; i++)
        for (std::size_t k = 0; k < i % 60; k++) turn(hashes[i], chance() % (i % 2 == 0 ? 96 : 256));
    return hashes;
}

int difference(const Hash& a, const Hash& b) {
    int distance = 0;
    for (std::size_t w = 0; w < hamming::kWords; w++)
        for (std::uint64_t bits = a.word[w] ^ b.word[w]; bits != 0; bits >>= 1) distance += static_cast<int>(bits & 1);
    return distance;
}

// Ids are not positions and not all different.
std::vector<std::uint64_t> ids_of(std::size_t count) {
    std::vector<std::uint64_t> ids(count);
    for (std::size_t i = 0; i < count; i++) ids[i] = (count - i) / 2 << 33;
    return ids;
}

std::vector<Triple> counted(const std::vector<Hash>& hashes, const std::vector<Hash>& questions, int radius) {
    const std::vector<std::uint64_t> ids = ids_of(hashes.size());
    std::vector<Triple> triples;
    for (std::size_t q = 0; q < questions.size(); q++)
        for (std::size_t i = 0; i < hashes.size(); i++)
            if (const int distance = difference(hashes[i], questions[q]); distance <= radius)
                triples.emplace_back(q, ids[i], distance);
    return triples;
}

std::vector<Triple> sorted(const std::vector<hamming::Hit>& hits) {
    std::vector<Triple> triples;
    for (const hamming::Hit& hit : hits) triples.emplace_back(hit.question, hit.entry, hit.distance);
    std::sort(triples.begin(), triples.end());
    return triples;
}

const std::uint8_t* bytes_of(const std::vector<Hash>& hashes) {
    return reinterpret_cast<const std::uint8_t*>(hashes.data());
}

std::vector<Triple> scanned(const hamming::Kernel& kernel, const std::vector<Hash>& hashes,
                            const std::vector<Hash>& questions, int radius) {
    std::vector<std::vector<std::uint64_t>> columns(hamming::kWords, std::vector<std::uint64_t>(hashes.size()));
    for (std::size_t i = 0; i < hashes.size(); i++)
        for (std::size_t w = 0; w < hamming::kWords; w++) columns[w][i] = hashes[i].word[w];
    const hamming::Columns entries{{columns[0].data(), columns[1].data(), columns[2].data(), columns[3].data()}};
    const std::vector<std::uint64_t> ids = ids_of(hashes.size());
    std::vector<hamming::Hit> hits = hamming::scan(kernel, entries, hashes.size(), bytes_of(questions), kQuestions, radius);
    for (hamming::Hit& hit : hits) hit.entry = ids[hit.entry];
    return sorted(hits);
}

class Built {  // a segment in memory of exactly its size, in which something else stood before
public:
    Built(const std::vector<Hash>& hashes, int chunks)
        : count_(hashes.size()), chunks_(chunks),
          memory_(hamming::segment_bytes(count_, chunks) / sizeof(std::uint64_t), 0x5555555555555555u) {
        hamming::build(memory_.data(), count_, chunks, bytes_of(hashes), ids_of(count_).data(), nullptr, nullptr);
    }

    std::vector<hamming::Hit> search(const hamming::Kernel& kernel, const std::vector<Hash>& questions, int radius,
                                     Method method, std::size_t threads) const {
        const hamming::Segment segment = hamming::segment_at(memory_.data(), count_, chunks_);
        return hamming::search(segment, kernel, bytes_of(questions), questions.size(), radius, method, threads);
    }

    void damage() { memory_[chance() % memory_.size()] ^= chance() & chance() & chance(); }

private:
    std::size_t count_;
    int chunks_;
    std::vector<std::uint64_t> memory_;
};

std::size_t hits_seen = 0;

bool equal(const std::vector<Hash>& hashes, const std::vector<Hash>& questions, const std::vector<int>& chunk_counts) {
    std::vector<Built> segments;
    for (int chunks : chunk_counts) segments.emplace_back(hashes, chunks);
    for (int radius : kRadii) {
        std::vector<Triple> truth = counted(hashes, questions, radius);
        std::sort(truth.begin(), truth.end());
        hits_seen += truth.size();
        for (const hamming::Kernel& kernel : hamming::kernels()) {
            if (scanned(kernel, hashes, questions, radius) != truth)
                return std::printf(": columns, %s, %zu entries, radius %d\n", kernel.name, hashes.size(), radius), false;
            for (std::size_t s = 0; s < segments.size(); s++)
                for (Method method : {Method::automatic, Method::tables, Method::scan})
                    if (sorted(segments[s].search(kernel, questions, radius, method, 1 + s % 3)) != truth)
                        return std::printf(": %d chunks, method %d, %s, %zu entries, radius %d\n", chunk_counts[s],
                                           static_cast<int>(method), kernel.name, hashes.size(), radius), false;
        }
    }
    return true;
}

// How many of the damaged segments were refused.
std::size_t refusals(const std::vector<Hash>& hashes, const std::vector<Hash>& questions) {
    const Built intact(hashes, 16);
    std::size_t refused = 0;
    for (int round = 0; round < 400; round++) {
        Built segment = intact;
        for (int k = 0; k < 1 << (round % 12); k++) segment.damage();
        try {
            segment.search(hamming::kernels().back(), questions, 31, Method::tables, 1);
        } catch (const hamming::Damaged&) {
            refused++;
        }
    }
    return refused;
}

bool restores_what_it_stores() {
    for (const Hash& hash : random_hashes(100))
        if (difference(hamming::restored(hamming::stored(reinterpret_cast<const std::uint8_t*>(hash.word))), hash) != 0)
            return false;
    return true;
}

}  // namespace

int main() {
    for (const hamming::Kernel& kernel : hamming::kernels()) std::printf("%s ", kernel.name);
    const std::vector<Hash> questions = random_hashes(kQuestions);
    for (std::size_t count : {0, 1, 2, 7, 8, 15, 16, 17, 32, 100, 2047, 2048, 2049})
        if (!equal(spread(questions, count), questions, {0, 16})) return 1;
    for (const std::vector<Hash>& hashes : {spread(questions, 6000), crowded(questions, 6000), std::vector<Hash>(6000, questions[1])})
        if (!equal(hashes, questions, {12, 13, 14, 15, 16})) return 1;
    if (!equal(spread(questions, 300), questions, {11})) return 1;
    const std::size_t refused = refusals(spread(questions, 3000), questions);
    if (!restores_what_it_stores()) return 1;
    std::printf(": %zu hits, all equal; %zu of 400 damaged segments refused\n", hits_seen, refused);
    return hits_seen == 0 || refused == 0;
}

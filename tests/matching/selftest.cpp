// Every level against plain counting, with no room behind the columns, so that a sanitizer sees a read too far. Prints
// the levels; ends with 1 at the first difference. Compiled and run by test_hamming.py.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <tuple>
#include <vector>

#include "hamming.hpp"

using Triple = std::tuple<std::int64_t, std::int64_t, int>;

namespace {

constexpr std::size_t kQuestions = 5;

// Entries are random, or a question with `i % 70` of its bits turned: hits at every distance.
std::vector<std::vector<std::uint64_t>> columns_near(const std::vector<std::uint64_t>& questions, std::size_t count,
                                                     std::mt19937_64& random) {
    std::vector<std::vector<std::uint64_t>> columns(hamming::kWords, std::vector<std::uint64_t>(count));
    for (std::size_t i = 0; i < count; i++) {
        const std::uint64_t* source = &questions[(random() % kQuestions) * hamming::kWords];
        const std::size_t start = random() % 256;
        for (std::size_t w = 0; w < hamming::kWords; w++) columns[w][i] = i % 3 == 0 ? random() : source[w];
        for (std::size_t turn = 0; turn < i % 70; turn++) {
            const std::size_t bit = (start + turn * 3) % 256;
            columns[bit / 64][i] ^= std::uint64_t{1} << (bit % 64);
        }
    }
    return columns;
}

std::vector<Triple> counted(const std::vector<std::vector<std::uint64_t>>& columns,
                            const std::vector<std::uint64_t>& questions, std::size_t count, int radius) {
    std::vector<Triple> triples;
    for (std::size_t q = 0; q < kQuestions; q++)
        for (std::size_t i = 0; i < count; i++) {
            int distance = 0;
            for (std::size_t w = 0; w < hamming::kWords; w++)
                for (std::uint64_t bits = columns[w][i] ^ questions[q * hamming::kWords + w]; bits != 0; bits >>= 1)
                    distance += static_cast<int>(bits & 1);
            if (distance <= radius) triples.emplace_back(q, i, distance);
        }
    return triples;
}

std::vector<Triple> scanned(const hamming::Kernel& kernel, const std::vector<std::vector<std::uint64_t>>& columns,
                            const std::vector<std::uint64_t>& questions, std::size_t count, int radius) {
    const hamming::Columns entries{{columns[0].data(), columns[1].data(), columns[2].data(), columns[3].data()}};
    std::vector<Triple> triples;
    for (const hamming::Hit& hit : hamming::scan(kernel, entries, count,
                                                 reinterpret_cast<const std::uint8_t*>(questions.data()), kQuestions,
                                                 radius))
        triples.emplace_back(hit.question, hit.position, hit.distance);
    std::sort(triples.begin(), triples.end());
    return triples;
}

}  // namespace

int main() {
    std::mt19937_64 random(7);
    for (const hamming::Kernel& kernel : hamming::kernels()) std::printf("%s ", kernel.name);
    std::size_t hits = 0;
    for (std::size_t count : {0, 1, 7, 8, 15, 16, 17, 32, 100, 2047, 2048, 2049, 5000})
        for (int radius : {0, 1, 15, 31, 32, 63, 64}) {
            std::vector<std::uint64_t> questions(kQuestions * hamming::kWords);
            for (std::uint64_t& word : questions) word = random();
            const auto columns = columns_near(questions, count, random);
            const std::vector<Triple> truth = counted(columns, questions, count, radius);
            hits += truth.size();
            for (const hamming::Kernel& kernel : hamming::kernels())
                if (scanned(kernel, columns, questions, count, radius) != truth) {
                    std::printf(": %s differs at %zu entries, radius %d\n", kernel.name, count, radius);
                    return 1;
                }
        }
    std::printf(": %zu hits, all equal\n", hits);
    return hits == 0;
}

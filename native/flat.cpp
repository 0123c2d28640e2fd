// The scan of plain columns: what serves the newest entries, and all entries while they are few.
#include <algorithm>

#include "hamming.hpp"

namespace hamming {

std::vector<Hit> scan(const Kernel& kernel, const Columns& entries, std::size_t count, const std::uint8_t* questions,
                      std::size_t question_count, int radius) {
    std::vector<Hit> hits;
    Near near[kTile];
    for (std::size_t begin = 0; begin < count; begin += kTile) {
        const Columns tile = entries.from(begin);
        const std::size_t size = std::min(kTile, count - begin);
        for (std::size_t q = 0; q < question_count; q++) {
            const Hash question = hash_at(questions + q * kHashBytes);
            const std::size_t found = kernel.scan_columns(tile, size, question, static_cast<unsigned>(radius), near);
            for (std::size_t k = 0; k < found; k++)
                hits.push_back({static_cast<std::int64_t>(q), begin + near[k].entry,
                                static_cast<std::uint8_t>(near[k].distance)});
        }
    }
    return hits;
}

}  // namespace hamming

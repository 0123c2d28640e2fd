// Exact Hamming range search over 256-bit hashes by scanning them. kernels.cpp computes, module.cpp is the Python face.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hamming {

constexpr std::size_t kWords = 4;  // 64-bit words of a hash
constexpr std::size_t kQuestionBytes = kWords * sizeof(std::uint64_t);
constexpr int kMaxRadius = 64;

// Hashes word by word: column w holds word w of every entry. A scan reads two columns, half of the bytes, and looks
// into the other two only where the first half alone does not exceed the radius.
struct Columns {
    const std::uint64_t* word[kWords];

    Columns from(std::size_t entry) const {
        return {{word[0] + entry, word[1] + entry, word[2] + entry, word[3] + entry}};
    }
};

struct Question {
    std::uint64_t word[kWords];
};

// An entry within the radius, counted from the first entry that a kernel was given.
struct Near {
    std::uint32_t entry;
    std::uint32_t distance;
};

// What differs between processors: one function a level.
struct Kernel {
    const char* name;
    // Writes every one of the `count` entries within `radius` to `near`, which has room for `count`; returns how many.
    std::size_t (*scan)(Columns entries, std::size_t count, const Question& question, unsigned radius, Near* near);
};

// The levels that this processor can run, best first. The last one, "portable", runs everywhere.
const std::vector<Kernel>& kernels();

// One answer: question `question` lies `distance` bits from entry `position`.
struct Hit {
    std::int64_t question;
    std::int64_t position;
    std::uint8_t distance;
};

// All pairs within `radius` (0 to kMaxRadius) of `count` entries and `question_count` questions of kQuestionBytes each,
// in no promised order. Throws std::bad_alloc.
std::vector<Hit> scan(const Kernel& kernel, const Columns& entries, std::size_t count, const std::uint8_t* questions,
                      std::size_t question_count, int radius);

}  // namespace hamming

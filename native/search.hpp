// Asking a segment.
#pragma once

#include "segment.hpp"

namespace hamming {

// `automatic` takes for each question what is expected to cost less; the others are for tests and measurements.
// `tables` still scans what no table can answer: a segment without tables, a radius beyond their reach.
enum class Method { automatic, tables, scan };

// All pairs within `radius` (0 to kMaxRadius) of the segment's entries and `question_count` questions of kHashBytes
// each, sorted by question, distance and id, with up to `threads` threads. Throws std::bad_alloc, and Damaged when the
// memory holds what no finished segment does.
std::vector<Hit> search(const Segment& segment, const Kernel& kernel, const std::uint8_t* questions,
                        std::size_t question_count, int radius, Method method, std::size_t threads);

}  // namespace hamming

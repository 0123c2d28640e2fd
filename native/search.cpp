#include "search.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <optional>
#include <thread>
#include <tuple>

#include "tables.hpp"

namespace hamming {
namespace {

// ---- by scan -------------------------------------------------------------------------------------------------------

struct Asked {
    std::int64_t number;
    Hash question;
};

void scan(const Segment& segment, const Kernel& kernel, const std::vector<Asked>& asked, int radius,
          std::vector<Hit>& hits) {
    Near near[kTile];
    for (std::size_t begin = 0; !asked.empty() && begin < segment.count; begin += kTile) {
        const std::size_t size = std::min(kTile, segment.count - begin);
        for (const Asked& one : asked) {
            const std::size_t found = kernel.scan_rows(segment.rows.from(begin), size, one.question,
                                                       static_cast<unsigned>(radius), near);
            for (std::size_t k = 0; k < found; k++)
                hits.push_back({one.number, segment.ids[begin + near[k].entry],
                                static_cast<std::uint8_t>(near[k].distance)});
        }
    }
}

// Nanoseconds to bring one entry from memory, as measured; questions that are scanned together share it.
constexpr double kFetchNs = 0.8;

double scan_ns(const Segment& segment, const Kernel& kernel, std::size_t together) {
    return static_cast<double>(segment.count) * std::max(kernel.compare_ns, kFetchNs / static_cast<double>(together));
}

// ---- both ----------------------------------------------------------------------------------------------------------

struct Slice {
    const std::uint8_t* questions;
    std::size_t begin, end;
};

// What asking by tables may cost before a scan is better, in nanoseconds; 0 when they shall not be asked at all.
double most_ns(const Segment& segment, const Kernel& kernel, std::size_t together, const Reach& even, Method method) {
    if (method == Method::tables) return std::numeric_limits<double>::infinity();
    const double most = scan_ns(segment, kernel, together);
    return method == Method::scan || expected_ns(segment, even) > most ? 0 : most;
}

std::vector<Hit> answer(const Segment& segment, const Kernel& kernel, const Slice& slice, int radius, Method method) {
    std::vector<Hit> hits;
    std::vector<Asked> left;
    std::optional<Tables> tables;
    Reach even;
    if (even_reach(segment, radius, even))
        if (const double most = most_ns(segment, kernel, slice.end - slice.begin, even, method); most > 0)
            tables.emplace(segment, kernel, radius, even, most);
    for (std::size_t q = slice.begin; q < slice.end; q++) {
        const Asked one{static_cast<std::int64_t>(q), stored(slice.questions + q * kHashBytes)};
        if (!tables || !tables->answer(one.number, one.question, hits)) left.push_back(one);
    }
    scan(segment, kernel, left, radius, hits);
    std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
        return std::tie(a.question, a.distance, a.entry) < std::tie(b.question, b.distance, b.entry);
    });
    return hits;
}

}  // namespace

std::vector<Hit> search(const Segment& segment, const Kernel& kernel, const std::uint8_t* questions,
                        std::size_t question_count, int radius, Method method, std::size_t threads) {
    const std::size_t slices = std::max<std::size_t>(1, std::min(threads, question_count));
    std::vector<std::vector<Hit>> hits(slices);
    std::vector<std::exception_ptr> failures(slices);
    const auto work = [&](std::size_t s) {
        try {
            const Slice slice{questions, question_count * s / slices, question_count * (s + 1) / slices};
            hits[s] = answer(segment, kernel, slice, radius, method);
        } catch (...) {
            failures[s] = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    others.reserve(slices);
    for (std::size_t s = 1; s < slices; s++) {
        try {
            others.emplace_back(work, s);
        } catch (...) {  // no more threads are to be had, or no memory for one
            work(s);
        }
    }
    work(0);
    for (std::thread& other : others) other.join();
    for (const std::exception_ptr& failure : failures)
        if (failure != nullptr) std::rethrow_exception(failure);
    for (std::size_t s = 1; s < slices; s++) hits[0].insert(hits[0].end(), hits[s].begin(), hits[s].end());
    return std::move(hits[0]);
}

}  // namespace hamming

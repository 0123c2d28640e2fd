#include "search.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <system_error>
#include <thread>
#include <tuple>

#include "plan.hpp"

namespace hamming {
namespace {

// ---- by tables -----------------------------------------------------------------------------------------------------

// Places of entries to be compared, from all tables together. Comparing waits for memory unless this was asked for
// early, so that places are gathered first, and each group of them is fetched while the one before it is compared.
class Candidates {
public:
    Candidates(const Segment& segment, const Kernel& kernel, unsigned radius)
        : segment_(segment), kernel_(kernel), radius_(radius) {}

    void begin(std::int64_t number, const Hash& question, const Reach& reach) {
        number_ = number, question_ = question, reach_ = reach;
    }

    // Postings are copied four at a time, whatever the bucket's size, and only the count says how many of them matter:
    // few buckets are larger, so that there is hardly a branch to guess wrong.
    void add(int table, const Bucket* begin, const Bucket* end, std::vector<Hit>& hits) {
        const std::uint32_t* postings = segment_.table[table].postings;
        table_ = table;
        first_of_[table] = filled_;
        std::size_t filled = filled_;  // in a register
        for (const Bucket* bucket = begin; bucket < end; bucket++)
            for (std::size_t at = bucket->begin; at < bucket->end; at += kFour) {
                if (postings != nullptr)
                    std::memcpy(places_ + filled, postings + at, kFour * sizeof *places_);
                else
                    std::iota(places_ + filled, places_ + filled + kFour, static_cast<std::uint32_t>(at));
                filled += std::min(kFour, bucket->end - at);
                if (filled <= kRoom) continue;
                filled_ = filled;
                compare(hits);
                filled = 0;
            }
        filled_ = filled;
    }

    void compare(std::vector<Hit>& hits) {
        fetch(0);
        for (std::size_t begin = 0; begin < filled_; begin += kGroup) {
            fetch(begin + kGroup);
            std::uint32_t picked[kGroup];
            const std::size_t size = std::min(kGroup, filled_ - begin);
            const std::size_t found =
                kernel_.pick(segment_.rows.first, places_ + begin, size, question_, radius_, picked);
            for (std::size_t k = 0; k < found; k++) settle(begin + picked[k], hits);
        }
        filled_ = 0;
        std::fill(first_of_, first_of_ + table_ + 1, 0);
    }

private:
    static constexpr std::size_t kFour = 4;
    static constexpr std::size_t kRoom = 4096;
    static constexpr std::size_t kGroup = 32;

    // Throws Damaged before anything is read from a place that is none. To ask for it ahead is harmless.
    void fetch(std::size_t begin) const {
        const std::size_t end = std::min(begin + kGroup, filled_);
        std::uint32_t highest = 0;
        for (std::size_t k = begin; k < end; k++) {
            HAMMING_PREFETCH(segment_.rows.first + places_[k]);
            highest = std::max(highest, places_[k]);
        }
        if (begin < end && highest >= segment_.count) throw Damaged();
    }

    void settle(std::size_t candidate, std::vector<Hit>& hits) const {
        const std::size_t place = places_[candidate];
        const Hash hash = segment_.rows.hash(place);
        const unsigned distance = distance_between(hash, question_);
        int table = table_;
        while (first_of_[table] > candidate) table--;
        if (distance <= radius_ && !found_before(hash, table))
            hits.push_back({number_, segment_.ids[place], static_cast<std::uint8_t>(distance)});
    }

    // An entry can be within reach of several tables. The first of them reports it: no memory of what was found.
    bool found_before(const Hash& hash, int table) const {
        for (int t = 0; t < table; t++) {
            const Chunk chunk = segment_.table[t].chunk;
            if (static_cast<int>(count_bits(chunk.of(hash) ^ chunk.of(question_))) <= reach_[t]) return true;
        }
        return false;
    }

    const Segment& segment_;
    const Kernel& kernel_;
    const unsigned radius_;
    std::int64_t number_ = 0;
    Hash question_{};
    Reach reach_{};
    int table_ = 0;
    std::size_t first_of_[kMaxChunks] = {};  // the first candidate of each table in `places_`
    std::size_t filled_ = 0;
    std::uint32_t places_[kRoom + kFour];
};

// One question after another by the tables of a segment.
class Tables {
public:
    Tables(const Segment& segment, const Kernel& kernel, int radius, const Reach& even, double most_ns)
        : segment_(segment), radius_(radius), even_(even), even_ns_(expected_ns(segment, even)), most_ns_(most_ns),
          candidates_(segment, kernel, static_cast<unsigned>(radius)) {}

    // False, with nothing done, when it would cost more than `most_ns`.
    bool answer(std::int64_t number, const Hash& question, std::vector<Hit>& hits) {
        Reach reach = even_;
        double ns = look_up(question, reach);
        if (ns > kSkewed * even_ns_ && cheaper_reach(segment_, radius_, even_, sizes_, reach)) ns = look_up(question, reach);
        if (ns > most_ns_) return false;
        candidates_.begin(number, question, reach);
        const Bucket* begin = buckets_.get();
        for (int t = 0; t < segment_.chunks; t++) {
            const Bucket* end = buckets_.get() + end_of_[t];
            candidates_.add(t, begin, end, hits);
            begin = end;
        }
        candidates_.compare(hits);
        return true;
    }

private:
    // A plan is made where buckets are so much larger than usual that it may pay for itself.
    static constexpr double kSkewed = 1.5;

    void fetch_starts(const Hash& question, const Reach& reach, int table) const {
        const TableOf<const std::uint32_t>& at = segment_.table[table];
        const std::uint32_t key = at.chunk.of(question);
        for (int bits = 0; bits <= reach[table]; bits++)
            for (std::uint32_t flip : flips(bits, at.chunk.width)) HAMMING_PREFETCH(at.starts + (key ^ flip) + 1);
    }

    // A small bucket lies in one line or across the border of two.
    static void fetch(const std::uint32_t* postings, Bucket bucket) {
        if (postings == nullptr) return;
        HAMMING_PREFETCH(postings + bucket.begin);
        HAMMING_PREFETCH(postings + bucket.end - (bucket.size() > 0));
    }

    // Reads the bounds of all buckets within reach, asks for what they hold, and returns what it will cost to compare
    // it, in nanoseconds. Bounds, postings and entries are three waits one after another for each bucket, so each
    // step is done for many buckets before the next.
    double look_up(const Hash& question, const Reach& reach) {
        reserve(bucket_count(segment_, reach));
        found_ = 0;
        for (int t = 0; t < segment_.chunks; t++) fetch_starts(question, reach, t);
        for (int t = 0; t < segment_.chunks; t++) {
            for (int bits = 0; bits <= reach[t]; bits++) sizes_[t][bits] = look_up(question, t, bits);
            end_of_[t] = found_;
        }
        return cost_ns(segment_, reach, sizes_);
    }

    std::size_t look_up(const Hash& question, int table, int bits) {
        const TableOf<const std::uint32_t>& at = segment_.table[table];
        const std::uint32_t key = at.chunk.of(question);
        Bucket* found = buckets_.get() + found_;
        std::size_t entries = 0;
        for (std::uint32_t flip : flips(bits, at.chunk.width)) {
            const Bucket bucket = bucket_at(segment_, table, key ^ flip);
            *found = bucket;  // overwritten when it is empty
            found += bucket.size() > 0;
            entries += bucket.size();
            fetch(at.postings, bucket);
        }
        found_ = static_cast<std::size_t>(found - buckets_.get());
        return entries;
    }

    void reserve(std::size_t count) {
        if (count <= room_) return;
        buckets_.reset(new Bucket[count]);
        room_ = count;
    }

    const Segment& segment_;
    const int radius_;
    const Reach even_;
    const double even_ns_, most_ns_;
    Candidates candidates_;
    std::unique_ptr<Bucket[]> buckets_;  // those that hold anything, by table
    std::size_t room_ = 0, found_ = 0;
    Sizes sizes_{};
    std::size_t end_of_[kMaxChunks] = {};
};

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
        } catch (const std::system_error&) {  // no more threads are to be had
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

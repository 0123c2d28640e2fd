// Asking the tables of a segment.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "plan.hpp"

namespace hamming {

// One question after another by the tables of a segment. Bounds of buckets, postings and entries are three waits for
// memory one after another, so that each step is done for many of them before the next, with everything asked for ahead.
class Tables {
public:
    Tables(const Segment& segment, const Kernel& kernel, int radius, const Reach& even, double most_ns)
        : segment_(segment), kernel_(kernel), radius_(radius), even_(even), even_ns_(expected_ns(segment, even)),
          most_ns_(most_ns) {}

    // False, with nothing done, when it would cost more than `most_ns`.
    bool answer(std::int64_t number, const Hash& question, std::vector<Hit>& hits) {
        Reach reach = even_;
        double ns = look_up(question, reach);
        if (ns > kSkewed * even_ns_ && cheaper_reach(segment_, radius_, even_, sizes_, reach)) ns = look_up(question, reach);
        if (ns > most_ns_) return false;
        gather(question, reach);
        compare(question);
        report(number, hits);
        return true;
    }

private:
    // A plan is made where buckets are so much larger than usual that it may pay for itself.
    static constexpr double kSkewed = 1.5;
    static constexpr std::size_t kGroup = 32;
    static constexpr int kAllPositionBits = 63;

    struct Found {
        std::uint32_t place, distance;
        bool operator<(const Found& other) const { return place < other.place; }
        bool operator==(const Found& other) const { return place == other.place; }
    };

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
    // it, in nanoseconds.
    double look_up(const Hash& question, const Reach& reach) {
        buckets_.reserve(bucket_count(segment_, reach));
        found_ = 0;
        for (int t = 0; t < segment_.chunks; t++) fetch_starts(question, reach, t);
        for (int t = 0; t < segment_.chunks; t++)
            for (int bits = 0; bits <= reach[t]; bits++) {
                sizes_[t][bits] = look_up(question, t, bits);
                end_of_[t][bits] = found_;
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

    // Fills `places_` with the positions of all entries that are to be compared.
    void gather(const Hash& question, const Reach& reach) {
        std::size_t entries = kSiftedAtOnce;
        for (int t = 0; t < segment_.chunks; t++)
            for (int bits = 0; bits <= reach[t]; bits++) entries += sizes_[t][bits];
        places_.reserve(entries);
        learn(question, reach);
        filled_ = 0;
        const Bucket* begin = buckets_.get();
        for (int t = 0; t < segment_.chunks; t++)
            for (int bits = 0; bits <= reach[t]; bits++) {
                const Bucket* end = buckets_.get() + end_of_[t][bits];
                std::uint32_t* places = places_.get() + filled_;
                filled_ += t == 0 ? spelled_out(begin, end, places) : sifted(question, t, bits, begin, end, places);
                begin = end;
            }
    }

    // What the marks say of this question.
    void learn(const Hash& question, const Reach& reach) {
        for (unsigned away = 0; away <= farthest_; away++) nearer_[away] = nearer(segment_, reach, static_cast<int>(away));
        if (farthest_ > 0)
            kernel_.sifting.away(segment_.marks, marks_for(segment_.count, segment_.chunks),
                                 segment_.table[0].chunk.of(question), runs_.data());
    }

    std::size_t sifted(const Hash& question, int table, int bits, const Bucket* begin, const Bucket* end,
                       std::uint32_t* places) const {
        const int next = next_chunk(table, segment_.chunks);
        const std::uint64_t hint = segment_.table[next].chunk.of(question);
        Sieve sieve{static_cast<std::uint32_t>(hint << position_bits_), position_bits_, {}};
        for (unsigned away = 0; away <= farthest_; away++) {
            const Reach& reach = nearer_[away];
            sieve.most[away] = bits <= reach[table] ? reach[table] + reach[next] + 1 - bits : -1;
        }
        const std::size_t found = kernel_.sifting.by_hint(segment_.table[table].postings, begin, end, sieve, places);
        return kernel_.sifting.by_run(places, found, sieve, {runs_.data(), run_bits_});
    }

    static std::size_t spelled_out(const Bucket* begin, const Bucket* end, std::uint32_t* places) {
        std::uint32_t* place = places;
        for (const Bucket* bucket = begin; bucket < end; bucket++)
            for (std::uint32_t at = bucket->begin; at < bucket->end; at++) *place++ = at;
        return static_cast<std::size_t>(place - places);
    }

    // Each group of places is fetched while the one before it is compared.
    void compare(const Hash& question) {
        near_.clear();
        fetch(0);
        for (std::size_t begin = 0; begin < filled_; begin += kGroup) {
            fetch(begin + kGroup);
            std::uint32_t picked[kGroup];
            const std::uint32_t* places = places_.get() + begin;
            const std::size_t size = std::min(kGroup, filled_ - begin);
            const std::size_t found =
                kernel_.pick(segment_.rows.first, places, size, question, static_cast<unsigned>(radius_), picked);
            for (std::size_t k = 0; k < found; k++) {
                const unsigned distance = distance_between(segment_.rows.hash(places[picked[k]]), question);
                if (distance <= static_cast<unsigned>(radius_)) near_.push_back({places[picked[k]], distance});
            }
        }
    }

    // Throws Damaged before anything is read from a place that is none. To ask for it ahead is harmless.
    void fetch(std::size_t begin) const {
        const std::size_t end = std::min(begin + kGroup, filled_);
        std::uint32_t highest = 0;
        for (std::size_t k = begin; k < end; k++) {
            HAMMING_PREFETCH(segment_.rows.first + places_.get()[k]);
            highest = std::max(highest, places_.get()[k]);
        }
        if (begin < end && highest >= segment_.count) throw Damaged();
    }

    // An entry may have been found by several tables.
    void report(std::int64_t number, std::vector<Hit>& hits) {
        std::sort(near_.begin(), near_.end());
        near_.erase(std::unique(near_.begin(), near_.end()), near_.end());
        for (const Found& found : near_)
            hits.push_back({number, segment_.ids[found.place], static_cast<std::uint8_t>(found.distance)});
    }

    // Memory that is kept from question to question and never initialised.
    template <class Item>
    class Room {
    public:
        void reserve(std::size_t count) {
            if (count <= size_) return;
            items_.reset(new Item[count]);
            size_ = count;
        }
        Item* get() const { return items_.get(); }

    private:
        std::unique_ptr<Item[]> items_;
        std::size_t size_ = 0;
    };

    const Segment& segment_;
    const Kernel& kernel_;
    const int radius_;
    const int position_bits_ = position_bits(segment_.count);
    // Without marks there is one run of all entries, of which nothing is known.
    const unsigned farthest_ = marks_for(segment_.count, segment_.chunks) > 0 ? kFarthest : 0;
    const int run_bits_ = farthest_ > 0 ? run_bits(segment_.count) : kAllPositionBits;
    std::vector<std::uint8_t> runs_ =
        std::vector<std::uint8_t>(std::max<std::size_t>(1, marks_for(segment_.count, segment_.chunks)) + kSiftedAtOnce);
    std::array<Reach, kFarthest + 1> nearer_{};
    const Reach even_;
    const double even_ns_, most_ns_;
    Room<Bucket> buckets_;  // those that hold anything, by table and bits
    std::size_t found_ = 0;
    Sizes sizes_{};
    std::array<std::array<std::size_t, kMaxReach + 1>, kMaxChunks> end_of_{};
    Room<std::uint32_t> places_;
    std::size_t filled_ = 0;
    std::vector<Found> near_;
};

}  // namespace hamming

// The kernels of each level of processor, but for those of postings (sieve.cpp). All levels give the same answers; they
// differ in speed alone.
#include "levels.hpp"

namespace hamming {
namespace {

// ---- entry by entry -----------------------------------------------------------------------------------------------

// Differing bits of entry i in words `w` and `w + 1`: a half.
template <class Bits, class Entries>
HAMMING_INLINE unsigned half_distance(const Entries& entries, std::size_t i, const Hash& question, std::size_t w) {
    return Bits::count(entries.word(i, w) ^ question.word[w]) +
           Bits::count(entries.word(i, w + 1) ^ question.word[w + 1]);
}

// Examines entries `begin` to `end`; the numbers in `near` count from entry 0.
template <class Bits, class Entries>
HAMMING_INLINE std::size_t examine(const Entries& entries, std::size_t begin, std::size_t end, const Hash& question,
                                   unsigned radius, Near* near) {
    std::size_t found = 0;
    for (std::size_t i = begin; i < end; i++) {
        unsigned distance = half_distance<Bits>(entries, i, question, 0);
        if (distance > radius) continue;
        distance += half_distance<Bits>(entries, i, question, 2);
        if (distance <= radius) near[found++] = {static_cast<std::uint32_t>(i), distance};
    }
    return found;
}

// The number is always written and only the count depends on the test: no branch to guess wrong.
template <class Bits>
HAMMING_INLINE std::size_t pick(const Half* first, const std::uint32_t* places, std::size_t count,
                                const Hash& question, unsigned radius, std::uint32_t* picked) {
    std::size_t found = 0;
    for (std::size_t k = 0; k < count; k++) {
        picked[found] = static_cast<std::uint32_t>(k);
        found += half_distance<Bits>(Rows{first, nullptr}, places[k], question, 0) <= radius;
    }
    return found;
}

template <class Entries>
std::size_t scan_portable(Entries entries, std::size_t count, const Hash& question, unsigned radius, Near* near) {
    return examine<ByAddition>(entries, 0, count, question, radius, near);
}

std::size_t pick_portable(const Half* first, const std::uint32_t* places, std::size_t count, const Hash& question,
                          unsigned radius, std::uint32_t* picked) {
    return pick<ByAddition>(first, places, count, question, radius, picked);
}

// ---- vectors: blocks of entries by their first half, then entry by entry where one is near -------------------------

#if defined(HAMMING_X86) || defined(HAMMING_ARM)
constexpr std::size_t kBlock = 16;
constexpr std::size_t kAheadBytes = 4096;  // the processor's own prefetching ends at a page

// Past the end of the entries these ask for memory that nobody uses, which is harmless.
HAMMING_INLINE void prefetch(const void* from, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += 64) HAMMING_PREFETCH(static_cast<const char*>(from) + kAheadBytes + at);
}

HAMMING_INLINE void prefetch_block(const Columns& entries, std::size_t i) {
    prefetch(entries.column[0] + i, kBlock * sizeof(std::uint64_t));
    prefetch(entries.column[1] + i, kBlock * sizeof(std::uint64_t));
}

HAMMING_INLINE void prefetch_block(const Rows& entries, std::size_t i) {
    prefetch(entries.first + i, kBlock * sizeof(Half));
}
#endif

// ---- x86-64 --------------------------------------------------------------------------------------------------------

#if defined(HAMMING_X86)
template <class Entries>
HAMMING_POPCNT std::size_t scan_popcnt(Entries entries, std::size_t count, const Hash& question, unsigned radius,
                                       Near* near) {
    return examine<ByInstruction>(entries, 0, count, question, radius, near);
}

HAMMING_POPCNT
std::size_t pick_popcnt(const Half* first, const std::uint32_t* places, std::size_t count, const Hash& question,
                        unsigned radius, std::uint32_t* picked) {
    return pick<ByInstruction>(first, places, count, question, radius, picked);
}

// The first half of the question in every lane, for either order of the words.
struct Wanted256 {
    __m256i word0, word1, both;
};

HAMMING_AVX2 inline Wanted256 wanted_avx2(const Hash& question) {
    const long long a = static_cast<long long>(question.word[0]), b = static_cast<long long>(question.word[1]);
    return {_mm256_set1_epi64x(a), _mm256_set1_epi64x(b), _mm256_setr_epi64x(a, b, a, b)};
}

// AVX2 cannot count bits: a table of 16 in a register counts each nibble. Gives counts by byte, at most 8 each.
HAMMING_AVX2 inline __m256i count_avx2(__m256i bits) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_and_si256(bits, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

// Differing bits of 32 bytes, by byte.
HAMMING_AVX2 inline __m256i differing_avx2(const std::uint64_t* words, __m256i wanted) {
    return count_avx2(_mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(words)), wanted));
}

// How far four entries are in their first half, as four 64-bit numbers up to 128, in any order.
HAMMING_AVX2 inline __m256i halves_avx2(const Columns& entries, std::size_t i, const Wanted256& wanted) {
    const __m256i bytes = _mm256_add_epi8(differing_avx2(entries.column[0] + i, wanted.word0),
                                          differing_avx2(entries.column[1] + i, wanted.word1));
    return _mm256_sad_epu8(bytes, _mm256_setzero_si256());
}

HAMMING_AVX2 inline __m256i halves_avx2(const Rows& entries, std::size_t i, const Wanted256& wanted) {
    const __m256i a = differing_avx2(entries.first[i].word, wanted.both);
    const __m256i b = differing_avx2(entries.first[i + 2].word, wanted.both);
    const __m256i bytes = _mm256_add_epi8(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    return _mm256_sad_epu8(bytes, _mm256_setzero_si256());
}

template <class Entries>
HAMMING_AVX2 std::size_t scan_avx2(Entries entries, std::size_t count, const Hash& question, unsigned radius,
                                   Near* near) {
    const Wanted256 wanted = wanted_avx2(question);
    const __m256i beyond = _mm256_set1_epi64x(static_cast<long long>(radius) + 1);
    std::size_t found = 0, i = 0;
    for (; i + kBlock <= count; i += kBlock) {
        prefetch_block(entries, i);
        // Distances fit in the lowest 16 bits, the rest is zero: a minimum of 16-bit lanes is one of 64-bit lanes.
        const __m256i least = _mm256_min_epi16(
            _mm256_min_epi16(halves_avx2(entries, i, wanted), halves_avx2(entries, i + 4, wanted)),
            _mm256_min_epi16(halves_avx2(entries, i + 8, wanted), halves_avx2(entries, i + 12, wanted)));
        if (_mm256_movemask_epi8(_mm256_cmpgt_epi64(beyond, least)) != 0)
            found += examine<ByInstruction>(entries, i, i + kBlock, question, radius, near + found);
    }
    return found + examine<ByInstruction>(entries, i, count, question, radius, near + found);
}

struct Wanted512 {
    __m512i word0, word1, both;
};

HAMMING_AVX512 inline Wanted512 wanted_avx512(const Hash& question) {
    const long long a = static_cast<long long>(question.word[0]), b = static_cast<long long>(question.word[1]);
    return {_mm512_set1_epi64(a), _mm512_set1_epi64(b), _mm512_setr_epi64(a, b, a, b, a, b, a, b)};
}

HAMMING_AVX512 inline __m512i differing_avx512(const std::uint64_t* words, __m512i wanted) {
    return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(words), wanted));
}

// How far eight entries are in their first half, as eight 64-bit numbers, in any order.
HAMMING_AVX512 inline __m512i halves_avx512(const Columns& entries, std::size_t i, const Wanted512& wanted) {
    return _mm512_add_epi64(differing_avx512(entries.column[0] + i, wanted.word0),
                            differing_avx512(entries.column[1] + i, wanted.word1));
}

HAMMING_AVX512 inline __m512i halves_avx512(const Rows& entries, std::size_t i, const Wanted512& wanted) {
    const __m512i a = differing_avx512(entries.first[i].word, wanted.both);
    const __m512i b = differing_avx512(entries.first[i + 4].word, wanted.both);
    // With a mask that keeps every lane: what lacks one, GCC's own header warns about.
    return _mm512_add_epi64(_mm512_maskz_unpacklo_epi64(0xff, a, b), _mm512_maskz_unpackhi_epi64(0xff, a, b));
}

template <class Entries>
HAMMING_AVX512 std::size_t scan_avx512(Entries entries, std::size_t count, const Hash& question, unsigned radius,
                                       Near* near) {
    const Wanted512 wanted = wanted_avx512(question);
    const __m512i limit = _mm512_set1_epi64(static_cast<long long>(radius));
    std::size_t found = 0, i = 0;
    for (; i + kBlock <= count; i += kBlock) {
        prefetch_block(entries, i);
        const __mmask8 a = _mm512_cmple_epu64_mask(halves_avx512(entries, i, wanted), limit);
        const __mmask8 b = _mm512_cmple_epu64_mask(halves_avx512(entries, i + 8, wanted), limit);
        if ((a | b) != 0)
            found += examine<ByInstruction>(entries, i, i + kBlock, question, radius, near + found);
    }
    return found + examine<ByInstruction>(entries, i, count, question, radius, near + found);
}
#endif

// ---- 64-bit ARM: every such processor counts bits by byte ----------------------------------------------------------

#if defined(HAMMING_ARM)
// Differing bits of two words, by byte.
HAMMING_INLINE uint8x16_t differing_neon(const std::uint64_t* words, uint64x2_t wanted) {
    return vcntq_u8(vreinterpretq_u8_u64(veorq_u64(vld1q_u64(words), wanted)));
}

// Differing bits of two entries in their first half: eight bytes that sum up to each, at most 16 a byte.
HAMMING_INLINE uint8x16_t two_neon(const Columns& entries, std::size_t i, const Hash& question) {
    return vaddq_u8(differing_neon(entries.column[0] + i, vdupq_n_u64(question.word[0])),
                    differing_neon(entries.column[1] + i, vdupq_n_u64(question.word[1])));
}

HAMMING_INLINE uint8x16_t two_neon(const Rows& entries, std::size_t i, const Hash& question) {
    const uint64x2_t wanted = vld1q_u64(question.word);
    return vpaddq_u8(differing_neon(entries.first[i].word, wanted), differing_neon(entries.first[i + 1].word, wanted));
}

template <class Entries>
std::size_t scan_neon(Entries entries, std::size_t count, const Hash& question, unsigned radius, Near* near) {
    std::size_t found = 0, i = 0;
    for (; i + kBlock <= count; i += kBlock) {
        prefetch_block(entries, i);
        uint8x16_t sums[kBlock / 2];
        for (std::size_t pair = 0; pair < kBlock / 2; pair++) sums[pair] = two_neon(entries, i + 2 * pair, question);
        for (std::size_t left = kBlock / 4; left > 0; left /= 2)  // neighbours added three times: a byte an entry
            for (std::size_t k = 0; k < left; k++) sums[k] = vpaddq_u8(sums[2 * k], sums[2 * k + 1]);
        if (vminvq_u8(sums[0]) <= radius)
            found += examine<ByInstruction>(entries, i, i + kBlock, question, radius, near + found);
    }
    return found + examine<ByInstruction>(entries, i, count, question, radius, near + found);
}

std::size_t pick_neon(const Half* first, const std::uint32_t* places, std::size_t count, const Hash& question,
                      unsigned radius, std::uint32_t* picked) {
    return pick<ByInstruction>(first, places, count, question, radius, picked);
}
#endif

}  // namespace

const std::vector<Kernel>& kernels() {
    // Never destroyed: a thread may still search while the process ends.
    static const std::vector<Kernel>& runnable = *new std::vector<Kernel>([] {
        std::vector<Kernel> levels;
#if defined(HAMMING_X86)
        __builtin_cpu_init();
        const bool popcnt = __builtin_cpu_supports("popcnt") != 0;
        const bool avx2 = popcnt && __builtin_cpu_supports("avx2") != 0;
        const bool avx512 =
            popcnt && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vpopcntdq") != 0;
        if (avx512) levels.push_back({"avx512", 0.23, scan_avx512<Columns>, scan_avx512<Rows>, pick_popcnt, kSiftAvx512});
        if (avx2) levels.push_back({"avx2", 0.5, scan_avx2<Columns>, scan_avx2<Rows>, pick_popcnt, kSiftPopcnt});
        if (popcnt) levels.push_back({"popcnt", 0.6, scan_popcnt<Columns>, scan_popcnt<Rows>, pick_popcnt, kSiftPopcnt});
#elif defined(HAMMING_ARM)
        levels.push_back({"neon", 0.6, scan_neon<Columns>, scan_neon<Rows>, pick_neon, kSiftNeon});
#endif
        levels.push_back({"portable", 2.3, scan_portable<Columns>, scan_portable<Rows>, pick_portable, kSiftPortable});
        return levels;
    }());
    return runnable;
}

}  // namespace hamming

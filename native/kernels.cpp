// One scan for each level of processor. A function with `__attribute__((target))` is compiled for instructions that the
// build machine need not have and is called only after the processor was asked for them: one binary serves every
// machine, without -march. All levels give the same hits; they differ in speed alone.
#include "hamming.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAMMING_X86 1
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__GNUC__)
#define HAMMING_ARM 1
#include <arm_neon.h>
#endif

#if defined(__GNUC__)  // Clang says so too
#define HAMMING_INLINE __attribute__((always_inline)) inline
#else
#define HAMMING_INLINE inline
#endif

namespace hamming {
namespace {

// ---- entry by entry -----------------------------------------------------------------------------------------------

struct ByAddition {  // bits to pairs, to nibbles, to bytes; the product's top byte is the sum of all bytes
    static HAMMING_INLINE unsigned count(std::uint64_t bits) {
        bits -= (bits >> 1) & 0x5555555555555555u;
        bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
        bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
        return static_cast<unsigned>((bits * 0x0101010101010101u) >> 56);
    }
};

#if defined(__GNUC__)
struct ByInstruction {  // becomes the instruction where the function around it is compiled for one
    static HAMMING_INLINE unsigned count(std::uint64_t bits) {
        return static_cast<unsigned>(__builtin_popcountll(bits));
    }
};
#endif

template <class Bits>
HAMMING_INLINE unsigned differing(const Columns& entries, const Question& question, std::size_t word, std::size_t i) {
    return Bits::count(entries.word[word][i] ^ question.word[word]);
}

// Examines entries `begin` to `end`; the numbers in `near` count from entry 0.
template <class Bits>
HAMMING_INLINE std::size_t examine(const Columns& entries, std::size_t begin, std::size_t end, const Question& question,
                                   unsigned radius, Near* near) {
    std::size_t found = 0;
    for (std::size_t i = begin; i < end; i++) {
        unsigned distance = differing<Bits>(entries, question, 0, i) + differing<Bits>(entries, question, 1, i);
        if (distance > radius) continue;
        distance += differing<Bits>(entries, question, 2, i) + differing<Bits>(entries, question, 3, i);
        if (distance <= radius) near[found++] = {static_cast<std::uint32_t>(i), distance};
    }
    return found;
}

std::size_t scan_portable(Columns entries, std::size_t count, const Question& question, unsigned radius, Near* near) {
    return examine<ByAddition>(entries, 0, count, question, radius, near);
}

// ---- vectors: blocks of entries by their first half, then entry by entry where one is near -------------------------

#if defined(HAMMING_X86) || defined(HAMMING_ARM)
constexpr std::size_t kBlock = 16;
constexpr std::size_t kAhead = 512;  // entries: 4 KiB of a column, since the processor's own prefetching ends at a page

// Past the end of a column this asks for memory that nobody uses, which is harmless.
HAMMING_INLINE void prefetch(const Columns& entries, std::size_t i) {
    const std::size_t line = 64 / sizeof(std::uint64_t);
    for (std::size_t word = 0; word < 2; word++)
        for (std::size_t k = 0; k < kBlock; k += line) __builtin_prefetch(entries.word[word] + i + kAhead + k);
}
#endif

// ---- x86-64 --------------------------------------------------------------------------------------------------------


#if defined(HAMMING_X86)
#define HAMMING_POPCNT __attribute__((target("popcnt")))
#define HAMMING_AVX2 __attribute__((target("avx2,popcnt")))
#define HAMMING_AVX512 __attribute__((target("avx512f,avx512vpopcntdq,popcnt")))

HAMMING_POPCNT
std::size_t scan_popcnt(Columns entries, std::size_t count, const Question& question, unsigned radius, Near* near) {
    return examine<ByInstruction>(entries, 0, count, question, radius, near);
}

// AVX2 cannot count bits: a table of 16 in a register counts each nibble. Gives counts by byte, at most 8 each.
HAMMING_AVX2 inline __m256i count_avx2(__m256i bits) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_and_si256(bits, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

HAMMING_AVX2 inline __m256i load_avx2(const std::uint64_t* words) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}

// How far four entries are in their first half, as four 64-bit numbers up to 128.
HAMMING_AVX2 inline __m256i half_distances_avx2(const Columns& entries, std::size_t i, __m256i first, __m256i second) {
    const __m256i bytes = _mm256_add_epi8(count_avx2(_mm256_xor_si256(load_avx2(entries.word[0] + i), first)),
                                          count_avx2(_mm256_xor_si256(load_avx2(entries.word[1] + i), second)));
    return _mm256_sad_epu8(bytes, _mm256_setzero_si256());
}

HAMMING_AVX2
std::size_t scan_avx2(Columns entries, std::size_t count, const Question& question, unsigned radius, Near* near) {
    const __m256i first = _mm256_set1_epi64x(static_cast<long long>(question.word[0]));
    const __m256i second = _mm256_set1_epi64x(static_cast<long long>(question.word[1]));
    const __m256i beyond = _mm256_set1_epi64x(static_cast<long long>(radius) + 1);
    std::size_t found = 0, i = 0;
    for (; i + kBlock <= count; i += kBlock) {
        prefetch(entries, i);
        // Distances fit in the lowest 16 bits, the rest is zero: a minimum of 16-bit lanes is one of 64-bit lanes.
        const __m256i least = _mm256_min_epi16(
            _mm256_min_epi16(half_distances_avx2(entries, i, first, second),
                             half_distances_avx2(entries, i + 4, first, second)),
            _mm256_min_epi16(half_distances_avx2(entries, i + 8, first, second),
                             half_distances_avx2(entries, i + 12, first, second)));
        if (_mm256_movemask_epi8(_mm256_cmpgt_epi64(beyond, least)) != 0)
            found += examine<ByInstruction>(entries, i, i + kBlock, question, radius, near + found);
    }
    return found + examine<ByInstruction>(entries, i, count, question, radius, near + found);
}

// How far eight entries are in their first half, as eight 64-bit numbers.
HAMMING_AVX512 inline __m512i half_distances_avx512(const Columns& entries, std::size_t i, __m512i first,
                                                    __m512i second) {
    const __m512i a = _mm512_xor_si512(_mm512_loadu_si512(entries.word[0] + i), first);
    const __m512i b = _mm512_xor_si512(_mm512_loadu_si512(entries.word[1] + i), second);
    return _mm512_add_epi64(_mm512_popcnt_epi64(a), _mm512_popcnt_epi64(b));
}

HAMMING_AVX512
std::size_t scan_avx512(Columns entries, std::size_t count, const Question& question, unsigned radius, Near* near) {
    const __m512i first = _mm512_set1_epi64(static_cast<long long>(question.word[0]));
    const __m512i second = _mm512_set1_epi64(static_cast<long long>(question.word[1]));
    const __m512i limit = _mm512_set1_epi64(static_cast<long long>(radius));
    std::size_t found = 0, i = 0;
    for (; i + kBlock <= count; i += kBlock) {
        prefetch(entries, i);
        const __mmask8 a = _mm512_cmple_epu64_mask(half_distances_avx512(entries, i, first, second), limit);
        const __mmask8 b = _mm512_cmple_epu64_mask(half_distances_avx512(entries, i + 8, first, second), limit);
        if ((a | b) != 0)
            found += examine<ByInstruction>(entries, i, i + kBlock, question, radius, near + found);
    }
    return found + examine<ByInstruction>(entries, i, count, question, radius, near + found);
}
#endif

// ---- 64-bit ARM: every such processor counts bits by byte ----------------------------------------------------------

#if defined(HAMMING_ARM)
// Differing bits of two entries in one word, by byte.
HAMMING_INLINE uint8x16_t count_neon(const std::uint64_t* words, uint64x2_t question) {
    return vcntq_u8(vreinterpretq_u8_u64(veorq_u64(vld1q_u64(words), question)));
}

std::size_t scan_neon(Columns entries, std::size_t count, const Question& question, unsigned radius, Near* near) {
    const uint64x2_t first = vdupq_n_u64(question.word[0]);
    const uint64x2_t second = vdupq_n_u64(question.word[1]);
    std::size_t found = 0, i = 0;
    for (; i + kBlock <= count; i += kBlock) {
        prefetch(entries, i);
        uint8x16_t sums[kBlock / 2];  // two entries each, eight bytes an entry
        for (std::size_t pair = 0; pair < kBlock / 2; pair++)
            sums[pair] = vaddq_u8(count_neon(entries.word[0] + i + 2 * pair, first),
                                  count_neon(entries.word[1] + i + 2 * pair, second));
        for (std::size_t left = kBlock / 4; left > 0; left /= 2)  // neighbours added three times: a byte an entry
            for (std::size_t k = 0; k < left; k++) sums[k] = vpaddq_u8(sums[2 * k], sums[2 * k + 1]);
        if (vminvq_u8(sums[0]) <= radius)
            found += examine<ByInstruction>(entries, i, i + kBlock, question, radius, near + found);
    }
    return found + examine<ByInstruction>(entries, i, count, question, radius, near + found);
}
#endif

// Entries looked at by all questions in turn before the next ones: two columns of a tile fill a first-level cache of
// 32 KiB, so that only the first question waits for memory.
constexpr std::size_t kTile = 2048;

}  // namespace

const std::vector<Kernel>& kernels() {
    static const std::vector<Kernel> runnable = [] {
        std::vector<Kernel> levels;
#if defined(HAMMING_X86)
        __builtin_cpu_init();
        const bool popcnt = __builtin_cpu_supports("popcnt") != 0;
        const bool avx2 = popcnt && __builtin_cpu_supports("avx2") != 0;
        const bool avx512 =
            popcnt && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vpopcntdq") != 0;
        if (avx512) levels.push_back({"avx512", scan_avx512});
        if (avx2) levels.push_back({"avx2", scan_avx2});
        if (popcnt) levels.push_back({"popcnt", scan_popcnt});
#elif defined(HAMMING_ARM)
        levels.push_back({"neon", scan_neon});
#endif
        levels.push_back({"portable", scan_portable});
        return levels;
    }();
    return runnable;
}

std::vector<Hit> scan(const Kernel& kernel, const Columns& entries, std::size_t count, const std::uint8_t* questions,
                      std::size_t question_count, int radius) {
    std::vector<Hit> hits;
    Near near[kTile];
    for (std::size_t begin = 0; begin < count; begin += kTile) {
        const Columns tile = entries.from(begin);
        const std::size_t size = std::min(kTile, count - begin);
        for (std::size_t q = 0; q < question_count; q++) {
            Question question;
            std::memcpy(question.word, questions + q * kQuestionBytes, kQuestionBytes);
            const std::size_t found = kernel.scan(tile, size, question, static_cast<unsigned>(radius), near);
            for (std::size_t k = 0; k < found; k++)
                hits.push_back({static_cast<std::int64_t>(q), static_cast<std::int64_t>(begin + near[k].entry),
                                static_cast<std::uint8_t>(near[k].distance)});
        }
    }
    return hits;
}

}  // namespace hamming

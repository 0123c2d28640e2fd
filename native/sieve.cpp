// Sifting postings at each level of processor. AVX2 has no way to move those that pass together: there it goes one by one.
#include "levels.hpp"

namespace hamming {
namespace {

// What passes is always written and only the end depends on the test: no branch to guess wrong.
template <class Bits>
HAMMING_INLINE std::size_t by_hint(const std::uint32_t* postings, const Bucket* begin, const Bucket* end,
                                   const Sieve& sieve, std::uint32_t* found) {
    std::uint32_t* next = found;
    for (const Bucket* bucket = begin; bucket < end; bucket++)
        for (std::size_t at = bucket->begin; at < bucket->end; at++) {
            *next = postings[at];
            next += static_cast<int>(Bits::count(sieve.differing(postings[at]))) <= sieve.most[0];
        }
    return static_cast<std::size_t>(next - found);
}

template <class Bits>
HAMMING_INLINE std::size_t by_run(std::uint32_t* postings, std::size_t count, const Sieve& sieve, Away away) {
    std::size_t found = 0;
    for (std::size_t k = 0; k < count; k++) {
        const std::uint32_t posting = postings[k], position = sieve.position(posting);
        const std::int32_t most = sieve.most[away.bits[std::uint64_t{position} >> away.shift]];
        postings[found] = position;
        found += static_cast<int>(Bits::count(sieve.differing(posting))) <= most;
    }
    return found;
}

template <class Bits>
HAMMING_INLINE void away(const Mark* marks, std::size_t count, std::uint32_t chunk, std::uint8_t* bits) {
    for (std::size_t k = 0; k < count; k++) {
        const std::uint32_t lead = marks[k].lead(), part = chunk >> marks[k].shift();
        const unsigned low = Bits::count(lead ^ part), high = Bits::count((lead + 1) ^ part);
        const unsigned least = low < high ? low : high;
        bits[k] = static_cast<std::uint8_t>(least < kFarthest ? least : kFarthest);
    }
}

// The three for a level, by one way to count, compiled as `target` says.
#define HAMMING_SIFTING(target, level, Bits)                                                                          \
    target std::size_t by_hint_##level(const std::uint32_t* postings, const Bucket* begin, const Bucket* end,         \
                                       const Sieve& sieve, std::uint32_t* found) {                                    \
        return by_hint<Bits>(postings, begin, end, sieve, found);                                                     \
    }                                                                                                                 \
    target std::size_t by_run_##level(std::uint32_t* postings, std::size_t count, const Sieve& sieve, Away known) {   \
        return by_run<Bits>(postings, count, sieve, known);                                                           \
    }                                                                                                                 \
    target void away_##level(const Mark* marks, std::size_t count, std::uint32_t chunk, std::uint8_t* bits) {         \
        away<Bits>(marks, count, chunk, bits);                                                                        \
    }

HAMMING_SIFTING(, portable, ByAddition)

#if defined(HAMMING_X86)
HAMMING_SIFTING(HAMMING_POPCNT, popcnt, ByInstruction)

HAMMING_AVX512 inline __m512i differing_avx512(__m512i postings, const Sieve& sieve) {
    const __m512i wanted = _mm512_set1_epi32(static_cast<int>(sieve.wanted));
    const __m128i shift = _mm_cvtsi32_si128(sieve.shift);
    return _mm512_popcnt_epi32(_mm512_maskz_srl_epi32(0xffff, _mm512_xor_si512(postings, wanted), shift));
}

HAMMING_AVX512 inline __mmask16 first_avx512(std::size_t count) {
    return count >= kSiftedAtOnce ? 0xffff : static_cast<__mmask16>((1u << count) - 1);
}

// Sixteen postings at a time: those that pass are moved together in the register, and only the count says how many.
HAMMING_AVX512 std::size_t by_hint_avx512(const std::uint32_t* postings, const Bucket* begin, const Bucket* end,
                                          const Sieve& sieve, std::uint32_t* found) {
    const __m512i most = _mm512_set1_epi32(sieve.most[0]);
    std::uint32_t* next = found;
    for (const Bucket* bucket = begin; bucket < end; bucket++)
        for (std::size_t at = bucket->begin; at < bucket->end; at += kSiftedAtOnce) {
            const __m512i here = _mm512_loadu_si512(postings + at);
            const __mmask16 near =
                _mm512_mask_cmple_epi32_mask(first_avx512(bucket->end - at), differing_avx512(here, sieve), most);
            _mm512_storeu_si512(next, _mm512_maskz_compress_epi32(near, here));
            next += __builtin_popcount(near);
        }
    return static_cast<std::size_t>(next - found);
}

HAMMING_AVX512 std::size_t by_run_avx512(std::uint32_t* postings, std::size_t count, const Sieve& sieve, Away away) {
    const __m512i position = _mm512_set1_epi32(static_cast<int>(sieve.position(0xffffffff)));
    const __m512i most = _mm512_loadu_si512(sieve.most), byte = _mm512_set1_epi32(0xff);
    const __m128i shift = _mm_cvtsi32_si128(away.shift);
    std::size_t found = 0;
    for (std::size_t at = 0; at < count; at += kSiftedAtOnce) {
        const __mmask16 there = first_avx512(count - at);
        const __m512i here = _mm512_loadu_si512(postings + at), places = _mm512_and_si512(here, position);
        const __m512i run = _mm512_maskz_srl_epi32(0xffff, places, shift);
        const __m512i bits = _mm512_and_si512(_mm512_mask_i32gather_epi32(byte, there, run, away.bits, 1), byte);
        const __mmask16 near = _mm512_mask_cmple_epi32_mask(there, differing_avx512(here, sieve),
                                                            _mm512_maskz_permutexvar_epi32(0xffff, bits, most));
        _mm512_storeu_si512(postings + found, _mm512_maskz_compress_epi32(near, places));
        found += static_cast<std::size_t>(__builtin_popcount(near));
    }
    return found;
}

HAMMING_AVX512 void away_avx512(const Mark* marks, std::size_t count, std::uint32_t chunk, std::uint8_t* bits) {
    const __m512i asked = _mm512_set1_epi32(static_cast<int>(chunk)), one = _mm512_set1_epi32(1);
    const __m512i farthest = _mm512_set1_epi32(kFarthest), lead_only = _mm512_set1_epi32(0xffffff);
    std::size_t k = 0;
    for (; k + 16 <= count; k += 16) {
        const __m512i mark = _mm512_loadu_si512(marks + k), lead = _mm512_and_si512(mark, lead_only);
        const __m512i part = _mm512_maskz_srlv_epi32(0xffff, asked, _mm512_maskz_srli_epi32(0xffff, mark, 24));
        const __m512i low = _mm512_popcnt_epi32(_mm512_xor_si512(lead, part));
        const __m512i high = _mm512_popcnt_epi32(_mm512_xor_si512(_mm512_add_epi32(lead, one), part));
        const __m512i least = _mm512_maskz_min_epu32(0xffff, _mm512_maskz_min_epu32(0xffff, low, high), farthest);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(bits + k), _mm512_maskz_cvtepi32_epi8(0xffff, least));
    }
    away<ByInstruction>(marks + k, count - k, chunk, bits + k);
}
#elif defined(HAMMING_ARM)
HAMMING_SIFTING(, neon, ByInstruction)
#endif

}  // namespace

const Sifting kSiftPortable{by_hint_portable, by_run_portable, away_portable};
#if defined(HAMMING_X86)
const Sifting kSiftPopcnt{by_hint_popcnt, by_run_popcnt, away_popcnt};
const Sifting kSiftAvx512{by_hint_avx512, by_run_avx512, away_avx512};
#elif defined(HAMMING_ARM)
const Sifting kSiftNeon{by_hint_neon, by_run_neon, away_neon};
#endif

}  // namespace hamming

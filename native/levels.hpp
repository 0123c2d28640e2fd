// What the kernels of a level are compiled with. A function with `__attribute__((target))` is compiled for instructions
// that the build machine need not have and is called only after the processor was asked for them: one binary serves
// every machine, without -march.
#pragma once

#include "hamming.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAMMING_X86 1
#include <immintrin.h>
#define HAMMING_POPCNT __attribute__((target("popcnt")))
#define HAMMING_AVX2 __attribute__((target("avx2,popcnt")))
#define HAMMING_AVX512 __attribute__((target("avx512f,avx512vpopcntdq,popcnt")))
#elif defined(__aarch64__) && defined(__GNUC__)
#define HAMMING_ARM 1
#include <arm_neon.h>
#endif

namespace hamming {

struct ByAddition {
    static HAMMING_INLINE unsigned count(std::uint64_t bits) { return count_bits(bits); }
};

#if defined(__GNUC__)
struct ByInstruction {  // becomes the instruction where the function around it is compiled for one
    static HAMMING_INLINE unsigned count(std::uint64_t bits) {
        return static_cast<unsigned>(__builtin_popcountll(bits));
    }
};
#endif

}  // namespace hamming

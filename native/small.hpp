// What PDQ reads off its small picture of 64 x 64: the quality, the values of all eight orientations, the tones evened out.
// src/concord/fingerprints/small.py and tone.py do the same with NumPy; both give the same to the last bit, as products are
// rounded before they are added, in the authors' order (setup.py forbids the compiler to fuse them).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace small {

constexpr std::size_t kSide = 64, kPixels = kSide * kSide;
constexpr std::size_t kKept = 16, kCoefficients = kKept * kKept;  // frequencies each way
constexpr std::size_t kOrientations = 8, kValueBytes = kCoefficients / 8;

// Whether every pixel is one of the 256 levels once it is rounded; what is no number is not.
inline bool is_brightness(const float* picture) {
    int within = 0;
    for (std::size_t at = 0; at < kPixels; at++) within += (picture[at] >= -0.5f) & (picture[at] < 255.5f);
    return within == kPixels;
}

// ---- the quality -------------------------------------------------------------------------------------------------------

// The step between two pixels in whole hundredths of full brightness.
inline int step(float one, float other) { return std::abs(static_cast<int>((one - other) * 100.0f / 255.0f)); }

// 0 to 100, of a picture that is_brightness.
inline int quality(const float* picture) {
    int steps = 0;
    for (std::size_t at = 0; at < kPixels - kSide; at++) steps += step(picture[at], picture[at + kSide]);
    for (const float* row = picture; row < picture + kPixels; row += kSide)
        for (std::size_t x = 0; x + 1 < kSide; x++) steps += step(row[x], row[x + 1]);
    return std::min(100, steps / 90);
}

// ---- the values --------------------------------------------------------------------------------------------------------

// sums[r][c] = the sum over k of left(k, r) * right[k][c], one k after the other; four of them are added while a sum is at
// hand. sums has 16 rows; left(k, r) stands at left[k * next_k + r * next_r].
inline void multiply(const float* left, std::size_t next_k, std::size_t next_r, const float* right, std::size_t columns,
                     float* sums) {
    std::fill_n(sums, kKept * columns, 0.0f);
    for (std::size_t r = 0; r < kKept; r++, left += next_r, sums += columns)
        for (std::size_t k = 0; k < kSide; k += 4) {
            const float *w = left + k * next_k, *a = right + k * columns, *b = a + columns, *c = b + columns, *d = c + columns;
            const float weights[] = {w[0], w[next_k], w[2 * next_k], w[3 * next_k]};
            for (std::size_t x = 0; x < columns; x++) {
                float sum = sums[x] + weights[0] * a[x];
                sum += weights[1] * b[x];
                sum += weights[2] * c[x];
                sums[x] = sum + weights[3] * d[x];
            }
        }
}

// picture[64][64] to coefficients[16][16], down the columns and then along the rows; cosines[64][16].
inline void transform(const float* picture, const float* cosines, float* coefficients) {
    float halfway[kKept * kSide];
    multiply(cosines, kKept, 1, picture, kSide, halfway);
    multiply(halfway, 1, kSide, cosines, kKept, coefficients);
}

// The 128th of 256: the greatest number that has no more than 127 below it, found bit by bit among the bits of floats, which
// are in the order of whole numbers (the negative ones once they are turned round).
inline float lower_median(const float* coefficients) {
    std::int32_t ordered[kCoefficients];
    std::memcpy(ordered, coefficients, sizeof ordered);
    for (std::int32_t& each : ordered) each ^= (each >> 31) & 0x7fffffff;
    std::uint32_t found = 0;  // counted from the least whole number
    for (std::uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
        const auto tried = static_cast<std::int32_t>((found | bit) ^ 0x80000000u);
        std::int32_t below = 0;
        for (const std::int32_t each : ordered) below += each < tried;
        if (below < static_cast<std::int32_t>(kCoefficients / 2)) found |= bit;
    }
    auto median_bits = static_cast<std::int32_t>(found ^ 0x80000000u);
    median_bits ^= (median_bits >> 31) & 0x7fffffff;
    float median;
    std::memcpy(&median, &median_bits, sizeof median);
    return median;
}

// Whether a second coefficient is nearer to the median than `rounding`.
inline bool is_close_call(const float* coefficients, float rounding) {
    const float median = lower_median(coefficients);
    int near = 0;
    for (std::size_t at = 0; at < kCoefficients; at++) near += std::fabs(coefficients[at] - median) < rounding;
    return near > 1;
}

// Which are above the median, and the same with rows and columns exchanged. The first is the least significant bit of a
// value, whose last byte it is in.
inline void write_bits(const float* coefficients, std::uint8_t* value, std::uint8_t* transposed) {
    const float median = lower_median(coefficients);
    std::fill_n(value, kValueBytes, std::uint8_t{0});
    std::fill_n(transposed, kValueBytes, std::uint8_t{0});
    for (std::size_t row = 0; row < kKept; row++)
        for (std::size_t column = 0; column < kKept; column++) {
            const std::size_t at = row * kKept + column, across = column * kKept + row;
            const unsigned above = coefficients[at] > median;
            value[kValueBytes - 1 - at / 8] |= static_cast<std::uint8_t>(above << at % 8);
            transposed[kValueBytes - 1 - across / 8] |= static_cast<std::uint8_t>(above << across % 8);
        }
}

// values[8][32]: as it is, left and right exchanged, top and bottom, both; then these four with rows and columns exchanged.
// Reversing a side turns the sign of its odd frequencies, which stand at even places as frequency 0 is left out.
inline void write_values(const float* coefficients, std::uint8_t* values) {
    for (std::size_t reversed = 0; reversed < 4; reversed++) {
        float turned[kCoefficients];
        for (std::size_t row = 0; row < kKept; row++)
            for (std::size_t column = 0; column < kKept; column++) {
                const bool down = (reversed & 2) != 0 && row % 2 == 0, along = (reversed & 1) != 0 && column % 2 == 0;
                const float each = coefficients[row * kKept + column];
                turned[row * kKept + column] = down != along ? -each : each;
            }
        write_bits(turned, values + reversed * kValueBytes, values + (4 + reversed) * kValueBytes);
    }
}

// ---- the tones ---------------------------------------------------------------------------------------------------------

constexpr std::size_t kLevels = 256;

// To the nearest whole number, to the even one of two: where floats are so large, they have no fractions.
inline std::size_t level(float brightness) {
    constexpr float kWhole = 12582912.0f;  // 1.5 * 2^23
    return static_cast<std::size_t>(static_cast<int>(brightness + kWhole) - static_cast<int>(kWhole));
}

// Of a picture that is_brightness; no level counts for more than `steepest` times an even share, from 1.
inline void even_out(const float* picture, int steepest, float* evened) {
    std::uint8_t levels[kPixels];
    for (std::size_t at = 0; at < kPixels; at++) levels[at] = static_cast<std::uint8_t>(level(picture[at]));
    int counts[kLevels] = {};
    for (const std::uint8_t each : levels) counts[each]++;
    int all = 0;
    for (int& count : counts) {
        count = std::min(count, steepest * static_cast<int>(kPixels / kLevels));
        all += count;
    }
    float curve[kLevels];
    int upto = 0;
    for (std::size_t each = 0; each < kLevels; each++) {
        upto += counts[each];
        const double brighter = 1 - (upto - counts[each] / 2.0) / all;
        curve[each] = static_cast<float>((kLevels - 1) * (1 - brighter * brighter));
    }
    for (std::size_t at = 0; at < kPixels; at++) evened[at] = curve[levels[at]];
}

}  // namespace small

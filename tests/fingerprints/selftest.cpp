// Pictures of 64 x 64 floats from standard input, each in memory of its own, so that a sanitizer sees a read too far; what
// small.hpp reads off each of them to standard output. The cosines come first. Compiled and run by test_small.py.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "small.hpp"

namespace {

template <class Item>
bool read(std::vector<Item>& items) {
    return std::fread(items.data(), sizeof(Item), items.size(), stdin) == items.size();
}

template <class Item>
void write(const std::vector<Item>& items) {
    std::fwrite(items.data(), sizeof(Item), items.size(), stdout);
}

}  // namespace

int main() {
    std::vector<float> cosines(small::kSide * small::kKept);
    if (!read(cosines)) return 1;
    for (std::vector<float> picture(small::kPixels); read(picture);) {
        const bool taken = small::is_brightness(picture.data());
        std::vector<float> coefficients(small::kCoefficients), evened(small::kPixels);
        std::vector<std::uint8_t> values(small::kOrientations * small::kValueBytes);
        std::vector<std::int32_t> facts{-1, -1};  // the quality, and whether it is a close call; -1: refused
        if (taken) {
            small::transform(picture.data(), cosines.data(), coefficients.data());
            small::write_values(coefficients.data(), values.data());
            small::even_out(picture.data(), 4, evened.data());
            facts = {small::quality(picture.data()), small::is_close_call(coefficients.data(), 5e-3f)};
        }
        write(facts);
        write(coefficients);
        write(values);
        write(evened);
    }
}

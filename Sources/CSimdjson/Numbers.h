// Numbers as RFC 8259 writes them, to 64-bit integers and doubles.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

inline bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// The kinds of number that RFC 8259 allows.
enum class number { none, integer, real };

inline number classify(std::string_view text) {
    const char *at = text.data(), *end = at + text.size();
    if (at < end && *at == '-') at++;
    if (at == end || !is_digit(*at)) return number::none;
    if (*at == '0') {
        at++;
    } else {
        while (at < end && is_digit(*at)) at++;
    }
    if (at == end) return number::integer;
    if (*at == '.') {
        const char *first = ++at;
        while (at < end && is_digit(*at)) at++;
        if (at == first) return number::none;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        const char *first = at;
        while (at < end && is_digit(*at)) at++;
        if (at == first) return number::none;
    }
    return at == end ? number::real : number::none;
}

/// False if it needs more than 64 bits with the sign.
inline bool read_integer(std::string_view text, int64_t &result) {
    bool negative = text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.size() > 19) return false;
    uint64_t magnitude = 0;  // nineteen digits cannot overflow it
    for (char digit : text) magnitude = magnitude * 10 + uint64_t(digit - '0');
    if (magnitude > uint64_t(INT64_MAX) + (negative ? 1 : 0)) return false;
    result = int64_t(negative ? 0 - magnitude : magnitude);
    return true;
}

/// False if it is beyond what a double holds; what is too small for one is 0.
inline bool read_real(std::string_view text, double &result) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error == std::errc()) return true;
    result = strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(result);
}

// The checks of how simdjson is used are part of its headers; they are for those who write this file, not for those who
// build it, and cost half of the speed.
#define SIMDJSON_DEVELOPMENT_CHECKS 0

#include "CSimdjson.h"

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

using namespace simdjson;

namespace {

constexpr size_t unused = SIZE_MAX;

/// Structural indexes and scratch of simdjson, some 6 bytes per byte of the longest record so far: shared by all
/// decoders of a thread, since nothing in it outlives a record.
thread_local ondemand::parser parser_of_thread;

/// Grows by powers of two, so that records of mixed lengths soon allocate no more.
error_code make_room(size_t length) {
    size_t capacity = 4096;
    while (capacity < length) capacity *= 2;
    return parser_of_thread.capacity() >= length ? SUCCESS : parser_of_thread.allocate(capacity);
}

bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/// simdjson's tokens reach up to the next token.
std::string_view trimmed(std::string_view token) {
    while (!token.empty() && is_blank(token.back())) token.remove_suffix(1);
    return token;
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// The kinds of number that RFC 8259 allows; on demand parsing looks at no number that nobody asks for.
enum class number { none, integer, real };

number classify(std::string_view text) {
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
bool read_integer(std::string_view text, int64_t &result) {
    bool negative = text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.size() > 19) return false;
    uint64_t magnitude = 0;  // nineteen digits cannot overflow it
    for (char digit : text) magnitude = magnitude * 10 + uint64_t(digit - '0');
    if (magnitude > uint64_t(INT64_MAX) + (negative ? 1 : 0)) return false;
    result = int64_t(negative ? 0 - magnitude : magnitude);
    return true;
}

}  // namespace

struct sluice_json_decoder {
    std::vector<std::string> names;
    size_t marking = unused;

    sluice_json_verdict decode(
        const uint8_t *record, size_t length, int max_depth, sluice_json_cell *cells, size_t *column);

    void begin(size_t bytes) {
        needed = bytes + SIMDJSON_PADDING;
        used = 0;
        // One batch of giants must not hold its memory for ever.
        if (capacity > 4 * needed && capacity > (1 << 20)) {
            arena.reset();
            capacity = 0;
        }
    }

    void index_names();

private:
    // Names by hash, open addressing; the table is at most a quarter full.
    std::vector<uint32_t> table;
    // By place of the member within its record: the column that the last record had there.
    std::vector<size_t> hints;
    // Per column, the number of the record that had it last.
    std::vector<uint64_t> seen;
    uint64_t record_number = 0;
    // Strings with escapes are unescaped to here. They shrink by it, so the bytes of the batch suffice.
    std::unique_ptr<uint8_t[]> arena;
    size_t capacity = 0, needed = 0, used = 0;

    static size_t hash(std::string_view name) {
        size_t hash = name.size();
        for (char character : name) hash = hash * 31 + uint8_t(character);
        return hash;
    }

    size_t find(std::string_view name) const {
        for (size_t slot = hash(name) & (table.size() - 1);; slot = (slot + 1) & (table.size() - 1)) {
            if (table[slot] == 0) return unused;
            if (names[table[slot] - 1] == name) return table[slot] - 1;
        }
    }

    size_t column_of(std::string_view name, size_t place) {
        if (place < hints.size()) {
            size_t hint = hints[place];
            if (hint != unused && names[hint] == name) return hint;
        }
        size_t column = find(name);
        if (place < 256) {
            if (place >= hints.size()) hints.resize(place + 1, unused);
            hints[place] = column;
        }
        return column;
    }

    /// The text of a string's token; escapes are undone in the arena, and nothing is kept unless `keep`.
    sluice_json_verdict text_of(std::string_view token, bool keep, std::string_view &text) {
        if (token.size() < 2 || token.back() != '"') return SLUICE_JSON_BROKEN;
        text = token.substr(1, token.size() - 2);
        if (text.empty() || memchr(text.data(), '\\', text.size()) == nullptr) return SLUICE_JSON_RECORD;
        if (capacity < needed) {
            arena.reset(new (std::nothrow) uint8_t[needed]);
            capacity = arena ? needed : 0;
            if (!arena) return SLUICE_JSON_NO_MEMORY;
        }
        uint8_t *target = arena.get() + used;
        ondemand::raw_json_string raw(reinterpret_cast<const uint8_t *>(text.data()));
        if (parser_of_thread.unescape(raw, target).get(text)) return SLUICE_JSON_BROKEN;
        if (keep) used += text.size();
        return SLUICE_JSON_RECORD;
    }

    /// The name of a member, between the quote that opens it and the value.
    sluice_json_verdict name_of(ondemand::field &field, std::string_view value, std::string_view &name) {
        const char *start = field.key().raw() - 1, *end = value.data() - 1;
        while (*end != '"') end--;
        return text_of(std::string_view(start, size_t(end + 1 - start)), false, name);
    }

    /// Walks a value that nobody reads, so that what is broken in it is not overlooked. `depth` counts the objects and
    /// arrays around it.
    sluice_json_verdict walk(ondemand::value value, std::string_view token, int depth, int max_depth) {
        std::string_view text;
        switch (token.front()) {
        case '"':
            if (!consume_string(value)) return SLUICE_JSON_BROKEN;
            return text_of(token, false, text);
        case '{': {
            if (depth >= max_depth) return SLUICE_JSON_TOO_DEEP;
            ondemand::object object;
            if (value.get_object().get(object)) return SLUICE_JSON_BROKEN;
            for (auto result : object) {
                ondemand::field field;
                if (std::move(result).get(field)) return SLUICE_JSON_BROKEN;
                ondemand::value &member = field.value();
                std::string_view inner;
                if (token_of(member, inner)) return SLUICE_JSON_BROKEN;
                if (auto verdict = name_of(field, inner, text)) return verdict;
                if (auto verdict = walk(member, inner, depth + 1, max_depth)) return verdict;
            }
            return SLUICE_JSON_RECORD;
        }
        case '[': {
            if (depth >= max_depth) return SLUICE_JSON_TOO_DEEP;
            ondemand::array array;
            if (value.get_array().get(array)) return SLUICE_JSON_BROKEN;
            for (auto result : array) {
                ondemand::value element;
                std::string_view inner;
                if (std::move(result).get(element) || token_of(element, inner)) return SLUICE_JSON_BROKEN;
                if (auto verdict = walk(element, inner, depth + 1, max_depth)) return verdict;
            }
            return SLUICE_JSON_RECORD;
        }
        case 't': return token == "true" ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        case 'f': return token == "false" ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        case 'n': return token == "null" ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        default: return classify(token) == number::none ? SLUICE_JSON_BROKEN : SLUICE_JSON_RECORD;
        }
    }

    /// A string that nobody takes may be followed by a colon: simdjson skips it as if it were a name.
    static bool consume_string(ondemand::value &value) {
        ondemand::raw_json_string raw;
        return value.get_raw_json_string().get(raw) == SUCCESS;
    }

    static bool token_of(ondemand::value &value, std::string_view &token) {
        token = trimmed(value.raw_json_token());
        return token.empty();
    }

    sluice_json_verdict read(
        ondemand::document &document, ondemand::value &value, std::string_view token, int max_depth,
        sluice_json_cell &cell) {
        std::string_view text;
        switch (token.front()) {
        case '"':
            if (!consume_string(value)) return SLUICE_JSON_BROKEN;
            if (auto verdict = text_of(token, true, text)) return verdict;
            break;
        case '{':
        case '[': {
            if (auto verdict = walk(value, token, 1, max_depth)) return verdict;
            const char *next;
            if (document.current_location().get(next)) return SLUICE_JSON_BROKEN;
            text = trimmed(std::string_view(token.data(), size_t(next - token.data())));
            break;
        }
        case 't':
        case 'f':
        case 'n':
            if (auto verdict = walk(value, token, 1, max_depth)) return verdict;
            if (token.front() != 'n') cell = {token.front() == 't' ? 1u : 0u, 0, SLUICE_JSON_INTEGER};
            return SLUICE_JSON_RECORD;
        default:
            switch (classify(token)) {
            case number::none: return SLUICE_JSON_BROKEN;
            case number::integer: {
                int64_t integer;
                if (!read_integer(token, integer)) return SLUICE_JSON_WIDE_INTEGER;
                cell = {uint64_t(integer), 0, SLUICE_JSON_INTEGER};
                return SLUICE_JSON_RECORD;
            }
            case number::real: {
                double real;
                if (value.get_double().get(real)) return SLUICE_JSON_WIDE_REAL;
                cell = {0, 0, SLUICE_JSON_REAL};
                memcpy(&cell.bits, &real, sizeof real);
                return SLUICE_JSON_RECORD;
            }
            }
        }
        cell = {uint64_t(reinterpret_cast<uintptr_t>(text.data())), uint32_t(text.size()), SLUICE_JSON_TEXT};
        return SLUICE_JSON_RECORD;
    }
};

void sluice_json_decoder::index_names() {
    size_t size = 4;
    while (size < 4 * (names.size() + 1)) size *= 2;
    table.assign(size, 0);
    // From the last on, so that the marking name is found before a wanted column of the same name.
    for (size_t column = names.size(); column-- > 0;) {
        size_t slot = hash(names[column]) & (size - 1);
        while (table[slot] != 0) slot = (slot + 1) & (size - 1);
        table[slot] = uint32_t(column + 1);
    }
    seen.assign(names.size(), 0);
}

sluice_json_verdict sluice_json_decoder::decode(
    const uint8_t *record, size_t length, int max_depth, sluice_json_cell *cells, size_t *column) {
    size_t width = names.size() - (marking == unused ? 0 : 1);
    if (width > 0) memset(cells, 0, width * sizeof *cells);
    record_number++;

    if (make_room(length)) return SLUICE_JSON_NO_MEMORY;
    ondemand::document document;
    padded_string_view text(reinterpret_cast<const char *>(record), length, length + SIMDJSON_PADDING);
    if (auto error = parser_of_thread.iterate(text).get(document)) {
        switch (error) {
        case UTF8_ERROR: return SLUICE_JSON_NOT_UTF8;
        case MEMALLOC: return SLUICE_JSON_NO_MEMORY;
        default: return SLUICE_JSON_BROKEN;
        }
    }
    ondemand::object object;
    if (auto error = document.get_object().get(object)) {
        return error == INCORRECT_TYPE ? SLUICE_JSON_NOT_AN_OBJECT : SLUICE_JSON_BROKEN;
    }
    // A fault of a value is told only if the rest of the record is sound: broken text is the greater evil.
    sluice_json_verdict found = SLUICE_JSON_RECORD;
    bool is_marked = false;
    size_t place = 0;
    for (auto result : object) {
        ondemand::field field;
        if (std::move(result).get(field)) return SLUICE_JSON_BROKEN;
        ondemand::value &value = field.value();
        std::string_view token, name;
        if (token_of(value, token)) return SLUICE_JSON_BROKEN;
        if (auto verdict = name_of(field, token, name)) return verdict;
        size_t index = column_of(name, place++);
        sluice_json_verdict verdict;
        if (index == unused || index == marking) {
            verdict = walk(value, token, 1, max_depth);
        } else {
            verdict = read(document, value, token, max_depth, cells[index]);
        }
        if (index != unused) {
            if (index == marking) is_marked = true;
            if (verdict == SLUICE_JSON_RECORD && seen[index] == record_number) verdict = SLUICE_JSON_DUPLICATE;
            seen[index] = record_number;
        }
        if (verdict == SLUICE_JSON_RECORD) continue;
        if (verdict < SLUICE_JSON_WIDE_INTEGER) return verdict;
        if (found == SLUICE_JSON_RECORD) {
            found = verdict;
            *column = index;
        }
    }
    // Something behind the object has a place; its end has none.
    const char *rest;
    if (document.current_location().get(rest) != OUT_OF_BOUNDS) return SLUICE_JSON_BROKEN;
    if (is_marked && !(found == SLUICE_JSON_DUPLICATE && *column == marking)) return SLUICE_JSON_MARKED;
    return found;
}

extern "C" {

int sluice_is_utf8(const uint8_t *text, size_t length) {
    return validate_utf8(reinterpret_cast<const char *>(text), length) ? 1 : 0;
}

sluice_json_decoder *sluice_json_decoder_create(
    const uint8_t *const *names, const size_t *lengths, size_t count, const uint8_t *marking_name,
    size_t marking_length) {
    try {
        auto decoder = std::make_unique<sluice_json_decoder>();
        for (size_t i = 0; i < count; i++) {
            decoder->names.emplace_back(reinterpret_cast<const char *>(names[i]), lengths[i]);
        }
        if (marking_name != nullptr) {
            decoder->marking = count;
            decoder->names.emplace_back(reinterpret_cast<const char *>(marking_name), marking_length);
        }
        decoder->index_names();
        return decoder.release();
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

void sluice_json_decoder_destroy(sluice_json_decoder *decoder) { delete decoder; }

void sluice_json_decoder_begin(sluice_json_decoder *decoder, size_t bytes) { decoder->begin(bytes); }

enum sluice_json_verdict sluice_json_decode(
    sluice_json_decoder *decoder, const uint8_t *record, size_t length, int max_depth, struct sluice_json_cell *cells,
    size_t *column) {
    try {
        return decoder->decode(record, length, max_depth, cells, column);
    } catch (const std::bad_alloc &) {
        return SLUICE_JSON_NO_MEMORY;
    }
}

}

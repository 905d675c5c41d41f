// simdjson's first stage finds, 64 bytes at a time, where each token of a record begins, and checks UTF-8 and quotes.
// Its own second stages do not suit: the one builds a tree of everything, the other looks only at what is asked for, so
// that broken text slips through. The walk here looks at every token and keeps what is wanted.
#include "CSimdjson.h"
#include "Numbers.h"

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

using stage = internal::dom_parser_implementation;

/// The first stage, with 4 bytes of memory per byte of the longest record so far: shared by all decoders of a thread,
/// since nothing in it outlives a record.
thread_local std::unique_ptr<stage> stage_of_thread;

/// The first stage with room for a record; NULL if there is no memory. It grows by powers of two, so that records of
/// mixed lengths soon allocate no more.
stage *stage_for(size_t length) {
    auto &first = stage_of_thread;
    if (first && first->capacity() >= length) return first.get();
    size_t capacity = 4096;
    while (capacity < length) capacity *= 2;
    if (get_active_implementation()->create_dom_parser_implementation(capacity, 1, first)) first.reset();
    return first.get();
}

bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/// A token reaches up to the next one.
std::string_view trimmed(std::string_view token) {
    while (!token.empty() && is_blank(token.back())) token.remove_suffix(1);
    return token;
}

/// The tokens of a record, of which the first stage found the beginnings.
class tokens {
public:
    tokens(const uint8_t *record, const stage &first)
        : record(reinterpret_cast<const char *>(record)), next(first.structural_indexes.get()),
          end(next + first.n_structural_indexes) {}

    bool at_end() const { return next == end; }

    /// The first character of the next token; NUL at the end.
    char peek() const { return next == end ? '\0' : record[*next]; }

    /// Goes past the next token if it begins so.
    bool skip(char character) {
        if (peek() != character) return false;
        next++;
        return true;
    }

    /// Takes the next token; there is one. (Behind the last beginning stands the record's length.)
    std::string_view take() {
        const char *from = record + next[0];
        size_t length = next[1] - next[0];
        next++;
        return trimmed(std::string_view(from, length));
    }

    /// The text from a token that was taken to the next one.
    std::string_view since(const char *from) const { return trimmed(std::string_view(from, record + *next - from)); }

private:
    const char *record;
    const uint32_t *next, *end;
};

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
        if (token.size() < 2 || token.front() != '"' || token.back() != '"') return SLUICE_JSON_BROKEN;
        text = token.substr(1, token.size() - 2);
        if (memchr(text.data(), '\\', text.size()) == nullptr) return SLUICE_JSON_RECORD;
        if (capacity < needed) {
            arena.reset(new (std::nothrow) uint8_t[needed]);
            capacity = arena ? needed : 0;
            if (!arena) return SLUICE_JSON_NO_MEMORY;
        }
        uint8_t *target = arena.get() + used;
        uint8_t *end = stage_of_thread->parse_string(reinterpret_cast<const uint8_t *>(text.data()), target);
        if (end == nullptr) return SLUICE_JSON_BROKEN;
        text = std::string_view(reinterpret_cast<const char *>(target), size_t(end - target));
        if (keep) used += text.size();
        return SLUICE_JSON_RECORD;
    }

    /// The name of a member, and the colon behind it.
    sluice_json_verdict name_of(tokens &tokens, std::string_view &name) {
        if (tokens.peek() != '"') return SLUICE_JSON_BROKEN;
        if (auto verdict = text_of(tokens.take(), false, name)) return verdict;
        return tokens.skip(':') ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
    }

    /// Walks a value that nobody reads, so that what is broken in it is not overlooked. `depth` counts the objects and
    /// arrays around it.
    sluice_json_verdict walk(tokens &tokens, int depth, int max_depth) {
        if (tokens.at_end()) return SLUICE_JSON_BROKEN;
        std::string_view token = tokens.take(), text;
        switch (token.front()) {
        case '"': return text_of(token, false, text);
        case '{':
            if (depth >= max_depth) return SLUICE_JSON_TOO_DEEP;
            if (tokens.skip('}')) return SLUICE_JSON_RECORD;
            do {
                if (auto verdict = name_of(tokens, text)) return verdict;
                if (auto verdict = walk(tokens, depth + 1, max_depth)) return verdict;
            } while (tokens.skip(','));
            return tokens.skip('}') ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        case '[':
            if (depth >= max_depth) return SLUICE_JSON_TOO_DEEP;
            if (tokens.skip(']')) return SLUICE_JSON_RECORD;
            do {
                if (auto verdict = walk(tokens, depth + 1, max_depth)) return verdict;
            } while (tokens.skip(','));
            return tokens.skip(']') ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        case 't': return token == "true" ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        case 'f': return token == "false" ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        case 'n': return token == "null" ? SLUICE_JSON_RECORD : SLUICE_JSON_BROKEN;
        default: return classify(token) == number::none ? SLUICE_JSON_BROKEN : SLUICE_JSON_RECORD;
        }
    }

    /// Reads the value of a member that is wanted.
    sluice_json_verdict read(tokens &tokens, int max_depth, sluice_json_cell &cell) {
        switch (tokens.peek()) {
        case '\0': return SLUICE_JSON_BROKEN;
        case '"': {
            std::string_view text;
            if (auto verdict = text_of(tokens.take(), true, text)) return verdict;
            cell = text_cell(text);
            return SLUICE_JSON_RECORD;
        }
        case '{':
        case '[': {
            auto before = tokens;
            const char *start = before.take().data();
            if (auto verdict = walk(tokens, 1, max_depth)) return verdict;
            cell = text_cell(tokens.since(start));
            return SLUICE_JSON_RECORD;
        }
        case 't':
        case 'f':
        case 'n': {
            char first = tokens.peek();
            if (auto verdict = walk(tokens, 1, max_depth)) return verdict;
            if (first != 'n') cell = {first == 't' ? 1u : 0u, 0, SLUICE_JSON_INTEGER};
            return SLUICE_JSON_RECORD;
        }
        default: return read_number(tokens.take(), cell);
        }
    }

    static sluice_json_verdict read_number(std::string_view token, sluice_json_cell &cell) {
        switch (classify(token)) {
        case number::none: return SLUICE_JSON_BROKEN;
        case number::integer: {
            int64_t integer;
            if (!read_integer(token, integer)) return SLUICE_JSON_WIDE_INTEGER;
            cell = {uint64_t(integer), 0, SLUICE_JSON_INTEGER};
            return SLUICE_JSON_RECORD;
        }
        case number::real: break;
        }
        double real;
        if (!read_real(token, real)) return SLUICE_JSON_WIDE_REAL;
        cell = {0, 0, SLUICE_JSON_REAL};
        memcpy(&cell.bits, &real, sizeof real);
        return SLUICE_JSON_RECORD;
    }

    static sluice_json_cell text_cell(std::string_view text) {
        return {uint64_t(reinterpret_cast<uintptr_t>(text.data())), uint32_t(text.size()), SLUICE_JSON_TEXT};
    }

    sluice_json_verdict read_members(
        tokens &tokens, int max_depth, sluice_json_cell *cells, size_t *column, bool *is_marked);
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

    stage *first = stage_for(length);
    if (first == nullptr) return SLUICE_JSON_NO_MEMORY;
    switch (first->stage1(record, length, stage1_mode::regular)) {
    case SUCCESS: break;
    case UTF8_ERROR: return SLUICE_JSON_NOT_UTF8;
    default: return SLUICE_JSON_BROKEN;
    }
    tokens tokens(record, *first);
    if (!tokens.skip('{')) return SLUICE_JSON_NOT_AN_OBJECT;
    bool is_marked = false;
    auto found = read_members(tokens, max_depth, cells, column, &is_marked);
    if (found != SLUICE_JSON_RECORD && found < SLUICE_JSON_WIDE_INTEGER) return found;
    if (!tokens.at_end()) return SLUICE_JSON_BROKEN;
    if (is_marked && !(found == SLUICE_JSON_DUPLICATE && *column == marking)) return SLUICE_JSON_MARKED;
    return found;
}

/// A fault of a value is told only if the rest of the record is sound: broken text is the greater evil.
sluice_json_verdict sluice_json_decoder::read_members(
    tokens &tokens, int max_depth, sluice_json_cell *cells, size_t *column, bool *is_marked) {
    if (tokens.skip('}')) return SLUICE_JSON_RECORD;
    auto found = SLUICE_JSON_RECORD;
    size_t place = 0;
    do {
        std::string_view name;
        if (auto verdict = name_of(tokens, name)) return verdict;
        size_t index = column_of(name, place++);
        sluice_json_verdict verdict;
        if (index == unused || index == marking) {
            verdict = walk(tokens, 1, max_depth);
        } else {
            verdict = read(tokens, max_depth, cells[index]);
        }
        if (index != unused) {
            if (index == marking) *is_marked = true;
            if (verdict == SLUICE_JSON_RECORD && seen[index] == record_number) verdict = SLUICE_JSON_DUPLICATE;
            seen[index] = record_number;
        }
        if (verdict == SLUICE_JSON_RECORD) continue;
        if (verdict < SLUICE_JSON_WIDE_INTEGER) return verdict;
        if (found == SLUICE_JSON_RECORD) {
            found = verdict;
            *column = index;
        }
    } while (tokens.skip(','));
    return tokens.skip('}') ? found : SLUICE_JSON_BROKEN;
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

// simdjson behind a few C functions: JSON objects to cells of chosen members. Nothing here throws.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sluice_json_kind {
    SLUICE_JSON_NULL = 0,
    SLUICE_JSON_INTEGER = 1,
    SLUICE_JSON_REAL = 2,
    SLUICE_JSON_TEXT = 3,
};

/// The value of one member: `bits` holds an integer, the bits of a double, or the address of UTF-8 text.
struct sluice_json_cell {
    uint64_t bits;
    uint32_t length;
    uint32_t kind;
};

/// What a record turned out to be. `..._WIDE_INTEGER` and later come with the column.
enum sluice_json_verdict {
    SLUICE_JSON_RECORD = 0,
    /// An object with the marking member.
    SLUICE_JSON_MARKED,
    SLUICE_JSON_BROKEN,
    SLUICE_JSON_NOT_UTF8,
    SLUICE_JSON_NOT_AN_OBJECT,
    SLUICE_JSON_TOO_DEEP,
    SLUICE_JSON_NO_MEMORY,
    SLUICE_JSON_WIDE_INTEGER,
    SLUICE_JSON_WIDE_REAL,
    SLUICE_JSON_DUPLICATE,
};

typedef struct sluice_json_decoder sluice_json_decoder;

/// A decoder of these members, of which at most one, `marking_name` (NULL = none), marks a record. NULL if there is no
/// memory. The names are copied.
sluice_json_decoder *sluice_json_decoder_create(
    const uint8_t *const *names, const size_t *lengths, size_t count, const uint8_t *marking_name,
    size_t marking_length);

void sluice_json_decoder_destroy(sluice_json_decoder *decoder);

/// Begins a batch: text of earlier cells is gone, and this many bytes of records follow at most.
void sluice_json_decoder_begin(sluice_json_decoder *decoder, size_t bytes);

/// Reads one record. Behind it 64 bytes must be readable, whatever they hold. `cells` has one cell per name, of which
/// text points into the record or into the decoder's memory, until the next batch begins. `column` tells the member at
/// fault.
enum sluice_json_verdict sluice_json_decode(
    sluice_json_decoder *decoder, const uint8_t *record, size_t length, int max_depth, struct sluice_json_cell *cells,
    size_t *column);

/// Whether the bytes are UTF-8; 1 or 0.
int sluice_is_utf8(const uint8_t *text, size_t length);

#ifdef __cplusplus
}
#endif

#ifndef LOGE_CPHONENUMBERS_H
#define LOGE_CPHONENUMBERS_H

// What Phones asks of libphonenumber, which is C++ and therefore stands behind these two functions. They are given
// digits as a whole number, never text: nothing that a file or a person wrote reaches the library. No exception leaves
// them, and they may be called from any thread.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define LOGE_NOEXCEPT noexcept
#else
#define LOGE_NOEXCEPT
#endif

enum loge_phone_kind {
    LOGE_PHONE_MOBILE,
    LOGE_PHONE_LANDLINE,
    // Countries where the digits do not tell, such as the United States and Canada.
    LOGE_PHONE_MOBILE_OR_LANDLINE,
    // Premium rate, toll free, voice mail, pagers, satellites: nobody's own telephone, or a costly one.
    LOGE_PHONE_SERVICE,
    LOGE_PHONE_UNKNOWN_COUNTRY,
    LOGE_PHONE_WRONG_LENGTH,
    LOGE_PHONE_UNASSIGNED,
    // The library threw, or read its own E.164 form otherwise than the first time.
    LOGE_PHONE_UNREADABLE
};

struct loge_phone {
    enum loge_phone_kind kind;
    // The country code; 0 unless the kind is one of the first three.
    uint32_t country_code;
    // The digits of the E.164 form, country code first; 0 unless the kind is one of the first three.
    uint64_t number;
};

// Reads what was dialled after the international prefix; a trunk prefix may still stand behind the country code.
struct loge_phone loge_phone_read(uint64_t dialled) LOGE_NOEXCEPT;

// Writes the usual international spelling of a number (digits of its E.164 form), without a zero byte at its end, and
// gives back its length; 0 when there is none, or when it is longer than the capacity.
size_t loge_phone_display(uint64_t number, uint8_t *buffer, size_t capacity) LOGE_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif

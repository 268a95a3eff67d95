#include "CPhoneNumbers.h"

#include <algorithm>
#include <string>

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

// The library's only instance: it is made by the first call, under the library's own lock, and never changes.
const PhoneNumberUtil &library() { return *PhoneNumberUtil::GetInstance(); }

// "ZZ" is no region: without a country code nothing is read.
PhoneNumberUtil::ErrorType parse(const std::string &international, PhoneNumber *number) {
    return library().Parse(international, "ZZ", number);
}

std::string e164(const PhoneNumber &number) {
    std::string text;
    library().Format(number, PhoneNumberUtil::E164, &text);
    return text;
}

loge_phone refused(loge_phone_kind kind) { return {kind, 0, 0}; }

loge_phone_kind kind_of(const PhoneNumber &number) {
    std::string region;
    library().GetRegionCodeForNumber(number, &region);
    // Codes that belong to no country: satellites, international toll free.
    if (region == "001") return LOGE_PHONE_SERVICE;
    switch (library().GetNumberType(number)) {
    case PhoneNumberUtil::MOBILE: return LOGE_PHONE_MOBILE;
    case PhoneNumberUtil::FIXED_LINE:
    case PhoneNumberUtil::VOIP: return LOGE_PHONE_LANDLINE;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: return LOGE_PHONE_MOBILE_OR_LANDLINE;
    case PhoneNumberUtil::TOLL_FREE:
    case PhoneNumberUtil::PREMIUM_RATE:
    case PhoneNumberUtil::SHARED_COST:
    case PhoneNumberUtil::PERSONAL_NUMBER:
    case PhoneNumberUtil::PAGER:
    case PhoneNumberUtil::UAN:
    case PhoneNumberUtil::VOICEMAIL: return LOGE_PHONE_SERVICE;
    case PhoneNumberUtil::UNKNOWN: return LOGE_PHONE_UNASSIGNED;
    }
    return LOGE_PHONE_UNASSIGNED;
}

loge_phone_kind why_invalid(const PhoneNumber &number) {
    switch (library().IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE: return LOGE_PHONE_UNASSIGNED;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return LOGE_PHONE_UNKNOWN_COUNTRY;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
    case PhoneNumberUtil::TOO_SHORT:
    case PhoneNumberUtil::INVALID_LENGTH:
    case PhoneNumberUtil::TOO_LONG: return LOGE_PHONE_WRONG_LENGTH;
    }
    return LOGE_PHONE_UNASSIGNED;
}

loge_phone read_number(uint64_t dialled) {
    PhoneNumber number;
    switch (parse("+" + std::to_string(dialled), &number)) {
    case PhoneNumberUtil::NO_PARSING_ERROR: break;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return refused(LOGE_PHONE_UNKNOWN_COUNTRY);
    case PhoneNumberUtil::NOT_A_NUMBER:
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
    case PhoneNumberUtil::TOO_LONG_NSN: return refused(LOGE_PHONE_WRONG_LENGTH);
    }
    if (!library().IsValidNumber(number)) return refused(why_invalid(number));
    const loge_phone_kind kind = kind_of(number);
    if (kind > LOGE_PHONE_MOBILE_OR_LANDLINE) return refused(kind);

    // One number, one key: the E.164 form must be read as itself, or taking off a trunk prefix has made two of it.
    const std::string text = e164(number);
    PhoneNumber again;
    if (parse(text, &again) != PhoneNumberUtil::NO_PARSING_ERROR || e164(again) != text) {
        return refused(LOGE_PHONE_UNREADABLE);
    }
    return {kind, static_cast<uint32_t>(number.country_code()), std::stoull(text.substr(1))};
}

}  // namespace

loge_phone loge_phone_read(uint64_t dialled) noexcept {
    try {
        return read_number(dialled);
    } catch (...) {
        return refused(LOGE_PHONE_UNREADABLE);
    }
}

size_t loge_phone_display(uint64_t number, uint8_t *buffer, size_t capacity) noexcept {
    try {
        PhoneNumber parsed;
        if (parse("+" + std::to_string(number), &parsed) != PhoneNumberUtil::NO_PARSING_ERROR) return 0;
        std::string text;
        library().Format(parsed, PhoneNumberUtil::INTERNATIONAL, &text);
        if (text.size() > capacity) return 0;
        std::copy(text.begin(), text.end(), buffer);
        return text.size();
    } catch (...) {
        return 0;
    }
}

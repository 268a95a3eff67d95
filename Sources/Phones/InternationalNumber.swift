internal import CPhoneNumbers

/// A number of a plan that is not ours, as libphonenumber reads it.
struct InternationalNumber {
    /// The digits of the E.164 form.
    let number: UInt64
    /// What it is.
    let kind: PhoneNumber.Kind

    /// The number that was dialled: country code, perhaps a trunk prefix, and what follows.
    ///
    /// - Throws: why it is nobody's.
    init(dialled: UInt64) throws(PhoneRefusal) {
        let answer = loge_phone_read(dialled)
        switch answer.kind {
        case LOGE_PHONE_MOBILE: kind = .mobile
        case LOGE_PHONE_LANDLINE: kind = .landline
        case LOGE_PHONE_MOBILE_OR_LANDLINE: kind = .mobileOrLandline
        case LOGE_PHONE_SERVICE: throw .service
        case LOGE_PHONE_UNKNOWN_COUNTRY: throw .unknownCountry
        case LOGE_PHONE_WRONG_LENGTH: throw .wrongLength
        case LOGE_PHONE_UNASSIGNED: throw .unassigned
        default: throw .unreadable
        }
        number = answer.number
        let digits = String(number).utf8.dropFirst(String(answer.country_code).utf8.count).map { $0 - 0x30 }
        guard !Decimal.isFilling(digits) else { throw .placeholder }
    }

    /// `number` in the groups that are usual in its country, with blanks between them (ITU-T E.123); without groups where
    /// there are none. The library's own spelling has dashes, dots or slashes too, and a slash may mean "or".
    static func display(_ number: UInt64) -> String {
        let text = unsafe String(unsafeUninitializedCapacity: 48) { buffer in
            unsafe loge_phone_display(number, buffer.baseAddress, buffer.count)
        }
        let groups = text.split { !("0"..."9").contains($0) }
        return "+" + (groups.isEmpty ? String(number) : groups.joined(separator: " "))
    }
}

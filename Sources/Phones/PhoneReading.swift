/// Decides which plan digits belong to, and asks that plan.
struct PhoneReading {
    let rules: PhoneRules

    /// The number that was dialled.
    ///
    /// - Throws: why there is none.
    func number(in dialled: DialledText) throws(PhoneRefusal) -> PhoneNumber {
        let digits = dialled.digits
        // Before 00 is taken for the international prefix.
        guard !digits.allSatisfy({ $0 == 0 }) else { throw .placeholder }
        if dialled.isInternational { return try international(digits[...], hasSlash: dialled.hasSlash) }
        guard digits.count < 4 || !Decimal.isFilling(digits) else { throw .placeholder }
        if digits.starts(with: [0, 0]) { return try international(digits[2...], hasSlash: dialled.hasSlash) }
        if digits[0] == 0 { return try french(digits[1...], code: 33) }
        if let local = rules.home.local, digits.count == local.digits {
            return try international((local.code + digits)[...], hasSlash: dialled.hasSlash)
        }
        throw digits.count <= 6 ? PhoneRefusal.shortNumber : PhoneRefusal.noCountryCode
    }

    /// What follows a `+` or `00`.
    private func international(_ digits: ArraySlice<UInt8>, hasSlash: Bool) throws(PhoneRefusal) -> PhoneNumber {
        for code in FrenchPlan.codes {
            let prefix = Decimal.digits(of: code)
            guard digits.starts(with: prefix) else { continue }
            var behind = digits.dropFirst(prefix.count)
            // The 0 of +33 (0)6 … and of +33 06 …
            if behind.count >= 10, behind.first == 0 { behind = behind.dropFirst() }
            return try french(code == 508 ? saintPierreAndMiquelon(behind) : behind, code: code)
        }
        guard digits.first != 0 else { throw .unknownCountry }
        // "+49 …567/8" may mean two numbers.
        guard !hasSlash else { throw .unexpectedCharacter }
        let number = try InternationalNumber(dialled: Decimal.number(of: digits))
        return PhoneNumber(key: PhoneKey(number), kind: number.kind)
    }

    /// The nine digits of a number behind +508: there stand the last six of them, and all nine only in 0708.
    private func saintPierreAndMiquelon(_ behind: ArraySlice<UInt8>) throws(PhoneRefusal) -> ArraySlice<UInt8> {
        if behind.count == 6 { return [5, 0, 8] + behind }
        guard behind.starts(with: [7, 0, 8]) else { throw .wrongLength }
        return behind
    }

    /// What follows the 0 of the national plan, or `code`.
    private func french(_ digits: ArraySlice<UInt8>, code: Int) throws(PhoneRefusal) -> PhoneNumber {
        guard !digits.allSatisfy({ $0 == 0 }) || digits.isEmpty else { throw .placeholder }
        // Machines have thirteen digits behind the 0.
        if digits.count == 13, digits.starts(with: [7, 0]) { throw .machine }
        guard digits.count == 9, digits.first != 0 else { throw .wrongLength }
        let plan = FrenchPlan(significant: Int(Decimal.number(of: digits)))
        let kind = try plan.kind(under: rules)
        guard plan.isNamed(byCode: code) else { throw .wrongTerritory }
        return PhoneNumber(key: PhoneKey(french: plan), kind: kind)
    }
}

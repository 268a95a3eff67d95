public import Clocks
public import Foundation

extension SettingsNode {
    /// The value of `key` as `parse` understands it; `nil` when there is none. All other readers stand on this one.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - expected: what is accepted, for people, such as `a whole number from 1 to 9`.
    ///   - parse: makes a value of the text; `nil` refuses it.
    /// - Throws: ``SettingsError`` when the text is refused or is no single value.
    public func optionalValue<Value>(
        _ key: String, expected: String, _ parse: (String) -> Value?
    ) throws(SettingsError) -> Value? {
        guard let found = try find(key) else { return nil }
        guard let value = parse(found.text) else {
            throw error(at: key, "\(quoted(found.text)) is not accepted. Write \(expected).")
        }
        return value
    }

    /// The value of `key` as `parse` understands it.
    ///
    /// - Throws: ``SettingsError`` when there is none, or it is refused.
    public func value<Value>(
        _ key: String, expected: String, _ parse: (String) -> Value?
    ) throws(SettingsError) -> Value {
        guard let value = try optionalValue(key, expected: expected, parse) else { throw missing(key, expected) }
        return value
    }

    /// The text of `key`, which must not be empty.
    ///
    /// - Throws: ``SettingsError`` when there is none.
    public func string(_ key: String) throws(SettingsError) -> String {
        try value(key, expected: "some text") { $0.isEmpty ? nil : $0 }
    }

    /// The text of `key`, which must not be empty; `nil` when there is none.
    ///
    /// - Throws: ``SettingsError`` when it is empty or no text.
    public func optionalString(_ key: String) throws(SettingsError) -> String? {
        try optionalValue(key, expected: "some text, or remove the key") { $0.isEmpty ? nil : $0 }
    }

    /// The path of `key`, relative to the folder of the file that is read; `nil` when the key is absent.
    ///
    /// - Throws: ``SettingsError`` when it is empty or no text.
    public func optionalPath(_ key: String) throws(SettingsError) -> String? {
        guard let written = try optionalString(key) else { return nil }
        let folder = source.file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return written.hasPrefix("/") || folder.isEmpty ? written : folder.joined(separator: "/") + "/" + written
    }

    /// The text of `key`, which must not be empty, or `fallback`.
    ///
    /// - Throws: ``SettingsError`` when it is empty or no text.
    public func string(_ key: String, default fallback: String) throws(SettingsError) -> String {
        try optionalString(key) ?? fallback
    }

    /// The whole number of `key` within `range`; without one, `fallback`, and without a fallback an error.
    ///
    /// - Throws: ``SettingsError`` when it is missing, no number, in quotation marks, or out of range.
    public func integer(
        _ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil
    ) throws(SettingsError) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        try refuseQuotes(key, expected)
        let read = try optionalValue(key, expected: expected) { text -> Int? in
            // One spelling per number: no sign, no leading zero, no underscore.
            guard let number = Int(text), String(number) == text, range.contains(number) else { return nil }
            return number
        }
        guard let number = read ?? fallback else { throw missing(key, expected) }
        return number
    }

    /// `true` or `false`; without one, `fallback`, and without a fallback an error.
    ///
    /// - Throws: ``SettingsError`` when it is missing or anything else, `yes` and `no` included.
    public func boolean(_ key: String, default fallback: Bool? = nil) throws(SettingsError) -> Bool {
        try refuseQuotes(key, "true or false")
        let read = try optionalValue(key, expected: "true or false") { text -> Bool? in
            switch text {
            case "true": true
            case "false": false
            default: nil
            }
        }
        guard let flag = read ?? fallback else { throw missing(key, "true or false") }
        return flag
    }

    /// A length of time such as `500ms`, `30s`, `5min`, `12h` or `90d`; without one, `fallback`, else an error.
    ///
    /// - Throws: ``SettingsError`` when it is missing, not so written, or out of range.
    public func duration(
        _ key: String, in range: ClosedRange<Duration> = .zero ... .days(36500), default fallback: Duration? = nil
    ) throws(SettingsError) -> Duration {
        let expected =
            "a time such as 500ms, 30s, 5min, 12h or 90d, from \(range.lowerBound.settingText) to "
            + range.upperBound.settingText
        let read = try optionalValue(key, expected: expected) { text -> Duration? in
            guard let duration = Duration(settingText: text), range.contains(duration) else { return nil }
            return duration
        }
        guard let duration = read ?? fallback else { throw missing(key, expected) }
        return duration
    }

    /// An absolute address of one of `schemes`, with a host, without user and fragment, in ASCII; its
    /// `absoluteString` is the text as written. Without one, `fallback`, and without a fallback an error.
    ///
    /// - Throws: ``SettingsError`` when it is missing or no such address.
    public func url(
        _ key: String, schemes: [String] = ["https"], default fallback: URL? = nil
    ) throws(SettingsError) -> URL {
        guard let url = try optionalURL(key, schemes: schemes) ?? fallback else {
            throw missing(key, SettingsNode.urlExpectation(schemes))
        }
        return url
    }

    /// Like ``url(_:schemes:default:)``; `nil` when there is none.
    ///
    /// - Throws: ``SettingsError`` when it is no such address.
    public func optionalURL(_ key: String, schemes: [String] = ["https"]) throws(SettingsError) -> URL? {
        try optionalValue(key, expected: SettingsNode.urlExpectation(schemes)) { text -> URL? in
            SettingsNode.url(text, schemes: schemes)
        }
    }

    /// The case of `type` named by the value of `key`; without one, `fallback`, and without a fallback an error.
    ///
    /// - Throws: ``SettingsError`` when it is missing or names no case.
    public func enumeration<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Value.Type = Value.self, default fallback: Value? = nil
    ) throws(SettingsError) -> Value {
        guard let value = try optionalEnumeration(key, of: type) ?? fallback else {
            throw missing(key, SettingsNode.choice(type))
        }
        return value
    }

    /// The case of `type` named by the value of `key`; `nil` when there is none.
    ///
    /// - Throws: ``SettingsError`` when it names no case.
    public func optionalEnumeration<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Value.Type = Value.self
    ) throws(SettingsError) -> Value? {
        guard let found = try find(key) else { return nil }
        guard let value = Value(rawValue: found.text) else { throw unknownChoice(key, found.text, type) }
        return value
    }

    func unknownChoice<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ text: String, _ type: Value.Type
    ) -> SettingsError {
        let near = nearest(to: text, among: type.allCases.map(\.rawValue)).map { " Did you mean \(quoted($0))?" } ?? ""
        return error(at: key, "\(quoted(text)) is not accepted. Write \(SettingsNode.choice(type)).\(near)")
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable>(_ type: Value.Type) -> String {
        let names = type.allCases.map(\.rawValue)
        return names.count == 1 ? names.joined() : "one of " + names.joined(separator: ", ")
    }

    private func refuseQuotes(_ key: String, _ expected: String) throws(SettingsError) {
        if let found = try find(key), found.isQuoted {
            throw error(
                at: key, "\(quoted(found.text)) stands in quotation marks and is text. Write \(expected) without.")
        }
    }

    private static func urlExpectation(_ schemes: [String]) -> String {
        "an absolute address that begins with \(schemes.map { $0 + "://" }.joined(separator: " or ")), in ASCII, "
            + "without user and fragment"
    }

    private static func url(_ text: String, schemes: [String]) -> URL? {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }), !text.contains("#"),
            let url = URL(string: text), url.absoluteString == text, let scheme = url.scheme, schemes.contains(scheme),
            let host = url.host(), !host.isEmpty, url.user() == nil, url.password() == nil,
            url.port.map({ (1...65535).contains($0) }) ?? true
        else { return nil }
        return url
    }
}

extension Duration {
    /// Reads `500ms`, `30s`, `5min`, `12h`, `90d`; `nil` for anything else.
    init?(settingText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 9, let count = Int64(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(count)
        case "s": self = .seconds(count)
        case "min": self = .minutes(count)
        case "h": self = .hours(count)
        case "d": self = .days(count)
        default: return nil
        }
    }

    /// The duration as a configuration writes it, in the largest unit that fits.
    var settingText: String {
        let milliseconds = wholeMilliseconds
        for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("min", 60000), ("s", 1000)]
        where milliseconds != 0 && milliseconds.isMultiple(of: size) { return "\(milliseconds / size)\(unit)" }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}

internal import CPostgreSQL
internal import Cryptography
internal import Foundation

/// What libpq made of a URL: options by name, the secret ones apart.
struct ConnectionOptions: Sendable {
    private var open: [String: String] = [:]
    private var secret: [String: SecretBytes] = [:]

    /// What the environment says, and what libpq was built with.
    static var defaults: ConnectionOptions {
        guard let list = unsafe PQconndefaults() else { return ConnectionOptions() }
        return unsafe ConnectionOptions(takingOwnership: list)
    }

    private init() {}

    /// What an open connection says of itself.
    init(takingOwnership list: UnsafeMutablePointer<PQconninfoOption>) {
        self.init(unsafe OptionList(takingOwnership: list))
    }

    /// - Throws: ``PostgreSQLSettings/Mistake``.
    init(url: SecretBytes, password: SecretBytes?) throws {
        guard url.count > 0 else { throw PostgreSQLSettings.Mistake("The database URL is empty.") }
        self.init(try url.withBytes { try Self.parsed($0) })
        if let password { secret["password"] = password }
        for value in secret.values where value.withBytes({ $0.contains(0) }) {
            throw PostgreSQLSettings.Mistake("The database password holds a zero byte, which PostgreSQL cannot take.")
        }
    }

    private init(_ list: OptionList) {
        for option in list.options {
            if option.isSecret { secret[option.keyword] = option.value } else { open[option.keyword] = option.text }
        }
    }

    /// An option that is no secret.
    func value(_ keyword: String) -> String? { open[keyword] }

    /// Lends the names and the values as `PQconnectStartParams` wants them.
    ///
    /// - Parameters:
    ///   - fixed: stronger than what the URL says.
    ///   - defaults: weaker than what the URL says.
    func withParameters<Result>(
        fixed: [String: String], defaults: [String: String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var all = defaults.merging(open) { $1 }.merging(fixed) { $1 }.mapValues { Array($0.utf8) }
        for (keyword, value) in secret { all[keyword] = value.withBytes { $0 } }
        let keywords = CStrings(all.keys.map { Array($0.utf8) })
        let values = CStrings(Array(all.values))
        return withExtendedLifetime((keywords, values)) { unsafe body(keywords.pointer, values.pointer) }
    }

    private static func parsed(_ bytes: [UInt8]) throws -> OptionList {
        guard !bytes.contains(0) else { throw PostgreSQLSettings.Mistake("The database URL holds a zero byte.") }
        var message: UnsafeMutablePointer<CChar>?
        let text = CStrings([bytes])
        let list = unsafe withExtendedLifetime(text) { unsafe PQconninfoParse(text.pointer[0], &message) }
        // "The message … must be freed with PQfreemem." It may quote a piece of the password: only its kind is kept.
        defer { unsafe PQfreemem(message) }
        if let list = unsafe list { return unsafe OptionList(takingOwnership: list) }
        let cause = unsafe message.map { unsafe String(cString: $0) } ?? ""
        let kind =
            if cause.hasPrefix("invalid URI query parameter") || cause.hasPrefix("invalid connection option") {
                "it names an option that PostgreSQL does not know"
            } else if cause.contains("percent-encoded") {
                "a % in it is not followed by two hexadecimal digits (write a % itself as %25)"
            } else {
                "it must be postgresql://user@host/database?sslmode=verify-full, or host=… dbname=… user=…"
            }
        throw PostgreSQLSettings.Mistake("The database URL cannot be read: \(kind).")
    }
}

/// Owner of libpq's list of options; what it held is wiped.
@safe private final class OptionList {
    struct Option {
        let keyword: String
        let isSecret: Bool
        let value: SecretBytes
        let text: String
    }

    private let list: UnsafeMutablePointer<PQconninfoOption>

    init(takingOwnership list: UnsafeMutablePointer<PQconninfoOption>) { unsafe self.list = list }

    deinit {
        var option = unsafe list
        while unsafe option.pointee.keyword != nil {
            if let value = unsafe option.pointee.val { unsafe explicit_bzero(value, strlen(value)) }
            unsafe option += 1
        }
        unsafe PQconninfoFree(list)
    }

    /// The options that have a value.
    var options: [Option] {
        var options: [Option] = []
        var option = unsafe list
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                let isSecret = unsafe option.pointee.dispchar.map { unsafe String(cString: $0) } == "*"
                let bytes = unsafe UnsafeRawBufferPointer(start: value, count: strlen(value))
                options.append(
                    Option(
                        keyword: unsafe String(cString: keyword), isSecret: isSecret,
                        value: SecretBytes(isSecret ? unsafe Array(bytes) : []),
                        text: isSecret ? "" : unsafe String(decoding: bytes, as: UTF8.self)))
            }
            unsafe option += 1
        }
        return options
    }
}

/// Owner of C strings and of the array, closed by a null pointer, that points to them. Wiped, since one may be a password.
@safe private final class CStrings {
    private let strings: [UnsafeMutableBufferPointer<CChar>]
    private let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>

    init(_ texts: [[UInt8]]) {
        let strings = unsafe texts.map { text in
            let string = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.count + 1)
            _ = unsafe string.initialize(from: text.map(CChar.init(bitPattern:)) + [0])
            return unsafe string
        }
        unsafe self.strings = unsafe strings
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for index in unsafe strings.indices {
            unsafe (pointers + index).initialize(to: UnsafePointer(strings[index].baseAddress))
        }
        unsafe (pointers + strings.count).initialize(to: nil)
    }

    deinit {
        for index in unsafe strings.indices {
            let string = unsafe strings[index]
            if let start = string.baseAddress { unsafe explicit_bzero(start, string.count) }
            unsafe string.deallocate()
        }
        unsafe pointers.deallocate()
    }

    var pointer: UnsafePointer<UnsafePointer<CChar>?> { unsafe UnsafePointer(pointers) }
}

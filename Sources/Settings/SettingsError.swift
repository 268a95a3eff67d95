/// A configuration that cannot be used: says where it stands, what is wrong and what to write instead.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// What callers switch on.
    public enum Code: Sendable, Equatable {
        /// The file is not there.
        case missingFile
        /// The file is there and cannot be read, is too large, or is not UTF-8.
        case unreadableFile
        /// The text is no YAML, or YAML of a kind that a configuration does not need (anchors, tags, two documents).
        case notYAML
        /// A key stands twice in one mapping.
        case duplicateKey
        /// A key that nothing reads.
        case unknownKey
        /// A key that must be there is not.
        case missingKey
        /// A value of another kind: a list instead of a number.
        case wrongType
        /// A value of the right kind that is not accepted.
        case wrongValue
    }

    /// What happened, for code.
    public let code: Code
    /// The file, as it was named by whoever asked for it.
    public let file: String
    /// The line, counted from 1, when the trouble stands in the file.
    public let line: Int?
    /// The column, counted from 1 in Unicode scalars, when the trouble stands in the file.
    public let column: Int?
    /// The key, with dots between the levels, such as `mail.port`; empty for the whole file.
    public let keyPath: String
    /// The environment variable whose value is not accepted, when it came from there.
    public let variable: String?
    /// What is wrong and what is accepted, for people; never holds a secret.
    public let reason: String

    init(
        _ code: Code, file: String, position: Position? = nil, keyPath: String = "", variable: String? = nil,
        _ reason: String
    ) {
        self.code = code
        self.file = file
        self.line = position?.line
        self.column = position?.column
        self.keyPath = keyPath
        self.variable = variable
        self.reason = reason
    }

    /// The place and the reason in one line, such as
    /// `Config/portal.yaml:12: unknown key "profils". Accepted here: level, mode, profiles.`
    public var description: String {
        if let variable { return "environment variable \(variable): \(reason)" }
        if let line { return "\(file):\(line): \(reason)" }
        return "\(file): \(reason)"
    }

    /// Two errors are equal when their codes are.
    public static func == (left: SettingsError, right: SettingsError) -> Bool { left.code == right.code }
}

/// A place in a file.
struct Position: Sendable, Hashable {
    /// Counted from 1.
    let line: Int
    /// Counted from 1, in Unicode scalars.
    let column: Int
}

/// `text` in quotation marks, cut and with its control characters spelled out, fit for one line of an error.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(60) {
        if scalar.value < 0x20 || scalar.value == 0x7F {
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + (text.unicodeScalars.count > 60 ? "…\"" : "\"")
}

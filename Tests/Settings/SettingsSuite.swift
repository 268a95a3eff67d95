import Foundation
import Testing

import Settings

/// The door modes of a made-up configuration.
enum Level: String, CaseIterable {
    case school = "ecole"
    case college
    case lycee
}

/// Reads `text` with `body`; the value.
func reading<Value>(
    _ text: String, environment: [String: String] = [:], _ body: (SettingsNode) throws -> Value
) throws -> Value {
    try SettingsFile.read(text: text, name: "portal.yaml", environment: environment, body).value
}

/// Reads `text` with `body`, which must refuse it; the error.
func refusal(
    _ text: String, environment: [String: String] = [:], _ body: (SettingsNode) throws -> Void,
    location: SourceLocation = #_sourceLocation
) throws -> SettingsError {
    try #require(throws: SettingsError.self, sourceLocation: location) {
        _ = try SettingsFile.read(text: text, name: "portal.yaml", environment: environment, body)
    }
}

/// A folder that is gone after the test.
func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "loge-settings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path())
}

/// Writes `bytes` to `path` with the file mode `mode`.
func write(_ bytes: [UInt8], _ path: String, mode: Int = 0o600) throws {
    try Data(bytes).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
}

import Clocks
import Foundation
import JOSE
import Logging

/// Log lines as JSON, one object a line, on standard error: `at`, `level`, `message`, and the metadata as members.
struct JSONLinesHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let clock: any WallClock

    init(label: String, level: Logger.Level, clock: any WallClock) {
        self.label = label
        logLevel = level
        self.clock = clock
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: [String: JSONValue] = [
            "at": .string(clock.now().rfc3339), "level": .string(event.level.rawValue), "logger": .string(label),
            "message": .string(event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            let name = key.replacing("hb.", with: "")
            // What every line has, no metadata replaces.
            members[members[name] == nil ? name : "metadata_" + name] = .string(value.description)
        }
        // The encoder escapes line ends and control characters: no value can forge a line (ASVS 16.4.1).
        try? FileHandle.standardError.write(contentsOf: Data(JSONValue.object(members).encoded + [0x0A]))
    }
}

import ArgumentParser
import Clocks
import JOSE
import Stores

extension Parties {
    /// `loge parties readers`: who would be taken by surprise by the next rotation of keys.
    struct Readers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show when each relying party proved itself last, and when the key set was read last beside it.",
            discussion: """
                The key set is public, so that reading it needs no name. What can be known is that it was read from a place \
                where a relying party also proves itself. One that keeps asking and never reads the keys again has \
                probably written them down, and will refuse everybody when the keys change. Works for relying parties in a \
                folder and in the database. Nodes write what they see twice a minute; it is kept for 90 days.
                """)
        @OptionGroup var installation: InstallationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let opened = try await Machine.stores(try installation.load())
            let result = await Result { try await opened.stores.keySetReaders.readings() }
            await opened.close()
            let readings = try result.get()
            if output.json {
                let rows = readings.map { reading -> JSONValue in
                    var members: [String: JSONValue] = [
                        "client_id": .string(reading.client), "proved_at": .string(reading.askedAt.rfc3339),
                    ]
                    if let readAt = reading.readAt { members["keys_read_at"] = .string(readAt.rfc3339) }
                    return .object(members)
                }
                return Console.print(JSONValue.object(["readers": .array(rows)]).text)
            }
            if readings.isEmpty { return Console.print("no relying party has proved itself in the last 90 days") }
            for reading in readings {
                let read =
                    reading.readAt.map { "keys read \($0.rfc3339)" } ?? "keys never seen read: look before they change"
                Console.print("\(reading.client)  proved itself \(reading.askedAt.rfc3339)  \(read)")
            }
        }
    }
}

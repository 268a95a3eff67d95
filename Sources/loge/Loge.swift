import ArgumentParser
import Foundation

/// The command line of Loge. Commands and the composition root live here; nothing else starts anything.
@main
struct Loge: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "loge",
        abstract: "The federation gateway of schools: one sign-in, every application.",
        discussion: """
            Without an installation, try `loge demo`. A server reads one configuration file: see Config/loge.yaml and \
            docs/exploitation.md.
            """,
        version: version,
        subcommands: [
            Serve.self, Demo.self, Check.self, Keys.self, Accounts.self, Base.self, Parties.self, Logouts.self,
            Backup.self,
            Restore.self,
            DatabaseCommand.self,
        ])
}

/// A failure told in one plain sentence on standard error; the exit status is 1.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Standard output and standard error, a line at a time.
enum Console {
    static func print(_ line: String) { write(line + "\n", to: .standardOutput) }
    static func warn(_ line: String) { write(line + "\n", to: .standardError) }
    /// Writes over the last line of a terminal.
    static func rewrite(_ line: String) { write("\r\u{1B}[K" + line, to: .standardError) }

    private static func write(_ text: String, to handle: FileHandle) {
        // A reader that went away (`| head`) is no failure of ours.
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

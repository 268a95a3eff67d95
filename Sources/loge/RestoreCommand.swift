import ArgumentParser
import Clocks
import Foundation
import JOSE
import PortalRole
import Stores
import StoresSQL
import StoresSQLite
import Web

/// `loge restore`: an installation as a backup knew it.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put the database, the keys and the relying parties of a backup in their places.",
        discussion: """
            Nothing is replaced before everything has been checked: the sums of the files, the schema, and that the \
            configured passphrase opens the keys. No server may run on the installation. What the backup cannot know was \
            used or sent since does not come back to life: sessions end, mailed links die, waiting mails are dropped, \
            unused activation codes expire.
            """)
    @OptionGroup var installation: InstallationOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "Move what the installation holds aside, into folders replaced-DATE; nothing is deleted.")
    var replace = false
    @Flag(name: .long, help: "Leave the keys and the relying parties as they are here: only the database was lost.")
    var databaseOnly = false
    @Flag(name: .long, help: "Let the activation codes of letters open accounts again, even those used since.")
    var keepActivationCodes = false
    @Flag(
        name: .long,
        help: """
            Keep sessions, links, mails and activation codes alive: for moving to another machine, when the old server \
            was stopped before the backup and stays stopped.
            """)
    var keepSessions = false
    @Argument(help: "The folder that `loge backup` made.") var source: String

    func run() async throws {
        let configuration = try installation.load()
        try configuration.refuseSharedDatabase("restore it with pg_restore or from a base backup")
        let folder = try BackupFolder(reading: source)
        guard folder.schema <= Migration.all.count else {
            throw Failure(
                "the backup was made by a newer version of Loge (\(folder.version)): restore it with that version or a "
                    + "newer one")
        }
        let restoration = Restoration(
            configuration: configuration, folder: folder, isReplacing: replace, isDatabaseOnly: databaseOnly,
            forgets: keepSessions ? .nothing : keepActivationCodes ? .whatWasOpen : .whatWasOpenAndCodes)
        let done: Restoration.Report
        do {
            done = try await restoration.perform()
        } catch let error as StoreError {
            throw Failure("nothing was restored: \(error) Stop every server, check the disk, and try again")
        }
        if output.json {
            Console.print(done.json.text)
        } else {
            for warning in done.warnings { Console.warn("warning: \(warning)") }
            Console.print(done.text)
        }
    }
}

extension Restoration {
    /// What was done.
    struct Report {
        let folder: BackupFolder
        let configuration: ServerConfiguration
        let prepared: Prepared
        let isDatabaseOnly: Bool
        let movedAside: [String]

        var warnings: [String] {
            let present = configuration.portal.site.origin
            guard present != folder.publicURL else { return [] }
            return [
                "the backup is of \(folder.publicURL) and this installation is \(present): applications know the former"
            ]
        }

        var json: JSONValue {
            let closed =
                prepared.closed
                ?? WhatWasOpen(sessions: 0, links: 0, messages: 0, activationCodes: 0, notices: 0)
            let members: [String: JSONValue] = [
                "restored": true, "backup": folder.json, "database": .string(configuration.databasePath),
                "accounts": .integer(prepared.accounts), "keys_and_relying_parties": .bool(!isDatabaseOnly),
                "moved_aside": .array(movedAside.map(JSONValue.string)),
                "warnings": .array(warnings.map(JSONValue.string)),
            ]
            return .object(members.merging(closed.json) { $1 })
        }

        var text: String {
            var lines = [
                "restored the backup of \(folder.createdAt.rfc3339) (Loge \(folder.version))",
                "  database  \(configuration.databasePath): \(prepared.accounts) accounts",
            ]
            if isDatabaseOnly {
                lines.append("  keys and relying parties stay as they are")
            } else {
                lines += [
                    "  keys  \(configuration.keys.place)", "  relying parties  \(configuration.portal.relyingParties)",
                ]
            }
            lines += movedAside.map { "  moved aside  \($0)" }
            if let closed = prepared.closed {
                lines.append(closed.sentence)
                if closed.activationCodes > 0 {
                    lines.append(
                        "who had such a code needs another one (`loge accounts reset LOGIN`); to let their letters open "
                            + "again, restore once more with --replace --keep-activation-codes")
                }
            } else {
                lines.append("sessions, mailed links, waiting mails and activation codes are alive as they were")
            }
            lines += [
                "everything changed after the backup is as it was before: passwords, locks, contacts"
                    + (isDatabaseOnly ? "" : ", rotated and revoked keys"),
                "next: `loge check`, then start the server",
            ]
            return lines.joined(separator: "\n")
        }
    }
}

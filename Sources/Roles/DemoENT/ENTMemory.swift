public import Clocks
import Foundation

/// What the ENT remembers of people between their visits: the charter, the preferences, and which sessions were ended. One
/// small file, replaced whole.
public actor ENTMemory {
    struct Person: Sendable, Codable {
        var charter: Int?
        var theme: String?
        var language: String?
    }

    private struct Content: Codable {
        var people: [String: Person] = [:]
        /// Ended sessions, until they would have expired by themselves.
        var ended: [String: Instant] = [:]
        /// What the portal ended, by the session's or the person's name there. Absent in files of earlier versions.
        var endedUpstream: [String: UpstreamEnd]?
    }

    private struct UpstreamEnd: Codable {
        let at: Instant
        let until: Instant
    }

    private let file: String
    private let clock: any WallClock
    private var content: Content

    /// The memory in `file`, which is made at the first need.
    ///
    /// - Throws: ``MemoryError`` when the file is there and not ours.
    public init(file: String, clock: any WallClock) throws(MemoryError) {
        self.file = file
        self.clock = clock
        guard FileManager.default.fileExists(atPath: file) else {
            content = Content()
            return
        }
        guard let data = FileManager.default.contents(atPath: file),
            let content = try? JSONDecoder().decode(Content.self, from: data)
        else {
            throw MemoryError(reason: "\(file) cannot be read as the memory of the demo ENT: remove it to start over")
        }
        self.content = content
    }

    func person(_ key: String) -> Person { content.people[key] ?? Person() }

    func change(_ key: String, _ change: @Sendable (inout Person) -> Void) throws(MemoryError) {
        var person = content.people[key] ?? Person()
        change(&person)
        var changed = content
        changed.people[key] = person
        try keep(changed)
    }

    /// Whether the session was ended, here or by the portal.
    func hasEnded(_ visitor: Visitor) -> Bool {
        if content.ended[visitor.sessionID] != nil { return true }
        return visitor.upstreamNames.contains { name in
            (content.endedUpstream?[name]).map { visitor.startedAt <= $0.at } ?? false
        }
    }

    /// The portal ended what it calls so: sessions that began until `instant`.
    func endUpstream(_ name: String, at instant: Instant, until expiry: Instant) throws(MemoryError) {
        var changed = content
        let now = clock.now()
        var ends = (changed.endedUpstream ?? [:]).filter { now < $0.value.until }
        ends[name] = UpstreamEnd(at: instant, until: expiry)
        changed.endedUpstream = ends
        try keep(changed)
    }

    func end(_ sessionID: String, until expiry: Instant) throws(MemoryError) {
        var changed = content
        let now = clock.now()
        changed.ended = changed.ended.filter { now < $0.value }
        changed.ended[sessionID] = expiry
        try keep(changed)
    }

    /// On the disk first, in memory then: what was answered is not forgotten by a crash.
    private func keep(_ changed: Content) throws(MemoryError) {
        let failure = MemoryError(reason: "\(file) cannot be written: check the rights of its folder and the disk")
        let aside = file + ".new"
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let data = try encoder.encode(changed)
            guard FileManager.default.createFile(atPath: aside, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw failure }
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: aside))
            try handle.write(contentsOf: data)
            try handle.synchronize()
            try handle.close()
        } catch {
            throw failure
        }
        guard unsafe rename(aside, file) == 0 else { throw failure }
        content = changed
    }
}

/// A memory that cannot be read or written.
public struct MemoryError: Error, CustomStringConvertible {
    /// What is wrong and what to do, in one sentence.
    public let reason: String

    /// The reason.
    public var description: String { reason }
}

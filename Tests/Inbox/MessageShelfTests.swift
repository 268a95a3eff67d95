import Clocks
import Foundation
import Testing

@testable import InboxRole

@Suite("The shelf of received messages")
struct MessageShelfTests {
    private let clock = ManualClock(Instant(secondsSinceEpoch: 1_788_244_200))

    private func envelope(_ subject: String) -> SMTPEnvelope {
        SMTPEnvelope(from: "a@b.fr", to: ["c@d.fr", "e@f.fr"], message: Array("Subject: \(subject)\r\n\r\nx\r\n".utf8))
    }

    @Test("the newest first, the last 500 only")
    func limit() throws {
        let shelf = try MessageShelf(folder: nil, clock: clock)
        for number in 1...(MessageShelf.limit + 3) { try shelf.keep(envelope("\(number)")) }
        #expect(shelf.messages.count == MessageShelf.limit)
        #expect(shelf.messages.first?.subject == "\(MessageShelf.limit + 3)")
        #expect(shelf.message(3) == nil)
        #expect(shelf.message(4)?.subject == "4")
        #expect(shelf.message(MessageShelf.limit + 4) == nil)
    }

    @Test("a folder keeps them for the next start, for the owner's eyes only")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "loge-shelf-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try MessageShelf(folder: folder, clock: clock)
        let kept = try ["Un", "Deux"].map { try first.keep(envelope($0)) }
        let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        try Data("rubbish".utf8).write(to: URL(filePath: folder + "/9.eml"))
        try Data("rubbish".utf8).write(to: URL(filePath: folder + "/x.eml"))
        clock.advance(by: .days(1))
        let second = try MessageShelf(folder: folder, clock: clock)
        #expect(second.messages == kept.reversed())
        #expect(try second.keep(envelope("Trois")).id == 3)
        #expect(try MessageShelf(folder: folder, clock: clock).messages.map(\.subject) == ["Trois", "Deux", "Un"])
    }

    @Test("a folder that cannot be written refuses the mail")
    func fullDisk() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "loge-shelf-\(UUID().uuidString)").path()
        let shelf = try MessageShelf(folder: folder, clock: clock)
        try FileManager.default.removeItem(atPath: folder)
        #expect(throws: (any Error).self) { try shelf.keep(envelope("x")) }
        #expect(shelf.messages.isEmpty)
    }

    @Test(
        "links in a text",
        arguments: [
            ("Ouvrez https://a.example/x?y=z.", ["https://a.example/x?y=z"]),
            ("(http://a.example), <https://b.example>", ["http://a.example", "https://b.example"]),
            ("https://a.example https://a.example", ["https://a.example"]), ("rien", []), ("https://", []),
            ("« https://a.example/é »\nhttp://b.example/", ["https://a.example/é", "http://b.example/"]),
        ])
    func links(_ body: String, _ expected: [String]) {
        let message = ReceivedMessage(
            id: 1, kind: .mail, from: "", to: [], subject: "", body: body, receivedAt: clock.now())
        #expect(message.links == expected)
    }
}

import Clocks
import Cryptography
import JOSE
import LogeTesting
import NIOCore
import NIOPosix
import OpenIDConnectIssuer
import Outbound
import SingleLogout
import Stores
import Synchronization
import Testing
import Web

/// BR-10 and OA-23: how applications are told when the network and they themselves are not at their best.
@Suite("BR-10: the delivery of logout notices")
struct LogoutDeliveryTests {
    private let party = TestParty.conformance

    /// Signs in at the parties and ends the session.
    private func leave(_ parties: [TestParty], _ portal: TestPortal, as login: String = "camille.martin") async throws {
        let browser = portal.browser()
        for party in parties { _ = try await portal.tokens(for: party.attempt(), in: browser, as: login) }
        let account = try await portal.account(login)
        _ = try await portal.stores.sessions.endAll(of: account.id, except: nil, now: portal.clock.now())
    }

    @Test(
        "which answers close, which are tried again, which are given up",
        arguments: [
            (200, "delivered", 1), (204, "delivered", 1),
            (400, "dead: answered 400", 3), (401, "dead: answered 401", 3), (404, "dead: answered 404", 3),
            (301, "dead: answered 301", 3), (302, "dead: answered 302", 3), (307, "dead: answered 307", 3),
            (201, "dead: answered 201", 3), (101, "dead: answered 101", 3),
        ])
    func answers(_ status: Int, _ end: String, _ tries: Int) async throws {
        let peers = LogoutPeers()
        peers.answer(party.backchannel, status: status)
        try await withPortal(.telling([party], peers)) { portal in
            try await leave([party], portal)
            for _ in 0..<6 {
                await portal.logouts.deliverDue()
                portal.clock.advance(by: .minutes(20))
            }
            #expect(peers.calls.count == tries)
            #expect(try await portal.noticeStates() == [party.id: end])
        }
    }

    @Test(
        "what passes is tried for a day, less and less often, and then given up",
        arguments: [408, 429, 500, 502, 503, 0])
    func patience(_ status: Int) async throws {
        let peers = LogoutPeers()
        if status == 0 {
            peers.answer(party.backchannel) { request throws(OutboundError) in
                throw .unreachable(request.url.origin)
            }
        } else {
            peers.answer(party.backchannel, status: status)
        }
        let reason = status == 0 ? "https://conformance.exemple.org cannot be reached" : "answered \(status)"
        try await withPortal(.telling([party], peers)) { portal in
            try await leave([party], portal)
            await portal.logouts.deliverDue()
            #expect(try await portal.noticeStates() == [party.id: "waiting: " + reason])
            await portal.logouts.deliverDue()
            #expect(peers.calls.count == 1, "not before its time")
            var counts: [Int] = []
            for _ in 0..<25 {
                for _ in 0..<12 {
                    portal.clock.advance(by: .minutes(5))
                    await portal.logouts.deliverDue()
                }
                counts.append(peers.calls.count)
            }
            #expect((5...13).contains(counts[0]), "in the first hour: \(counts[0])")
            #expect((80...220).contains(counts[23]), "in a day: \(counts[23])")
            #expect(counts[24] == counts[23], "not after it")
            _ = try await portal.stores.maintenance.purge(limit: 9, now: portal.clock.now())
            #expect(try await portal.noticeStates() == [party.id: "dead: " + reason])
            // The operator says: again.
            peers.answer(party.backchannel, status: 200)
            #expect(try await portal.stores.logoutNotices.retry(client: party.id, now: portal.clock.now()) == 1)
            await portal.logouts.deliverDue()
            #expect(try await portal.noticeStates() == [party.id: "delivered: " + reason])
        }
    }

    @Test("an application without a channel is no failure; one that is registered no more is given up, with the reason")
    func channels() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([.conformance], peers)) { portal in
            try await leave([.conformance, .ent, .narrow], portal)
            try portal.write(nil, of: "conformance")
            await portal.clients.refresh()
            await portal.logouts.deliverDue()
            #expect(
                try await portal.noticeStates() == [
                    "conformance": "dead: the client is not registered any more", "ent": "no-channel",
                    "etroite": "no-channel",
                ])
            #expect(peers.calls.isEmpty)
        }
    }

    @Test("while a client's file cannot be read, what is not known is not given up")
    func unreadable() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([party], peers)) { portal in
            try await leave([party], portal)
            // A node that starts now: the broken file is all that it has ever seen of the client.
            try portal.write("client_id: [", of: "conformance")
            var options = TestPortalOptions()
            options.http = peers.http
            try await portal.withNeighbour(options) { neighbour in
                await neighbour.logouts.deliverDue()
                #expect(
                    try await neighbour.noticeStates() == ["conformance": "waiting: the client's file cannot be read"])
                try neighbour.write(try party.toldByUs[party.id], of: "conformance")
                await neighbour.clients.refresh()
                neighbour.clock.advance(by: .minutes(1))
                await neighbour.logouts.deliverDue()
                #expect(peers.calls.count == 1)
            }
        }
    }

    @Test("OA-23: only registered addresses are called, as they are registered now")
    func livePolicy() async throws {
        let peers = LogoutPeers()
        try await withPortal(.telling([party], peers)) { portal in
            let policy = BackchannelLogout.policy(for: portal.clients)
            func passes(_ text: String) throws -> Bool {
                (try? policy.check(try OutboundURL(parsing: text))) != nil
            }
            #expect(try passes(party.backchannel))
            for other in [
                "https://ent.exemple.org/fin", "http://conformance.exemple.org/fin",
                "https://conformance.exemple.org:8443/", "http://127.0.0.1/", "http://[::1]/",
                "https://169.254.169.254/",
                "http://localhost:8409/metrics",
            ] { #expect(try !passes(other), "\(other)") }
            for spelled in [
                "http://127.1/", "http://0x7f.1/", "http://0/", "http://2130706433/", "http://[::ffff:127.0.0.1]/",
                "https://conformance.exemple.org@127.0.0.1/", "https://CONFORMANCE.exemple.org/",
            ] {
                #expect(throws: OutboundError.addressMalformed) { try OutboundURL(parsing: spelled) }
            }
            // The file changes while a notice waits: the new address is called, the old one no more.
            try await leave([party], portal)
            let moved = "https://nouveau.exemple.org/fin"
            try portal.write(
                try party.file(adding: "backchannel_logout_uri: \(moved)\n")[party.id], of: "conformance")
            await portal.clients.refresh()
            #expect(try passes(moved))
            #expect(try !passes(party.backchannel))
            await portal.logouts.deliverDue()
            #expect(peers.calls.map(\.url) == [moved])
        }
    }

    @Test("restart: what was queued is told by another process; what a dead process had taken, after its lease")
    func restart() async throws {
        let peers = LogoutPeers()
        let options = try TestPortalOptions.telling([.conformance, .ent], peers)
        try await withPortal(options) { portal in
            try await leave([.conformance, .ent], portal)
            // A process takes one and dies.
            let taken = try await portal.stores.logoutNotices.take(
                limit: 1, share: 1, lease: LogoutSender.lease, now: portal.clock.now())
            #expect(taken.count == 1)
            try await portal.withNeighbour(options) { neighbour in
                await neighbour.logouts.deliverDue()
                #expect(peers.calls.count == 1)
                neighbour.clock.advance(by: LogoutSender.lease)
                await neighbour.logouts.deliverDue()
                #expect(Set(peers.calls.map(\.url)) == [party.backchannel, TestParty.ent.backchannel])
                #expect(peers.calls.count == 2)
                let states = try await neighbour.noticeStates()
                #expect(states == ["conformance": "delivered", "ent": "delivered"])
            }
        }
    }

    @Test("no notice is under way twice: two nodes, slow applications, each told once")
    func once() async throws {
        let peers = LogoutPeers()
        for party in [TestParty.conformance, .ent] {
            peers.answer(party.backchannel) { _ in
                try? await Task.sleep(for: .milliseconds(20))
                return OutboundResponse(status: 200, contentTypes: [], body: [])
            }
        }
        let options = try TestPortalOptions.telling([.conformance, .ent], peers)
        try await withPortal(options) { portal in
            for _ in 0..<10 { try await leave([.conformance, .ent], portal) }
            try await portal.withNeighbour(options) { neighbour in
                await withTaskGroup(of: Void.self) { group in
                    for sender in [portal.logouts, neighbour.logouts, portal.logouts, neighbour.logouts] {
                        group.addTask { await sender.deliverDue() }
                    }
                }
            }
            #expect(peers.calls.count == 20)
            var names: Set<String> = []
            for call in peers.calls {
                let party = call.url == TestParty.ent.backchannel ? TestParty.ent : .conformance
                names.insert(try await portal.logoutClaims(call.token, at: party).text("sid"))
            }
            #expect(names.count == 20)
            #expect((2...16).contains(peers.mostUnderWay), "at once, and of one application its share at most")
        }
    }

    @Test("BR-10: over the wire, an application that never answers holds up nobody else's notice")
    func deadApplication() async throws {
        let (alive, silent) = (try await Listener(answers: true), try await Listener(answers: false))
        var options = TestPortalOptions(runsServices: true)
        options.parties.merge(
            try TestParty.conformance.file(adding: "backchannel_logout_uri: \(silent.address)\n")
        ) { $1 }
        options.parties.merge(try TestParty.ent.file(adding: "backchannel_logout_uri: \(alive.address)\n")) { $1 }
        options.logouts.slots = 4
        options.logouts.share = 2
        let ways = Mutex<[GuardedHTTPClient]>([])
        options.http = { policy in
            let http = GuardedHTTPClient(policy: policy)
            ways.withLock { $0.append(http) }
            return http
        }
        try await withPortal(options) { portal in
            // More for the silent one than there are places for all.
            for _ in 0..<8 { try await leave([.conformance], portal) }
            for _ in 0..<3 { try await leave([.ent], portal) }
            #expect(try await eventually { alive.requests == 3 })
            let states = try await portal.noticeStates()
            #expect(states["ent"] == "delivered")
            #expect(states["conformance"]?.hasPrefix("waiting") == true)
            #expect(alive.text.hasPrefix("POST /fin HTTP/1.1\r\n"))
            #expect(alive.text.contains("\r\n\r\nlogout_token=ey"))
        }
        for http in ways.withLock({ $0 }) { await http.shutdown() }
        await alive.stop()
        await silent.stop()
    }
}

/// An application on a loopback port: answers 200 to whatever comes, or never says a word.
final class Listener: Sendable {
    /// What came in, a request each.
    final class Notes: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }

    private let channel: any Channel
    private let notes = Notes()
    let address: String

    /// How many requests have come.
    var requests: Int { notes.all.count }
    /// The first of them.
    var text: String { notes.all.first ?? "" }

    init(answers: Bool) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [notes] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answers: answers, notes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        address = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/fin"
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answers: Bool
        private let notes: Notes
        private var text = ""

        init(answers: Bool, _ notes: Notes) {
            self.answers = answers
            self.notes = notes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard let body = text.firstRange(of: "\r\n\r\n")?.upperBound, text[body...].hasPrefix("logout_token=")
            else { return }
            notes.add(text)
            text = ""
            guard answers else { return }
            let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

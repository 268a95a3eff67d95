import Clocks
import Foundation
import JOSE
import LogeTesting
import Outbound
import Stores
import Synchronization
import Testing
import Web

/// The applications' side of back-channel logout: whoever is told to listens, and answers as a test wants.
final class LogoutPeers: Sendable {
    /// One notice that arrived.
    struct Call: Sendable {
        let url: String
        let fields: [(name: String, value: String)]

        var token: String { fields.first { $0.name == "logout_token" }?.value ?? "" }
    }

    private struct State {
        var calls: [Call] = []
        var underWay = 0
        var mostUnderWay = 0
    }

    typealias Answer = @Sendable (OutboundRequest) async throws(OutboundError) -> OutboundResponse

    private let state = Mutex(State())
    private let answers = Mutex<[String: Answer]>([:])

    /// The status that every address without an answer of its own gives.
    private let usual: Int

    init(usual: Int = 200) { self.usual = usual }

    /// Everything that arrived, in its order.
    var calls: [Call] { state.withLock { $0.calls } }
    /// How many were answered at once at most.
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    /// Lets one address answer in its own way from now on.
    func answer(_ url: String, _ answer: @escaping Answer) { answers.withLock { $0[url] = answer } }

    /// Lets one address answer with a status, and with words that nobody may repeat.
    func answer(_ url: String, status: Int) {
        answer(url) { _ in
            OutboundResponse(status: status, contentTypes: ["text/html"], body: Array("<b>canary</b>".utf8))
        }
    }

    /// The way out of a portal: its policy decides first, as it does on the wire.
    var http: @Sendable (OutboundPolicy) -> any OutboundHTTP {
        { policy in Way(peers: self, policy: policy) }
    }

    private struct Way: OutboundHTTP {
        let peers: LogoutPeers
        let policy: OutboundPolicy

        func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
            try policy.check(request.url)
            return try await peers.hear(request)
        }
    }

    private func hear(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        guard case .post(let form) = request.method,
            let fields = try? FormFields(parsing: String(decoding: form, as: UTF8.self))
        else {
            Issue.record("a logout that is no form")
            throw .requestMalformed
        }
        state.withLock { state in
            state.calls.append(Call(url: request.url.text, fields: fields.pairs))
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
        }
        defer { state.withLock { $0.underWay -= 1 } }
        guard let answer = answers.withLock({ $0[request.url.text] }) else {
            return OutboundResponse(status: usual, contentTypes: [], body: [])
        }
        return try await answer(request)
    }
}

extension TestParty {
    /// Where this client hears of the ends of sessions.
    var backchannel: String { "https://\(id).exemple.org/fin?canal=arriere" }
    /// What the browser frames for it.
    var frontchannel: String { "https://\(id).exemple.org/fin-devant?a=b" }

    /// Its file, with more lines.
    func file(adding lines: String) throws -> [String: String] {
        [id: try #require(TestParty.yaml(of: self)) + lines]
    }

    /// Its file, when it wants to be told by us.
    var toldByUs: [String: String] {
        get throws { try file(adding: "backchannel_logout_uri: \"\(backchannel)\"\n") }
    }

    /// Its file, when it wants to be told by the browser.
    var toldByTheBrowser: [String: String] {
        get throws { try file(adding: "frontchannel_logout_uri: \"\(frontchannel)\"\n") }
    }
}

extension TestPortalOptions {
    /// A portal whose applications `parties` are told by us and answer as `peers` do.
    static func telling(
        _ parties: [TestParty], _ peers: LogoutPeers, runsServices: Bool = false
    ) throws -> TestPortalOptions {
        var options = TestPortalOptions(runsServices: runsServices)
        for party in parties { options.parties.merge(try party.toldByUs) { $1 } }
        options.http = peers.http
        return options
    }
}

extension TestPortal {
    /// The address that signs the person out, with a hint.
    func logout(_ party: TestParty, _ idToken: String, returning: Bool = false) -> String {
        var fields = [("id_token_hint", idToken)]
        if returning { fields.append(("post_logout_redirect_uri", "https://\(party.id).exemple.org/parti")) }
        return "/oidc/logout?" + FormFields.encode(fields)
    }

    /// The claims of a logout token, as its client proves them (OpenID Connect Back-Channel Logout §2.6).
    func logoutClaims(_ token: String, at party: TestParty) async throws -> VerifiedClaims {
        let claims = try UnverifiedJWS(compact: token).verified(
            by: try await keySet(), algorithms: [party.algorithm], types: ["logout+jwt"])
        try claims.checkTimes(now: clock.now(), skew: .zero)
        return claims
    }

    /// Replaces or removes the file of a client.
    func write(_ text: String?, of client: String) throws {
        let path = folder + "/parties/\(client).yaml"
        guard let text else { return try FileManager.default.removeItem(atPath: path) }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// What became of the notices of every session so far: client and state.
    func noticeStates() async throws -> [String: String] {
        var states: [String: String] = [:]
        for state in LogoutNoticeState.allCases {
            for report in try await stores.logoutNotices.notices(in: state, limit: 1000) {
                states[report.notice.client] = state.rawValue + (report.lastFailure.map { ": " + $0 } ?? "")
            }
        }
        return states
    }
}

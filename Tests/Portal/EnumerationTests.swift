import Accounts
import Clocks
import HTTPTypes
import LogeTesting
import Testing

/// Nobody learns by trying whether an account exists, is locked or was never activated.
@Suite("ENUM-01, PW-02: the same answer for everybody")
struct EnumerationTests {
    /// Logins of all kinds: known, unknown, locked, never activated, impossible.
    static let logins = [
        "camille.martin", "personne.inconnue", "ahmed.ferme", "nouveau.venu", "lea.petit", "avec un blanc", "x",
        "camille@exemple.fr", String(repeating: "l", count: 400),
    ]

    /// An answer without what is different for each request by nature: the sealed values and what was typed.
    private struct Shape: Equatable {
        let status: Int
        let headers: [String]
        let cookies: Int
        let hops: Int
        let body: String
    }

    private func shape(_ page: Page, typed: String) throws -> Shape {
        var body = page.body
        for form in try page.scan().forms {
            for name in ["s", "e"] { if let seal = form[name] { body = body.replacing(seal, with: "…") } }
        }
        for seal in page.address.split(separator: "?").dropFirst() { body = body.replacing(seal, with: "…") }
        body = body.replacing("value=\"\(typed)\"", with: "value=\"…\"")
        // The length follows from the body, of which what was typed is a part.
        let headers = page.headers.filter { $0.name != .setCookie && $0.name != .contentLength }.map {
            "\($0.name.canonicalName): \($0.value)"
        }
        return Shape(
            status: page.status, headers: headers.sorted(), cookies: page.headers[values: .setCookie].count,
            hops: page.hops.count, body: body)
    }

    /// The shapes of one step for every login; they must be one.
    private func expectOneShape(
        _ step: (TestPortal, TestBrowser, String) async throws -> Page, _ portal: TestPortal,
        location: SourceLocation = #_sourceLocation
    ) async throws -> Shape {
        var shapes: [Shape] = []
        for login in Self.logins {
            let browser = portal.browser()
            shapes.append(try shape(try await step(portal, browser, login), typed: login))
        }
        let first = try #require(shapes.first)
        for (login, shape) in zip(Self.logins, shapes) {
            #expect(shape == first, "\(login.prefix(30))", sourceLocation: location)
        }
        return first
    }

    @Test(
        "sign-in with a wrong secret, try after try, until and past the pause",
        arguments: [
            "un mauvais secret", "AAAA-BBBB-CCCC", String(repeating: "s", count: 1025),
        ])
    func signIn(_ secret: String) async throws {
        try await withPortal { portal in
            var statuses: [Int] = []
            for _ in 0..<7 {
                let shape = try await expectOneShape(
                    { _, browser, login in
                        let page = try await browser.open(
                            TestParty.ent.attempt(["idp_hint": "ent"]).address, from: .crossSite)
                        return try await browser.submit(
                            try page.form(with: "secret"), ["identifiant": login, "secret": secret])
                    }, portal)
                statuses.append(shape.status)
            }
            // The control: the pause comes, for a secret that can be one.
            let isTooLong = secret.utf8.count > 1024
            #expect(statuses == (isTooLong ? Array(repeating: 401, count: 7) : [401, 401, 401, 401, 401, 429, 429]))
        }
    }

    @Test("forgotten password, request after request, until and past the limit")
    func forgotten() async throws {
        try await withPortal { portal in
            let before = try portal.rows()["outbox"] ?? 0
            for _ in 0..<7 {
                let shape = try await expectOneShape(
                    { _, browser, login in
                        let page = try await browser.open("/compte/mot-de-passe-oublie")
                        return try await browser.submit(try page.form(with: "identifiant"), ["identifiant": login])
                    }, portal)
                #expect(shape.status == 200)
            }
            // As much was written for each.
            #expect(try portal.rows()["outbox"] == before + 7 * Self.logins.count)
        }
    }

    /// One try. - Returns: the status.
    private func attempt(_ portal: TestPortal, _ login: String, _ secret: String) async throws -> Int {
        let browser = portal.browser()
        let page = try await browser.open(TestParty.ent.attempt(["idp_hint": "ent"]).address, from: .crossSite)
        return try await browser.submit(try page.form(with: "secret"), ["identifiant": login, "secret": secret]).status
    }

    @Test("PW-02: 200 guesses at once are evaluated five times")
    func parallelGuesses() async throws {
        try await withPortal { portal in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask { try await attempt(portal, "camille.martin", "essai \(number)") }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [401: 5, 429: 195])
            // The right password has to wait like the others, and then opens.
            #expect(try await attempt(portal, "camille.martin", TestPortal.password) == 429)
            portal.clock.advance(by: .minutes(1))
            #expect(try await attempt(portal, "camille.martin", TestPortal.password) == 303)
        }
    }

    @Test("PW-02: all spellings of one login share its tries, passwords and codes too")
    func spellings() async throws {
        try await withPortal { portal in
            let spellings = [
                "camille.martin", "CAMILLE.MARTIN", " camille.martin ", "Camille.Martin", "ｃamille.martin",
            ]
            for (index, login) in spellings.enumerated() {
                let secret = index.isMultiple(of: 2) ? "faux" : "AAAA-BBBB-CCCC"
                let status = try await attempt(portal, login, secret)
                #expect(status == 401, "\(login)")
            }
            for login in spellings {
                let status = try await attempt(portal, login, TestPortal.password)
                #expect(status == 429, "\(login)")
            }
            // Somebody else is not kept waiting.
            let other = try await attempt(portal, "lea.petit", TestPortal.password)
            #expect(other == 303)
        }
    }

    @Test("PW-02, CNIL: at most 25 tries a day, however patient")
    func daily() async throws {
        try await withPortal { portal in
            var evaluated = 0
            for _ in 0..<60 {
                if try await attempt(portal, "camille.martin", "faux") == 401 { evaluated += 1 }
                portal.clock.advance(by: .minutes(16))
            }
            #expect(evaluated <= 25)
            #expect(evaluated >= 20)
        }
    }

    @Test("an empty field is told, and is no try")
    func emptyFields() async throws {
        try await withPortal { portal in
            let before = try portal.rows()
            for (login, secret) in [("", ""), ("camille.martin", ""), ("", TestPortal.password)] {
                #expect(try await attempt(portal, login, secret) == 400)
            }
            #expect(try portal.rows() == before)
        }
    }

    @Test("Retry-After says how long, in whole seconds")
    func retryAfter() async throws {
        try await withPortal { portal in
            for _ in 0..<5 { _ = try await attempt(portal, "camille.martin", "faux") }
            let browser = portal.browser()
            let page = try await browser.open(TestParty.ent.attempt(["idp_hint": "ent"]).address, from: .crossSite)
            let refused = try await browser.submit(
                try page.form(with: "secret"), ["identifiant": "camille.martin", "secret": "faux"])
            #expect(refused.status == 429)
            #expect(refused.headers[.retryAfter] == "60")
            #expect(try refused.scan().words.contains("Attendez 1 min"))
        }
    }
}

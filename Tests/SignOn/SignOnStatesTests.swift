import Clocks
import School
import Stores
import Testing

@testable import SignOn

@Suite("The states of a sign-on")
struct SignOnStatesTests {
    private static let now = Instant(secondsSinceEpoch: 1_788_244_200)

    private func request(
        forces: Bool = false, maximumAge: Duration? = nil, contexts: [AuthenticationContext] = [],
        isEssential: Bool = false, party: String? = nil
    ) -> SignOnRequest {
        SignOnRequest(
            issuer: "oidc", party: party, partyName: nil, payload: "", resumePath: "/", replyOrigin: nil,
            forcesAuthentication: forces, maximumAge: maximumAge, contexts: contexts, contextsAreEssential: isEssential)
    }

    /// A session proved that long before ``now``.
    private func session(_ age: Duration = .zero, acr: String = AuthenticationContext.singleFactor.rawValue) -> Session
    {
        Session(
            id: SessionID("s"), account: AccountID("a"), createdAt: Self.now - age, authenticatedAt: Self.now - age,
            acr: acr, amr: ["pwd"], door: "ent", expiresAt: Self.now + .hours(12), device: "")
    }

    private func account(
        lock: AccountLock? = nil, charter: Int? = nil, mail: String? = nil, mustChange: Bool = false
    ) -> Account {
        Account(
            id: AccountID("a"), login: Login(canonical: "a"),
            person: Person(givenName: "A", familyName: "B", profile: .pupil),
            stage: .active(PasswordRecord(hash: "", changedAt: Self.now, mustChange: mustChange)), lock: lock,
            mail: mail,
            charter: charter.map { CharterAcceptance(version: $0, at: Self.now) }, createdAt: Self.now)
    }

    @Test("a live session does for a request that asks nothing more")
    func plain() {
        #expect(Requested(request(), now: Self.now).isSatisfied(by: session(.hours(11)), now: Self.now))
    }

    @Test("prompt=login: never the session that was there, only a proof given since")
    func forced() {
        let first = Requested(request(forces: true), now: Self.now)
        #expect(!first.isSatisfied(by: session(), now: Self.now))
        let resumed = Requested(resuming: request(forces: true), since: Self.now - .seconds(10))
        #expect(!resumed.isSatisfied(by: session(.seconds(10) + .milliseconds(1)), now: Self.now))
        #expect(resumed.isSatisfied(by: session(.seconds(10)), now: Self.now))
        #expect(resumed.isSatisfied(by: session(), now: Self.now))
    }

    @Test("max_age: to the millisecond; a proof given since the request always does")
    func maximumAge() {
        let first = Requested(request(maximumAge: .seconds(60)), now: Self.now)
        #expect(first.isSatisfied(by: session(.seconds(60) - .milliseconds(1)), now: Self.now))
        #expect(!first.isSatisfied(by: session(.seconds(60)), now: Self.now))
        let zero = Requested(request(maximumAge: .zero), now: Self.now)
        #expect(!zero.isSatisfied(by: session(), now: Self.now))
        // The person took longer than max_age over the pages on the way.
        let resumed = Requested(resuming: request(maximumAge: .zero), since: Self.now - .seconds(30))
        #expect(resumed.isSatisfied(by: session(.seconds(20)), now: Self.now))
        #expect(!resumed.isSatisfied(by: session(.seconds(40)), now: Self.now))
    }

    @Test(
        "BR-08: an essential context is met by it or a stronger one; a voluntary one by any",
        arguments: [
            ([AuthenticationContext.multiFactor], AuthenticationContext.singleFactor.rawValue, true, false),
            ([.multiFactor], AuthenticationContext.multiFactor.rawValue, true, true),
            ([.singleFactor], AuthenticationContext.multiFactor.rawValue, true, true),
            ([.singleFactor], AuthenticationContext.singleFactor.rawValue, true, true),
            ([.singleFactor], "unknown", true, false),
            ([], AuthenticationContext.multiFactor.rawValue, true, false),
            ([.multiFactor], AuthenticationContext.singleFactor.rawValue, false, true),
        ])
    func contexts(_ sample: (asked: [AuthenticationContext], acr: String, isEssential: Bool, isMet: Bool)) {
        let requested = Requested(request(contexts: sample.asked, isEssential: sample.isEssential), now: Self.now)
        #expect(requested.isSatisfied(by: session(acr: sample.acr), now: Self.now) == sample.isMet)
    }

    @Test("the link key is (issuer, subject): nothing else leads to an account")
    func linking() {
        let requested = Requested(request(), now: Self.now).choosing(DoorID("ent"))
        for (issuer, subject) in [
            ("urn:other", "a"), (Identification.localIssuer, "b"), (Identification.localIssuer, "A"),
        ] {
            let identification = Identification(
                issuer: issuer, subject: subject, context: .singleFactor, methods: [], at: Self.now)
            #expect(throws: SignOnRefusal.notLinked) {
                try requested.identified(identification).linked(to: account(), party: nil)
            }
        }
    }

    @Test("there is no grant past a refusal")
    func refusals() throws {
        let rules = ObligationRules(requiresMail: true, charterVersion: 2)
        let met = account(charter: 2, mail: "a@b.fr")
        func granted(
            _ account: Account, _ request: SignOnRequest, _ party: RelyingParty?, of owner: String = "a"
        ) throws -> Granted {
            let live = LiveSession(session: session(), account: account, tokenIssuedAt: Self.now)
            return try Requested(request, now: Self.now).granted(
                with: live, to: party, obligations: rules, now: Self.now)
        }
        let teachers = RelyingParty(id: "x", name: "X", home: nil, profiles: [.teacher], schools: nil)
        #expect(throws: SignOnRefusal.accountLocked) {
            try granted(account(lock: AccountLock(since: Self.now, reason: "")), request(), nil)
        }
        #expect(throws: SignOnRefusal.unknownParty) { try granted(met, request(party: "y"), teachers) }
        #expect(throws: SignOnRefusal.unknownParty) { try granted(met, request(party: "x"), nil) }
        #expect(throws: SignOnRefusal.notAdmitted) { try granted(met, request(party: "x"), teachers) }
        #expect(throws: SignOnRefusal.obligations([.newPassword, .mail, .charter])) {
            try granted(account(charter: 1, mustChange: true), request(), nil)
        }
        #expect(throws: SignOnRefusal.authenticationRequired) { try granted(met, request(forces: true), nil) }
        #expect(try granted(met, request(), nil).account == met)
    }

    @Test(
        "an application with a list of schools admits nobody without one",
        arguments: [
            (nil, nil, true), ("0590116F", nil, true), (nil, "0590116F", false), ("0590116F", "0590116F", true),
            ("0590117G", "0590116F", false),
        ] as [(String?, String?, Bool)])
    func schools(_ sample: (school: String?, admitted: String?, isAdmitted: Bool)) {
        let party = RelyingParty(
            id: "x", name: "X", home: nil, profiles: nil, schools: sample.admitted.flatMap(UAI.init).map { [$0] })
        #expect(party.admits(profile: .pupil, school: sample.school.flatMap(UAI.init)) == sample.isAdmitted)
    }
}

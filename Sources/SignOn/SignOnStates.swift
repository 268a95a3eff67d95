public import Clocks
public import Stores

/// The states of one sign-on. Each holds only its own data and leads to the next; a step that a rule refuses throws
/// ``SignOnRefusal``. There is no other way to a ``Granted`` than through all of them.
///
/// `requested → doorChosen → identified → linked → obligationsMet → granted`
public struct Requested: Sendable {
    /// What the application wants.
    public let request: SignOnRequest
    /// When it came.
    public let since: Instant
    /// Whether the person was sent away to prove who they are, and came back.
    private let isResumed: Bool

    /// A request that came now.
    public init(_ request: SignOnRequest, now: Instant) {
        self.request = request
        since = now
        isResumed = false
    }

    init(resuming request: SignOnRequest, since: Instant) {
        self.request = request
        self.since = since
        isResumed = true
    }

    /// The person chose a door.
    public func choosing(_ door: DoorID) -> DoorChosen { DoorChosen(requested: self, door: door) }

    /// Whether the live session answers the request without a question (OIDC Core §3.1.2.3).
    public func isSatisfied(by session: Session, now: Instant) -> Bool {
        // A proof given since the request came is the one that it asked for; on its first arrival there is none yet.
        let isFresh = isResumed && session.authenticatedAt >= since
        if request.forcesAuthentication, !isFresh { return false }
        if let maximumAge = request.maximumAge, !isFresh, session.authenticatedAt + maximumAge <= now { return false }
        if request.contextsAreEssential {
            guard let context = AuthenticationContext(rawValue: session.acr) else { return false }
            return request.contexts.contains { $0 <= context }
        }
        return true
    }

    /// Goes all the way at once with a live session.
    ///
    /// - Throws: ``SignOnRefusal``.
    public func granted(
        with live: LiveSession, to party: RelyingParty?, obligations: ObligationRules, now: Instant
    ) throws(SignOnRefusal) -> Granted {
        guard isSatisfied(by: live.session, now: now) else { throw .authenticationRequired }
        let linked = try Linked(requested: self, live.account, party: party)
        return try linked.meeting(obligations).granted(in: live.session)
    }
}

/// A door was chosen; nobody is known yet.
public struct DoorChosen: Sendable {
    let requested: Requested
    /// The door.
    public let door: DoorID

    /// The door's provider proved who came through it.
    public func identified(_ identification: Identification) -> Identified {
        Identified(requested: requested, door: door, identification: identification)
    }
}

/// What a provider proved, in no protocol's words. The link key is (issuer, subject): never mail, phone or login.
public struct Identification: Sendable {
    /// Who says so: ``localIssuer`` for our own accounts.
    public let issuer: String
    /// The person's name at that issuer, which it never gives to anybody else.
    public let subject: String
    /// How well.
    public let context: AuthenticationContext
    /// By which means (RFC 8176).
    public let methods: [String]
    /// When.
    public let at: Instant

    /// The issuer of our own accounts, whose subjects are account keys.
    public static let localIssuer = "urn:loge:local-accounts"

    /// What was proved.
    public init(issuer: String, subject: String, context: AuthenticationContext, methods: [String], at: Instant) {
        self.issuer = issuer
        self.subject = subject
        self.context = context
        self.methods = methods
        self.at = at
    }
}

/// Somebody is known to a provider; whom of ours that is, is the next question.
public struct Identified: Sendable {
    let requested: Requested
    /// The door.
    public let door: DoorID
    /// What was proved.
    public let identification: Identification

    /// The identification is linked to this account. Nobody is created here.
    ///
    /// - Throws: ``SignOnRefusal`` `.notLinked`, `.accountLocked` or `.notAdmitted`.
    public func linked(to account: Account, party: RelyingParty?) throws(SignOnRefusal) -> Linked {
        guard identification.issuer == Identification.localIssuer,
            identification.subject == account.id.description
        else { throw .notLinked }
        return try Linked(requested: requested, account, party: party)
    }
}

/// The person of ours is known, may be here, and may enter the application.
public struct Linked: Sendable {
    let requested: Requested
    /// The account.
    public let account: Account

    init(requested: Requested, _ account: Account, party: RelyingParty?) throws(SignOnRefusal) {
        guard account.lock == nil else { throw .accountLocked }
        guard requested.request.party == party?.id else { throw .unknownParty }
        if let party, !party.admits(profile: account.person.profile, school: account.person.school) {
            throw .notAdmitted
        }
        self.requested = requested
        self.account = account
    }

    /// Nothing stands between the person and the application any more.
    ///
    /// - Throws: ``SignOnRefusal`` `.obligations` with those that stand.
    public func meeting(_ rules: ObligationRules) throws(SignOnRefusal) -> ObligationsMet {
        let open = rules.open(for: account)
        guard open.isEmpty else { throw .obligations(open) }
        return ObligationsMet(requested: requested, account: account)
    }
}

/// Every obligation is met.
public struct ObligationsMet: Sendable {
    let requested: Requested
    let account: Account

    /// The grant, in a session of this person.
    ///
    /// - Throws: ``SignOnRefusal`` `.authenticationRequired` when the session is somebody else's.
    public func granted(in session: Session) throws(SignOnRefusal) -> Granted {
        guard session.account == account.id else { throw .authenticationRequired }
        return Granted(request: requested.request, account: account, session: session)
    }
}

/// The application may be told who it is: what an issuer turns into its answer.
public struct Granted: Sendable {
    /// What the application wanted.
    public let request: SignOnRequest
    /// Who it is.
    public let account: Account
    /// The session in which it was proved.
    public let session: Session
}

/// Why a sign-on does not go on.
public enum SignOnRefusal: Error, Sendable, Equatable {
    /// The person must prove who they are (again).
    case authenticationRequired
    /// The identity is linked to nobody of ours.
    case notLinked
    /// The account is locked.
    case accountLocked
    /// The application is not registered, or not any more.
    case unknownParty
    /// The application is not open to this profile or school.
    case notAdmitted
    /// These obligations stand in between.
    case obligations([Obligation])
}

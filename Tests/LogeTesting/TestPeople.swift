public import Accounts
import Clocks
import Cryptography
import School
public import Stores

extension TestPortal {
    /// The activation code of `nouveau.venu`, as the letter prints it.
    public static let activationCode = ActivationCode(random: InsecureSeededRandom(seed: 42)).printed

    /// Operators and the school desk.
    public var administration: AccountAdministration {
        AccountAdministration(accounts: stores.accounts, random: SystemRandom())
    }

    /// The people of every test: `camille.martin` and `lea.petit` (pupils of the collège 0590116F), `paul.durand` (teacher
    /// there), `ahmed.ferme` (locked), `nouveau.venu` (awaits the first connection).
    func addPeople() async throws {
        let pupil = Person(
            givenName: "Camille", familyName: "Martin", profile: .pupil, level: .lowerSecondary,
            school: UAI("0590116F"), className: "6e B", birthDate: "2014-03-09")
        try await add("camille.martin", pupil, mail: "camille@exemple.fr")
        try await add(
            "lea.petit",
            Person(givenName: "Léa", familyName: "Petit", profile: .pupil, level: .lowerSecondary))
        try await add("paul.durand", Person(givenName: "Paul", familyName: "Durand", profile: .teacher))
        try await add(
            "ahmed.ferme", Person(givenName: "Ahmed", familyName: "Ferme", profile: .pupil),
            mail: "ahmed@exemple.fr", lock: AccountLock(since: Self.start, reason: "départ"))
        guard let code = ActivationCode(typed: Self.activationCode) else {
            throw MissingPart(description: "the activation code")
        }
        let newcomer = Account(
            id: AccountID("id-nouveau.venu"), login: Login(canonical: "nouveau.venu"),
            person: Person(givenName: "Nora", familyName: "Venu", profile: .pupil, level: .lowerSecondary),
            stage: .awaitingActivation(expires: Self.start + .days(30)), createdAt: Self.start - .days(1))
        try await stores.accounts.add([(newcomer, code.hash)])
    }

    /// Adds an active account with the ``password``.
    ///
    /// - Throws: `StoreError`.
    public func add(
        _ login: String, _ person: Person, mail: String? = nil, lock: AccountLock? = nil, mustChange: Bool = false
    ) async throws {
        let hash = try await hasher.hash(SecretBytes(Array(Self.password.utf8)))
        let record = PasswordRecord(hash: hash, changedAt: Self.start - .days(1), mustChange: mustChange)
        let account = Account(
            id: AccountID("id-" + login), login: Login(canonical: login), person: person, stage: .active(record),
            lock: lock, mail: mail,
            charter: charterVersion.map { CharterAcceptance(version: $0, at: Self.start - .days(1)) },
            createdAt: Self.start - .days(1))
        try await stores.accounts.add([(account, nil)])
    }

    /// The account of that login.
    ///
    /// - Throws: `StoreError`, or ``MissingPart``.
    public func account(_ login: String) async throws -> Account {
        guard let account = try await stores.accounts.account(login: Login(canonical: login)) else {
            throw MissingPart(description: "no account \(login)")
        }
        return account
    }
}

extension TestBrowser {
    /// Answers the portal's questions on `page` and signs in.
    ///
    /// - Returns: where that leads.
    /// - Throws: ``MissingPart`` when the pages are not those of a sign-in.
    public func enter(
        _ page: Page, as login: String = "camille.martin", secret: String = TestPortal.password
    ) async throws -> Page {
        var page = page
        for _ in 0..<4 {
            let forms = try page.scan().forms
            if let form = forms.first(where: { $0.controls.contains("secret") }) {
                return try await submit(form, ["identifiant": login, "secret": secret])
            }
            if let form = forms.first(where: { form in form.choices.contains { $0.name == "profil" } }) {
                page = try await submit(form, ["profil": "invite"])
            } else if let form = forms.first(where: { $0.choices.contains { $0.name == "memoriser" } }) {
                page = try await submit(form, ["mode": "ent"])
            } else {
                throw MissingPart(description: "no question on \(page.address): \(page.status)")
            }
        }
        throw MissingPart(description: "the questions do not end")
    }

    /// Signs in at the portal's own home.
    ///
    /// - Throws: ``MissingPart`` when that does not lead home.
    @discardableResult
    public func signIn(as login: String = "camille.martin", secret: String = TestPortal.password) async throws -> Page {
        let page = try await enter(try await open("/"), as: login, secret: secret)
        guard page.status == 200, page.address == "/" else {
            throw MissingPart(description: "\(login) did not come in: \(page.status) \(page.address)")
        }
        return page
    }
}

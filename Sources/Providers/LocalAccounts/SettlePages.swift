import Accounts
import Clocks
import Cryptography
import HTTPTypes
import Hummingbird
import School
import SignOn
import SignOnHTTP
import Stores
import Web

extension LocalAccountsProvider {
    /// The page has only a form that posts; who comes by address goes back to the door.
    @Sendable func showFirstConnectionAgain(_ request: Request, _ context: RoleContext) async throws -> Response {
        .redirectWithin("/")
    }

    /// What was still open is settled: the activation code is consumed with the password that replaces it, or the
    /// obligations of an account in use are met.
    @Sendable func settle(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        guard
            let carried = exchange.seals.open(
                fields["e"] ?? "", purpose: UnsettledState.purpose, lifetime: UnsettledState.lifetime,
                as: UnsettledState.self)
        else {
            throw Problem(.badRequest, .expired, action: .restart, detail: "unsettled sign-on unreadable or too old")
        }
        let unsettled = carried.value
        let pending = try exchange.takeUp(unsettled.state, from: request)
        guard let account = try await accounts.account(id: AccountID(unsettled.account)), account.lock == nil,
            account.revision == unsettled.revision
        else {
            throw Problem(
                .badRequest, .expired, action: .restart, detail: "account gone, locked or changed while settling")
        }
        let now = clock.now()
        var failures = confirmationFailures(fields, unsettled, account)
        var settled: Account?
        if let code = unsettled.code {
            guard let activation = ActivationCode(typed: code) else {
                throw Problem(.badRequest, .expired, action: .restart, detail: "no activation code in the state")
            }
            if !failures.isEmpty {
                failures += activations.failures(of: form(fields), for: account, with: activation, rules: rules)
                    .map(SettleFailure.init)
                return try settlePage(unsettled, account, pending, request, failures, fields)
            }
            switch try await activations.activate(account.id, with: activation, form(fields), rules: rules, now: now) {
            case .activated(let activated): settled = activated
            case .invalid(let invalid): failures = invalid.map(SettleFailure.init)
            case .refused:
                throw Problem(.badRequest, .expired, action: .restart, detail: "activation code used or expired")
            case .busy(let pause): return busyPage(pause, retryURL: "/", request, pending.request)
            }
        } else if failures.isEmpty {
            (settled, failures) = try await meetObligations(fields, account, now: now)
        }
        guard let settled, failures.isEmpty else {
            return try settlePage(unsettled, account, pending, request, failures, fields)
        }
        let door = DoorState(
            state: unsettled.state, door: DoorID(unsettled.door), level: unsettled.level.flatMap(Level.init(rawValue:)))
        // Who has just chosen the password has proved who they are now; for others the proof is as old as it is.
        let proof = asksPassword(unsettled, account) ? now : Instant(millisecondsSinceEpoch: unsettled.at)
        return try await identified(settled, door, pending, at: proof, request)
    }

    private func form(_ fields: FormFields) -> FirstConnectionForm {
        FirstConnectionForm(
            password: fields["motDePasse"] ?? "", mail: fields["mail"] ?? "", mobile: fields["mobile"] ?? "",
            acceptedCharter: fields["charte"] == "oui" ? rules.charterVersion : nil)
    }

    private func asksPassword(_ unsettled: UnsettledState, _ account: Account) -> Bool {
        unsettled.code != nil || obligations.open(for: account).contains(.newPassword)
    }

    private func confirmationFailures(
        _ fields: FormFields, _ unsettled: UnsettledState, _ account: Account
    ) -> [SettleFailure] {
        guard asksPassword(unsettled, account), fields["motDePasse"] != fields["confirmation"] else { return [] }
        return [SettleFailure(field: "confirmation", section: "password", key: "error_confirmation", values: [:])]
    }

    /// Meets what stands open for an account in use; nothing is written before everything is right.
    private func meetObligations(
        _ fields: FormFields, _ account: Account, now: Instant
    ) async throws -> (Account?, [SettleFailure]) {
        let open = obligations.open(for: account)
        let form = form(fields)
        var failures: [SettleFailure] = []
        if open.contains(.newPassword) {
            failures += rules.password.failures(of: form.password, login: account.login, person: account.person)
                .map { SettleFailure(FirstConnectionFailure.password($0)) }
        }
        let mail = MailAddress(form.mail)
        if open.contains(.mail), mail == nil {
            failures.append(SettleFailure(form.mail.isEmpty ? .mailMissing : .mailMalformed))
        }
        if open.contains(.charter), form.acceptedCharter == nil { failures.append(SettleFailure(.charterNotAccepted)) }
        guard failures.isEmpty else { return (nil, failures) }
        if open.contains(.newPassword), case .active(let record) = account.stage {
            let password = PasswordText.bytes(form.password)
            if try await hasher.verify(password, against: record.hash) {
                return (nil, [SettleFailure(field: "motDePasse", section: "password", key: "error_same", values: [:])])
            }
            let hash = try await hasher.hash(password)
            guard try await accounts.changePassword(of: account.id, from: record.hash, to: hash, now: now) else {
                throw Problem(.badRequest, .expired, action: .restart, detail: "password changed meanwhile")
            }
        }
        if open.contains(.mail), let mail {
            try await accounts.setContact(account.id, mail: mail.description, mobile: account.mobile)
        }
        if open.contains(.charter), let version = form.acceptedCharter {
            try await accounts.acceptCharter(account.id, version: version, now: now)
        }
        return (try await accounts.account(id: account.id), [])
    }

    func settlePage(
        _ unsettled: UnsettledState, _ account: Account, _ pending: PendingSignOn, _ request: Request,
        _ failures: [SettleFailure], _ fields: FormFields = FormFields([])
    ) throws -> Response {
        let isFirst = unsettled.code != nil
        let open = obligations.open(for: account)
        let level = unsettled.level.flatMap(Level.init(rawValue:))
        let view = pages.view(of: request, at: exchange.site, signOn: pending.request, level: level, path: "/")
        let texts = pages.texts(view.language)
        let seal = try exchange.seals.seal(unsettled, purpose: UnsettledState.purpose)
        let asksPassword = asksPassword(unsettled, account)
        var values: [String: PageValue] = [
            "action": .text(LocalAccountsRoutes.firstConnection.path), "hidden": .hidden([("e", seal)]),
            "name": .text(account.person.givenName), "login": .text(account.login.description),
            "asksPassword": .flag(asksPassword), "needsScript": .flag(asksPassword),
            "asksMail": .flag(isFirst || open.contains(.mail)), "mailRequired": .flag(rules.mailRequired),
            "asksMobile": .flag(isFirst),
            "asksCharter": .flag(rules.charterVersion != nil && (isFirst || open.contains(.charter))),
            "charterSections": .list(Self.charter(texts)),
            "mailValue": .optional(fields["mail"] ?? account.mail),
            "mobileValue": .optional(fields["mobile"] ?? account.mobile),
            "charteChecked": .flag(fields["charte"] == "oui"),
            "application": pending.request.applicationValue,
        ]
        values.merge(passwordRuleValues(texts)) { $1 }
        values.merge(SettleFailure.values(failures, texts)) { $1 }
        return pages.response(
            "account-first-connection", title: texts.text("first", isFirst ? "title" : "title_missing"), values,
            view: view, status: failures.isEmpty ? .ok : .unprocessableContent,
            formTargets: pending.request.replyOrigin.map { [$0] } ?? [])
    }

    func passwordRuleValues(_ texts: Texts) -> [String: PageValue] {
        var list: [PageValue] = [
            [
                "id": "length",
                "label": .text(texts.text("password", "rule_length", ["count": String(rules.password.minLength)])),
            ]
        ]
        if rules.password.classes > 0 {
            list.append([
                "id": "classes",
                "label": .text(texts.text("password", "rule_classes", ["count": String(rules.password.classes)])),
            ])
        }
        list.append(["id": "login", "label": .text(texts.text("password", "rule_login"))])
        list.append(["id": "known", "label": .text(texts.text("password", "rule_known"))])
        return [
            "passwordRules": .list(list), "minLength": .text(String(rules.password.minLength)),
            "classes": .text(String(rules.password.classes)),
        ]
    }

    private static func charter(_ texts: Texts) -> [PageValue] {
        ["purpose", "personal", "respect", "works", "data", "trouble"].map { part in
            [
                "title": .text(texts.text("charter", part + "_title")),
                "body": .text(texts.text("charter", part + "_body")),
            ]
        }
    }
}

/// One thing to correct: which field, and in which words.
struct SettleFailure: Sendable {
    let field: String
    let section: String
    let key: String
    let values: [String: String]

    init(field: String, section: String, key: String, values: [String: String]) {
        self.field = field
        self.section = section
        self.key = key
        self.values = values
    }

    init(_ failure: FirstConnectionFailure) {
        switch failure {
        case .password(let rule): self.init(rule)
        case .mailMissing: self.init(field: "mail", section: "first", key: "error_mail_empty", values: [:])
        case .mailMalformed: self.init(field: "mail", section: "first", key: "error_mail", values: [:])
        case .mobileMalformed: self.init(field: "mobile", section: "first", key: "error_mobile", values: [:])
        case .charterNotAccepted: self.init(field: "charte", section: "first", key: "error_charter", values: [:])
        }
    }

    init(_ rule: PasswordRuleFailure) {
        let (key, values): (String, [String: String]) =
            switch rule {
            case .tooShort(let minimum): ("error_length", ["count": String(minimum)])
            case .tooLong(let maximum): ("error_too_long", ["count": String(maximum)])
            case .tooFewClasses: ("error_classes", [:])
            case .containsLogin, .containsName: ("error_login", [:])
            case .tooCommon: ("error_known", [:])
            case .isActivationCode: ("error_code", [:])
            }
        self.init(field: "motDePasse", section: "password", key: key, values: values)
    }

    /// What the page templates want of the failures.
    static func values(_ failures: [SettleFailure], _ texts: Texts) -> [String: PageValue] {
        var values: [String: PageValue] = ["hasErrors": .flag(!failures.isEmpty)]
        var list: [PageValue] = []
        for failure in failures {
            let message = texts.text(failure.section, failure.key, failure.values)
            list.append(["field": .text(failure.field), "message": .text(message)])
            if values[failure.field + "Error"] == nil { values[failure.field + "Error"] = .text(message) }
        }
        values["errors"] = .list(list)
        return values
    }
}

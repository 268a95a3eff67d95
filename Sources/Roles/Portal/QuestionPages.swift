import Clocks
import HTTPTypes
public import Hummingbird
import LocalAccountsProvider
import OpenIDConnectIssuer
import School
import SignOn
import SignOnHTTP
public import Web

extension PortalDesk {
    /// Mounts every page.
    public func mount(on router: Router<RoleContext>) {
        router.get("\(PortalRoutes.home.path)", use: home)
        router.get("\(PortalRoutes.questions.path)", use: ask)
        router.post("\(PortalRoutes.questions.path)", use: choose)
        router.get("\(PortalRoutes.memory.path)", use: showMemory)
        router.post("\(PortalRoutes.memory.path)", use: eraseMemory)
        router.get("\(PortalRoutes.arrived.path)", use: arrived)
        router.post("\(PortalRoutes.endSession.path)", use: endSessions)
    }

    /// The answers given so far: they stand in the address, so that the back button and a second tab just work.
    private struct Answers {
        let state: String
        let profile: String?
        let level: String?

        var pairs: [(String, String)] {
            var pairs = [(SignOnExchange.stateField, state)]
            if let profile { pairs.append(("profil", profile)) }
            if let level { pairs.append(("niveau", level)) }
            return pairs
        }
    }

    /// `GET /connexion`: the next question; or at once the remembered door, or the one that the application names.
    @Sendable func ask(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try request.queryFields()
        guard let state = fields[SignOnExchange.stateField] else { return .redirectWithin("/") }
        let pending = try exchange.takeUp(state, from: request)
        let answers = Answers(state: state, profile: fields["profil"], level: fields["niveau"])
        let isChanging = fields["changer"] != nil
        if answers.profile == nil, !isChanging {
            if let hint = pending.request.doorHint, let door = plan.doors[DoorID(hint)] {
                return .redirectWithin(doorPath(door, state: state, level: nil))
            }
            if let choices = memory(of: request)?.choices(in: plan) {
                // Straight to the door (J1): its page says that it was remembered, and how to change that.
                return .redirectWithin(doorPath(choices.door, state: state, level: choices.level?.level))
            }
        }
        switch plan.question(profile: answers.profile, level: answers.level) {
        case .profile: return profilePage(answers, pending, request)
        case .level(let profile): return levelPage(profile, answers, pending, request)
        case .door(let profile, let level, let doors):
            return doorPage(profile, level, doors, answers, pending, request)
        }
    }

    /// `POST /connexion`: the door is chosen, and remembered or not.
    @Sendable func choose(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        let state = fields[SignOnExchange.stateField]
        let pending = try exchange.takeUp(state, from: request)
        let answers = Answers(state: state ?? "", profile: fields["profil"], level: fields["niveau"])
        guard
            case .door(let profile, let level, let doors) = plan.question(
                profile: answers.profile, level: answers.level)
        else { return .redirectWithin(PortalRoutes.questions.with(answers.pairs)) }
        guard let mode = fields["mode"], let door = doors.first(where: { $0.id.description == mode }) else {
            return doorPage(
                profile, level, doors, answers, pending, request, error: "mode_missing",
                remembers: fields["memoriser"] == "oui")
        }
        var headers = HTTPFields()
        if fields["memoriser"] == "oui" {
            let memory = DoorMemory(profile: profile.id, level: level?.level.rawValue, door: door.id)
            memoryCookie.set(
                try exchange.seals.seal(memory, purpose: DoorMemory.purpose), maximumAge: DoorMemory.lifetime,
                in: &headers)
        } else {
            memoryCookie.erase(in: &headers)
        }
        return .redirectWithin(doorPath(door, state: answers.state, level: level?.level), headers: headers)
    }

    private func doorPath(_ door: Door, state: String, level: Level?) -> String {
        switch door.provider {
        case .localAccounts: LocalAccountsProvider.signInPath(state: state, door: door.id, level: level)
        }
    }

    // MARK: Pages

    private func profilePage(_ answers: Answers, _ pending: PendingSignOn, _ request: Request) -> Response {
        let view = self.view(answers, pending, request)
        let texts = pages.texts(view.language)
        return pages.response(
            "portal-profile", title: texts.text("portal", "profile_title"),
            common(pending, texts, state: answers.state, step: 1).merging([
                "action": .text(PortalRoutes.questions.path),
                "hidden": .hidden([(SignOnExchange.stateField, answers.state), ("changer", "1")]),
                "profiles": .list(
                    plan.profiles.map { profile in
                        [
                            "value": .text(profile.id), "label": .text(label(of: profile, texts)),
                            "icon": .optional(profile.icon.flatMap { pages.asset("icon-\($0).svg") }),
                        ]
                    }),
            ]) { $1 }, view: view)
    }

    private func levelPage(
        _ profile: ProfileChoice, _ answers: Answers, _ pending: PendingSignOn, _ request: Request
    ) -> Response {
        let view = self.view(answers, pending, request)
        let texts = pages.texts(view.language)
        return pages.response(
            "portal-level", title: texts.text("portal", "level_title"),
            common(pending, texts, state: answers.state, step: 2).merging([
                "action": .text(PortalRoutes.questions.path),
                "hidden": .hidden([(SignOnExchange.stateField, answers.state), ("profil", profile.id)]),
                "chosen": .list([chosen(label(of: profile, texts), back: [(SignOnExchange.stateField, answers.state)])]
                ),
                "levels": .list(
                    profile.levels.map { level in
                        [
                            "value": .text(level.level.rawValue), "label": .text(label(of: level, texts)),
                            "hint": .text(texts.text("level", level.level.rawValue + "_hint")),
                        ]
                    }),
            ]) { $1 }, view: view)
    }

    private func doorPage(
        _ profile: ProfileChoice, _ level: LevelChoice?, _ doors: [Door], _ answers: Answers,
        _ pending: PendingSignOn, _ request: Request, error: String? = nil, remembers: Bool = false
    ) -> Response {
        let view = self.view(answers, pending, request)
        let texts = pages.texts(view.language)
        let state = (SignOnExchange.stateField, answers.state)
        var made = [chosen(label(of: profile, texts), back: [state])]
        var hidden = [state, ("profil", profile.id)]
        if let level {
            made.append(chosen(label(of: level, texts), back: [state, ("profil", profile.id)]))
            hidden.append(("niveau", level.level.rawValue))
        }
        let isSingle = doors.count == 1
        return pages.response(
            "portal-mode", title: texts.text("portal", isSingle ? "mode_title_single" : "mode_title"),
            common(pending, texts, state: answers.state, step: 3).merging([
                "action": .text(PortalRoutes.questions.path), "hidden": .hidden(hidden), "chosen": .list(made),
                "singleMode": .flag(isSingle), "rememberYes": .flag(remembers),
                "error": .optional(error.map { texts.text("portal", $0) }), "hasErrors": .flag(error != nil),
                "modes": .list(
                    doors.map { door in
                        [
                            "value": .text(door.id.description), "label": .text(label(of: door, texts)),
                            "hint": .optional(hint(of: door, texts)), "checked": false,
                        ]
                    }),
            ]) { $1 }, view: view, status: error == nil ? .ok : .badRequest)
    }

    private func view(_ answers: Answers, _ pending: PendingSignOn, _ request: Request) -> PageView {
        pages.view(
            of: request, at: exchange.site, signOn: pending.request,
            level: answers.level.flatMap(Level.init(rawValue:)), path: PortalRoutes.questions.with(answers.pairs))
    }

    private func chosen(_ label: String, back: [(String, String)]) -> PageValue {
        ["label": .text(label), "changeURL": .text(PortalRoutes.questions.with(back + [("changer", "1")]))]
    }

    /// French is the operator's own wording; other languages are ours, where we have the word.
    func label(of profile: ProfileChoice, _ texts: Texts) -> String {
        texts.isFrench ? profile.label : texts.find("profile", profile.id) ?? profile.label
    }

    func label(of level: LevelChoice, _ texts: Texts) -> String {
        texts.isFrench ? level.label : texts.find("level", level.level.rawValue) ?? level.label
    }

    func label(of door: Door, _ texts: Texts) -> String {
        texts.isFrench ? door.label : texts.find("mode", door.id.description) ?? door.label
    }

    private func hint(of door: Door, _ texts: Texts) -> String? {
        texts.isFrench ? door.hint : texts.find("mode", door.id.description + "_hint") ?? door.hint
    }

    /// The application's name, the steps, and the way to the memory.
    private func common(_ pending: PendingSignOn, _ texts: Texts, state: String, step: Int) -> [String: PageValue] {
        [
            "application": pending.request.applicationValue,
            "footLinks": pending.request.footLinks(texts, state: state, memory: PortalRoutes.memory.path),
            "steps": .list(
                ["step_profile", "step_level", "step_mode"].enumerated().map { index, key in
                    [
                        "number": .text(String(index + 1)), "label": .text(texts.text("portal", key)),
                        "current": .flag(index + 1 == step), "done": .flag(index + 1 < step),
                    ]
                }),
        ]
    }
}

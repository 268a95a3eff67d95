import Clocks
import HTTPTypes
import Hummingbird
import School
import SignOn
import SignOnHTTP
import Web

extension PortalDesk {
    /// What this browser remembers; `nil` for nothing, and for what we did not seal.
    func memory(of request: Request) -> DoorMemory? {
        memoryCookie.value(in: request.headers).flatMap {
            exchange.seals.open($0, purpose: DoorMemory.purpose, lifetime: DoorMemory.lifetime, as: DoorMemory.self)
        }?.value
    }

    /// What the door's page says when this browser remembered it: the three answers, and where to change them; `nil` when the
    /// person came by another way.
    func remembered(
        _ request: Request, _ texts: Texts, door: DoorID, state: String
    ) -> (sentence: String, changeURL: String)? {
        guard let memory = memory(of: request), memory.door == door else { return nil }
        let sentence = sentence(memory, texts)
        guard !sentence.isEmpty else { return nil }
        return (
            sentence, PortalRoutes.questions.with([(SignOnExchange.stateField, state), ("changer", "1")])
        )
    }

    /// "Vous entrez par EduConnect, parent, collège."
    func sentence(_ memory: DoorMemory, _ texts: Texts) -> String {
        guard let (profile, level, door) = memory.choices(in: plan) else { return "" }
        let levelName = level.map { texts.find("level_short", $0.level.rawValue) ?? $0.label }
        let values = [
            "door": label(of: door, texts), "profile": texts.find("profile_short", profile.id) ?? profile.label,
            "level": levelName ?? "",
        ]
        return texts.text("portal", level == nil ? "remembered_sentence_short" : "remembered_sentence", values)
    }

    @Sendable func showMemory(_ request: Request, _ context: RoleContext) async throws -> Response {
        memoryPage(request, memory(of: request), isErased: false, back: try request.queryFields()["retour"])
    }

    @Sendable func eraseMemory(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        var headers = HTTPFields()
        memoryCookie.erase(in: &headers)
        return memoryPage(request, nil, isErased: true, back: fields["retour"], headers: headers)
    }

    private func memoryPage(
        _ request: Request, _ memory: DoorMemory?, isErased: Bool, back: String?, headers: HTTPFields = HTTPFields()
    ) -> Response {
        let view = pages.view(of: request, at: exchange.site, path: PortalRoutes.memory.path)
        let texts = pages.texts(view.language)
        var items: [PageValue] = []
        func add(_ key: String, _ value: String) {
            items.append(["label": .text(texts.text("portal", key)), "value": .text(value)])
        }
        if let (profile, level, door) = memory?.choices(in: plan) {
            add("memory_profile", label(of: profile, texts))
            if let level { add("memory_level", label(of: level, texts)) }
            add("memory_door", label(of: door, texts))
        }
        let safeBack = back.flatMap { LocalPath.isSafe($0) ? $0 : nil } ?? "/"
        return pages.response(
            "portal-memory", title: texts.text("portal", "memory_title"),
            [
                "items": .list(items), "empty": .flag(items.isEmpty), "done": .flag(isErased),
                "action": .text(PortalRoutes.memory.path), "hidden": .hidden([("retour", safeBack)]),
                "backURL": .text(safeBack),
            ], view: view, headers: headers)
    }
}

import Clocks
import HTTPTypes
import Hummingbird
import Web

extension ENTRole {
    /// Mes applis.
    func apps(_ request: Request, _ visit: ENTVisit) async throws -> Response {
        let apps = [
            ("app_news", "icon-news.svg", ENTRoutes.news.path),
            ("app_class", "icon-class.svg", ENTRoutes.classroom.path),
            ("app_account", "icon-tools.svg", configuration.issuer), ("app_notebook", "icon-book.svg", nil),
            ("app_messages", "icon-messages.svg", nil), ("app_pronote", "icon-notes.svg", nil),
            ("app_livret", "icon-notes.svg", nil), ("app_library", "icon-book.svg", nil),
        ].map { key, icon, url -> PageValue in
            [
                "label": .text(visit.texts.text("ent", key)), "icon": .optional(pages.asset(icon)),
                "url": .optional(url), "available": .flag(url != nil),
            ]
        }
        return page("ent-apps", "apps_title", visit, ["apps": .list(apps)])
    }

    /// La classe.
    func classroom(_ request: Request, _ visit: ENTVisit) async throws -> Response {
        let classroom = visit.visitor.className.map { Classroom(name: $0, visitor: visit.visitor.name) }
        let members = (classroom?.members ?? []).map { member -> PageValue in
            ["name": .text(member.name), "role": .text(visit.texts.text("ent", member.role))]
        }
        return page(
            "ent-class", "class_title", visit,
            [
                "className": .optional(classroom?.name), "members": .list(members),
                "notice": classroom == nil ? .text(visit.texts.text("ent", "class_none")) : .flag(false),
            ])
    }

    /// Fil de nouveautés.
    func news(_ request: Request, _ visit: ENTVisit) async throws -> Response {
        let posts = Post.all(for: visit.visitor, now: clock.now()).map { post -> PageValue in
            [
                "author": .text(post.author), "date": .text(post.date), "title": .text(post.title),
                "body": .text(post.body),
            ]
        }
        return page("ent-news", "news_title", visit, ["posts": .list(posts)])
    }

    /// `GET /preferences`.
    func showPreferences(_ request: Request, _ visit: ENTVisit) async throws -> Response {
        preferencesPage(visit, isSaved: try request.queryFields()["fait"] != nil)
    }

    /// `POST /preferences`.
    func savePreferences(_ request: Request) async throws -> Response {
        let fields = try await request.ownFormFields(at: configuration.site)
        guard let visitor = await visitor(of: request), isOwn(fields, visitor) else {
            return .redirectWithin(ENTRoutes.preferences.path)
        }
        let theme = fields["theme"].flatMap { Self.themes.contains($0) ? $0 : nil }
        let language = fields["langue"].flatMap(Language.init(rawValue:))
        try await memory.change(visitor.key) { person in
            if let theme { person.theme = theme }
            if let language { person.language = language.rawValue }
        }
        var headers = HTTPFields()
        if let language {
            RoleCookie("langue", at: configuration.site).set(language.rawValue, maximumAge: .days(365), in: &headers)
        }
        return .redirectWithin(ENTRoutes.preferences.with([("fait", "1")]), headers: headers)
    }

    private static let themes = ["ecole", "college"]

    private func preferencesPage(_ visit: ENTVisit, isSaved: Bool) -> Response {
        let themes = Self.themes.map { name -> PageValue in
            [
                "value": .text(name), "label": .text(visit.texts.text("ent", "theme_" + name)),
                "hint": .text(visit.texts.text("ent", "theme_\(name)_hint")),
                "checked": .flag(name == visit.view.theme),
            ]
        }
        let languages = Language.allCases.map { language -> PageValue in
            [
                "value": .text(language.rawValue), "label": .text(language.name),
                "checked": .flag(language == visit.view.language),
            ]
        }
        return page(
            "ent-preferences", "preferences_title", visit,
            [
                "action": .text(ENTRoutes.preferences.path),
                "hidden": .hidden([(ENTRoutes.tokenField, visit.visitor.token)]), "saved": .flag(isSaved),
                "themes": .list(themes), "languageChoices": .list(languages),
            ])
    }

    private func page(
        _ name: String, _ title: String, _ visit: ENTVisit, _ values: [String: PageValue]
    ) -> Response {
        let common: [String: PageValue] = ["nav": visit.nav, "signedIn": visit.signedIn]
        return pages.response(
            name, title: visit.texts.text("ent", title), values.merging(common) { $1 }, view: visit.view)
    }
}

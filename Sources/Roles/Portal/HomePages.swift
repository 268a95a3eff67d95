import Clocks
import Foundation
import HTTPTypes
import Hummingbird
import LocalAccountsProvider
import OpenIDConnectIssuer
import School
import SignOn
import SignOnHTTP
import Stores
import Web

extension PortalDesk {
    /// `GET /`: the home of who is signed in; for others, the questions.
    @Sendable func home(_ request: Request, _ context: RoleContext) async throws -> Response {
        guard let live = try await exchange.session(of: request) else {
            return try exchange.sendToPortal(ownRequest(), from: request)
        }
        return try await homePage(live, request, notice: nil)
    }

    /// A sign-on that began here comes back: the session is looked at, not the address.
    @Sendable func arrived(_ request: Request, _ context: RoleContext) async throws -> Response {
        let pending = try exchange.takeUp(try request.queryFields()[SignOnExchange.stateField], from: request)
        guard try await exchange.session(of: request) != nil else {
            return try exchange.sendToPortal(pending.requested, from: request)
        }
        return .redirectWithin(PortalRoutes.home.path)
    }

    /// Ends one session of the person, or all but this one.
    @Sendable func endSessions(_ request: Request, _ context: RoleContext) async throws -> Response {
        let fields = try await request.ownFormFields(at: exchange.site)
        guard let live = try await exchange.session(of: request) else {
            return .redirectWithin(PortalRoutes.home.path)
        }
        // WEB-01: the field repeats who is signed in, so that a form of an earlier person on this computer does nothing.
        guard fields["compte"] == live.session.id.description else { return .redirectWithin(PortalRoutes.home.path) }
        if fields["toutes"] != nil {
            try await exchange.desk.endAll(of: live.account.id, except: live.session.id)
            return try await homePage(live, request, notice: "ended_all")
        }
        if let id = fields["session"] {
            try await exchange.desk.end(SessionID(id), of: live.account.id)
            return try await homePage(live, request, notice: "ended")
        }
        return .redirectWithin(PortalRoutes.home.path)
    }

    private func homePage(_ live: LiveSession, _ request: Request, notice: String?) async throws -> Response {
        let person = live.account.person
        let view = pages.view(
            of: request, at: exchange.site, level: person.level, path: PortalRoutes.home.path)
        let texts = pages.texts(view.language)
        let sessions = try await exchange.desk.sessions(of: live.account.id)
        let own = ("compte", live.session.id.description)
        let rows: [PageValue] = sessions.map { session in
            let isCurrent = session.id == live.session.id
            return [
                "device": .text(session.device), "since": .text(Self.date(session.createdAt)),
                "current": .flag(isCurrent),
                "endForm": isCurrent
                    ? .flag(false)
                    : [
                        "action": .text(PortalRoutes.endSession.path),
                        "hidden": .hidden([own, ("session", session.id.description)]),
                    ],
            ]
        }
        let applications: [PageValue] = clients.all.compactMap { client in
            guard let home = client.party.home, client.party.admits(profile: person.profile, school: person.school)
            else { return nil }
            return ["name": .text(client.party.name), "url": .text(home)]
        }
        return pages.response(
            "home", title: texts.text("home", "title"),
            [
                "name": .text(person.givenName), "profileLabel": .flag(false),
                "applications": .list(applications), "sessions": .list(rows),
                "endAllForm": sessions.count > 1
                    ? [
                        "action": .text(PortalRoutes.endSession.path), "hidden": .hidden([own, ("toutes", "1")]),
                    ] : .flag(false),
                "notice": .optional(notice.map { texts.text("home", $0) }),
                "passwordURL": .text(LocalAccountsRoutes.forgotten.path),
                "signOutURL": .text(OpenIDRoutes.endSession.path),
                "footLinks": [
                    ["label": .text(texts.text("common", "memory_link")), "url": .text(PortalRoutes.memory.path)]
                ],
            ], view: view)
    }

    /// A date as people here write it, in Paris time.
    private static func date(_ instant: Instant) -> String {
        var style = Date.FormatStyle(date: .numeric, time: .shortened, locale: Locale(identifier: "fr_FR"))
        style.timeZone = TimeZone(identifier: "Europe/Paris") ?? .gmt
        return Date(timeIntervalSince1970: Double(instant.secondsSinceEpoch)).formatted(style)
    }
}

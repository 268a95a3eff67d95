internal import Clocks
internal import Foundation
internal import HTTPTypes
public import Hummingbird
internal import NIOCore
public import Web

/// The pages of the demo's mailbox: every message, each message, and the same as JSON for tests.
public struct InboxRole: Sendable {
    /// All messages, the newest first.
    public static let list = Route("/")
    /// The same as JSON; `?to=` narrows it to one recipient.
    public static let json = Route("/messages.json")
    /// One message.
    public static func message(_ id: Int) -> Route { Route("/messages/\(id)") }

    private let shelf: MessageShelf
    private let pages: Pages
    private let site: RoleSite

    /// The role over `shelf`.
    public init(shelf: MessageShelf, pages: Pages, site: RoleSite) {
        self.shelf = shelf
        self.pages = pages
        self.site = site
    }

    /// Mounts the routes, the static files included.
    public func mount(on router: Router<RoleContext>) {
        pages.mount(on: router, site: site)
        router.get("\(Self.list.path)") { request, _ in try showList(request) }
        router.get("\(Self.json.path)") { request, _ in try showJSON(request) }
        router.get("/messages/:id") { request, context in
            try showMessage(request, context.parameters.get("id", as: Int.self))
        }
    }

    private func showList(_ request: Request) throws -> Response {
        try refuseOtherHosts(request)
        let view = view(request)
        let texts = pages.texts(view.language)
        let messages = shelf.messages.map { message -> PageValue in
            [
                "kind": .text(texts.text("inbox", "kind_\(message.kind.rawValue)")),
                "isMail": .flag(message.kind == .mail), "isSms": .flag(message.kind == .sms),
                "to": .text(message.to.joined(separator: ", ")), "subject": .text(subject(message, texts)),
                "date": .text(message.receivedAt.forPeople), "url": .text(Self.message(message.id).path),
            ]
        }
        return pages.response(
            "inbox-list", title: texts.text("inbox", "title"),
            ["empty": .flag(messages.isEmpty), "refreshURL": .text(Self.list.path), "messages": .list(messages)],
            view: view)
    }

    private func showMessage(_ request: Request, _ id: Int?) throws -> Response {
        try refuseOtherHosts(request)
        guard let message = id.flatMap(shelf.message) else {
            throw Problem(.notFound, .notFound, detail: "no such message")
        }
        let view = view(request)
        let subject = subject(message, pages.texts(view.language))
        let links = message.links.map { link -> PageValue in ["url": .text(link)] }
        return pages.response(
            "inbox-message", title: subject,
            [
                "from": .optional(message.from.isEmpty ? nil : message.from),
                "to": .text(message.to.joined(separator: ", ")), "date": .text(message.receivedAt.forPeople),
                "subject": .text(subject), "body": .text(message.body), "hasLinks": .flag(!links.isEmpty),
                "links": .list(links), "backURL": .text(Self.list.path),
            ], view: view)
    }

    private func showJSON(_ request: Request) throws -> Response {
        try refuseOtherHosts(request)
        let recipient = try request.queryFields()["to"]
        let messages = shelf.messages.filter { recipient.map($0.to.contains) ?? true }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(messages.map(MessageDescription.init))
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        SecurityHeaders.apply(to: &headers)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private func view(_ request: Request) -> PageView {
        PageView(language: pages.language(of: request, site: site), path: request.uri.path)
    }

    private func subject(_ message: ReceivedMessage, _ texts: Texts) -> String {
        message.subject.isEmpty ? texts.text("inbox", "no_subject") : message.subject
    }

    /// The mailbox shows links that open accounts. A site whose name was made to point at the loopback would otherwise
    /// read it through the visitor's browser (DNS rebinding).
    private func refuseOtherHosts(_ request: Request) throws {
        let host = request.head.authority.map { authority in
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        }
        let own = Origin(parsing: site.origin)?.host
        guard let host, host == "localhost" || host == "127.0.0.1" || host == "[::1]" || String(host) == own else {
            throw Problem(.misdirectedRequest, .forbidden, detail: "foreign Host")
        }
    }
}

/// A message as JSON shows it.
private struct MessageDescription: Encodable {
    let id: Int
    let kind: ReceivedMessage.Kind
    let from: String
    let to: String
    let subject: String
    let body: String
    let date: String
    let links: [String]

    init(_ message: ReceivedMessage) {
        id = message.id
        kind = message.kind
        from = message.from
        to = message.to.joined(separator: ", ")
        subject = message.subject
        body = message.body
        date = message.receivedAt.rfc3339
        links = message.links
    }
}

extension Instant {
    /// Day and time on the clock of this machine, such as `2026-09-01 08:30`.
    fileprivate var forPeople: String {
        let moment = Date(timeIntervalSince1970: TimeInterval(secondsSinceEpoch))
        let local = self + .seconds(TimeZone.current.secondsFromGMT(for: moment))
        return String(local.rfc3339.replacing("T", with: " ").dropLast(4))
    }
}

import HTTPTypes
import Hummingbird
import OAuth
import SignOn
import Web

/// How an answer travels to the client.
enum ResponseMode: String, Sendable, CaseIterable {
    /// In the query of a redirect (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
    case query
    /// In a form that the browser sends (OAuth 2.0 Form Post Response Mode).
    case formPost = "form_post"
}

/// Where and how the answer to one request goes. Made once client and address are proved (OA-02).
struct AnswerPlace: Sendable {
    let client: Client
    /// As registered.
    let redirectURI: String
    let mode: ResponseMode
    let state: String?
    /// The request as a path of ours, which leads to the same answer again; `/` when it is too long for one.
    let path: String

    /// - Parameter query: what leads to the same answer again; `nil` when no address holds it.
    init(_ fields: FormFields, _ client: Client, _ redirectURI: String, query: FormFields?) {
        self.client = client
        self.redirectURI = redirectURI
        // A mode that is refused, or stands twice, cannot be the one of the refusal.
        mode = (try? fields.single("response_mode")).flatMap(ResponseMode.init(rawValue:)) ?? .query
        state = (try? fields.single("state")).flatMap { $0.utf8.count <= 2048 ? $0 : nil }
        let path = query.map { Self.path(AuthorizationRules.knownFields($0)) } ?? "/"
        self.path = LocalPath.isSafe(path) ? path : "/"
    }

    private static func path(_ fields: String) -> String { OpenIDRoutes.authorize.path + "?" + fields }

    /// A link for a person that brings the client this error.
    ///
    /// A link sends no form: in that mode it asks us again, silently, and the same rules say the same.
    func link(to error: [(String, String)]) -> String {
        switch mode {
        case .query: return RedirectURI.adding(error, to: redirectURI)
        case .formPost:
            guard let fields = try? FormFields(parsing: path.drop { $0 != "?" }.dropFirst()), path != "/" else {
                return client.party.home ?? "/"
            }
            let silent = fields.pairs.filter { $0.name != "prompt" }.map { ($0.name, $0.value) } + [("prompt", "none")]
            let path = Self.path(FormFields.encode(silent))
            return LocalPath.isSafe(path) ? path : "/"
        }
    }
}

extension OpenIDProvider {
    /// The positive answer (OpenID Connect Core §3.1.2.5), with `iss` (RFC 9207).
    func positive(_ code: String, at place: AnswerPlace, _ request: Request, headers: HTTPFields) -> Response {
        send([("code", code)] + echo(place), to: place, request, headers: headers)
    }

    /// The error answer (RFC 6749 §4.1.2.1), with `iss` too (RFC 9207 §2).
    func answer(
        _ code: OAuthErrorCode, _ description: String, at place: AnswerPlace, _ request: Request
    ) -> Response {
        send(errorFields(code, description, place), to: place, request)
    }

    func errorFields(_ code: OAuthErrorCode, _ description: String, _ place: AnswerPlace) -> [(String, String)] {
        [("error", code.rawValue), ("error_description", description)] + echo(place)
    }

    private func echo(_ place: AnswerPlace) -> [(String, String)] {
        (place.state.map { [("state", $0)] } ?? []) + [("iss", issuer)]
    }

    private func send(
        _ fields: [(String, String)], to place: AnswerPlace, _ request: Request, headers: HTTPFields = HTTPFields()
    ) -> Response {
        switch place.mode {
        case .query:
            return .redirect(toValidated: RedirectURI.adding(fields, to: place.redirectURI), headers: headers)
        case .formPost:
            let language = pages.language(of: request, site: site)
            let name = place.client.party.name
            let title = pages.texts(language).text("form_post", "title", ["name": name])
            // OA-18: the form may go to the client's origin; no other page of ours allows it.
            return pages.response(
                "form-post", title: title,
                [
                    "action": .text(place.redirectURI), "hidden": .hidden(fields), "submitsItself": true,
                    "application": ["name": .text(name)],
                ],
                view: PageView(language: language, path: place.path),
                formTargets: Origin(of: place.redirectURI).map { [$0.description] } ?? [], headers: headers)
        }
    }
}

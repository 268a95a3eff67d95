import Clocks
public import Cryptography
import HTTPTypes
public import Hummingbird
import Logging
import Stores

/// Around everything: every request is counted and logged without its query (codes and tickets travel there), every error
/// becomes a page with a support code, and no error ends the process or shows its inside (WEB-10).
public struct OutermostMiddleware: RouterMiddleware {
    private let pages: Pages
    private let site: RoleSite
    private let random: any RandomSource
    private let metrics: MetricsRegistry

    /// The middleware of the role at `site`.
    public init(pages: Pages, site: RoleSite, random: any RandomSource, metrics: MetricsRegistry) {
        self.pages = pages
        self.site = site
        self.random = random
        self.metrics = metrics
    }

    /// Answers the request, whatever happens.
    public func handle(
        _ request: Request, context: RoleContext, next: @concurrent (Request, RoleContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = page(for: error, request, context)
        }
        if site.isSecure, let name = HTTPField.Name("Strict-Transport-Security") {
            response.headers[name] = "max-age=63072000; includeSubDomains"
        }
        metrics.countRequest(
            role: site.role, route: context.endpointPath ?? "none", status: response.status.code)
        return response
    }

    private func page(for error: any Error, _ request: Request, _ context: RoleContext) -> Response {
        let problem = Self.problem(for: error, request)
        let code = SupportCode(random: random)
        var line = context.logger
        line[metadataKey: "support_code"] = "\(code)"
        line[metadataKey: "path"] = "\(request.uri.path)"
        line[metadataKey: "status"] = "\(problem.status.code)"
        line.log(level: problem.status.code >= 500 ? .error : .info, "\(problem.detail)")
        let language = pages.language(of: request, site: site)
        let texts = pages.texts(language)
        let named = ["name": problem.name ?? texts.text("common", "brand")]
        let heading = texts.text("error", problem.text.rawValue + "_heading", named)
        var values: [String: PageValue] = [
            "heading": .text(heading),
            "sentence": .text(texts.text("error", problem.text.rawValue + "_sentence", named)),
            "actionURL": problem.actionURL.isEmpty ? .flag(false) : .text(problem.actionURL),
            "actionLabel": .text(texts.text("error", problem.action.rawValue, named)),
            "supportCode": .text(code.description),
        ]
        var headers = HTTPFields()
        if let retry = problem.retryAfter {
            let seconds = String(max(1, retry.wholeSeconds))
            values["retryAfter"] = .text(seconds)
            headers[.retryAfter] = seconds
        }
        return pages.response(
            "error", title: heading, values,
            view: PageView(language: language), status: problem.status, headers: headers)
    }
}

extension OutermostMiddleware {
    private static func problem(for error: any Error, _ request: Request) -> Problem {
        if let known = error as? Problem { return known }
        if let failure = error as? FormFields.Failure {
            return Problem(.badRequest, .form, detail: "fields: \(failure)")
        }
        if let http = error as? HTTPError, http.status.code < 500 {
            return Problem(
                http.status, http.status == .notFound ? .notFound : .form, detail: "http \(http.status.code)")
        }
        if let failure = error as? StoreError {
            // Out of reach, full or read-only: it passes. Anything else is not for the reader to wait out.
            switch failure.code {
            case .unavailable, .cannotWrite:
                // What was only looked at can be looked at again; a form is sent again by the browser's own button.
                let again = request.method == .get ? request.uri.string : ""
                return Problem(
                    .serviceUnavailable, .pause, action: .retry, actionURL: LocalPath.isSafe(again) ? again : "",
                    detail: "store: \(failure)", retryAfter: .seconds(5))
            default: return Problem(.internalServerError, .technical, detail: "store: \(failure)")
            }
        }
        return Problem(.internalServerError, .technical, detail: "\(type(of: error)): \(error)")
    }
}

/// The short code that a person reads out to the school and that finds the line of the log. It says nothing by itself.
public struct SupportCode: Sendable, CustomStringConvertible {
    /// Six characters that cannot be taken for one another.
    public let description: String

    /// A fresh code.
    public init(random: any RandomSource) {
        let alphabet = Array("ABCDEFGHJKMNPQRSTVWXYZ23456789")
        description = String((0..<6).map { _ in alphabet[Int(random.number(below: UInt32(alphabet.count)))] })
    }
}

extension Pages {
    /// The language of a request: the one chosen, else the browser's, else French.
    public func language(of request: Request, site: RoleSite) -> Language {
        let chosen = RoleCookie("langue", at: site).value(in: request.headers)
        return chosen.flatMap(Language.init(rawValue:)) ?? Language.best(for: request.headers[.acceptLanguage])
            ?? .french
    }
}

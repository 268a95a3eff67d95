import Foundation
public import HTTPTypes
public import Hummingbird
import Mustache
import NIOCore

/// How a page is shown to one person: language, theme, and where the language links lead back to.
public struct PageView: Sendable {
    /// The language.
    public var language: Language
    /// `ecole`, `college` or nothing.
    public var theme: String?
    /// The path (and query) of this page for links that show it again; never another site's.
    public var path: String

    /// A view.
    public init(language: Language = .french, theme: String? = nil, path: String = "/") {
        self.language = language
        self.theme = theme
        self.path = path
    }
}

/// The pages of a role: compiled templates, texts in every language, static files.
public struct Pages: Sendable {
    private let library: MustacheLibrary
    private let catalogues: [Language: Texts]
    private let assets: Assets
    private let assetNames: [String: String]
    private let role: String

    /// Loads the pages for `role`.
    ///
    /// - Parameter theme: a folder whose files replace ours of the same name (`pages/…`), the operator's own theme.
    /// - Throws: ``PagesError``, or the template engine's error with file and line.
    public init(role: String, theme: String? = nil) async throws {
        // A folder of that name in a bundle is its resource path already.
        guard let folder = Bundle.module.resourcePath else {
            throw PagesError("the pages are not beside the program: install loge_Web.resources with it")
        }
        var library = try await MustacheLibrary(directory: folder + "/pages")
        if let theme {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: theme + "/pages")) ?? []
            for name in names where name.hasSuffix(".mustache") {
                guard let data = FileManager.default.contents(atPath: "\(theme)/pages/\(name)") else { continue }
                try library.register(String(decoding: data, as: UTF8.self), named: String(name.dropLast(9)))
            }
        }
        self.library = library
        var catalogues: [Language: Texts] = [:]
        for language in Language.allCases {
            guard let data = FileManager.default.contents(atPath: "\(folder)/texts/\(language.rawValue).yaml") else {
                continue
            }
            catalogues[language] = try Texts(
                yaml: String(decoding: data, as: UTF8.self), isFrench: language == .french)
        }
        guard catalogues[.french] != nil else { throw PagesError("the French texts are missing") }
        self.catalogues = catalogues
        assets = try Assets(folder: folder + "/static")
        assetNames = assets.forTemplates
        self.role = role
    }

    /// The section of the texts that holds a role's own name.
    private static let sections = ["demo-ent": "ent", "inbox": "inbox"]

    /// The texts in `language`, or in French when we have none.
    public func texts(_ language: Language) -> Texts {
        catalogues[language] ?? catalogues[.french] ?? Texts(sections: [:])
    }

    /// The address of a static file; `nil` when there is none of that name.
    public func asset(_ name: String) -> String? { assets.addresses[name] }

    /// The page as HTML.
    ///
    /// - Parameters:
    ///   - name: the template.
    ///   - title: shown by the browser, followed by the name of the house.
    ///   - values: what the template asks for, beside what every page has.
    public func html(_ name: String, title: String, _ values: [String: PageValue], view: PageView) -> String {
        var context = values.mapValues(\.forTemplate)
        context["lang"] = view.language.rawValue
        context["dir"] = view.language.direction
        context["theme"] = view.theme ?? "default"
        context["role"] = role
        context["title"] = title
        if context["brand"] == nil, let section = Self.sections[role],
            let brand = texts(view.language).find(section, "brand")
        {
            context["brand"] = brand
        }
        context["text"] = texts(view.language).sections
        context["asset"] = assetNames
        context["languages"] = Language.allCases.filter { catalogues[$0] != nil }.map { language -> [String: Any] in
            [
                "code": language.rawValue, "name": language.name, "current": language == view.language,
                "url": LanguageChoice.route.with([("code", language.rawValue), ("retour", view.path)]),
            ]
        }
        return library.render(context, withTemplate: name) ?? ""
    }

    /// The page as an answer, with the headers that keep it private and harmless.
    ///
    /// - Parameter formTargets: other origins that a form on the page may end up at: browsers apply `form-action` to the
    ///   redirect after a form too, so the page that signs in must name the application's origin.
    /// - Parameter frameSources: the origins that the page may frame; no other page frames anything.
    public func response(
        _ name: String, title: String, _ values: [String: PageValue], view: PageView,
        status: HTTPResponse.Status = .ok, formTargets: [String] = [], frameSources: [String] = [],
        headers extra: HTTPFields = HTTPFields()
    ) -> Response {
        var headers = extra
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentLanguage] = view.language.rawValue
        SecurityHeaders.apply(to: &headers, formTargets: formTargets, frameSources: frameSources)
        let buffer = ByteBuffer(string: html(name, title: title, values, view: view))
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    /// Mounts the static files and the choice of language.
    public func mount(on router: Router<RoleContext>, site: RoleSite) {
        router.get("/static/:hash/:name") { [assets] request, _ in
            guard let response = assets.response(for: request.uri.path) else { throw HTTPError(.notFound) }
            return response
        }
        let choice = LanguageChoice(site: site)
        router.get("\(LanguageChoice.route.path)") { request, _ in choice.choose(request) }
    }
}

extension Texts {
    init(sections: [String: [String: String]]) {
        self.sections = sections
        isFrench = true
    }
}

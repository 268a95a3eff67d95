import LogeTesting
import Testing
import Web

/// What a page of ours may be made of: nothing that runs, nothing from elsewhere.
enum Harmless {
    private static let tags: Set<String> = [
        "html", "head", "meta", "title", "link", "script", "body", "a", "nav", "p", "span", "strong", "details",
        "summary",
        "ul", "ol", "li", "div", "header", "main", "footer", "img", "form", "input", "button", "fieldset", "legend",
        "label",
        "h1", "h2", "section", "dl", "dt", "dd",
    ]

    /// Checks that the page holds only our own tags, no handler, no inline script or style, and no resource of others.
    static func check(_ page: Page, location: SourceLocation = #_sourceLocation) throws {
        let scan = try page.scan()
        for (index, piece) in scan.pieces.enumerated() {
            guard case .tag(let tag) = piece, !tag.isEnd else { continue }
            #expect(tags.contains(tag.name), "<\(tag.name)> on \(page.address)", sourceLocation: location)
            for (name, value) in tag.attributes {
                #expect(!name.hasPrefix("on") && name != "style", "\(tag.name) \(name)", sourceLocation: location)
                if ["src", "action", "formaction"].contains(name) || tag.name == "link" && name == "href" {
                    #expect(LocalPath.isSafe(value), "\(tag.name) \(name)=\(value)", sourceLocation: location)
                }
                if tag.name == "a", name == "href" {
                    let isAllowed = value.hasPrefix("/") || value.hasPrefix("#") || value.hasPrefix("https://")
                    #expect(isAllowed, "\(value)", sourceLocation: location)
                }
            }
            if tag.name == "script" {
                #expect(tag.attributes["src"] != nil, sourceLocation: location)
                guard index + 1 < scan.pieces.count, case .tag(let next) = scan.pieces[index + 1] else {
                    Issue.record("an inline script on \(page.address)", sourceLocation: location)
                    continue
                }
                #expect(next.isEnd, sourceLocation: location)
            }
        }
    }
}

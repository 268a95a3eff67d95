public import Hummingbird
public import School
public import SignOn
public import Web

extension Pages {
    /// How a page on the way of a sign-on is shown: the language chosen, else the one that the application asks for, else
    /// the browser's; the theme of the level.
    public func view(
        of request: Request, at site: RoleSite, signOn: SignOnRequest? = nil, level: Level? = nil, path: String
    ) -> PageView {
        let chosen = RoleCookie("langue", at: site).value(in: request.headers).flatMap(Language.init(rawValue:))
        let language =
            chosen ?? Language.first(among: signOn?.languages ?? []) ?? self.language(of: request, site: site)
        let theme: String? =
            switch level {
            case .primary: "ecole"
            case .lowerSecondary, .upperSecondary: "college"
            case nil: nil
            }
        return PageView(language: language, theme: theme, path: path)
    }
}

extension SignOnRequest {
    /// The links under every page on the way: back to the application without signing in, and what this browser remembers.
    ///
    /// - Parameters:
    ///   - state: the sign-on, as the browser carries it.
    ///   - memory: the address of the memory's page.
    public func footLinks(_ texts: Texts, state: String, memory: String) -> PageValue {
        var links: [PageValue] = []
        if let partyName {
            let back = Route(resumePath).with([(SignOnExchange.stateField, state), ("annuler", "1")])
            links.append([
                "label": .text(texts.text("error", "back_to_application", ["name": partyName])), "url": .text(back),
            ])
        }
        links.append(["label": .text(texts.text("common", "memory_link")), "url": .text(memory)])
        return .list(links)
    }

    /// The `application` that every page on the way names.
    public var applicationValue: PageValue {
        partyName.map { ["name": .text($0)] } ?? .flag(false)
    }
}

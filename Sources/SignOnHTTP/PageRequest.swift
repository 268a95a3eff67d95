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
    /// The `application` that every page on the way names.
    public var applicationValue: PageValue {
        partyName.map { ["name": .text($0)] } ?? .flag(false)
    }
}

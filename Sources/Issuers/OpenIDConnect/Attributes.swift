import Clocks
import JOSE
import OAuth
import School
import Stores

/// The scopes that the house knows (OpenID Connect Core §5.4), and `school` for what the SDET adds.
enum StandardScope {
    static let all = ["openid", "profile", "email", "phone", "address", "school"]

    /// The claims of each scope: claim name to attribute name.
    static let claims: [String: [String: String]] = [
        "profile": [
            "name": "name", "given_name": "given_name", "family_name": "family_name",
            "preferred_username": "login", "locale": "locale", "zoneinfo": "zoneinfo",
        ],
        "email": ["email": "mail", "email_verified": "mail_verified"],
        "phone": ["phone_number": "mobile", "phone_number_verified": "mobile_verified"],
        "address": [:],
        "school": [
            "ENTPersonProfils": "profiles", "ENTPersonStructRattachUAI": "school", "ENTEleveClasses": "classes",
            "ENTEleveNiveau": "level",
        ],
    ]
}

/// What we can tell about a person, by names of our own; a client's file maps its claims onto them.
enum Attribute {
    static let names = [
        "birth_date", "classes", "family_name", "given_name", "level", "locale", "login", "mail", "mail_verified",
        "mobile", "mobile_verified", "name", "profiles", "school", "zoneinfo",
    ]

    /// The value for this account; `nil` when there is none.
    static func value(_ name: String, of account: Account) -> JSONValue? {
        let person = account.person
        switch name {
        case "birth_date": return person.birthDate.map(JSONValue.string)
        case "classes": return person.className.map { .array([.string($0)]) }
        case "family_name": return .string(person.familyName)
        case "given_name": return .string(person.givenName)
        case "level": return person.level.map { .string($0.rawValue) }
        case "locale": return "fr-FR"
        case "login": return .string(account.login.description)
        case "mail": return account.mail.map(JSONValue.string)
        case "mail_verified": return account.mail == nil ? nil : .bool(account.mailVerified)
        case "mobile": return account.mobile.map(JSONValue.string)
        case "mobile_verified": return account.mobile == nil ? nil : false
        case "name": return .string("\(person.givenName) \(person.familyName)")
        case "profiles": return .array([.string(person.profile.rawValue)])
        case "school": return person.school.map { .string($0.description) }
        case "zoneinfo": return "Europe/Paris"
        default: return nil
        }
    }
}

extension Client {
    /// The claims that this client may receive at all: claim name to attribute name. What `claims` requests ask for is cut
    /// to these, so that no parameter widens the release (BR-09, OA-22).
    func releasable(within scope: [String]) -> [String: String] {
        let granted = scope.filter(self.scope.contains)
        var byScope: [String: String] = [:]
        for value in granted { byScope.merge(StandardScope.claims[value] ?? [:]) { first, _ in first } }
        return claims ?? byScope
    }

    /// Everything that the client may ever receive, whatever scopes a request names.
    var releasableAtMost: [String: String] { releasable(within: scope.values) }
}

internal import Foundation
package import Stores

/// Makes logins of the form `prenom.nom`.
package enum LoginMaker {
    /// The login of a name before any number: ASCII letters, digits and dashes; `nil` when nothing of the name is left.
    package static func base(givenName: String, familyName: String) -> String? {
        let parts = [givenName, familyName].map(ascii).filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: ".")
    }

    /// `base`, or `base` with the lowest number from 2 that makes it free.
    package static func free(_ base: String, isTaken: (Login) async throws -> Bool) async throws -> Login {
        var number = 1
        while true {
            let login = numbered(base, number)
            if try await !isTaken(login) { return login }
            number += 1
        }
    }

    /// The login of that number: the base itself is the first.
    package static func numbered(_ base: String, _ number: Int) -> Login {
        Login(canonical: number == 1 ? base : base + String(number))
    }

    /// Small ASCII letters and digits; whatever stands between words becomes one dash.
    private static func ascii(_ name: String) -> String {
        let plain = name.lowercased().replacing("œ", with: "oe").replacing("æ", with: "ae").replacing("ß", with: "ss")
            .replacing("ø", with: "o").replacing("ł", with: "l").replacing("đ", with: "d")
        var text = ""
        for scalar in plain.decomposedStringWithCompatibilityMapping.unicodeScalars {
            if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else if scalar.properties.canonicalCombiningClass == .notReordered, !text.isEmpty, !text.hasSuffix("-") {
                text.append("-")
            }
        }
        return String(text.prefix(50)).trimmingCharacters(in: ["-"])
    }
}

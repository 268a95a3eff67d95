import JOSE

/// `sub` is there, one to 255 visible ASCII characters (OIDC Core §2): a name that no two readers can take for two people.
enum SubjectNamesSomebody: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        guard let subject = claims["sub"]?.string, (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw ProviderError(.idTokenSubject, "sub is missing or not fit to name a person") }
    }
}

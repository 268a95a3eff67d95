import Cryptography
import JOSE

/// `aud` is this client, alone or with `azp` naming it; `azp`, when there, is this client (OIDC Core §3.1.3.7 steps 3 to 5):
/// a token made for another application opens nothing here.
enum AudienceIsThisClient: IDTokenRule {
    static func check(_ claims: VerifiedClaims, _ expected: IDTokenExpectation) throws(ProviderError) {
        let clientID = expected.configuration.clientID
        let audiences: [String]
        do throws(JOSEError) {
            audiences = try claims.audiences()
        } catch {
            throw ProviderError(.idTokenAudience, error.reason)
        }
        guard audiences.contains(where: { constantTimeEqual($0, clientID) }) else {
            throw ProviderError(.idTokenAudience, "aud is another client")
        }
        guard let party = claims["azp"] else {
            guard audiences.count == 1 else {
                throw ProviderError(.idTokenAudience, "aud names other clients too, and azp is missing")
            }
            return
        }
        guard let party = party.string, constantTimeEqual(party, clientID) else {
            throw ProviderError(.idTokenAuthorizedParty, "azp is another client")
        }
    }
}

import Keyring
import Stores

/// The names by which the issuer speaks to a client: of itself, of a person, of a session. No two clients get the same.
struct ClientNames: Sendable {
    /// `iss`.
    let issuer: String

    /// The subject of an account at a client (OpenID Connect Core §8).
    func subject(of account: AccountID, at client: Client, _ keys: KeyringSnapshot) -> String {
        switch client.subjectType {
        case .pairwise: keys.pairwiseSubject(sector: client.sector, account: account.description)
        case .public: keys.pairwiseSubject(sector: "public subjects", account: account.description)
        }
    }

    /// The name of a session at a client (`sid`, OpenID Connect Back-Channel Logout §2.1): another one for each client.
    func sessionName(_ session: SessionID, at client: Client, _ keys: KeyringSnapshot) -> String {
        keys.pairwiseSubject(sector: "session at " + client.id, account: session.description)
    }
}

import Clocks
public import School
public import SignOn
import SignOnHTTP
import Web

/// What the pages of this door carry in their addresses and forms: the sign-on, the door, the level that it was chosen at.
struct DoorState: Sendable {
    let state: String
    let door: DoorID
    let level: Level?

    init?(_ fields: FormFields) {
        guard let state = fields[SignOnExchange.stateField], let door = fields["porte"], door.utf8.count <= 64 else {
            return nil
        }
        self.state = state
        self.door = DoorID(door)
        level = fields["niveau"].flatMap(Level.init(rawValue:))
    }

    init(state: String, door: DoorID, level: Level?) {
        self.state = state
        self.door = door
        self.level = level
    }

    var pairs: [(String, String)] {
        var pairs = [(SignOnExchange.stateField, state), ("porte", door.description)]
        if let level { pairs.append(("niveau", level.rawValue)) }
        return pairs
    }
}

extension LocalAccountsProvider {
    /// The address of the sign-in page for a sign-on.
    public static func signInPath(state: String, door: DoorID, level: Level?) -> String {
        LocalAccountsRoutes.signIn.with(DoorState(state: state, door: door, level: level).pairs)
    }
}

/// Somebody whose proof was right and who has something left to settle: carried by the browser, sealed.
struct UnsettledState: Sendable, Codable {
    static let purpose = "unsettled sign-on"
    static let lifetime = Duration.hours(1)

    /// The pending sign-on, as the browser carries it.
    let state: String
    let door: String
    let level: String?
    let account: String
    /// The activation code, not consumed yet, when this is the first connection.
    let code: String?
    /// The revision of the account when the proof was given: an account reset or changed since then wants a new one.
    let revision: Int64
    /// When the proof was given, in milliseconds since the epoch.
    let at: Int64
}

public import School

/// An application that asks who somebody is, whatever protocol it speaks.
public struct RelyingParty: Sendable, Hashable {
    /// Its name in its protocol: `client_id`, service, entity ID.
    public let id: String
    /// Its name for people.
    public let name: String
    /// Its own first page, where people who arrived too late begin again.
    public let home: String?
    /// The profiles that may enter; `nil` for all.
    public let profiles: Set<Profile>?
    /// The schools whose people may enter; `nil` for all.
    public let schools: Set<UAI>?

    /// An application.
    public init(id: String, name: String, home: String?, profiles: Set<Profile>?, schools: Set<UAI>?) {
        self.id = id
        self.name = name
        self.home = home
        self.profiles = profiles
        self.schools = schools
    }

    /// Whether a person of this profile and school may enter.
    public func admits(profile: Profile, school: UAI?) -> Bool {
        if let profiles, !profiles.contains(profile) { return false }
        if let schools { return school.map(schools.contains) ?? false }
        return true
    }
}

import Clocks
public import School
public import Settings

/// The name of a door of the portal, as the configuration gives it.
public struct DoorID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name.
    public let description: String
    /// The door called `name`.
    public init(_ name: String) { description = name }

    /// Reads the name.
    public init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A door: a way to prove who one is.
public struct Door: Sendable, Hashable {
    /// Its name.
    public let id: DoorID
    /// What people read.
    public let label: String
    /// A line under it.
    public let hint: String?
    /// Which provider stands behind it.
    public let provider: ProviderKind

    /// The providers that a door can lead to.
    public enum ProviderKind: String, Sendable, Hashable, CaseIterable {
        /// The portal's own accounts.
        case localAccounts = "local-accounts"
    }
}

/// The second answer: a level, and the doors there.
public struct LevelChoice: Sendable, Hashable {
    /// The level.
    public let level: Level
    /// What people read.
    public let label: String
    /// The doors, best first.
    public let doors: [DoorID]
}

/// The first answer: a profile of the portal, with its levels, or its doors where the level does not matter.
public struct ProfileChoice: Sendable, Hashable {
    /// Its name in addresses and in the memory.
    public let id: String
    /// What people read.
    public let label: String
    /// The name of its picture.
    public let icon: String?
    /// The levels; empty where the level does not matter.
    public let levels: [LevelChoice]
    /// The doors where the level does not matter.
    public let doors: [DoorID]
}

/// The portal's doors (profile × level → doors): data, from `Config/portal.yaml`.
public struct PortalPlan: Sendable, Hashable {
    /// The doors by name.
    public let doors: [DoorID: Door]
    /// The profiles, in the order of the page.
    public let profiles: [ProfileChoice]

    /// Where the person stands after what they answered so far.
    public enum Question: Sendable, Hashable {
        /// Which profile?
        case profile
        /// Which level?
        case level(ProfileChoice)
        /// Which door, of these? One alone is told, not asked.
        case door(ProfileChoice, LevelChoice?, [Door])
    }

    /// The next question. Answers that the plan does not know are as if not given.
    public func question(profile: String?, level: String?) -> Question {
        let given = profile.flatMap { name in profiles.first { $0.id == name } }
        guard let chosen = given ?? (profiles.count == 1 ? profiles.first : nil) else { return .profile }
        if chosen.levels.isEmpty { return .door(chosen, nil, chosen.doors.compactMap { doors[$0] }) }
        let answered = level.flatMap { name in chosen.levels.first { $0.level.rawValue == name } }
        guard let level = answered ?? (chosen.levels.count == 1 ? chosen.levels.first : nil) else {
            return .level(chosen)
        }
        return .door(chosen, level, level.doors.compactMap { doors[$0] })
    }

    /// Reads the plan.
    ///
    /// - Throws: `SettingsError`.
    public init(_ settings: SettingsNode) throws {
        var doors: [DoorID: Door] = [:]
        for (name, node) in try settings.namedMappings("doors") {
            let id = DoorID(name)
            doors[id] = Door(
                id: id, label: try node.string("label"), hint: try node.optionalString("hint"),
                provider: try node.enumeration("provider"))
        }
        guard !doors.isEmpty else { throw settings.error(at: "doors", "At least one door is needed.") }
        func named(_ node: SettingsNode) throws -> [DoorID] {
            let names = try node.stringList("doors").map(DoorID.init)
            for name in names where doors[name] == nil {
                throw node.error(
                    at: "doors",
                    "There is no door \(name). Known doors: \(doors.keys.map(\.description).sorted().joined(separator: ", "))."
                )
            }
            return names
        }
        profiles = try settings.mappings("profiles").map { node in
            let levels = try node.mappings("levels").map { level in
                LevelChoice(
                    level: try level.enumeration("level"), label: try level.string("label"), doors: try named(level))
            }
            return ProfileChoice(
                id: try node.string("id"), label: try node.string("label"), icon: try node.optionalString("icon"),
                levels: levels, doors: levels.isEmpty ? try named(node) : [])
        }
        guard !profiles.isEmpty else { throw settings.error(at: "profiles", "At least one profile is needed.") }
        guard Set(profiles.map(\.id)).count == profiles.count else {
            throw settings.error(at: "profiles", "Two profiles have one id.")
        }
        self.doors = doors
    }
}

/// What a browser remembers of the portal's three answers, when the person asked for it (J1).
public struct DoorMemory: Sendable, Hashable, Codable {
    /// The profile.
    public let profile: String
    /// The level, where it mattered.
    public let level: String?
    /// The door.
    public let door: DoorID

    /// A memory.
    public init(profile: String, level: String?, door: DoorID) {
        self.profile = profile
        self.level = level
        self.door = door
    }

    /// The choices remembered, while the plan still has them.
    public func choices(in plan: PortalPlan) -> (profile: ProfileChoice, level: LevelChoice?, door: Door)? {
        guard case .door(let profile, let level, let doors) = plan.question(profile: profile, level: level),
            profile.id == self.profile, level?.level.rawValue == self.level,
            let door = doors.first(where: { $0.id == door })
        else { return nil }
        return (profile, level, door)
    }

    /// How long a browser remembers.
    public static let lifetime = Duration.days(365)
    /// What its seal is for.
    public static let purpose = "door memory"
}

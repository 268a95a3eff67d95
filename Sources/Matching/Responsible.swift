public import School

/// The key of a responsible in the base.
public struct ResponsibleID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The key.
    public let description: String
    /// The key of that text.
    public init(_ text: String) { description = text }
    /// The order of the texts.
    public static func < (left: ResponsibleID, right: ResponsibleID) -> Bool { left.description < right.description }
}

/// The key of a mobile number: the spellings of one number have one key. Nothing else of it is read here.
public struct MobileKey: Sendable, Hashable, CustomStringConvertible {
    /// The key.
    public let description: String
    /// The key of that text.
    public init(_ text: String) { description = text }
}

/// A mobile number on which a code was received and typed back: it proves a SIM, not a person.
public struct ProvenMobile: Sendable, Hashable {
    /// Its key.
    public let key: MobileKey

    /// The mobile of that key.
    /// - Warning: Only whoever has checked the code may say so.
    public init(uncheckedProven key: MobileKey) { self.key = key }
}

/// A responsible of pupils, as the base holds them: one record of one file, or several that the base has joined.
public struct Responsible: Sendable, Hashable {
    /// The key; the base gives each once.
    public var id: ResponsibleID
    /// The registers that number this person.
    public var registers: Set<Register>
    /// The names.
    public var name: CivilName
    /// The civility; `nil` when empty.
    public var civility: Civility?
    /// The mobiles that may receive a code: AAF `ENTPersonMobileSMS` and `mobile`, AAF 1D `ENTPersRelEleveTelMobile`,
    /// SIECLE `TEL_PORTABLE`, ONDE « Téléphone portable ».
    public var mobiles: Set<MobileKey>
    /// The links to pupils, one per register that states one.
    public var links: [PupilLink]

    /// A responsible as the base holds them.
    public init(
        id: ResponsibleID, registers: Set<Register>, name: CivilName, civility: Civility? = nil,
        mobiles: Set<MobileKey>, links: [PupilLink]
    ) {
        self.id = id
        self.registers = registers
        self.name = name
        self.civility = civility
        self.mobiles = mobiles
        self.links = links
    }

    /// The pupils whom a register calls this very person (kind 70): one, or none.
    var themself: Set<PupilID> { Set(links.filter { $0.kind == .pupilThemself }.map(\.pupil.id)) }

    func sharesMobile(with other: Responsible) -> Bool { !mobiles.isDisjoint(with: other.mobiles) }

    func sharesPupil(with other: Responsible) -> Bool {
        !Set(links.map(\.pupil.id)).isDisjoint(with: other.links.map(\.pupil.id))
    }

    /// Whether something says that the two are two people. That nothing does is no evidence that they are one.
    public func contradicts(_ other: Responsible) -> Bool {
        // One register numbers a person once: father and son, or a double that its own school must settle.
        guard registers.isDisjoint(with: other.registers), !name.contradicts(other.name) else { return true }
        if let civility, let otherCivility = other.civility, civility != otherCivility { return true }
        // An adult pupil and a father of the same name on one number are not one because their names are.
        guard themself == other.themself else { return true }
        return links.contains { link in
            other.links.contains { $0.pupil.id == link.pupil.id && $0.kind.contradicts(link.kind) }
        }
    }
}
